package op_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"workbench/nn/op"
)

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		s    op.Shape
		size int
		text string
	}{{nil, 1, "()"}, {op.Shape{}, 1, "()"}, {op.Shape{3}, 3, "(3)"}, {op.Shape{2, 3, 4}, 24, "(2, 3, 4)"}, {op.Shape{2, 0}, 0, "(2, 0)"}} {
		if c.s.Size() != c.size || c.s.String() != c.text || !c.s.Equal(slices.Clone(c.s)) {
			t.Errorf("%#v has %d elements and is %s, want %d and %s", c.s, c.s.Size(), c.s, c.size, c.text)
		}
	}
	for _, c := range [][2]op.Shape{{{2}, {3}}, {{2}, {2, 1}}, {{2, 1}, {2}}, {{2, 3}, {2, 4}}, {{}, {1}}} {
		if c[0].Equal(c[1]) {
			t.Errorf("%v equals %v", c[0], c[1])
		}
	}
}

// Values of gorgonia are seen as buffers of their own memory.
func TestFromValue(t *testing.T) {
	single, double, whole := []float32{1, 2}, []float64{3, 4}, []int32{5, 6}
	matrix := tensor.WithShape(1, 2)
	for _, c := range []struct {
		value G.Value
		want  string
	}{
		{tensor.New(matrix, tensor.WithBacking(single)), "{(1, 2) [1 2] [] []} <nil>"},
		{tensor.New(matrix, tensor.WithBacking(double)), "{(1, 2) [] [3 4] []} <nil>"},
		{tensor.New(matrix, tensor.WithBacking(whole)), "{(1, 2) [] [] [5 6]} <nil>"},
		{G.NewF32(7), "{() [7] [] []} <nil>"}, {G.NewF64(8), "{() [] [8] []} <nil>"},
		{G.NewI(9), "{() [] [] []} elements are int, want float32, float64 or int32"},
	} {
		b, err := op.FromValue(c.value)
		if got := fmt.Sprint(b, " ", err); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	b, err := op.FromValue(tensor.New(matrix, tensor.WithBacking(single)))
	if b.F32[0] = 10; err != nil || single[0] != 10 {
		t.Errorf("the buffer is a copy: %v, error %v", single, err)
	}
}

// An operator runs on values of gorgonia in either precision, into fresh memory of its shape.
func TestOperatorsRunOnValues(t *testing.T) {
	for _, double := range []bool{false, true} {
		g := op.NewGraph(double)
		x := leaf(t, g, "x", 2, 2)
		of := func(n *G.Node) *op.Op { return n.Op().(*op.Op) }
		relu, mean := of(apply(t, g, op.ReLU{}, x)), of(apply(t, g, op.Mean{}, x))
		value := func(values ...float64) G.Value {
			if double {
				return tensor.New(tensor.WithShape(2, 2), tensor.WithBacking(values))
			}
			var single []float32
			for _, v := range values {
				single = append(single, float32(v))
			}
			return tensor.New(tensor.WithShape(2, 2), tensor.WithBacking(single))
		}
		in := value(-1, 2, -3, 6)
		for o, want := range map[*op.Op]string{relu: "(2, 2) [0 2 0 6]", mean: "() 1"} {
			got, err := o.Do(in)
			if err != nil || fmt.Sprint(got.Shape(), " ", got.Data()) != want {
				t.Errorf("float64 %v: %s gives %v %v, want %s, error %v", double, o, got.Shape(), got.Data(), want, err)
			}
			if _, is := got.Data().([]float64); o == relu && is != double {
				t.Errorf("float64 %v: %s gives %T", double, o, got.Data())
			}
			if s, err := o.InferShape(); err != nil || fmt.Sprint(s) != map[*op.Op]string{relu: "(2, 2)", mean: "()"}[o] {
				t.Errorf("%s has the shape %v, error %v", o, s, err)
			}
		}
		if _, err := relu.Do(in, in); fmt.Sprint(err) != "relu: got 2 operands, want 1" {
			t.Errorf("got error %v", err)
		}
		if _, err := relu.Do(G.NewI(3)); fmt.Sprint(err) != "relu: operand 0: elements are int, want float32, float64 or int32" {
			t.Errorf("got error %v", err)
		}
		labels, err := g.IntLeaf("labels", 2)
		if err != nil {
			t.Fatal(err)
		}
		hot := apply(t, g, op.OneHot{Classes: 3}, labels)
		if want := map[bool]tensor.Dtype{false: G.Float32, true: G.Float64}[double]; hot.Dtype() != want || x.Dtype() != want {
			t.Errorf("float64 %v: one-hot is %v, a leaf %v, want %v", double, hot.Dtype(), x.Dtype(), want)
		}
	}
}

// Operators never look alike to gorgonia, nor do they touch their operands.
func TestOperatorsAreTheirOwn(t *testing.T) {
	g := op.NewGraph(false)
	x := leaf(t, g, "x", 2, 2)
	hashes, codes := map[uint32]bool{}, map[uint32]bool{}
	for range 100 {
		o := apply(t, g, op.ReLU{}, x).Op().(*op.Op)
		h := fnv.New32a()
		o.WriteHash(h)
		hashes[h.Sum32()], codes[o.Hashcode()] = true, true
		if o.Arity() != 1 || !o.ReturnsPtr() || o.CallsExtern() || o.OverwritesInput() != -1 || o.String() != "relu" ||
			!slices.Equal(o.DiffWRT(1), []bool{true}) {
			t.Fatalf("%+v is another kind of operator", o)
		}
	}
	if len(hashes) != 100 || len(codes) != 100 {
		t.Errorf("100 operators have %d hashes and %d codes", len(hashes), len(codes))
	}
}

// odd is an operator whose gradients are those that it is told to give.
type odd struct {
	op.ReLU
	wants     [2]bool
	gradients func(g *op.Graph, in []*G.Node, dy *G.Node) ([]*G.Node, error)
}

func (odd) Name() string                          { return "odd" }
func (o odd) Wants() []bool                       { return o.wants[:] }
func (odd) Infer(in []op.Shape) (op.Shape, error) { return in[0], nil }
func (o odd) Gradient(g *op.Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	return o.gradients(g, in, dy)
}

// What an operator says of its gradients is checked when a graph is differentiated.
func TestGradientsThatAreWrong(t *testing.T) {
	for want, o := range map[string]odd{
		"odd: no": {wants: [2]bool{true, true},
			gradients: func(*op.Graph, []*G.Node, *G.Node) ([]*G.Node, error) { return nil, errors.New("no") }},
		"odd: gradient of operand 1: got one: false, want one: true": {wants: [2]bool{true, true},
			gradients: func(_ *op.Graph, _ []*G.Node, dy *G.Node) ([]*G.Node, error) { return []*G.Node{dy, nil}, nil }},
		"odd: gradient of operand 0: got one: true, want one: false": {wants: [2]bool{false, true},
			gradients: func(_ *op.Graph, _ []*G.Node, dy *G.Node) ([]*G.Node, error) { return []*G.Node{dy, dy}, nil }},
		"odd: gradient of operand 1 is (2, 3), want (3, 2)": {wants: [2]bool{true, true},
			gradients: func(_ *op.Graph, _ []*G.Node, dy *G.Node) ([]*G.Node, error) { return []*G.Node{dy, dy}, nil }},
	} {
		g := op.NewGraph(false)
		x, y := leaf(t, g, "x", 2, 3), leaf(t, g, "y", 3, 2)
		z := apply(t, g, o, x, y).Op().(*op.Op)
		if _, err := z.SymDiff(G.Nodes{x, y}, x, x); fmt.Sprint(err) != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	g := op.NewGraph(false)
	x := leaf(t, g, "x", 2, 3)
	if _, err := g.Gradients(x, []*G.Node{x}); err == nil {
		t.Error("a matrix is differentiated")
	}
	if op.Children(x) == nil && len(op.Reachable([]*G.Node{x, x})) != 1 {
		t.Error("a leaf is reached twice")
	}
}
