package analysis

import (
	"fmt"
	"strings"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// HigherIsBetter tells the direction of a metric that can be compared; a loss is better the lower it is. It is an error for
// metrics without a better side (a learning rate) and for unknown ones.
func HigherIsBetter(metric string) (bool, error) {
	for _, name := range experiments.MetricNames {
		if name == metric {
			return !strings.HasSuffix(metric, "/loss"), nil
		}
	}
	return false, fmt.Errorf("metric %q has no better side%s", metric, nearest.Hint(metric, experiments.MetricNames))
}

// criterion says which recorded value speaks for a run.
type criterion struct {
	metric string
	report string // ReportLast or ReportBest
	higher bool
}

// criterionOf the study; what it leaves empty is the default study's.
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
	c.higher, err = HigherIsBetter(c.metric)
	return c, err
}

// of is the run's value; recorded is false if it never measured the metric. A run that only measured NaN has a value: that.
func (c criterion) of(r experiments.RunInfo) (value float64, recorded bool) {
	last, recorded := r.Last[c.metric]
	if c.report == experiments.ReportLast {
		return last, recorded
	}
	best, found := r.Min[c.metric]
	if c.higher {
		best, found = r.Max[c.metric]
	}
	if !found {
		return last, recorded // no finite value: the newest says what happened
	}
	return best, true
}

// training is the same question about the training split.
func (c criterion) training() criterion {
	_, quantity, _ := strings.Cut(c.metric, "/")
	c.metric = "train/" + quantity
	return c
}
