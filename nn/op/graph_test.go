package op_test

import (
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

func leaf(t *testing.T, g *op.Graph, name string, shape ...int) *G.Node {
	t.Helper()
	n, err := g.Leaf(name, shape)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func apply(t *testing.T, g *op.Graph, s op.Spec, in ...*G.Node) *G.Node {
	t.Helper()
	n, err := g.Apply(s, in...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEqualLayersOnEqualInputsStayTwoNodes(t *testing.T) {
	g := op.NewGraph(false)
	x := leaf(t, g, "x", 2, 3)
	a, b := apply(t, g, op.ReLU{}, x), apply(t, g, op.ReLU{}, x)
	if a == b {
		t.Fatal("two layers were merged")
	}
	sum := apply(t, g, op.Sum{N: 2}, a, b)
	if c := op.Children(sum); len(c) != 2 || c[0] != a || c[1] != b {
		t.Errorf("the sum's operands are %v, want %v and %v", c, a, b)
	}
	if c := op.Children(apply(t, g, op.Sum{N: 2}, a, a)); len(c) != 2 || c[0] != a || c[1] != a {
		t.Errorf("operands are %v, want %v twice", c, a)
	}
}

// The graph copies the list of operands, because gorgonia would keep the caller's.
func TestApplyCopiesItsOperands(t *testing.T) {
	g := op.NewGraph(false)
	x, y := leaf(t, g, "x", 2, 3), leaf(t, g, "y", 2, 3)
	in := []*G.Node{x, y}
	sum := apply(t, g, op.Sum{N: 2}, in...)
	in[0] = y
	if c := op.Children(sum); c[0] != x {
		t.Errorf("the first operand became %v, want x", c[0])
	}
}

func TestLeavesAreDistinct(t *testing.T) {
	g := op.NewGraph(false)
	x := leaf(t, g, "x", 2, 3)
	if y := leaf(t, g, "y", 2, 3); x == y {
		t.Error("two leaves of one shape were merged")
	}
	tests := []struct {
		add  func() error
		want string
	}{
		{func() error { _, err := g.Leaf("x", op.Shape{2, 3}); return err }, `"x" is empty or taken`},
		{func() error { _, err := g.Leaf("x", op.Shape{5}); return err }, `"x" is empty or taken`},
		{func() error { _, err := g.IntLeaf("x", 4); return err }, `"x" is empty or taken`},
		{func() error { _, err := g.Leaf("", op.Shape{2, 3}); return err }, "is empty or taken"},
		{func() error { _, err := g.Leaf("z", op.Shape{2, 0}); return err }, "z: shape (2, 0)"},
		{func() error { _, err := g.Leaf("z", nil); return err }, "z: shape ()"},
	}
	for _, c := range tests {
		if err := c.add(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}

func TestReachableListsOperandsFirst(t *testing.T) {
	g := op.NewGraph(false)
	x, unused := leaf(t, g, "x", 2, 3), leaf(t, g, "unused", 2, 3)
	a := apply(t, g, op.ReLU{}, x)
	apply(t, g, op.ReLU{}, unused)
	b := apply(t, g, op.Sum{N: 2}, a, x)
	got := op.Reachable([]*G.Node{b, a})
	if len(got) != 3 || got[0] != x || got[1] != a || got[2] != b {
		t.Errorf("reachable from the sum: %v, want x, relu, sum", got)
	}
}

func TestSecondDerivativesAreRefused(t *testing.T) {
	g := op.NewGraph(true)
	x, y := leaf(t, g, "x", 2, 3), leaf(t, g, "y", 2, 3)
	bwd := apply(t, g, op.ReLUBwd{}, x, y)
	if _, err := (op.ReLUBwd{}).Gradient(g, []*G.Node{x, y}, bwd, x); err == nil || !strings.Contains(err.Error(), "second derivatives") {
		t.Errorf("got error %v, want one about second derivatives", err)
	}
}
