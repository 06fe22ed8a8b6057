package nntest

import (
	"strings"
	"testing"

	"workbench/nn/optim"
	"workbench/nn/plan"
)

// rule changes the rules of one kind.
func rule[R plan.Rule](change func(R) R) func(*plan.Program) {
	return func(p *plan.Program) {
		if r, ok := p.Rule.(R); ok {
			p.Rule = change(r)
		}
	}
}

// A mistake in an optimizer's kernel, or in what happens around it, must be found.
func TestTheSuiteFindsMistakesOfRules(t *testing.T) {
	tests := map[string]func(*plan.Program){
		"no dampening":           rule(func(r optim.SGD) optim.SGD { r.Dampening = 0; return r }),
		"decay of AdamW as Adam": rule(func(r optim.Adam) optim.Adam { r.Decoupled = false; return r }),
		"another β₂":             rule(func(r optim.Adam) optim.Adam { r.Beta2 = 0.951; return r }),
		"another ε":              rule(func(r optim.LAMB) optim.LAMB { r.Epsilon = 2e-3; return r }),
		"ε outside the root":     rule(func(r optim.RMSProp) optim.RMSProp { r.TensorFlow = false; return r }),
		"not centered":           rule(func(r optim.RMSProp) optim.RMSProp { r.Centered = false; return r }),
		"another trust":          rule(func(r optim.LARS) optim.LARS { r.Trust *= 1.01; return r }),
		"gradients are not clipped": func(p *plan.Program) {
			p.Gradients.ClipNorm = 0
		},
		"values are not clipped":     func(p *plan.Program) { p.Gradients.ClipValue = 0 },
		"a part is left out":         func(p *plan.Program) { p.Gradients.Parts = min(p.Gradients.Parts, 2) },
		"averages do not warm up":    func(p *plan.Program) { p.Averaging.Warmup = false },
		"averages stay":              func(p *plan.Program) { p.Averages = nil },
		"the momentum is the rule's": func(p *plan.Program) { p.Momentum = nil },
		"one rate for all":           scales(1),
		"the step is not counted": func(p *plan.Program) {
			if p.Turn != nil {
				p.Turn = p.NewValue(plan.Input, "unwritten", p.Turn.Shape)
				p.Turn.Ints = true
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
	cases := rules()
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

// The reference executor in float32 is far within the tolerance.
func TestToleranceOfRulesLeavesRoom(t *testing.T) {
	for _, n := range rules() {
		n.tolerance /= 5
		for _, err := range differences(t, plan.Reference{}, n, run(t, plan.Reference{}, n, true)) {
			t.Errorf("%s: %v", n.name, err)
		}
	}
}
