package claim

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
	"workbench/nn/nearest"
)

// Evidence is what there is to judge a training claim by.
type Evidence struct {
	Study experiments.Study     // as the claim means it: runs of other configurations do not count
	Runs  []experiments.RunInfo // that were recorded for it, in any state
	// Series reads whole series of the runs, as experiments.Source does.
	Series func(ctx context.Context, runs, metrics []string, max int) ([]experiments.Series, error)
}

// JudgeRuns judges a training claim by the runs that there are. Missing runs are no error: the verdict is then not run,
// or undecided. It is an error if the claim asks for cells that the study does not have.
func JudgeRuns(ctx context.Context, c Claim, e Evidence) (Judgement, error) {
	j := Judgement{Claim: c, Verdict: NotRun}
	for _, v := range c.Values {
		j.Values = append(j.Values, Finding{Value: v, Verdict: Cited})
	}
	if err := c.Compare.Fits(e.Study); err != nil {
		return j, fmt.Errorf("claim %s: %w", c.ID, err)
	}
	arms, notes, err := c.Compare.arms(ctx, e)
	if err != nil {
		return j, fmt.Errorf("claim %s: %w", c.ID, err)
	}
	j.Notes = notes
	j.Tests = c.Compare.pair(e.Study, arms)
	err = j.judgeTests(e.Study, arms)
	j.Runs = e.behind(j.Tests)
	return j, err
}

// behind are the runs that the pairs of tests are of, by cell and seed, with those among the evidence that they begin
// with.
func (e Evidence) behind(tests []*TestFinding) []experiments.RunInfo {
	var ids []string
	for _, t := range tests {
		for _, p := range t.Pairs {
			ids = append(ids, p.Runs[:]...)
		}
	}
	for _, r := range e.Runs {
		if begins := r.Begins(); begins != "" && slices.Contains(ids, r.ID) {
			ids = append(ids, begins)
		}
	}
	runs := slices.DeleteFunc(slices.Clone(e.Runs), func(r experiments.RunInfo) bool { return !slices.Contains(ids, r.ID) })
	slices.SortFunc(runs, func(a, b experiments.RunInfo) int {
		return cmp.Or(cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.ID, b.ID))
	})
	return runs
}

// Fits tells whether the study has the cells and the metric that are compared.
func (c Comparison) Fits(s experiments.Study) error {
	cells, err := s.Cells()
	if err != nil {
		return err
	}
	for _, levels := range c.cellsOf() {
		for _, name := range slices.Sorted(maps.Keys(levels)) {
			i := slices.IndexFunc(s.Factors, func(f experiments.Factor) bool { return f.Name == name })
			if i < 0 {
				var names []string
				for _, f := range s.Factors {
					names = append(names, f.Name)
				}
				return fmt.Errorf("study %s has no factor %q%s", s.Name, name, nearest.Hint(name, names))
			}
			if _, err := s.Factors[i].Level(levels[name]); err != nil {
				return fmt.Errorf("study %s: %w", s.Name, err)
			}
		}
		if whole := s.Fill(levels); !slices.ContainsFunc(cells, func(o experiments.Cell) bool { return maps.Equal(o.Levels, whole) }) {
			return fmt.Errorf("study %s: its design (%s) has no cell %s", s.Name, s.Design, CellText(levels))
		}
	}
	return nil
}

// arms are the values of all cells, as the claim measures them.
func (c Comparison) arms(ctx context.Context, e Evidence) (arms []analysis.CellValues, notes []string, err error) {
	var cells []map[string]string
	for _, levels := range c.cellsOf() {
		cells = append(cells, e.Study.Fill(levels))
	}
	if len(e.Runs) == 0 { // what most claims have: nothing is to be sorted into cells
		for _, levels := range cells {
			arms = append(arms, analysis.CellValues{Cell: experiments.Cell{Levels: levels}})
		}
		return arms, nil, nil
	}
	arms, notes, err = analysis.Values(e.Study, e.Runs, c.Metric, cells)
	if err != nil {
		return nil, nil, err
	}
	if c.Selection == BestValidation && c.Measure == Final {
		err = c.selected(ctx, e, arms)
		return arms, notes, err
	}
	switch c.Measure {
	case Gap:
		train, _, err := analysis.Values(e.Study, e.Runs, metric.Counterpart(c.Metric, metric.Train), cells)
		if err != nil {
			return nil, nil, err
		}
		for i := range arms {
			for seed, v := range arms[i].Values {
				on, measured := train[i].Values[seed]
				if arms[i].Values[seed] = on - v; !measured {
					delete(arms[i].Values, seed)
				}
			}
		}
	case Epochs:
		more, err := c.epochs(ctx, e, arms)
		return arms, append(notes, more...), err
	}
	return arms, notes, nil
}

