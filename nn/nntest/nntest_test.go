package nntest

import (
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// flawed is the reference executor with a mistake in every program.
type flawed struct {
	plan.Reference
	mistake func(*plan.Program)
}

func (f flawed) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	if !p.Double {
		f.mistake(p)
	}
	return f.Reference.Compile(p, m)
}

// steps changes the operators of one type.
func steps[S op.Spec](change func(S) S) func(*plan.Program) {
	return func(p *plan.Program) {
		for _, s := range p.Steps {
			if spec, ok := s.Spec.(S); ok {
				s.Spec = change(spec)
			}
		}
	}
}

func swapOperands[S op.Spec](p *plan.Program) {
	for _, s := range p.Steps {
		if _, ok := s.Spec.(S); ok && s.In[0].Shape.Equal(s.In[len(s.In)-1].Shape) {
			s.In[0], s.In[len(s.In)-1] = s.In[len(s.In)-1], s.In[0]
		}
	}
}

func swapEnds(w op.Window) op.Window {
	w.Begin, w.End = w.End, w.Begin
	return w
}

// A suite that cannot fail is worth nothing: each of these likely mistakes of a backend must be found.
func TestTheSuiteFindsMistakes(t *testing.T) {
	tests := map[string]func(*plan.Program){
		"convolution with begin and end padding exchanged": steps(func(c op.Conv) op.Conv { c.Window = swapEnds(c.Window); return c }),
		"gradient of weights with padding exchanged": steps(func(c op.ConvBwdWeights) op.ConvBwdWeights {
			c.Window = swapEnds(c.Window)
			return c
		}),
		"max pooling with padding exchanged":      steps(func(p op.MaxPool) op.MaxPool { p.Window = swapEnds(p.Window); return p }),
		"average pooling counts padding":          steps(func(p op.AvgPool) op.AvgPool { p.CountPad = true; return p }),
		"average pooling backward counts padding": steps(func(p op.AvgPoolBwd) op.AvgPoolBwd { p.CountPad = true; return p }),
		"another epsilon in training":             steps(func(b op.BNApply) op.BNApply { b.Epsilon = 1e-4; return b }),
		"another epsilon in inference":            steps(func(b op.BNInfer) op.BNInfer { b.Epsilon = 1e-4; return b }),
		"running variance is biased":              steps(func(b op.BNRunning) op.BNRunning { b.Count = 1; return b }),
		"running momentum":                        steps(func(b op.BNRunning) op.BNRunning { b.Momentum = 0.11; return b }),
		"scale and shift exchanged":               steps(func(r op.Row) op.Row { r.Index = 1 - r.Index; return r }),
		"dropout draws another mask":              steps(func(d op.Dropout) op.Dropout { d.Stream++; return d }),
		"no label smoothing":                      steps(func(e op.CrossEntropyBwd) op.CrossEntropyBwd { e.Smoothing = 0; return e }),
		"loss without smoothing":                  steps(func(e op.CrossEntropy) op.CrossEntropy { e.Smoothing = 0; return e }),
		"concat in another order":                 swapOperands[op.Concat],
		"no weight decay": func(p *plan.Program) {
			for i := range p.Moves {
				p.Moves[i].Decay = 0
			}
		},
		"no Nesterov": func(p *plan.Program) {
			if p.Optimizer != nil {
				p.Optimizer = optim.SGD{Momentum: 0.9}
			}
		},
		"running statistics stay": func(p *plan.Program) { p.Assigns = nil },
	}
	find(t, append(layers(), networks()...), tests)
}

// find checks that each mistake shows in one of the cases.
func find(t *testing.T, cases []network, tests map[string]func(*plan.Program)) {
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

// The reference executor in float32 passes with a fifth of the tolerance, so the tolerance measures the backend.
func TestToleranceLeavesRoom(t *testing.T) {
	for _, n := range slices.Concat(layers(), operators(), losses(), networks()) {
		n.tolerance /= 5
		for _, err := range differences(t, plan.Reference{}, n, run(t, plan.Reference{}, n, true)) {
			t.Errorf("%s: %v", n.name, err)
		}
	}
}

// The layers of random graphs must depend on nothing but their seed.
func TestRandomGraphsAreFixed(t *testing.T) {
	for i, n := range randoms() {
		a, b := nn.NewBuilder(nn.Train, false), nn.NewBuilder(nn.Train, false)
		n.build(a, a.Input("image", n.image...))
		randoms()[i].build(b, b.Input("image", n.image...))
		if err := a.Err(); err != nil {
			t.Errorf("%s: %v", n.name, err)
		}
		x, y := a.Summary().Layers, b.Summary().Layers
		if len(x) != len(y) {
			t.Errorf("%s: %d layers, then %d", n.name, len(x), len(y))
		}
		for k := range x {
			if x[k].Kind != y[k].Kind || !x[k].Out.Equal(y[k].Out) {
				t.Errorf("%s: layer %d is %+v, then %+v", n.name, k, x[k], y[k])
			}
		}
	}
}
