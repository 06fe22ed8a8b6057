package onnx

import (
	"errors"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// operators traces a network and returns its operators in their order.
func operators(t *testing.T, build Build) []string {
	t.Helper()
	g, err := Trace(build, [3]int{4, 2, 2})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range g.nodes {
		names = append(names, n.operator)
	}
	return names
}

// A product that adds up over no axis is a product: ReduceSum without axes would add up everything.
func TestProductsAreAddedUpOverTheirAxes(t *testing.T) {
	product := func(shape ...int) Build {
		return func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			to := append(op.Shape{x.Shape()[0]}, shape...)
			return b.Flatten(b.Apply(op.MulReduceTo(to), x, b.Tanh(x)))
		}
	}
	if got, want := operators(t, product(4, 2, 2)), []string{"Tanh", "Mul", "Identity", "Flatten"}; !slices.Equal(got, want) {
		t.Errorf("over no axis: %v, want %v", got, want)
	}
	if got, want := operators(t, product(4, 1, 2)), []string{"Tanh", "Mul", "ReduceSum", "Flatten"}; !slices.Equal(got, want) {
		t.Errorf("over one axis: %v, want %v", got, want)
	}
}

// Padding is on the side of the image on which the network has it, be it an attribute or a node before the pooling.
// What rounding up has added below and to the right counts in no mean.
func TestPaddingIsOnItsSide(t *testing.T) {
	w := op.Window{Stride: [2]int{2, 3}, Begin: [2]int{1, 2}, End: [2]int{2, 3}, Dilation: [2]int{1, 1}}
	all := []int64{1, 2, 2, 3}
	mean := func(uncounted [2]int) op.AvgPool {
		return op.AvgPool{Window: w, KH: 4, KW: 5, CountPad: true, Uncounted: uncounted}
	}
	for _, test := range []struct {
		name     string
		spec     op.Spec
		padded   []int64 // by a node of its own; nil: there is none
		attached []int64
	}{
		{"largest", op.MaxPool{Window: w, K: 4, KW: 5}, nil, all},
		{"mean of what is there", op.AvgPool{Window: w, KH: 4, KW: 5}, nil, all},
		{"mean with padding", mean([2]int{}), nil, all},
		{"a row added", mean([2]int{1, 0}), []int64{0, 0, 1, 2, 0, 0, 1, 3}, []int64{0, 0, 1, 0}},
		{"columns added", mean([2]int{0, 2}), []int64{0, 0, 1, 2, 0, 0, 2, 1}, []int64{0, 0, 0, 2}},
	} {
		g, err := Trace(func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Flatten(b.Apply(test.spec, x)) }, [3]int{2, 7, 9})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var padded, attached []int64
		for _, n := range g.nodes {
			if n.operator == "Pad" {
				padded = g.constants[slices.IndexFunc(g.constants, func(c constant) bool { return c.name == n.in[1] })].wholes
			}
			for _, a := range n.attributes {
				if a.name == "pads" {
					attached = a.list
				}
			}
		}
		if !slices.Equal(padded, test.padded) || !slices.Equal(attached, test.attached) {
			t.Errorf("%s: padded by %v, then %v, want %v and %v", test.name, padded, attached, test.padded, test.attached)
		}
	}
}

// Constants are shared if they are equal in shape, too.
func TestConstantsAreSharedByContent(t *testing.T) {
	x := &tracer{Graph: &Graph{}, names: names{}, known: map[string]string{}}
	a, b := x.reals(op.Shape{2, 3}, make([]float32, 6)), x.reals(op.Shape{3, 2}, make([]float32, 6))
	if a == b {
		t.Error("constants of two shapes are one")
	}
	if c := x.reals(op.Shape{3, 2}, make([]float32, 6)); c != b || len(x.constants) != 2 {
		t.Errorf("equal constants are %s and %s, %d in all", b, c, len(x.constants))
	}
}

// A layer has another name than its parameters, whatever those are called.
func TestLayersAndParametersHaveNamesOfTheirOwn(t *testing.T) {
	g, err := Trace(func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = b.Mul(x, b.Param("relu_1", op.Shape{1, 4, 1, 1}, nn.Weight, nn.Init{}))
		return b.In("logits").Linear(b.Flatten(b.ReLU(x)), 3)
	}, [3]int{4, 2, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range g.problems() {
		t.Error(problem)
	}
}

// The features of a norm are axes of what it normalises, and its rows are those of whole images.
func TestRowsThatAreNoAxesHaveNoMapping(t *testing.T) {
	for _, test := range []struct {
		shape op.Shape
		rows  op.Rows
		want  []int
	}{
		{op.Shape{batch, 4, 3, 3}, op.Rows{Features: 4, Area: 9}, []int{4, 1, 1}},
		{op.Shape{batch, 4, 3, 5}, op.Rows{Features: 12, Area: 5}, []int{4, 3, 1}},
		{op.Shape{batch, 6}, op.Rows{Features: 6, Area: 1}, []int{6}},
		{op.Shape{batch, 4, 3, 3}, op.Rows{Features: 6, Area: 6}, nil},
		{op.Shape{batch, 4, 3, 3}, op.Rows{Features: 2, Area: 9}, nil},
		{op.Shape{batch, 4, 3, 3}, op.Rows{Features: 8, Area: 9}, nil},
	} {
		if got := featureAxes(test.shape, test.rows); !slices.Equal(got, test.want) {
			t.Errorf("%+v of %v: %v, want %v", test.rows, test.shape, got, test.want)
		}
	}
	norm := func(count, larger int) site {
		return site{in: []value{{shape: op.Shape{batch, 4, 3, 3}}}, larger: op.RowNorm{Rows: op.Rows{Count: larger, Features: 4, Area: 9}}}
	}
	for _, test := range []struct{ count, larger, want int }{
		{few, more, 1}, {4 * few, 4 * more, 4}, {few + 1, more, 0}, {4 * few, 3 * more, 0},
	} {
		v := op.RowNorm{Rows: op.Rows{Count: test.count, Features: 4, Area: 9}}
		if rows, err := norm(test.count, test.larger).rowsOfAnImage(v); rows != test.want && err == nil || (err == nil) != (test.want > 0) {
			t.Errorf("%d rows of %d images, %d of %d: %d, %v", test.count, few, test.larger, more, rows, err)
		}
	}
}

// limited takes so many bytes.
type limited struct{ left int }

var errFull = errors.New("full")

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// Wherever the writing stops, it is an error.
func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	g, err := Trace(func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("fc").Linear(b.Flatten(x), 10_000) }, [3]int{4, 2, 2})
	if err != nil {
		t.Fatal(err)
	}
	m := Model{Graph: g, Name: "net", Weights: func(*nn.Param, []float32) error { return nil }}
	whole := &limited{1 << 30}
	if err := m.Write(whole); err != nil {
		t.Fatal(err)
	}
	size := 1<<30 - whole.left
	for _, left := range []int{0, size / 2, size - 1} {
		if err := m.Write(&limited{left}); !errors.Is(err, errFull) {
			t.Errorf("%d of %d bytes: %v", left, size, err)
		}
	}
}
