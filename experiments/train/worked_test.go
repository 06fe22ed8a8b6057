package train

import (
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/nn/plan"
)

// counting adds up the multiply-adds of every program that runs on it.
type counting struct {
	plan.Reference
	work Work
}

func (c *counting) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	sum := &c.work.Evaluation
	if p.Optimizer != nil {
		sum = &c.work.Training
	}
	run := p.MultiplyAdds()
	exe, err := c.Reference.Compile(p, m)
	return counted{exe, sum, run}, err
}

type counted struct {
	plan.Executable
	sum *float64
	run float64
}

func (c counted) RunAll() error {
	*c.sum += c.run
	return c.Executable.RunAll()
}

// WorkOf foretells what a whole run executes, whatever the run leaves over: epochs behind the last regular evaluation,
// images that fill no batch, a batch in several parts.
func TestWorkIsWhatARunExecutes(t *testing.T) {
	for name, change := range map[string]func(*experiments.Config){
		"as it is":              func(*experiments.Config) {},
		"never but at the end":  func(c *experiments.Config) { c.Epochs, c.Evaluate.Every = 2, 5 },
		"an epoch is left over": func(c *experiments.Config) { c.Epochs, c.Evaluate.Every = 3, 2 },
		"no epoch is left over": func(c *experiments.Config) { c.Epochs, c.Evaluate.Every = 4, 2 },
		"micro-batches":         func(c *experiments.Config) { c.MicroBatch = c.Batch / 3 },
		"images are left over": func(c *experiments.Config) {
			c.Dataset.Options = map[string]any{"train": 2*c.Batch + 1, "test": c.Batch + 1}
		},
	} {
		job, backend := updateJob(change), &counting{}
		err := Run(t.Context(), job, backend, func(experiments.Record) error { return nil })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		set, err := data.Open(t.Context(), job.Run.Config.Dataset.Name, "", job.Run.Config.Dataset.Options)
		if err != nil {
			t.Fatal(err)
		}
		want, err := WorkOf(job.Run.Config, set)
		if err != nil || want != backend.work {
			t.Errorf("%s: WorkOf says %+v (%v), the run had %+v", name, want, err, backend.work)
		}
	}
}
