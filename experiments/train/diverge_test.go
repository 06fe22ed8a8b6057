package train

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/nn/plan"
)

// divergingJob is smallJob with a rate that no network stands: the update of the first step breaks its weights.
func divergingJob() experiments.Job {
	job := smallJob()
	job.Run.Config.Optim.Options["lr"] = 1e30
	return job
}

func TestLossThatIsNoNumberEndsTheRun(t *testing.T) {
	records, err := record(t, divergingJob(), 0)
	var diverged *experiments.DivergedError
	if !errors.As(err, &diverged) || diverged.Metric != metric.TrainLoss || diverged.Step != 2 || diverged.Epoch != 1 {
		t.Fatalf("got %v, want train/loss of step 2 in epoch 1", err)
	}
	if want := "train/loss is NaN at step 2 (epoch 1)"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	for _, r := range records {
		if r.Checkpoint != nil {
			t.Errorf("a checkpoint of step %d was made", r.Checkpoint.Step)
		}
	}
	got := values(records)
	if steps := got[metric.StepLoss]; len(steps) != 2 || !finite(steps[0]) || !math.IsNaN(steps[1]) {
		t.Errorf("losses of steps %v, want a number and NaN", steps)
	}
	if means := got[metric.TrainLoss]; len(means) != 1 || !math.IsNaN(means[0]) {
		t.Errorf("losses of epochs %v, want NaN", means)
	}
}

// Steps are reported every few; the one that diverged is reported always.
func TestDivergenceBetweenReportsIsRecorded(t *testing.T) {
	job := divergingJob()
	job.Run.Config.Dataset.Options["train"], job.Run.Config.Batch = 4*pointsPerEpoch, 1 // reports every fourth step
	records, err := record(t, job, 0)
	if steps := values(records)[metric.StepLoss]; !errors.Is(err, experiments.ErrDiverged) || len(steps) != 1 || finite(steps[0]) {
		t.Errorf("got %v with the losses %v, want the last alone", err, steps)
	}
}

// The checkpoint of the last good epoch stays: neither the epoch that diverged nor a request to stop replaces it.
func TestLastGoodCheckpointStays(t *testing.T) {
	job := smallJob()
	job.Run.Config.Optim.Options["lr"] = 1e-3
	job.Run.Config.Epochs = 3
	// From the second epoch on the rate is infinite in float32.
	job.Run.Config.Schedule = experiments.Choice{Name: "step", Options: map[string]any{"milestones": []float64{1}, "gamma": 1e43}}
	records, err := record(t, job, 0)
	if !errors.Is(err, experiments.ErrDiverged) {
		t.Fatalf("got %v, want it diverged in epoch 2", err)
	}
	if c := lastCheckpoint(t, records); c.Step != 3 || c.Final {
		t.Errorf("last checkpoint at step %d, want 3", c.Step)
	}
	first := slices.IndexFunc(records, func(r experiments.Record) bool { return r.Checkpoint != nil })
	records, err = record(t, job, first+2) // stopped at the first report after it, when the weights are broken already
	var diverged *experiments.DivergedError
	if !errors.As(err, &diverged) || !errors.Is(err, context.Canceled) || diverged.Metric == metric.TrainLoss || diverged.Step != 4 {
		t.Errorf("got %v, want a parameter that is no number at step 4", err)
	}
	if c := lastCheckpoint(t, records); c.Step != 3 {
		t.Errorf("stopped: last checkpoint at step %d, want 3", c.Step)
	}
}

// A loss of the evaluation that is no number ends the run, whatever training says.
func TestEvaluationThatDivergesEndsTheRun(t *testing.T) {
	var records []experiments.Record
	err := Run(t.Context(), smallJob(), blindBackend{}, func(r experiments.Record) error {
		if r.Progress == nil {
			records = append(records, r)
		}
		return nil
	})
	if want := "test/loss is NaN at step 3 (epoch 1)"; err == nil || err.Error() != want || !errors.Is(err, experiments.ErrDiverged) {
		t.Fatalf("got %v, want %s", err, want)
	}
	last := records[len(records)-1]
	if last.Checkpoint != nil || len(last.Points) < 4 {
		t.Errorf("the last record is %+v, want the epoch's points", last)
	}
	got := values(records)
	if !finite(got[metric.TrainLoss][0]) || !math.IsNaN(got[metric.TestLoss][0]) {
		t.Errorf("losses %v and %v, want a number and NaN", got[metric.TrainLoss], got[metric.TestLoss])
	}
}

// blindBackend computes as the reference does, but for logits that are no numbers in evaluations.
type blindBackend struct{ plan.Reference }

func (b blindBackend) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	exe, err := b.Reference.Compile(p, m)
	if err == nil && len(p.Moves) == 0 {
		return blind{exe}, nil
	}
	return exe, err
}

type blind struct{ plan.Executable }

func (b blind) Output(name string) []float32 {
	out := slices.Clone(b.Executable.Output(name))
	for i := range out {
		out[i] = float32(math.NaN())
	}
	return out
}
