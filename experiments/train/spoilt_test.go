//go:build !race

package train

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
)

// What a run records under corruptions is what its network, opened again, answers to images that are spoilt outside of
// it. Nothing else of the run changes, and its work grows by the images that it looks at more.
func TestARunIsMeasuredUnderCorruptions(t *testing.T) {
	job := strategyJob(t, "supervised")
	job.Run.Config.Dataset.Options = map[string]any{"train": 48, "test": 40}
	job.Run.Config.Epochs, job.Run.Config.Optim.Options["lr"] = 6, 0.1
	plain, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	clean, err := WorkOf(job.Run.Config, set)
	if err != nil {
		t.Fatal(err)
	}
	job.Run.Config.Evaluate.Corruption = "gaussian_noise:5 contrast:1 gaussian_noise:1"
	spoilt, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := values(spoilt)["test/corrupted_top1"]
	for name, list := range values(plain) {
		if !slices.Equal(values(spoilt)[name], list) {
			t.Errorf("%s is %v, want %v as without corruptions", name, values(spoilt)[name], list)
		}
	}
	last := lastCheckpoint(t, spoilt)
	net, err := Open(Opening{Config: job.Run.Config, Info: set.Info(), Classes: len(set.Info().Classes), Batch: 8,
		Fill: func(params []*nn.Param, write func(string, []float32) error) error {
			for _, p := range params {
				if err := write(p.Path, tensorOf(t, last, "model/"+p.Path)); err != nil {
					return err
				}
			}
			return nil
		}}, plan.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = net.Close() }()
	share := func(text string) float64 {
		uses, err := corrupt.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		right := 0
		p := data.Part{Set: uses[0].Of(set), Split: data.Test}
		if err := net.Look(context.Background(), p, data.View{}, func(s strategy.Seen) error {
			right += evaluate.Count(s.Logits, s.Labels, net.Classes).Top1
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return float64(right) / 40
	}
	strong, weak, dull := share("gaussian_noise:5"), share("gaussian_noise:1"), share("contrast:1")
	want := ((strong+weak)/2 + dull) / 2
	if len(got) != 6 || math.Abs(got[5]-want) > 1e-12 || strong == dull && weak == dull {
		t.Errorf("recorded %v, want at last %v of %v, %v and %v", got, want, strong, weak, dull)
	}
	more, err := WorkOf(job.Run.Config, set)
	if err != nil || more.Training != clean.Training || more.Evaluation != 4*clean.Evaluation {
		t.Errorf("work %+v and %+v with three corruptions: %v", clean, more, err)
	}
	job.Run.Config.Evaluate.Corruption = "fog"
	if err := Check(job.Run.Config, set, 1); err == nil || !strings.Contains(err.Error(), "fog") {
		t.Errorf("corruption fog: %v", err)
	}
}
