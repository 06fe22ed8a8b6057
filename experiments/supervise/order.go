package supervise

import (
	"slices"

	"workbench/experiments"
)

// bySeed orders runs so that every cell gets its first seed before any cell gets its second.
func bySeed(runs []experiments.Run) []experiments.Run {
	type turn struct {
		run   experiments.Run
		round int
	}
	rounds := map[string]int{} // cell → number of its runs so far
	turns := make([]turn, len(runs))
	for i, r := range runs {
		turns[i] = turn{r, rounds[r.Cell]}
		rounds[r.Cell]++
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return a.round - b.round })
	ordered := make([]experiments.Run, len(runs))
	for i, t := range turns {
		ordered[i] = t.run
	}
	return ordered
}

func ids(runs []experiments.Run) []string {
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	return ids
}
