package nntest

import (
	"strings"
	"testing"

	"workbench/nn/optim"
	"workbench/nn/plan"
)

// change changes the optimizers of one type.
func change[O plan.Optimizer](to func(O) O) func(*plan.Program) {
	return func(p *plan.Program) {
		if o, ok := p.Optimizer.(O); ok {
			p.Optimizer = to(o)
		}
	}
}

// The suite must find a mistake in an optimizer's kernel, or in what happens around it.
func TestTheSuiteFindsMistakesOfOptimizers(t *testing.T) {
	tests := map[string]func(*plan.Program){
		"no dampening":           change(func(o optim.SGD) optim.SGD { o.Dampening = 0; return o }),
		"decay of AdamW as Adam": change(func(o optim.Adam) optim.Adam { o.Decoupled = false; return o }),
		"another β₂":             change(func(o optim.Adam) optim.Adam { o.Beta2 = 0.951; return o }),
		"another ε":              change(func(o optim.LAMB) optim.LAMB { o.Epsilon = 2e-3; return o }),
		"ε outside the root":     change(func(o optim.RMSProp) optim.RMSProp { o.TensorFlow = false; return o }),
		"not centered":           change(func(o optim.RMSProp) optim.RMSProp { o.Centered = false; return o }),
		"another trust":          change(func(o optim.LARS) optim.LARS { o.Trust *= 1.01; return o }),
		"gradients are not clipped": func(p *plan.Program) {
			p.Gradients.ClipNorm = 0
		},
		"values are not clipped":          func(p *plan.Program) { p.Gradients.ClipValue = 0 },
		"a micro-batch is left out":       func(p *plan.Program) { p.Gradients.MicroBatches = min(p.Gradients.MicroBatches, 2) },
		"averages do not warm up":         func(p *plan.Program) { p.Averaging.Warmup = false },
		"averages stay":                   func(p *plan.Program) { p.Averages = nil },
		"the momentum is the optimizer's": func(p *plan.Program) { p.Momentum = nil },
		"one rate for all":                scales(1),
		"no rates of their own": func(p *plan.Program) {
			for i := range p.Moves {
				p.Moves[i].Rate = nil
			}
		},
		"the step is not counted": func(p *plan.Program) {
			if p.UpdateCount != nil {
				p.UpdateCount = p.NewValue(plan.Input, "unwritten", p.UpdateCount.Shape)
				p.UpdateCount.Ints = true
			}
		},
		"running statistics are not averaged": func(p *plan.Program) {
			kept := p.Averages[:0]
			for _, a := range p.Averages {
				if !strings.Contains(a.State.Name, "running") {
					kept = append(kept, a)
				}
			}
			p.Averages = kept
		},
	}
	cases := optimizers()
	var wants [][]result
	for _, n := range cases {
		wants = append(wants, run(t, plan.Reference{}, n, true))
	}
	for name, mistake := range tests {
		t.Run(name, func(t *testing.T) {
			for i, n := range cases {
				if len(differences(t, flawed{mistake: mistake}, n, wants[i])) > 0 {
					return
				}
			}
			t.Error("no case of the suite differs")
		})
	}
}

func scales(to float64) func(*plan.Program) {
	return func(p *plan.Program) {
		for i := range p.Moves {
			p.Moves[i].Scale = to
		}
	}
}

// The reference executor in float32 stays far within the tolerance.
func TestToleranceOfOptimizersLeavesRoom(t *testing.T) {
	for _, n := range optimizers() {
		n.tolerance /= 5
		for _, err := range differences(t, plan.Reference{}, n, run(t, plan.Reference{}, n, true)) {
			t.Errorf("%s: %v", n.name, err)
		}
	}
}
