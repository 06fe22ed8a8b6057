package nn_test

import (
	"math"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

func filled(p nn.Param, seed uint64) []float32 {
	v := make([]float32, p.Shape.Size())
	p.Fill(v, seed)
	return v
}

func TestFillDependsOnSeedAndPathOnly(t *testing.T) {
	p := nn.Param{Path: "layer1.0.conv1.weight", Shape: op.Shape{4, 3, 3, 3}, Init: nn.Init{Normal: 1}}
	first := filled(p, 1)
	if !slices.Equal(first, filled(p, 1)) {
		t.Error("the same seed and path gave other numbers")
	}
	if slices.Equal(first, filled(p, 2)) {
		t.Error("another seed gave the same numbers")
	}
	other := p
	other.Path = "layer1.0.conv2.weight"
	if slices.Equal(first, filled(other, 1)) {
		t.Error("another path gave the same numbers")
	}
	longer := p
	longer.Shape = op.Shape{8, 3, 3, 3}
	if !slices.Equal(first, filled(longer, 1)[:len(first)]) {
		t.Error("another length changed the first numbers")
	}
}

// The initial weights of published runs must not change with a release.
func TestFillGolden(t *testing.T) {
	tests := []struct {
		init nn.Init
		want []float32
	}{
		{nn.Init{}, []float32{0, 0, 0}},
		{nn.Init{Constant: 1}, []float32{1, 1, 1}},
		{nn.Init{Normal: 0.5}, []float32{0.7317282, -0.966604, -0.85091585}},
		{nn.Init{Uniform: 0.5}, []float32{-0.24103342, -0.28424376, -0.2575915}},
	}
	for _, test := range tests {
		p := nn.Param{Path: "fc.weight", Shape: op.Shape{3}, Init: test.init}
		if got := filled(p, 42); !slices.Equal(got, test.want) {
			t.Errorf("%+v: got %v, want %v", test.init, got, test.want)
		}
	}
}

// Mean and deviation of 40,000 draws lie within five standard errors of what the initialisation says.
func TestInitsHaveTheirMoments(t *testing.T) {
	const n = 40000
	conv := op.Shape{100, 100, 2, 2}
	tests := []struct {
		name      string
		init      nn.Init
		deviation float64
	}{
		{"He, fan out", nn.HeFanOut(conv), math.Sqrt(2.0 / (100 * 2 * 2))},
		{"uniform, fan in", nn.FanInUniform(400), 1 / math.Sqrt(400) / math.Sqrt(3)},
	}
	for _, test := range tests {
		var sum, squares float64
		for _, v := range filled(nn.Param{Path: "w", Shape: conv, Init: test.init}, 3) {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		mean, deviation := sum/n, math.Sqrt(squares/n)
		if !(math.Abs(mean) <= 5*test.deviation/math.Sqrt(n)) || !(math.Abs(deviation/test.deviation-1) <= 5/math.Sqrt(2*n)) {
			t.Errorf("%s: mean %v and deviation %v, want 0 and %v", test.name, mean, deviation, test.deviation)
		}
	}
}

// Adding a layer must not change the initial weights of the others.
func TestAnotherLayerChangesNoStart(t *testing.T) {
	starts := func(extra bool) []float32 {
		b := nn.NewBuilder(nn.Train, false)
		x := b.Input("image", 1, 3, 4, 4)
		if extra {
			x = b.In("extra").Conv(x, 3, 3, 1)
		}
		b.In("conv").Conv(x, 4, 3, 1)
		all := b.Params()
		return filled(*all[len(all)-1], 9)
	}
	if !slices.Equal(starts(false), starts(true)) {
		t.Error("an extra layer changed the weights of conv")
	}
}
