//go:build !noonednn

package onednn

import (
	"math"
	"testing"

	"workbench/nn"
	"workbench/nn/plan"
)

// Gradients by the weights of grouped convolutions, which the library has in five axes and in blocks, come out in the
// row-major order of their weights, as the reference computes them.
func TestGradientsOfGroupedWeightsAsOutputs(t *testing.T) {
	all := map[string][]float32{} // of the reference
	for _, backend := range []plan.Backend{plan.Reference{}, Backend{Threads: 1}} {
		b := nn.NewBuilder(nn.Train, false)
		x := b.In("stem").Conv(b.Input("image", 4, 3, 16, 16), 32, 3, 1)
		for _, l := range []struct {
			name   string
			groups int
		}{{"depthwise", 32}, {"grouped", 4}} {
			x = b.ReLU(b.In(l.name).Conv2d(x, nn.Conv2d{Out: 32, Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Groups: l.groups}))
		}
		loss := b.CrossEntropy(b.In("fc").Linear(b.GlobalAvgPool(x), 10), b.Labels("label", 4), 0)
		by := map[string]nn.Tensor{}
		for _, p := range b.Params() {
			by[p.Path] = p.Tensor()
		}
		p, err := plan.LowerGradients(b, nil, loss, by)
		if err != nil {
			t.Fatal(err)
		}
		memory := backend.NewMemory()
		defer memory.Close()
		exe, err := backend.Compile(p, memory)
		if err != nil {
			t.Fatal(err)
		}
		defer exe.Close()
		for _, p := range b.Params() {
			values := make([]float32, p.Shape.Size())
			p.Fill(values, 5)
			if err := memory.Write(p.Path, values); err != nil {
				t.Fatal(err)
			}
		}
		for i := range exe.Floats("image") {
			exe.Floats("image")[i] = float32(math.Sin(float64(i)))
		}
		if err := exe.RunAll(); err != nil {
			t.Fatal(err)
		}
		for path := range by {
			got := exe.Output(path)
			if all[path] == nil {
				all[path] = append(all[path], got...)
				continue
			}
			for i, want := range all[path] {
				if math.Abs(float64(got[i]-want)) > 1e-4*math.Abs(float64(want))+1e-5 {
					t.Fatalf("%s[%d] is %v, want %v", path, i, got[i], want)
				}
			}
		}
	}
}
