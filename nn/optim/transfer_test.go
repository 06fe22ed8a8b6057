package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"workbench/nn"
	"workbench/nn/optim"
)

// transferred is what testdata/transfer.py wrote of BiT's rule and of fastai's fine_tune, as shares of the peak.
func transferred(t *testing.T) (f struct {
	Bit []struct {
		Images, Length int
		Steps          []int
		Rates          []float64
	}
	Fastai []struct {
		Steps          int
		PctStart       float64 `json:"pct_start"`
		Div            float64
		Rates, Momenta []float64
	}
	Slice struct {
		Mult  float64
		Rates []float64
	}
}) {
	t.Helper()
	text, err := os.ReadFile("testdata/transfer.json")
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil || len(f.Bit) != 4 || len(f.Fastai) != 2 {
		t.Fatalf("the recording is not whole: %v", err)
	}
	return f
}

// BiT's steps by the number of images, and its rate at each, however many steps an epoch has.
func TestBiTFollowsItsRule(t *testing.T) {
	for _, c := range transferred(t).Bit {
		if got := optim.BiTSteps(c.Images); got != c.Length {
			t.Errorf("%d images: %d steps, want %d", c.Images, got, c.Length)
		}
		for _, epoch := range []float64{7, 39, 500} { // steps
			s := rates(t, "bit", nil, optim.Length{Epochs: float64(c.Length) / epoch, Update: 1 / epoch})
			for i, step := range c.Steps {
				if got := s(float64(step) / epoch); !(math.Abs(got-c.Rates[i]) <= 1e-12) {
					t.Errorf("step %d of %d, %v an epoch: factor %v, the rule has %v", step, c.Length, epoch, got, c.Rates[i])
				}
			}
		}
	}
	if found := schedule(t, "bit").Conflicts(schedule(t, "bit").Resolve(map[string]any{"warmup_epochs": 1.0}), 10, 0); len(found) != 1 {
		t.Errorf("a warm-up beside its own: %v", found)
	}
}

// Rates and momenta of both cycles of fine_tune.
func TestOneCycleFollowsFastai(t *testing.T) {
	for _, c := range transferred(t).Fastai {
		given := map[string]any{"fastai": true, "pct_start": c.PctStart, "div_factor": c.Div, "final_div_factor": 1e5 / c.Div,
			"base_momentum": 0.85}
		l := optim.Length{Epochs: 2, Update: 2 / float64(c.Steps)}
		s := schedule(t, "one_cycle")
		rate, momentum := rates(t, "one_cycle", given, l), s.Momenta(s.Resolve(given), l, 0.95)
		for step, want := range c.Rates {
			epoch := float64(step) * l.Update
			if got := rate(epoch); !(math.Abs(got-want) <= 1e-12) {
				t.Errorf("step %d of %d: factor %v, fastai has %v", step, c.Steps, got, want)
			}
			if got := momentum(epoch); !(math.Abs(got-c.Momenta[step]) <= 1e-12) {
				t.Errorf("step %d of %d: momentum %v, fastai has %v", step, c.Steps, got, c.Momenta[step])
			}
		}
	}
}

// A spread gives blocks the rates of fastai's slice, and one block the whole rate.
func TestLayerSpreadFollowsFastai(t *testing.T) {
	want := transferred(t).Slice
	var params []*nn.Param
	for _, path := range []string{"conv1.weight", "layer1.0.conv1.weight", "layer2.0.conv1.weight", "fc.weight"} {
		params = append(params, &nn.Param{Path: path})
	}
	got := optim.LayerScales(params, 1, want.Mult)
	for i, p := range params {
		if !(math.Abs(got[p.Path]-want.Rates[i]) <= 1e-15) {
			t.Errorf("%s: %v, fastai has %v", p.Path, got[p.Path], want.Rates[i])
		}
	}
	if one := optim.LayerScales(params[:1], 1, want.Mult); one["conv1.weight"] != 1 {
		t.Errorf("one block: %v", one)
	}
}
