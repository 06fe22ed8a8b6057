package export

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/nn/option"
)

// BestPrefix begins the column of a metric's best value.
const BestPrefix = "best/"

// Runs lists runs: what they are, where they stand, the settings in which they differ, and the newest value of every
// metric, with the best one for metrics that have a better side.
func Runs(runs []experiments.RunInfo) Document {
	t := Table{Name: "runs", Columns: []string{"run", "study", "version", "cell", "seed", "status", "reason", "attempt", "epoch", "seconds",
		"started", "updated"}}
	configs := make([]map[string]any, len(runs))
	for i, r := range runs {
		t.Rows = append(t.Rows, []any{r.ID, r.Study, r.Version, r.Cell, r.Seed, string(r.Status), named(r.Reason), r.Attempt, epoch(r), r.Seconds,
			when(r.Started), when(r.Updated)})
		configs[i] = settings(r.Config)
	}
	for _, path := range varying(configs) {
		t.add(path, func(i int) any { return configs[i][path] })
	}
	for _, name := range metric.Ordered(recorded(runs), metric.TestTop1) {
		t.add(name, func(i int) any { return valueIn(runs[i].Last, name) })
		if metric.BetterSide(name) != metric.Neither {
			t.add(BestPrefix+name, func(i int) any { return valueIn(Best(name, runs[i]), name) })
		}
	}
	return Document{Tables: []Table{t}}
}

// Add gives the table a column, unless it has one of that name; of is the value in a row.
func (t *Table) Add(name string, of func(row int) any) {
	if !slices.Contains(t.Columns, name) {
		t.add(name, of)
	}
}

func (t *Table) add(name string, of func(row int) any) {
	t.Columns = append(t.Columns, name)
	for i := range t.Rows {
		t.Rows[i] = append(t.Rows[i], of(i))
	}
}

// epoch is the one that a run is in, or had come to when it last spoke.
func epoch(r experiments.RunInfo) any {
	if r.Progress == nil {
		return nil
	}
	return r.Progress.Epoch
}

// settings of a configuration by their paths; a list is one text.
func settings(c experiments.Config) map[string]any {
	all := map[string]any{}
	for _, s := range c.Shown() {
		switch s.Value.(type) {
		case string, bool, int, int64, uint64, float64:
			all[s.Path] = s.Value
		default:
			all[s.Path] = option.Label(s.Value)
		}
	}
	return all
}

// varying are the paths whose values are not all the same, sorted.
func varying(all []map[string]any) []string {
	paths := map[string]bool{}
	for _, values := range all {
		for path := range values {
			paths[path] = true
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(paths)), func(path string) bool {
		return !slices.ContainsFunc(all, func(values map[string]any) bool { return said(values, path) != said(all[0], path) })
	})
}

// said is the value of a path as text, with whether there is one.
func said(values map[string]any, path string) string {
	v, set := values[path]
	return fmt.Sprint(set, v)
}

// recorded are the metrics of any of the runs, sorted.
func recorded(runs []experiments.RunInfo) []string {
	names := map[string]bool{}
	for _, r := range runs {
		for name := range r.Last {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Best has the best value of the metric over all evaluations of the run, among those of others; without a better side
// it is the highest.
func Best(name string, r experiments.RunInfo) map[string]float64 {
	if metric.BetterSide(name) == metric.Lower {
		return r.Min
	}
	return r.Max
}

func valueIn(values map[string]float64, name string) any {
	if v, has := values[name]; has {
		return v
	}
	return nil
}
