package op_test

import (
	"math/rand/v2"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"workbench/nn/op"
)

// Tests run graphs on gorgonia's own machine with TraceExec, which keeps every node's value from being overwritten.

// weighted is the scalar loss Σ r·y that gives every element of y a gradient of its own.
type weighted struct{}

func (weighted) Name() string  { return "weighted" }
func (weighted) Wants() []bool { return []bool{true, false} }

func (weighted) Infer(in []op.Shape) (op.Shape, error) { return op.Shape{}, nil }

func (weighted) Gradient(g *op.Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	d, err := g.Apply(weightedBwd{}, in[1], dy)
	return []*G.Node{d, nil}, err
}

func (weighted) Run(c op.Call) {
	for i, y := range c.In[0].F64 {
		c.Out.F64[0] += y * c.In[1].F64[i]
	}
}

type weightedBwd struct{}

func (weightedBwd) Name() string                          { return "weighted_bwd" }
func (weightedBwd) Wants() []bool                         { return []bool{false, false} }
func (weightedBwd) Infer(in []op.Shape) (op.Shape, error) { return in[0], nil }
func (weightedBwd) Gradient(*op.Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return nil, nil
}

func (weightedBwd) Run(c op.Call) {
	for i, r := range c.In[0].F64 {
		c.Out.F64[i] = r * c.In[1].F64[0]
	}
}

// trial is a scalar function of leaves in a float64 graph.
type trial struct {
	graph  *op.Graph
	loss   *G.Node
	leaves []*G.Node // float leaves, to be differentiated
	values [][]float64
}

// newTrial gives the case's result random weights, so that the loss is a scalar (unless it is one already).
func newTrial(t *testing.T, c gradientCase, seed uint64) *trial {
	t.Helper()
	tr := &trial{graph: op.NewGraph(true)}
	r := rand.New(rand.NewPCG(seed, 1))
	var in []*G.Node
	for i, s := range c.in {
		n, err := tr.graph.Leaf(string(rune('a'+i)), s)
		if err != nil {
			t.Fatal(err)
		}
		tr.let(t, n, r)
		in = append(in, n)
	}
	if c.ints != nil {
		n, err := tr.graph.IntLeaf("ints", len(c.ints))
		if err != nil {
			t.Fatal(err)
		}
		if err := G.Let(n, tensor.New(tensor.WithShape(len(c.ints)), tensor.WithBacking(append([]int32(nil), c.ints...)))); err != nil {
			t.Fatal(err)
		}
		in = append(in, n)
	}
	y, err := c.build(tr.graph, in)
	if err != nil {
		t.Fatal(err)
	}
	moving := len(c.in) - c.fixed
	tr.leaves = in[:moving:moving]
	if tr.loss = y; len(y.Shape()) > 0 {
		weights, err := tr.graph.Leaf("weights", op.Shape(y.Shape()))
		if err != nil {
			t.Fatal(err)
		}
		tr.let(t, weights, r)
		tr.values = tr.values[:len(tr.leaves)] // the weights are constants
		if tr.loss, err = tr.graph.Apply(weighted{}, y, weights); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

func (tr *trial) let(t *testing.T, n *G.Node, r *rand.Rand) {
	t.Helper()
	v := make([]float64, op.Shape(n.Shape()).Size())
	for i := range v {
		v[i] = r.NormFloat64()
	}
	if err := G.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(v))); err != nil {
		t.Fatal(err)
	}
	tr.values = append(tr.values, v)
}

// run executes everything in the graph.
func (tr *trial) run(t *testing.T) {
	t.Helper()
	m := G.NewTapeMachine(tr.graph.Expr, G.TraceExec())
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
}

func floats(t *testing.T, n *G.Node) []float64 {
	t.Helper()
	b, err := op.FromValue(n.Value())
	if err != nil {
		t.Fatal(err)
	}
	return b.F64
}
