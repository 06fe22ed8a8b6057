package analysis

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// Ablate compares the cells of a study with its baseline. A run counts if it is done, computed what its cell asks for
// now and has a finite value; Warnings name the runs that do not count. Missing runs are no error: a study is judged by
// the runs that it has so far.
func Ablate(s experiments.Study, runs []experiments.RunInfo) (Ablation, error) {
	return AblateAgainst(s, runs, Against{})
}

// Against chooses what the cells of a study are compared with, in place of its baseline.
type Against struct {
	// Cell is the cell; a factor that it does not name has the level of the study's baseline.
	Cell map[string]string
	// By is a factor: each cell is then compared with the one that differs from it in this factor alone, which has the
	// baseline's level there. "": all cells are compared with one.
	By string
}

// AblateAgainst compares as Ablate does, with other cells.
func AblateAgainst(s experiments.Study, runs []experiments.RunInfo, against Against) (Ablation, error) {
	a, err := ablate(s, runs, against)
	if err != nil {
		return a, fmt.Errorf("study %s: %w", s.Name, err)
	}
	return a, nil
}

func ablate(s experiments.Study, runs []experiments.RunInfo, against Against) (Ablation, error) {
	c, err := criterionOf(s)
	if err != nil {
		return Ablation{}, err
	}
	cells, err := s.Cells()
	if err != nil {
		return Ablation{}, err
	}
	baseline, err := against.baseline(s, cells)
	if err != nil {
		return Ablation{}, err
	}
	a := Ablation{Study: s.Name, Metric: c.metric, Report: c.report, Higher: c.higher, Baseline: baseline.Key, By: against.By,
		Rows: []AblationRow{}, Effects: []Effect{}, Interactions: []Interaction{}, Budgets: []Budget{}, Trends: []Trend{}}
	var notes remarks
	if c.report == experiments.ReportBest {
		notes.add("every run speaks with its best evaluation of "+c.metric+": "+c.flattered(), "")
	}
	if part := s.PartText(cells); part != "" {
		notes.add(part, "")
	}
	a.Tuned = tuned(s, cells, &notes)
	list := arms(c, cells, s.Seeds, runs, &notes)
	if a.Rows, err = judgedRows(s, c, list, references{s, baseline, against.By}, &notes); err != nil {
		return a, err
	}
	g := gridOf(s, list, baseline.Levels)
	if a.Effects, err = g.effects(c, &notes); err != nil {
		return a, err
	}
	if a.Interactions, err = g.interactions(c, &notes); err != nil {
		return a, err
	}
	a.Budgets, a.Trends = totals(s, runs), trends(s, a.Rows)
	a.Warnings = notes.list()
	return a, nil
}

// baseline is the cell that others are compared with.
func (g Against) baseline(s experiments.Study, cells []experiments.Cell) (experiments.Cell, error) {
	cell, err := s.BaselineCell()
	if err != nil {
		return cell, err
	}
	var names []string
	for _, f := range s.Factors {
		names = append(names, f.Name)
	}
	if g.By != "" && !slices.Contains(names, g.By) {
		return cell, fmt.Errorf("no factor %q to compare by%s", g.By, nearest.Hint(g.By, names))
	}
	if len(g.Cell) == 0 {
		return cell, nil
	}
	levels := maps.Clone(cell.Levels)
	for _, name := range slices.Sorted(maps.Keys(g.Cell)) {
		i := slices.IndexFunc(s.Factors, func(f experiments.Factor) bool { return f.Name == name })
		if i < 0 {
			return cell, fmt.Errorf("no factor %q%s", name, nearest.Hint(name, names))
		}
		if _, err := s.Factors[i].Level(g.Cell[name]); err != nil {
			return cell, err
		}
		levels[name] = g.Cell[name]
	}
	levels = s.Fill(levels)
	for _, f := range s.Factors {
		if label, named := g.Cell[f.Name]; named && levels[f.Name] != label {
			return cell, fmt.Errorf("factor %s applies only when %s", f.Name, f.When)
		}
	}
	i := slices.IndexFunc(cells, func(c experiments.Cell) bool { return maps.Equal(c.Levels, levels) })
	if i < 0 {
		return cell, fmt.Errorf("its design (%s) has no such cell", s.Design)
	}
	return cells[i], nil
}

// references are the cells that others are compared with.
type references struct {
	study    experiments.Study
	baseline experiments.Cell
	by       string
}

