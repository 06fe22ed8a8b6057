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

// needsFirst moves every run behind the runs of the list that it needs, and leaves the order otherwise as it is.
func needsFirst(runs []experiments.Run) []experiments.Run {
	index := map[string]int{}
	for i, r := range runs {
		index[r.ID] = i
	}
	ordered := make([]experiments.Run, 0, len(runs))
	placed := make([]bool, len(runs))
	var place func(i int)
	place = func(i int) {
		if placed[i] {
			return
		}
		placed[i] = true // set before the needs are placed, so that runs which need one another end the recursion
		for _, id := range runs[i].Needs {
			if needed, listed := index[id]; listed {
				place(needed)
			}
		}
		ordered = append(ordered, runs[i])
	}
	for i := range runs {
		place(i)
	}
	return ordered
}
