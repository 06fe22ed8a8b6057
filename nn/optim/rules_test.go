package optim_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// ruled is eight steps of an optimizer on a matrix of 2×3 and a vector of 3, as PyTorch makes them or, for what it does not
// have, testdata/algorithms.py. Settings are in PyTorch's spelling.
type ruled struct {
	Name     string
	Settings struct {
		Momentum, Dampening, Alpha, Eps, Trust float64
		Betas                                  []float64
		Centered                               bool
	}
	Decay              float64
	Double             bool
	Start, Rates       []float64
	Gradients, Weights [][]float64
}

func (c ruled) rule(t *testing.T) plan.Optimizer {
	t.Helper()
	o, err := optim.Lookup(c.Name)
	if err != nil {
		t.Fatal(err)
	}
	s := optim.Settings{Momentum: c.Settings.Momentum, Dampening: c.Settings.Dampening, Beta2: c.Settings.Alpha,
		Epsilon: c.Settings.Eps, Trust: c.Settings.Trust, Centered: c.Settings.Centered}
	if c.Settings.Betas != nil {
		s.Momentum, s.Beta2 = c.Settings.Betas[0], c.Settings.Betas[1]
	}
	return o.Rule(s)
}

// parts cuts the nine numbers of a recording into the matrix and the vector.
func parts(v []float64, double bool) []op.Buffer {
	matrix, vector := buffer(v[:6], double), buffer(v[6:], double)
	matrix.Shape = op.Shape{2, 3}
	return []op.Buffer{matrix, vector}
}

func TestRulesFollowTheirSources(t *testing.T) {
	for _, c := range recorded(t).Rules {
		t.Run(fmt.Sprintf("%s %+v, decay %v, float64 %v", c.Name, c.Settings, c.Decay, c.Double), func(t *testing.T) {
			tolerance := 1e-13
			if !c.Double {
				tolerance = 4e-6
			}
			rule, ws := c.rule(t), parts(c.Start, c.Double)
			slots := make([][]op.Buffer, len(ws))
			for i, w := range ws {
				for range rule.Slots() {
					slots[i] = append(slots[i], op.Allocate(w.Shape, c.Double))
				}
			}
			for step, rate := range c.Rates {
				for i, g := range parts(c.Gradients[step], c.Double) {
					before := numbers(g)
					rule.Apply(ws[i], g, slots[i], plan.At{Rate: rate, Decay: c.Decay, Step: step})
					if !slices.Equal(numbers(g), before) {
						t.Error("the gradient was changed")
					}
				}
				compare(t, fmt.Sprintf("step %d", step), append(numbers(ws[0]), numbers(ws[1])...), c.Weights[step], tolerance)
			}
		})
	}
}

// Every registered optimizer is recorded, has a source and makes rules of its own name.
func TestTheRegistryIsRecorded(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range recorded(t).Rules {
		seen[c.Name] = true
	}
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil || o.Source == "" || !seen[name] {
			t.Errorf("%s: error %v, source %q, recorded %v", name, err, o.Source, seen[name])
		}
		rule := o.Rule(optim.Settings{Momentum: 0.9})
		if rule.Name() != name || len(rule.Slots()) == 0 {
			t.Errorf("%s makes the rule %s with slots %v", name, rule.Name(), rule.Slots())
		}
		if got := rule.WithMomentum(0.5); got == rule || got.WithMomentum(0.9) != rule {
			t.Errorf("%s with momentum 0.5 is %+v, with 0.9 again %+v", name, got, got.WithMomentum(0.9))
		}
	}
}

// What an optimizer does not use changes nothing of its rule, what it uses does.
func TestOptimizersUseWhatTheySay(t *testing.T) {
	changes := map[string]func(*optim.Settings){
		"dampening": func(s *optim.Settings) { s.Dampening = 0.1 },
		"nesterov":  func(s *optim.Settings) { s.Nesterov = true },
		"beta2":     func(s *optim.Settings) { s.Beta2 = 0.5 },
		"epsilon":   func(s *optim.Settings) { s.Epsilon = 0.5 },
		"trust":     func(s *optim.Settings) { s.Trust = 0.5 },
		"centered":  func(s *optim.Settings) { s.Centered = true },
	}
	for setting, change := range changes {
		for _, name := range optim.Names() {
			o, err := optim.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			plain := optim.Settings{Momentum: 0.9}
			other := plain
			change(&other)
			if changed, uses := o.Rule(plain) != o.Rule(other), slices.Contains(optim.UsedBy(setting), name); changed != uses {
				t.Errorf("%s changes %s: %v, want %v", setting, name, changed, uses)
			}
		}
	}
}

func TestUnknownOptimizer(t *testing.T) {
	if _, err := optim.Lookup("adma"); err == nil || !strings.HasPrefix(err.Error(), `unknown optimizer "adma": did you mean adam`) {
		t.Errorf("got error %v", err)
	}
}

func TestClippingFollowsPyTorch(t *testing.T) {
	for _, c := range recorded(t).Clips {
		sum := 0.0
		for _, x := range c.Before {
			sum += x * x
		}
		factor := plan.Gradients{ClipNorm: c.Norm}.ClipFactor(math.Sqrt(sum))
		for i, x := range c.Before {
			if !near(factor*x, c.After[i], 1e-14) {
				t.Errorf("norm at most %v: [%d] is %v, PyTorch has %v", c.Norm, i, factor*x, c.After[i])
			}
		}
	}
}