// of are the places of the cells that the arms are compared with, their own if they are such; −1 if there is none.
func (r references) of(list []arm) []int {
	place := func(levels map[string]string) int {
		return slices.IndexFunc(list, func(a arm) bool { return maps.Equal(a.cell.Levels, levels) })
	}
	places := slices.Repeat([]int{place(r.baseline.Levels)}, len(list))
	for i, a := range list {
		if r.by != "" {
			level := r.study.BaselineLevels()[r.by]
			if named, applies := r.baseline.Levels[r.by]; applies {
				level = named
			}
			places[i] = -1
			if other := r.study.Fill(experiments.WithLevel(a.cell.Levels, r.by, level)); a.cell.Levels[r.by] != "" {
				places[i] = place(other)
			}
		}
	}
	return places
}

// judgedRows returns a row for each arm. All rows are judged as one family of comparisons.
func judgedRows(s experiments.Study, c criterion, list []arm, refs references, notes *remarks) ([]AblationRow, error) {
	rows := make([]AblationRow, len(list))
	bases := refs.of(list)
	if refs.by == "" && len(list) > 0 && bases[0] < 0 {
		notes.add("the baseline is no cell of the study: nothing can be compared with it", refs.baseline.Key)
	}
	var family []*Paired
	for i, a := range list {
		row, base := a.row(c, notes), bases[i]
		row.Baseline = i == base
		if refs.by != "" && base >= 0 {
			row.Against = list[base].cell.Key
		} else if refs.by != "" {
			notes.add("there is no cell to compare with that differs in "+refs.by+" alone", a.cell.Key)
		}
		if chosen, is := s.Chosen(a.cell); is {
			row.Budgets = append(row.Budgets, searched(chosen.Runs, chosen.Minutes, chosen.MultiplyAdds))
		}
		if base >= 0 && i != base {
			difference, err := pairUp(a.values, list[base].values)
			if err != nil {
				return nil, fmt.Errorf("%s against %s: %w", a.cell.Key, list[base].cell.Key, err)
			}
			if difference.N > 0 {
				row.PerCost = perCost([]stratum{{a: a, b: list[base]}}, difference, notes)
				row.Diff = &difference
				family = append(family, row.Diff)
			}
		}
		rows[i] = row
	}
	decide(family, c.higher)
	for i, row := range rows {
		if row.Diff != nil {
			row.Diff.temper(list[i].diverged, list[bases[i]].diverged)
			for _, w := range row.Diff.Warnings {
				notes.add(w, row.Cell)
			}
		}
	}
	return rows, nil
}

// CompareCells returns the difference of one cell of the study from another, paired by seed. It is one question, so it
// is not corrected for others. Cells are named by their keys.
func CompareCells(s experiments.Study, runs []experiments.RunInfo, cell, baseline string) (Paired, error) {
	p, err := compareCells(s, runs, cell, baseline)
	if err != nil {
		return p, fmt.Errorf("study %s: %w", s.Name, err)
	}
	return p, nil
}

func compareCells(s experiments.Study, runs []experiments.RunInfo, cell, baseline string) (Paired, error) {
	c, err := criterionOf(s)
	if err != nil {
		return Paired{}, err
	}
	cells, err := s.Cells()
	if err != nil {
		return Paired{}, err
	}
	both, err := chosen(cells, cell, baseline)
	if err != nil {
		return Paired{}, err
	}
	runs = slices.DeleteFunc(slices.Clone(runs), func(r experiments.RunInfo) bool { return r.Cell != cell && r.Cell != baseline })
	var notes remarks
	list := arms(c, both, s.Seeds, runs, &notes)
	p, err := pairUp(list[0].values, list[1].values)
	if err != nil {
		return p, fmt.Errorf("%s against %s: %w", cell, baseline, err)
	}
	decide([]*Paired{&p}, c.higher)
	p.temper(list[0].diverged, list[1].diverged)
	p.Warnings = append(p.Warnings, notes.list()...)
	return p, nil
}

// chosen finds two different cells by their keys.
func chosen(cells []experiments.Cell, keys ...string) ([]experiments.Cell, error) {
	var found []experiments.Cell
	var good []string
	for _, c := range cells {
		good = append(good, c.Key)
	}
	for _, key := range keys {
		i := slices.Index(good, key)
		if i < 0 {
			return nil, fmt.Errorf("unknown cell %q%s", key, nearest.Hint(key, good))
		}
		found = append(found, cells[i])
	}
	if keys[0] == keys[1] {
		return nil, fmt.Errorf("cell %s is compared with itself, want two cells", keys[0])
	}
	return found, nil
}
