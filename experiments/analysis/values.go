package analysis

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// CellValues are what the runs of a cell came to, by seed.
type CellValues struct {
	Cell     experiments.Cell
	Values   map[uint64]float64
	Runs     map[uint64]experiments.RunInfo // that speak for their seeds
	Planned  int
	Diverged int // seeds without a value because their runs diverged
}

// Values returns a metric of some cells of a study, whatever the study itself compares by, with what must be said of
// the runs that do not count. Every run speaks with its last evaluation, and a run counts as it does for Ablate. The
// cells are those of the study with these levels, in its order.
func Values(s experiments.Study, runs []experiments.RunInfo, name string, of []map[string]string) ([]CellValues, []string, error) {
	cells, err := s.Cells()
	if err != nil {
		return nil, nil, fmt.Errorf("study %s: %w", s.Name, err)
	}
	named := map[string]bool{}
	cells = slices.DeleteFunc(cells, func(c experiments.Cell) bool {
		wanted := slices.ContainsFunc(of, func(levels map[string]string) bool { return maps.Equal(levels, c.Levels) })
		named[c.Key] = wanted
		return !wanted
	})
	runs = slices.DeleteFunc(slices.Clone(runs), func(r experiments.RunInfo) bool {
		wanted, known := named[r.Cell]
		return known && !wanted
	})
	var notes remarks
	var all []CellValues
	c := criterion{metric: name, report: experiments.ReportLast, higher: metric.BetterSide(name) == metric.Higher}
	for _, a := range arms(c, cells, s.Seeds, runs, &notes) {
		v := CellValues{Cell: a.cell, Values: a.values, Runs: map[uint64]experiments.RunInfo{}, Planned: a.planned, Diverged: a.diverged}
		for _, r := range a.runs {
			v.Runs[r.Seed] = r
		}
		all = append(all, v)
	}
	return all, notes.list(), nil
}
