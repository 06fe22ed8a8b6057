//go:build !noonednn

package onednn

import (
	"math"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// pooled runs a max pooling of what a convolution leaves: alone, an image is row-major, and the library pools it.
func pooled(t *testing.T, pixel float32) (y []float32, ours bool) {
	t.Helper()
	b := nn.NewBuilder(nn.Infer, false)
	x := b.In("conv").Conv(b.Input("image", 1, 3, 6, 6), 16, 1, 1)
	p, err := plan.Lower(b, map[string]nn.Tensor{"pooled": b.MaxPool(x, 3, 1, 1)})
	if err != nil {
		t.Fatal(err)
	}
	m := Backend{Threads: 1}.NewMemory()
	t.Cleanup(func() { _ = m.Close() })
	exe, err := Backend{Threads: 1}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exe.Close() })
	weights := make([]float32, op.Shape{16, 3, 1, 1}.Size())
	for i := range weights {
		weights[i] = float32(i%7) - 3
	}
	if err := m.Write("conv.weight", weights); err != nil {
		t.Fatal(err)
	}
	exe.Floats("image")[2*6+3] = pixel
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	timings, err := exe.(plan.Profiler).Profile(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range timings {
		ours = ours || s.Implementation == ownPoolName
	}
	return exe.Output("pooled"), ours
}

// What is no number spreads to every kernel that sees it and no farther: a run that diverges is seen to.
func TestMaxPoolingKeepsWhatIsNoNumber(t *testing.T) {
	y, ours := pooled(t, float32(math.NaN()))
	if want := vectorBlock() > 0; ours != want {
		t.Fatalf("our kernel pooled: %v, want %v", ours, want)
	}
	if !ours {
		t.Skip("this processor has neither AVX2 nor AVX-512")
	}
	for i, v := range y {
		row, column := i/6%6, i%6
		if sees := row >= 1 && row <= 3 && column >= 2 && column <= 4; math.IsNaN(float64(v)) != sees {
			t.Errorf("result %d at row %d, column %d is %v", i, row, column, v)
		}
	}
}
