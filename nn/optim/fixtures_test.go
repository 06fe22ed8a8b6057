package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// fixtures is what PyTorch does; testdata/fixtures.py recorded it.
type fixtures struct {
	Torch         string
	StepsPerEpoch int `json:"steps_per_epoch"`
	SGD           []trajectory
	Schedules     []scheduled
	// Optimizers and RatesAndMomenta have other names in the recording.
	Optimizers      []optimizerSteps  `json:"rules"`
	RatesAndMomenta []ratesAndMomenta `json:"courses"`
	Clips           []struct {
		Norm          float64
		Before, After []float64
	}
}

func recorded(t *testing.T) fixtures {
	t.Helper()
	text, err := os.ReadFile("testdata/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	var f fixtures
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	if f.Torch == "" || len(f.SGD) < 12 || len(f.Schedules) < 8 || len(f.Optimizers) < 40 ||
		len(f.RatesAndMomenta) < 9 || len(f.Clips) < 3 {
		t.Fatalf("PyTorch %q, %d trajectories, %d schedules: the recording is incomplete", f.Torch, len(f.SGD), len(f.Schedules))
	}
	return f
}

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}
