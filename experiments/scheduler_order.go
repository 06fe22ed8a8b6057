package experiments

import "slices"

// bySeed orders runs so that every cell gets its first seed before any cell its second.
func bySeed(runs []Run) []Run {
	type turn struct {
		run   Run
		round int
	}
	rounds := map[string]int{} // cell → its runs so far
	turns := make([]turn, len(runs))
	for i, r := range runs {
		turns[i] = turn{r, rounds[r.Cell]}
		rounds[r.Cell]++
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return a.round - b.round })
	ordered := make([]Run, len(runs))
	for i, t := range turns {
		ordered[i] = t.run
	}
	return ordered
}

func ids(runs []Run) []string {
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	return ids
}
