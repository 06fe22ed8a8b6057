package experiments

import "workbench/experiments/metric"

// Defaults is the configuration of a study that says nothing. What decides the result most has no default and must be
// written: dataset.name, model.name, optim.lr and epochs. The defaults of options are declared with them.
func Defaults() Config {
	c := Config{
		Augment:  map[string]any{},
		Strategy: Choice{Name: "supervised", Options: map[string]any{}},
		Optim:    Choice{Name: "sgd", Options: map[string]any{}},
		Schedule: Choice{Name: "constant", Options: map[string]any{}},
	}
	for i := range general {
		general[i].set(&c, general[i].Default)
	}
	return c
}

// DefaultStudy is a study whose file says nothing.
func DefaultStudy() Study {
	return Study{
		Base:   Defaults(),
		Design: Factorial,
		Seeds:  []uint64{1, 2, 3},
		Metric: metric.TestTop1,
		Report: ReportLast,
	}
}
