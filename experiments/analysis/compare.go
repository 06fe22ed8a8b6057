package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
)

// Comparison shows chosen runs side by side: what differs between them and what they measured. Every list of values has
// one entry for each run, in the order of Runs.
type Comparison struct {
	Runs        []ComparedRun      `json:"runs"`
	Config      []Difference       `json:"config"`      // paths at which the configurations differ, in the order of a configuration
	Environment []Difference       `json:"environment"` // what computed them, where it differs, by name
	Metrics     []MetricComparison `json:"metrics"`     // all that any of the runs recorded
	Remarks     []string           `json:"remarks"`     // what limits the comparison
}

// ComparedRun names a run.
type ComparedRun struct {
	Run        string             `json:"run"`
	Study      string             `json:"study"`
	Cell       string             `json:"cell"`
	Seed       uint64             `json:"seed"`
	Status     experiments.Status `json:"status"`
	DataDigest string             `json:"data_digest"`
}

// MetricComparison is one metric of all runs.
type MetricComparison struct {
	Metric string         `json:"metric"`
	Better metric.Side    `json:"better,omitempty"` // "higher" or "lower"; empty for a metric without a better side
	Values []*Measurement `json:"values"`           // nil for a run that did not record the metric
}

// Measurement is what one run recorded of a metric, and its distance from the first run.
type Measurement struct {
	Last     experiments.Number `json:"last"` // newest; NaN and infinities are as measured
	Best     experiments.Number `json:"best"` // best finite value; NaN if there is none or the metric has no better side
	LastDiff experiments.Number `json:"last_difference"`
	BestDiff experiments.Number `json:"best_difference"` // differences are NaN where the first run has no such value
}

// Compare puts runs side by side. It compares the others with the first.
func Compare(runs []experiments.RunInfo) Comparison {
	c := Comparison{Runs: []ComparedRun{}, Metrics: []MetricComparison{}, Remarks: []string{}}
	configs, environments := make([]settings, len(runs)), make([]settings, len(runs))
	for i, r := range runs {
		c.Runs = append(c.Runs, ComparedRun{Run: r.ID, Study: r.Study, Cell: r.Cell, Seed: r.Seed, Status: r.Status, DataDigest: r.DataDigest})
		configs[i] = settingsOf(r.Config.Completed())
		for _, name := range slices.Sorted(maps.Keys(r.Environment)) {
			environments[i] = append(environments[i], setting{name, r.Environment[name]})
		}
	}
	c.Config = differences(configs)
	c.Environment = differences(environments)
	slices.SortFunc(c.Environment, func(a, b Difference) int { return cmp.Compare(a.Path, b.Path) })
	for _, name := range recordedMetrics(runs) {
		m := compareMetric(name, runs)
		if several(name, runs) {
			m.Better = metric.Neither
		}
		c.Metrics = append(c.Metrics, m)
	}
	c.Remarks = Definitions(runs)
	return c
}

// recordedMetrics returns the metrics by which studies compare, then the others by name.
func recordedMetrics(runs []experiments.RunInfo) []string {
	recorded := map[string]bool{}
	for _, r := range runs {
		for name := range r.Last {
			recorded[name] = true
		}
	}
	var names []string
	for _, name := range metric.Comparable() {
		if recorded[name] {
			names = append(names, name)
			delete(recorded, name)
		}
	}
	return append(names, slices.Sorted(maps.Keys(recorded))...)
}

func compareMetric(name string, runs []experiments.RunInfo) MetricComparison {
	m := MetricComparison{Metric: name, Better: metric.BetterSide(name), Values: make([]*Measurement, len(runs))}
	nan := experiments.Number(math.NaN())
	for i, r := range runs {
		last, recorded := r.Last[name]
		if !recorded {
			continue
		}
		v := &Measurement{Last: experiments.Number(last), Best: nan, LastDiff: nan, BestDiff: nan}
		if m.Better != metric.Neither {
			v.Best = bestOf(r, name, m.Better)
		}
		m.Values[i] = v
		if first := m.Values[0]; first != nil {
			v.LastDiff, v.BestDiff = v.Last-first.Last, v.Best-first.Best
		}
	}
	return m
}

// lossOf is what a metric is in a run whose strategy minimises it; "" for one that is the same in all strategies.
func lossOf(name string, r experiments.RunInfo) string {
	n := metric.Parse(name)
	method, err := strategy.Lookup(r.Config.Strategy.Name)
	if err != nil || (metric.Name{Split: n.Split, Quantity: n.Quantity}).String() != metric.TrainLoss || n.Phase != method.Main {
		return ""
	}
	if which, chosen := method.Resolve(r.Config.Strategy.Options)["loss"].(string); chosen { // of several
		return fmt.Sprintf("%s (%s)", which, method.Loss)
	}
	return method.Loss
}

// several tells whether a metric is not the same quantity in all of the runs that recorded it.
func several(name string, runs []experiments.RunInfo) bool {
	first, met := "", false
	for _, r := range runs {
		if _, recorded := r.Last[name]; !recorded {
			continue
		}
		if loss := lossOf(name, r); met && loss != first {
			return true
		} else if !met {
			first, met = loss, true
		}
	}
	return false
}

// Definitions says which metrics of runs are not the same quantity in all of them, and what they are.
func Definitions(runs []experiments.RunInfo) []string {
	all := []string{}
	for _, name := range recordedMetrics(runs) {
		if !several(name, runs) {
			continue
		}
		var each []string
		for _, r := range runs {
			if _, recorded := r.Last[name]; !recorded {
				continue
			}
			what := cmp.Or(lossOf(name, r), "cross-entropy, mean over images") // of a later phase of the same name
			if said := fmt.Sprintf("of %s %s", r.Config.Strategy.Name, what); !slices.Contains(each, said) {
				each = append(each, said)
			}
		}
		all = append(all, fmt.Sprintf("%s is not one quantity in these runs, so no difference in it is better or worse: %s", name,
			strings.Join(each, "; ")))
	}
	return all
}

func bestOf(r experiments.RunInfo, name string, better metric.Side) experiments.Number {
	extremes := r.Min
	if better == metric.Higher {
		extremes = r.Max
	}
	if best, found := extremes[name]; found {
		return experiments.Number(best)
	}
	return experiments.Number(math.NaN())
}
