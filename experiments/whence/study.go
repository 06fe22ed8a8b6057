package whence

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
	"workbench/experiments/stats"
)

// Study looks at a version of a study with its runs: the table that compares its cells, the means of other metrics, and
// the values of the runs. A definition that cannot be compared, or was not kept (nil), leaves the runs.
func (f *Finder) Study(ref string, definition *experiments.Study, runs []experiments.RunInfo) {
	s := looked{Finder: f, ref: ref, runs: map[string]experiments.RunInfo{}}
	for _, r := range runs {
		s.runs[r.ID] = r
	}
	if definition != nil {
		if table, err := analysis.Ablate(*definition, runs); err == nil {
			s.table(table)
			s.told = told{table.Metric, table.Report}
		}
	}
	s.means(runs)
	for _, r := range runs {
		if !f.seen[r.ID] {
			f.seen[r.ID] = true
			s.values(r)
		}
	}
}

// looked is a version of a study that is looked at.
type looked struct {
	*Finder
	ref  string
	runs map[string]experiments.RunInfo
	told told // whose means the table has
}

// told is a metric, and which evaluation of it speaks for a run.
type told struct{ metric, report string }

// those are the runs that gave values.
func (s looked) those(values ...[]analysis.SeedValue) (runs []experiments.RunInfo) {
	for _, list := range values {
		for _, v := range list {
			runs = append(runs, s.runs[v.Run])
		}
	}
	return runs
}

// table offers what ablate shows.
func (s looked) table(t analysis.Ablation) {
	ablate := []string{"ablate", s.ref}
	var baseline analysis.AblationRow
	for _, row := range t.Rows {
		if row.Baseline {
			baseline = row
		}
	}
	report := " of the " + t.Report + " evaluations"
	for _, row := range t.Rows {
		of := candidate{Match: Match{Metric: t.Metric, Study: s.ref, Cell: row.Cell, Show: ablate}, fill: origin(s.those(row.Values))}
		s.say(of, Mean, "mean of "+counted(row.N, "seed")+report, row.Mean)
		s.say(of, Spread, "half of the 95 % interval of a mean", half(row.Interval))
		s.say(of, Spread, "standard deviation over "+counted(row.N, "seed"), row.SD)
		if row.Diff != nil {
			of.Versus, of.fill = t.Baseline, origin(s.those(row.Values, baseline.Values))
			s.paired(of, *row.Diff, "difference from the baseline")
		}
	}
	all := slices.SortedFunc(maps.Values(s.runs), compareRuns)
	for _, e := range t.Effects {
		of := candidate{Match: Match{Metric: t.Metric, Study: s.ref, Cell: e.Factor + "=" + e.Level, Versus: e.Factor + "=" + e.Versus,
			Show: ablate}, fill: origin(all)}
		s.paired(of, e.Paired, "effect of a level")
	}
}

// paired offers a difference with what is said of it.
func (s looked) paired(of candidate, d analysis.Paired, what string) {
	s.say(of, Difference, what+", "+counted(d.N, "pair"), d.Mean)
	s.say(of, Spread, "half of the 95 % interval of a difference", half(d.Interval))
	of.plain = true
	s.say(of, P, "p of the "+what+", Holm's correction", d.Holm)
	s.say(of, P, "p of the "+what+", not corrected", d.P)
}

func (s looked) say(c candidate, kind Kind, what string, value float64) {
	c.Kind, c.What, c.Value = kind, what, value
	s.offer(c)
}

func half(i analysis.Interval) float64 { return (i.High - i.Low) / 2 }

// means offers, of every cell, the mean over its finished runs, if it has several, of each metric that all of them
// have.
func (s looked) means(runs []experiments.RunInfo) {
	cells := map[string][]experiments.RunInfo{}
	for _, r := range runs {
		if r.Status == experiments.Done {
			cells[r.Cell] = append(cells[r.Cell], r)
		}
	}
	for _, cell := range slices.Sorted(maps.Keys(cells)) {
		list := cells[cell]
		if len(list) < 2 {
			continue
		}
		slices.SortFunc(list, compareRuns)
		for _, name := range slices.Sorted(maps.Keys(list[0].Last)) {
			of := candidate{Match: Match{Metric: name, Study: s.ref, Cell: cell, Show: []string{"ablate", s.ref, "--format", "csv",
				"--table", "points"}}, fill: origin(list)}
			for _, report := range experiments.ReportNames {
				if v, all := mean(list, name, report); all && s.told != (told{name, report}) {
					s.say(of, OtherMean, "mean of "+counted(len(list), "run")+", "+report+" values", v)
				}
			}
		}
	}
}

// mean of what the runs have of a metric; all is false if one has none that is finite.
func mean(runs []experiments.RunInfo, name, report string) (value float64, all bool) {
	var values []float64
	for _, r := range runs {
		v, has := r.Last[name]
		if report == experiments.ReportBest {
			v, has = best(r, name)
		}
		if !has || math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, false
		}
		values = append(values, v)
	}
	return stats.Mean(values), true
}

// best is the best value of a metric of a run. Where no side is the better one there is none.
func best(r experiments.RunInfo, name string) (v float64, has bool) {
	switch metric.BetterSide(name) {
	case metric.Higher:
		v, has = r.Max[name]
	case metric.Lower:
		v, has = r.Min[name]
	}
	return v, has
}

func compareRuns(a, b experiments.RunInfo) int {
	return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.ID, b.ID))
}

// values offers the values of a run.
func (s looked) values(r experiments.RunInfo) {
	for _, name := range slices.Sorted(maps.Keys(r.Last)) {
		of := candidate{Match: Match{Metric: name, Study: s.ref, Cell: r.Cell, Show: []string{"show", r.ID}},
			fill: origin([]experiments.RunInfo{r})}
		v, has := best(r, name)
		if has && v == r.Last[name] {
			s.say(of, Last, "last and best value of a run", v)
			continue
		}
		s.say(of, Last, "last value of a run", r.Last[name])
		if has {
			s.say(of, Best, "best value of a run", v)
		}
	}
}
