package experiments

import (
	"workbench/experiments/metric"
	"workbench/nn/plan"
)

// Defaults is the configuration of a study that says nothing. What decides the result most has no default and must be
// written: dataset.name, model.name, optim.lr and epochs. What optimizers and schedules have values of their own for is zero
// here; nn/optim fills it in.
func Defaults() Config {
	return Config{
		Strategy:   StrategyConfig{Name: "supervised"},
		Optim:      OptimConfig{Name: "sgd", Momentum: 0.9},
		Schedule:   ScheduleConfig{Name: "constant"},
		Batch:      64,
		Precision:  "float32",
		Algorithms: "auto",
		Recompute:  string(plan.RecomputeNone),
		Evaluate:   EvaluateConfig{Every: 1},
		Checkpoint: CheckpointConfig{Every: 1},
	}
}

// defaultStudy is a study whose file says nothing.
func DefaultStudy() Study {
	return Study{
		Base:   Defaults(),
		Design: Factorial,
		Seeds:  []uint64{1, 2, 3},
		Metric: metric.TestTop1,
		Report: ReportLast,
	}
}
