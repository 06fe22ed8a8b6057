package analysis

import (
	"fmt"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/nn/nearest"
)

// criterion says which recorded value speaks for a run.
type criterion struct {
	metric string
	report string // ReportLast or ReportBest
	higher bool
}

// criterionOf returns the criterion of the study. What the study leaves empty is taken from the default study.
func criterionOf(s experiments.Study) (criterion, error) {
	c := criterion{metric: s.Metric, report: s.Report}
	if c.metric == "" {
		c.metric = experiments.DefaultStudy().Metric
	}
	if c.report == "" {
		c.report = experiments.DefaultStudy().Report
	}
	if c.report != experiments.ReportLast && c.report != experiments.ReportBest {
		return c, fmt.Errorf("unknown report %q%s", c.report, nearest.Hint(c.report, experiments.ReportNames))
	}
	var err error
	c.higher, err = metric.HigherIsBetter(c.metric)
	return c, err
}

// flattered says what the choice of the best evaluation does to values.
func (c criterion) flattered() string {
	if metric.Parse(c.metric).Split == metric.Test {
		return "values are flattered by that choice, which is made on the test split (dataset.val holds a part out to choose by)"
	}
	return "values are flattered by that choice"
}

// of returns the run's value; recorded is false if the run never measured the metric. The value of a run that only
// measured NaN is NaN.
func (c criterion) of(r experiments.RunInfo) (value float64, recorded bool) {
	name := r.Recorded(c.metric)
	last, recorded := r.Last[name]
	if c.report == experiments.ReportLast {
		return last, recorded
	}
	best, found := r.Min[name]
	if c.higher {
		best, found = r.Max[name]
	}
	if !found {
		return last, recorded // no finite value: the newest says what happened
	}
	return best, true
}

// training asks the same question about the training split.
func (c criterion) training() criterion {
	c.metric = metric.Counterpart(c.metric, metric.Train)
	return c
}