// series reads series of all runs that speak, by run and metric.
func series(ctx context.Context, e Evidence, arms []analysis.CellValues, names ...string) (map[[2]string][]experiments.Point, error) {
	var ids []string
	for _, a := range arms {
		for _, r := range a.Runs {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	all := map[[2]string][]experiments.Point{}
	if len(ids) == 0 {
		return all, nil
	}
	list, err := e.Series(ctx, ids, names, 0)
	for _, s := range list {
		all[[2]string{s.Run, s.Metric}] = s.Points
	}
	return all, err
}

// selected replaces values by those of the epoch that was best on the validation split.
func (c Comparison) selected(ctx context.Context, e Evidence, arms []analysis.CellValues) error {
	val := metric.Counterpart(c.Metric, metric.Val)
	points, err := series(ctx, e, arms, c.Metric, val)
	if err != nil {
		return err
	}
	sign := 1.0
	if metric.BetterSide(val) == metric.Lower {
		sign = -1
	}
	for _, a := range arms {
		for seed, r := range a.Runs {
			best, step := math.Inf(-1), int64(-1)
			for _, p := range points[[2]string{r.ID, val}] {
				if sign*p.Value > best {
					best, step = sign*p.Value, p.Step
				}
			}
			i := slices.IndexFunc(points[[2]string{r.ID, c.Metric}], func(p experiments.Point) bool { return p.Step == step })
			if i < 0 {
				delete(a.Values, seed)
				continue
			}
			a.Values[seed] = points[[2]string{r.ID, c.Metric}][i].Value
		}
	}
	return nil
}

// epochs replaces values by the epochs until the metric reached its value. A run that never does counts as its last
// epoch, which is the least that it needs.
func (c Comparison) epochs(ctx context.Context, e Evidence, arms []analysis.CellValues) (notes []string, err error) {
	points, err := series(ctx, e, arms, c.Metric)
	if err != nil {
		return nil, err
	}
	q := metric.Of(c.Metric)
	scale, _ := q.Shown()
	reached := func(v float64) bool {
		if q.Better == metric.Lower {
			return v <= c.Reach/scale
		}
		return v >= c.Reach/scale
	}
	for _, a := range arms {
		never := 0
		for seed, r := range a.Runs {
			all := points[[2]string{r.ID, c.Metric}]
			if len(all) == 0 {
				delete(a.Values, seed)
				continue
			}
			i := slices.IndexFunc(all, func(p experiments.Point) bool { return reached(p.Value) })
			if i < 0 {
				i, never = len(all)-1, never+1
			}
			a.Values[seed] = all[i].Epoch
		}
		if never > 0 {
			notes = append(notes, fmt.Sprintf("%d of %d runs never reached %v and count as their last epoch, the least that they need: %s",
				never, len(a.Runs), c.Reach, a.Cell.Key))
		}
	}
	return notes, nil
}

// pair puts the values of each test's sides together, by the study's seeds in their order, then any others.
func (c Comparison) pair(s experiments.Study, arms []analysis.CellValues) []*TestFinding {
	scale, _ := c.Scale()
	var tests []*TestFinding
	for _, t := range c.Tests {
		f := &TestFinding{Test: t, Verdict: NotRun, towards: 1, delta: t.Delta / scale, Mean: math.NaN(), Low: math.NaN(), High: math.NaN(),
			P: math.NaN(), Likely: math.NaN()}
		if t.Direction == Lower {
			f.towards = -1
		}
		if c.Relative {
			f.delta = math.Log(t.Delta)
		}
		cell := armOf(arms, s.Fill(t.Cell))
		var than *analysis.CellValues
		if t.Than != nil {
			than = armOf(arms, s.Fill(t.Than))
		} else {
			f.delta = 0
		}
		f.lost = cell.Diverged > 0
		for _, seed := range slices.Sorted(maps.Keys(cell.Values)) {
			p := Pair{Seed: seed, Cell: cell.Values[seed], Than: t.Level / scale, Runs: [2]string{cell.Runs[seed].ID}}
			if than != nil {
				v, both := than.Values[seed]
				if !both {
					continue
				}
				p.Than, p.Runs[1] = v, than.Runs[seed].ID
			}
			p.cell, p.other = c.value(p.Cell), c.value(p.Than)
			f.Pairs = append(f.Pairs, p)
		}
		order := map[uint64]int{}
		for i, seed := range s.Seeds {
			order[seed] = i - len(s.Seeds)
		}
		slices.SortStableFunc(f.Pairs, func(a, b Pair) int { return order[a.Seed] - order[b.Seed] })
		tests = append(tests, f)
	}
	return tests
}

func armOf(arms []analysis.CellValues, levels map[string]string) *analysis.CellValues {
	i := slices.IndexFunc(arms, func(a analysis.CellValues) bool { return maps.Equal(a.Cell.Levels, levels) })
	return &arms[i] // there is one: see Fits
}

// judgeTests looks at as many pairs as the rule allows, and puts the verdicts of the tests together.
func (j *Judgement) judgeTests(s experiments.Study, arms []analysis.CellValues) error {
	c := j.Compare
	least, most := math.MaxInt, 0
	for _, t := range j.Tests {
		least, most = min(least, len(t.Pairs)), max(most, len(t.Pairs))
	}
	j.Pairs = least
	j.flag(s, arms, most)
	if most == 0 {
		return nil
	}
	look := 0
	for _, n := range c.Stops() {
		if n <= least {
			look = n
		}
	}
	if look == 0 {
		j.Verdict = Undecided
		j.Reasons = append(j.Reasons, fmt.Sprintf("%d of the %d seeds that the rule looks at are there", least, c.Stops()[0]))
		return nil
	}
	if least > look {
		j.Notes = append(j.Notes, fmt.Sprintf("the verdict rests on the first %d seeds, as the rule says; %d are there", look, least))
	}
	for _, t := range j.Tests {
		t.Pairs = t.Pairs[:look]
	}
	j.Looked = look
	if err := c.decide(j.Tests, look); err != nil {
		return fmt.Errorf("claim %s: %w", j.ID, err)
	}
	j.Verdict = Holds
	for _, t := range j.Tests {
		c.show(t)
		if t.Verdict == Holds {
			continue
		}
		reason := t.Reason
		if t.Needed > 0 {
			reason += fmt.Sprintf("; about %d seeds would decide it at this spread", t.Needed)
		}
		j.fail(t.Verdict, "%s: %s", c.describe(t.Test), reason)
	}
	return nil
}

// show turns differences into the unit in which they are read, in the direction of the metric.
func (c Comparison) show(t *TestFinding) {
	scale, _ := c.Scale()
	t.Mean, t.Low, t.High = t.towards*scale*t.mean, t.towards*scale*t.Low, t.towards*scale*t.High
	if t.towards < 0 {
		t.Low, t.High = t.High, t.Low
	}
	if c.Relative {
		t.Mean, t.Low, t.High = math.Exp(t.Mean), math.Exp(t.Low), math.Exp(t.High)
	}
}

// flag notes what readers of results are often not told.
func (j *Judgement) flag(s experiments.Study, arms []analysis.CellValues, pairs int) {
	c := j.Compare
	n := metric.Parse(c.Metric)
	if s.Report == experiments.ReportBest && n.Split == metric.Test {
		j.Flags = append(j.Flags, "the study reports the best epoch on the test split; this verdict takes the selection of the rule")
	}
	if pairs == 1 {
		j.Flags = append(j.Flags, "a single seed")
	}
	if strings.HasPrefix(n.Quantity, "online_") {
		j.Flags = append(j.Flags, "an online classifier trained beside the pretraining: no linear evaluation after it")
	}
	kinds := map[string]bool{}
	for _, a := range arms {
		if kind, is := a.Cell.Config.Dataset.Options["label_noise"].(string); is && kind != "none" {
			kinds[kind] = true
		}
	}
	if c.Noise != "" {
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			if kind != c.Noise {
				j.Flags = append(j.Flags, fmt.Sprintf("label noise is %s, in the source it is %s", kind, c.Noise))
			}
		}
	}
}
