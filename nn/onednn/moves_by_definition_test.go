//go:build !noonednn

package onednn_test

import (
	"math"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/onednn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// unknown is an optimizer under a type that no kernel is written for.
type unknown struct{ plan.Optimizer }

func (u unknown) WithMomentum(momentum float64) plan.Optimizer {
	return unknown{u.Optimizer.WithMomentum(momentum)}
}

// trainedStates are all states of a network with blocked layouts, odd widths, norms and biases after three updates.
func trainedStates(t *testing.T, how plan.Training) (map[string][]float32, plan.Executable) {
	t.Helper()
	b := nn.NewBuilder(nn.Train, false)
	x := b.Input("image", 5, 3, 4, 4)
	x = b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 20, 3, 1)))
	x = b.ReLU(b.In("conv2").Conv2d(x, nn.Conv2d{Out: 18, Kernel: [2]int{1, 1}, Groups: 2, Bias: true}))
	logits := b.In("fc").Linear(b.GlobalAvgPool(x), 10)
	how.Loss = b.CrossEntropy(logits, b.Labels("label", 5), 0)
	how.Decay = func(*nn.Param) float64 { return 0.02 }
	p, err := plan.LowerTraining(b, nil, how)
	if err != nil {
		t.Fatal(err)
	}
	m := onednn.Backend{Threads: 2}.NewMemory()
	exe, err := onednn.Backend{Threads: 2}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { exe.Close(); m.Close() })
	names := map[string]op.Shape{}
	for _, param := range b.Params() {
		names[param.Path] = param.Shape
		start := make([]float32, param.Shape.Size())
		param.Fill(start, 3)
		if err := m.Write(param.Path, start); err != nil {
			t.Fatal(err)
		}
	}
	for _, move := range p.Moves {
		for _, slot := range move.Slots {
			names[slot.Name] = slot.Shape
		}
	}
	for _, a := range p.Averages {
		names[a.Average.Name] = a.Average.Shape
	}
	train(t, exe, max(how.Gradients.MicroBatches, 1))
	states := map[string][]float32{}
	for name, shape := range names {
		states[name] = make([]float32, shape.Size())
		if err := m.Read(name, states[name]); err != nil {
			t.Fatal(err)
		}
	}
	return states, exe
}

// train makes three updates on images of chance.
func train(t *testing.T, exe plan.Executable, microBatches int) {
	t.Helper()
	for run := range 3 * microBatches {
		images := exe.Floats("image")
		for i := range images {
			images[i] = rng.Uniform(uint64(run), uint64(i)) - 0.5
		}
		for i := range exe.Ints("label") {
			exe.Ints("label")[i] = int32((i + run) % 10)
		}
		exe.Floats("lr")[0], exe.Ints("step")[0] = 0.05, int32(run/microBatches)
		if exe.Floats("momentum") != nil {
			exe.Floats("momentum")[0] = 0.8 + 0.05*float32(run)
		}
		if exe.Ints("micro_batch") != nil {
			exe.Ints("micro_batch")[0] = int32(run % microBatches)
		}
		if err := exe.RunAll(); err != nil {
			t.Fatal(err)
		}
	}
}

// An optimizer without a kernel is run by its definition, and comes to what its kernel would.
func TestOptimizersRunWithoutAKernel(t *testing.T) {
	for what, how := range map[string]plan.Training{
		"plain":              {},
		"micro-batches":      {Gradients: plan.Gradients{MicroBatches: 2}},
		"clipped norm":       {Gradients: plan.Gradients{ClipNorm: 0.01}},
		"clipped values":     {Gradients: plan.Gradients{ClipValue: 1e-3, MicroBatches: 2}},
		"averages":           {Averaging: plan.Averaging{Decay: 0.75}},
		"cycled momentum":    {CycleMomentum: true},
		"a frozen parameter": {Moves: func(p *nn.Param) bool { return p.Path != "conv1.weight" }},
	} {
		for _, o := range []plan.Optimizer{optim.SGD{Momentum: 0.9}, optim.LAMB{Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-3}} {
			t.Run(o.Name()+", "+what, func(t *testing.T) {
				how.Optimizer = o
				want, _ := trainedStates(t, how)
				how.Optimizer = unknown{o}
				got, exe := trainedStates(t, how)
				if len(got) != len(want) {
					t.Fatalf("%d states, want %d", len(got), len(want))
				}
				for name, w := range want {
					for i := range w {
						if d := math.Abs(float64(got[name][i] - w[i])); !(d <= 2e-6*max(1, math.Abs(float64(w[i])))) {
							t.Fatalf("%s [%d] is %v, the kernel has %v", name, i, got[name][i], w[i])
						}
					}
				}
				timings, err := exe.(plan.Profiler).Profile(1)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(timings, func(x plan.Timing) bool {
					return x.Name == o.Name() && x.Implementation == "go" && x.Seconds > 0
				}) {
					t.Error("the profile does not say that the optimizer runs in Go")
				}
			})
		}
	}
}

func TestEveryOptimizerHasAKernel(t *testing.T) {
	if names := (onednn.Backend{}).WithoutKernel(); len(names) > 0 {
		t.Errorf("no kernel for %v: write one, or take it from this list knowingly", names)
	}
}
