//go:build !noonednn

package onednn_test

import (
	"fmt"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/onednn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// Equal gradients make equal weights, bit for bit, whatever the number of threads, because norms are summed by chunks
// in one order. The test trains on a loss alone, whose gradients do not depend on the threads.
func TestUpdatesDoNotDependOnThreads(t *testing.T) {
	for _, name := range optim.Names() {
		for _, clip := range []float64{0, 0.001} {
			t.Run(fmt.Sprintf("%s, norm clipped at %v", name, clip), func(t *testing.T) {
				want := updated(t, name, clip, 1)
				for _, threads := range []int{2, 3} {
					if got := updated(t, name, clip, threads); !slices.Equal(got, want) {
						t.Errorf("with %d threads other weights", threads)
					}
				}
			})
		}
	}
}

// updated returns a matrix of five chunks, and its average, after three updates.
func updated(t *testing.T, name string, clip float64, threads int) []float32 {
	t.Helper()
	b := nn.NewBuilder(nn.Train, false)
	shape := op.Shape{100, 700}
	x := b.Param("matrix", shape, nn.Weight, nn.Init{Normal: 1})
	loss := b.CrossEntropy(x, b.Labels("label", shape[0]), 0.1)
	o, err := optim.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.LowerTraining(b, nil, plan.Training{Loss: loss, Optimizer: o.New(o.Resolve(nil)),
		Decay: func(*nn.Param) float64 { return 0.01 }, Gradients: plan.Gradients{ClipNorm: clip}, Averaging: plan.Averaging{Decay: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	m := onednn.Backend{Threads: threads}.NewMemory()
	defer m.Close()
	exe, err := onednn.Backend{Threads: threads}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	start := make([]float32, shape.Size())
	for i := range start {
		start[i] = rng.Uniform(1, uint64(i)) - 0.5
	}
	if err := m.Write("matrix", start); err != nil {
		t.Fatal(err)
	}
	exe.Floats("lr")[0] = 0.1
	for step := range 3 {
		exe.Ints("step")[0] = int32(step)
		if err := exe.RunAll(); err != nil {
			t.Fatal(err)
		}
	}
	both := make([]float32, 2*shape.Size())
	for i, state := range []string{"matrix", plan.AverageName("matrix")} {
		if err := m.Read(state, both[i*shape.Size():(i+1)*shape.Size()]); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Equal(both[:shape.Size()], start) {
		t.Error("the matrix has not moved")
	}
	return both
}
