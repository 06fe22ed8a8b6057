package optim_test

import (
	"math"
	"slices"
	"testing"

	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// What an optimizer keeps between steps is saved under the names of its slots, so neither names nor order may change.
func TestSlotsOfOptimizers(t *testing.T) {
	for _, c := range []struct {
		optimizer plan.Optimizer
		want      []string
	}{
		{optim.SGD{Momentum: 0.9}, []string{"momentum"}}, {optim.SGD{}, []string{"momentum"}},
		{optim.Adam{}, []string{"mean", "square"}}, {optim.Adam{Decoupled: true}, []string{"mean", "square"}},
		{optim.LAMB{}, []string{"mean", "square"}}, {optim.LARS{}, []string{"momentum"}},
		{optim.RMSProp{}, []string{"momentum", "square"}}, {optim.RMSProp{Centered: true}, []string{"momentum", "square", "mean"}},
		{optim.RMSProp{TensorFlow: true, Centered: true}, []string{"momentum", "square", "mean"}},
	} {
		if got := c.optimizer.Slots(); !slices.Equal(got, c.want) {
			t.Errorf("%+v keeps %v, want %v", c.optimizer, got, c.want)
		}
	}
}

// Two steps at the rate 1 with the gradients 2 and −4 from the weight 3, a factor of a half everywhere: what the slots
// then hold, computed by hand. Decay adds half of the weight to the gradient of the first step, 2 + 1.5.
func TestSlotsHoldWhatTheirNamesSay(t *testing.T) {
	const far = 1e12 // ε, beside which nothing counts: the weight stays
	for _, c := range []struct {
		optimizer plan.Optimizer
		decay     float64
		want      [][]float64 // after either step
	}{
		{optim.SGD{Momentum: 0.5}, 0, [][]float64{{2}, {-3}}},
		{optim.SGD{Momentum: 0.5, Dampening: 0.5}, 0, [][]float64{{2}, {-1}}},
		{optim.LARS{Momentum: 0.5, Trust: 9}, 0, [][]float64{{2}, {-3}}}, // of one axis, so without its own rate
		{optim.Adam{Beta1: 0.5, Beta2: 0.25, Epsilon: far}, 0, [][]float64{{1, 3}, {-1.5, 12.75}}},
		{optim.Adam{Beta1: 0.5, Beta2: 0.25, Epsilon: far}, 0.5, [][]float64{{1.75, 9.1875}, {-0.375, 6.984375}}},
		{optim.LAMB{Beta1: 0.5, Beta2: 0.25, Epsilon: far}, 0, [][]float64{{1, 3}, {-1.5, 12.75}}},
		{optim.RMSProp{Alpha: 0.25, Epsilon: far}, 0, [][]float64{{0, 3}, {0, 12.75}}},
		{optim.RMSProp{Alpha: 0.25, Epsilon: far, Centered: true}, 0, [][]float64{{0, 3, 1.5}, {0, 12.75, -2.625}}},
		{optim.RMSProp{Alpha: 0.25, Epsilon: far * far, TensorFlow: true}, 0, [][]float64{{0, 3.25}, {0, 12.8125}}},
	} {
		w, slots := buffer([]float64{3}, true), []op.Buffer{}
		for range c.optimizer.Slots() {
			slots = append(slots, op.Allocate(op.Shape{1}, true))
		}
		for step, g := range []float64{2, -4} {
			c.optimizer.Apply(w, buffer([]float64{g}, true), slots, plan.At{Rate: 1, Decay: c.decay, Step: step})
			for i, s := range slots {
				if !near(s.F64[0], c.want[step][i], 1e-9) {
					t.Errorf("%+v, decay %v: slot %s after step %d is %v, want %v", c.optimizer, c.decay, c.optimizer.Slots()[i], step,
						s.F64[0], c.want[step][i])
				}
			}
		}
	}
}

// The rates of LARS and LAMB follow the norms of a matrix. Where a norm is 0, or the parameter is a vector, they are
// the learning rate itself. The numbers are computed by hand.
func TestRatesByNorms(t *testing.T) {
	lars, lamb := optim.LARS{Trust: 0.5}, optim.LAMB{Beta1: 0, Beta2: 0, Epsilon: 0}
	for _, c := range []struct {
		name      string
		optimizer plan.Optimizer
		shape     op.Shape
		w, g      []float64
		decay     float64
		want      []float64
	}{
		{"lars", lars, op.Shape{1, 2}, []float64{3, 4}, []float64{0, 2}, 0, []float64{3, 1.5}},                // λ = 0.5·5/2
		{"lars with decay", lars, op.Shape{1, 2}, []float64{3, 4}, []float64{0, 2}, 0.1, []float64{2.7, 1.6}}, // λ = 2.5/2.5
		{"lars of a vector", lars, op.Shape{2}, []float64{3, 4}, []float64{0, 2}, 0, []float64{3, 2}},
		{"lars of weights 0", lars, op.Shape{1, 2}, []float64{0, 0}, []float64{0, 2}, 0, []float64{0, -2}},
		{"lars of gradients 0", lars, op.Shape{1, 2}, []float64{3, 4}, []float64{0, 0}, 0.1, []float64{2.7, 3.6}},
		{"lars of small norms", lars, op.Shape{1, 2}, []float64{0.3, 0.4}, []float64{0, 0.2}, 0, []float64{0.3, 0.15}},
		{"lamb", lamb, op.Shape{1, 2}, []float64{3, 4}, []float64{2, -2}, 0, // u = (1, −1)
			[]float64{3 - 5/math.Sqrt2, 4 + 5/math.Sqrt2}},
		{"lamb of a vector", lamb, op.Shape{2}, []float64{3, 4}, []float64{2, -2}, 0, []float64{2, 5}},
		{"lamb of weights 0", lamb, op.Shape{1, 2}, []float64{0, 0}, []float64{2, -2}, 0, []float64{-1, 1}},
		{"lamb of small norms", optim.LAMB{Epsilon: 2}, op.Shape{1, 1}, []float64{0.25}, []float64{2}, 0, []float64{0}}, // u = 0.5
		{"lamb of steps 0", optim.LAMB{Epsilon: 1}, op.Shape{1, 2}, []float64{3, 4}, []float64{0, 0}, 0, []float64{3, 4}},
	} {
		for _, double := range []bool{false, true} {
			w, slots := buffer(c.w, double), []op.Buffer{}
			w.Shape = c.shape
			for range c.optimizer.Slots() {
				slots = append(slots, op.Allocate(c.shape, double))
			}
			c.optimizer.Apply(w, buffer(c.g, double), slots, plan.At{Rate: 1, Decay: c.decay})
			for i, want := range c.want {
				if got := numbers(w)[i]; !near(got, want, 1e-6) {
					t.Errorf("%s, float64 %v: weight %d is %v, want %v", c.name, double, i, got, want)
				}
			}
		}
	}
}

// A schedule at its edges, computed by hand.
func TestSchedulesAtTheirEdges(t *testing.T) {
	for _, c := range []struct {
		name   string
		given  map[string]any
		length optim.Length
		want   map[float64]float64 // epoch → factor
	}{
		{"one_cycle", map[string]any{"linear": true, "pct_start": 0.5, "div_factor": 4.0, "final_div_factor": 5.0}, optim.Length{Epochs: 8},
			map[float64]float64{0: 0.25, 2: 0.625, 4: 1, 6: 0.525, 8: 0.05, 9: 0.05}},
		{"one_cycle", map[string]any{"linear": true, "pct_start": 0.5, "div_factor": 4.0, "final_div_factor": 5.0},
			optim.Length{Epochs: 8, Update: 2}, map[float64]float64{0: 0.25, 1: 0.625, 2: 1, 4: 0.525, 6: 0.05, 8: 0.05}},
		// A run of one update has no second phase, and one that begins at its turn has no first.
		{"one_cycle", nil, optim.Length{Epochs: 1, Update: 1}, map[float64]float64{0: 1, 1: 1}},
		{"one_cycle", map[string]any{"linear": true, "pct_start": 0.1, "div_factor": 4.0, "final_div_factor": 5.0},
			optim.Length{Epochs: 4, Update: 1}, map[float64]float64{0: 1, 1.5: 0.525, 3: 0.05}},
		{"restarts", map[string]any{"period": 2.0, "growth": 2.0}, optim.Length{Epochs: 14},
			map[float64]float64{0: 1, 1: 0.5, 2: 1, 4: 0.5, 6: 1, 10: 0.5, 14: 1}},
		{"restarts", map[string]any{"period": 4.0, "floor": 0.2}, optim.Length{Epochs: 8}, map[float64]float64{0: 1, 2: 0.6, 4: 1, 6: 0.6}},
		{"polynomial", map[string]any{"power": 2.0, "floor": 0.2}, optim.Length{Epochs: 8}, map[float64]float64{0: 1, 4: 0.4, 8: 0.2, 9: 0.2}},
		{"cosine", map[string]any{"floor": 0.2, "warmup_epochs": 2.0}, optim.Length{Epochs: 10},
			map[float64]float64{0: 0, 1: 0.5, 2: 1, 6: 0.6, 10: 0.2, 11: 0.2}},
		{"step", map[string]any{"milestones": []float64{4, 6}, "gamma": 0.5, "warmup_epochs": 2.0}, optim.Length{Epochs: 8},
			map[float64]float64{0: 0, 1: 0.5, 2: 1, 3.9: 1, 4: 0.5, 5.9: 0.5, 6: 0.25}},
		{"exponential", map[string]any{"gamma": 0.25, "period": 2.0}, optim.Length{Epochs: 8},
			map[float64]float64{0: 1, 1: 0.5, 2: 0.25, 4: 0.0625}},
	} {
		f := rates(t, c.name, c.given, c.length)
		for epoch, want := range c.want {
			if got := f(epoch); !near(got, want, 1e-12) {
				t.Errorf("%s with %v over %+v: factor %v at epoch %v, want %v", c.name, c.given, c.length, got, epoch, want)
			}
		}
	}
	s := schedule(t, "one_cycle")
	given := s.Resolve(map[string]any{"linear": true, "pct_start": 0.5, "base_momentum": 0.5})
	for epoch, want := range map[float64]float64{0: 0.9, 2: 0.7, 4: 0.5, 6: 0.7, 8: 0.9, 9: 0.9} {
		if got := s.Momenta(given, optim.Length{Epochs: 8}, 0.9)(epoch); !near(got, want, 1e-12) {
			t.Errorf("momentum %v at epoch %v, want %v", got, epoch, want)
		}
	}
}
