package nntest

import (
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// memory checks that states come back as they were written, and that wrong names and lengths are errors.
func memory(t *testing.T, backend plan.Backend) {
	n := whole("", op.Shape{2, 3, 6, 6}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.In("fc").Linear(b.GlobalAvgPool(b.In("conv").Conv(x, 20, 3, 1)), 10)
	})
	m := backend.NewMemory()
	b, exe := compile(t, backend, m, n, nn.Train, false)
	defer m.Close()
	defer exe.Close()
	for _, p := range b.Params() {
		if s, ok := m.Shape(p.Path); !ok || !s.Equal(p.Shape) {
			t.Errorf("%s is %v in memory (there: %v), want %v", p.Path, s, ok, p.Shape)
		}
		want := make([]float32, p.Shape.Size())
		for i := range want {
			want[i] = float32(i) + 0.5
		}
		if err := m.Write(p.Path, want); err != nil {
			t.Fatal(err)
		}
		got := make([]float32, len(want))
		if err := m.Read(p.Path, got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: read %v after writing %v, error %v", p.Path, got, want, err)
		}
	}
	if _, ok := m.Shape("conv.wait"); ok {
		t.Error(`the memory has a shape for "conv.wait"`)
	}
	for want, err := range map[string]error{
		`"conv.wait"`: m.Read("conv.wait", make([]float32, 3)),
		`"conv.bias"`: m.Write("conv.bias", make([]float32, 3)),
		"fc.bias is (10) with 10 elements, got 3": m.Write("fc.bias", make([]float32, 3)),
		"with 10 elements, got 11":                m.Read("fc.bias", make([]float32, 11)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %s", err, want)
		}
	}
	if exe.Floats("nothing") != nil || exe.Ints("nothing") != nil || exe.Output("nothing") != nil {
		t.Error("names that the program does not have give memory")
	}
}
