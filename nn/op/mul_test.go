package op_test

import (
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

func init() {
	gate := tensorOf(op.Shape{1, 2, 1, 1}, 10, 100)
	two := tensorOf(op.Shape{1, 2, 1, 2}, 1, 2, 3, 4)
	kernelCases = append(kernelCases, []kernelCase{
		{op.Scale{By: -2}, []operand{tensorOf(op.Shape{2}, 1, -3)}, tensorOf(op.Shape{2}, -2, 6)},
		{op.Mul{}, []operand{two, gate}, tensorOf(op.Shape{1, 2, 1, 2}, 10, 20, 300, 400)},
		{op.Mul{}, []operand{two, tensorOf(op.Shape{1, 1, 1, 2}, 10, 100)}, tensorOf(op.Shape{1, 2, 1, 2}, 10, 200, 30, 400)},
		{op.MulReduceTo(op.Shape{1, 2, 1, 1}), []operand{two, tensorOf(op.Shape{1, 2, 1, 2}, 1, 10, 100, 1000)},
			tensorOf(op.Shape{1, 2, 1, 1}, 21, 4300)},
		{op.MulReduceTo(op.Shape{2, 1}), []operand{tensorOf(op.Shape{2, 2}, 1, 2, 3, 4),
			tensorOf(op.Shape{2, 2}, 1, 10, 100, 1000)}, tensorOf(op.Shape{2, 1}, 21, 4300)},
		{op.Mean{}, []operand{two}, tensorOf(op.Shape{}, 2.5)},
		{op.MeanBwd(op.ReshapeTo(op.Shape{2, 2})), []operand{tensorOf(op.Shape{}, 2)}, tensorOf(op.Shape{2, 2}, 0.5, 0.5, 0.5, 0.5)},
		{op.StopGradient{}, []operand{tensorOf(op.Shape{2}, 1, -3)}, tensorOf(op.Shape{2}, 1, -3)},
		{op.ScaleGradient{By: 3}, []operand{tensorOf(op.Shape{2}, 1, -3)}, tensorOf(op.Shape{2}, 1, -3)},
	}...)
	shapeCases = append(shapeCases, []shapeCase{
		{op.Mul{}, []op.Shape{{2, 3, 4, 4}, {2, 3}}, []string{"mul: factor (2, 3) has 2 axes, want 4 as in (2, 3, 4, 4)"}},
		{op.Mul{}, []op.Shape{{2, 3, 4, 4}, {2, 2, 1, 1}},
			[]string{"mul: factor (2, 2, 1, 1) cannot be stretched to (2, 3, 4, 4): axis 1 has 2 elements, want 1 or 3"}},
		{op.MulReduceTo(op.Shape{2, 1}), []op.Shape{{2, 3}, {2, 4}}, []string{"mul_reduce: operand 1 is (2, 4), want (2, 3)"}},
		{op.MulReduceTo(op.Shape{1, 2}), []op.Shape{{2, 3}, {2, 3}}, []string{"mul_reduce: factor (1, 2) cannot be stretched to (2, 3)"}},
	}...)
	shapeCases = append(shapeCases, shapeCase{op.MeanBwd(op.ReshapeTo(op.Shape{2})), []op.Shape{{1}},
		[]string{"mean_bwd: gradient is (1), want ()"}})
	anyShape = append(anyShape, "Mean", "Scale", "StopGradient", "ScaleGradient")
	factor := func(name string, x, f op.Shape) gradientCase {
		return gradientCase{name: "mul " + name, spec: op.Mul{}, in: []op.Shape{x, f}}
	}
	gradientCases = append(gradientCases, []gradientCase{
		pool("mean", op.Mean{}, op.Shape{2, 3, 2, 2}),
		pool("scale", op.Scale{By: -1.5}, op.Shape{2, 3}),
		factor("gate", op.Shape{2, 3, 2, 3}, op.Shape{2, 3, 1, 1}),
		factor("map", op.Shape{2, 3, 2, 3}, op.Shape{2, 1, 2, 3}),
		factor("per channel", op.Shape{2, 3, 2, 3}, op.Shape{1, 3, 1, 1}),
		factor("scalar", op.Shape{2, 3}, op.Shape{1, 1}),
		factor("same shape", op.Shape{2, 3}, op.Shape{2, 3}),
		{name: "mul reduce", spec: op.MulReduceTo(op.Shape{3, 1}), in: []op.Shape{{3, 4}, {3, 4}}},
		{name: "mul reduce, an operand twice", spec: op.MulReduceTo(op.Shape{1, 2, 1, 1}), in: []op.Shape{{3, 2, 2, 2}},
			whole: func(g *op.Graph, in []*G.Node) (*G.Node, error) {
				return g.Apply(op.MulReduceTo(op.Shape{1, 2, 1, 1}), in[0], in[0])
			}},
	}...)
	// The value and the gradient of ScaleGradient disagree by design, except where the factor is 1.
	gradientCases = append(gradientCases, pool("scale gradient", op.ScaleGradient{By: 1}, op.Shape{2, 3}))
}

// gradientOf returns the gradient of Σ r·whole(x) by x.
func gradientOf(t *testing.T, whole func(g *op.Graph, x *G.Node) (*G.Node, error)) (values, got []float64) {
	t.Helper()
	function := func(g *op.Graph, in []*G.Node) (*G.Node, error) { return whole(g, in[0]) }
	tr := newTrial(t, gradientCase{in: []op.Shape{{2, 3}}, whole: function}, 1)
	grads, err := tr.graph.Gradients(tr.loss, tr.leaves)
	if err != nil {
		t.Fatal(err)
	}
	tr.run(t)
	return tr.values[0], floats(t, grads[0])
}

func TestGradientsAreScaledAndStopped(t *testing.T) {
	_, whole := gradientOf(t, func(g *op.Graph, x *G.Node) (*G.Node, error) { return g.Apply(op.Scale{By: 1}, x) })
	_, reversed := gradientOf(t, func(g *op.Graph, x *G.Node) (*G.Node, error) { return g.Apply(op.ScaleGradient{By: -3}, x) })
	// The derivative of x · stop(x) is x once, not twice.
	values, stopped := gradientOf(t, func(g *op.Graph, x *G.Node) (*G.Node, error) {
		still, err := g.Apply(op.StopGradient{}, x)
		if err != nil {
			return nil, err
		}
		return g.Apply(op.Mul{}, x, still)
	})
	for i, w := range whole {
		if reversed[i] != -3*w {
			t.Errorf("scaled by −3, gradient [%d] is %v, want %v", i, reversed[i], -3*w)
		}
		if want := w * values[i]; stopped[i] != want {
			t.Errorf("gradient of x · stop(x) [%d] is %v, want %v", i, stopped[i], want)
		}
	}
}

// A branch that is cut off altogether must not trouble the rest. Parameters behind it have no gradient, and the error
// says so.
func TestCutBranchesHaveNoGradient(t *testing.T) {
	g := op.NewGraph(true)
	x, w := leaf(t, g, "x", 2, 3), leaf(t, g, "w", 2, 3)
	cut := apply(t, g, op.StopGradient{}, apply(t, g, op.Scale{By: 2}, w))
	loss := apply(t, g, op.Mean{}, apply(t, g, op.Mul{}, x, cut))
	grads, err := g.Gradients(loss, []*G.Node{x})
	if err != nil || len(grads) != 1 || grads[0] == nil {
		t.Fatalf("the gradient by x is %v, error %v", grads, err)
	}
	if _, err := g.Gradients(loss, []*G.Node{w}); err == nil {
		t.Error("a leaf behind a cut has a gradient")
	}
}
