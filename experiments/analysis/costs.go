package analysis

import (
	"fmt"
	"math"
	"slices"

	"workbench/experiments"
)

// costs are the runs of a study by id, each of which has spent what its own phases took.
type costs map[string]experiments.RunInfo

// whole is how long it took to get the network of a run: a beginning that others share counts for each of them, so that
// runs which made it themselves are not called slower. It is NaN if the beginning is not among the runs of the study.
func (c costs) whole(r experiments.RunInfo) float64 {
	from := r.Begins()
	if from == "" {
		return r.Seconds
	}
	before, known := c[from]
	if !known {
		return math.NaN()
	}
	return before.Seconds + r.Seconds
}

// tell notes how many runs share a beginning, and of which the time is not known.
func (c costs) tell(list []arm, notes *remarks) {
	shared := 0
	var made []string
	for _, a := range list {
		for _, r := range a.runs {
			from := r.Begins()
			if _, known := c[from]; from != "" && !known {
				notes.add("its time is not known, it began with a run that the study no longer has", a.cell.Key+seedText(r.Seed))
			} else if from != "" {
				shared++
				if !slices.Contains(made, from) {
					made = append(made, from)
				}
			}
		}
	}
	if shared > 0 {
		beginnings := "one beginning"
		if len(made) > 1 {
			beginnings = fmt.Sprintf("%d beginnings", len(made))
		}
		notes.add(fmt.Sprintf("the time a run has what runs share: %d runs share %s, which counts for each of them", shared, beginnings), "")
	}
}
