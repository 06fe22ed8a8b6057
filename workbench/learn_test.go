//go:build !noonednn

package main

import (
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/studyfile"
)

// A network must know the test images about as well as the training images of an easy data set: inference is another
// graph than training, and a mistake in it shows here.
func TestWhatIsLearntIsThereInInference(t *testing.T) {
	for _, shortcut := range []string{"identity", "projection", "none"} {
		t.Run(shortcut, func(t *testing.T) {
			last := map[string]float64{}
			err := trainRun(t.Context(), learning(t, shortcut), func(r experiments.Record) error {
				for _, p := range r.Points {
					last[p.Metric] = p.Value
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if last[metric.TrainTop1] < 0.9 || last[metric.TestTop1] < 0.85 {
				t.Errorf("after training: %.3f of the training and %.3f of the test images right, want 0.9 and 0.85",
					last[metric.TrainTop1], last[metric.TestTop1])
			}
		})
	}
}

func learning(t *testing.T, shortcut string) experiments.Job {
	t.Helper()
	s, err := studyfile.Load("quickstart", []string{"model.shortcut=" + shortcut, "model.depth=8", "epochs=6", "seeds=1"})
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	return experiments.Job{Run: runs[0], Attempt: experiments.Attempt{Run: runs[0].ID, Number: 1}, Threads: 1}
}
