package nntest

import (
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// The plan (its order, buffers that share memory, gathered sums) must not change a bit of the results that gorgonia's
// own machine computes from the same graph in one step.
func TestReferenceEqualsGorgoniasMachine(t *testing.T) {
	for _, n := range append(networks(), randoms()...) {
		n.steps, n.decay = 1, 0
		t.Run(n.name, func(t *testing.T) {
			want := machine(t, n)
			for _, r := range run(t, plan.Reference{}, n, true) {
				w, seen := want[r.name]
				if !seen {
					continue // of inference, or a state after the step
				}
				delete(want, r.name)
				for i := range w {
					if r.values[i] != w[i] {
						t.Errorf("%s [%d] is %v, gorgonia's machine says %v", r.name, i, r.values[i], w[i])
						break
					}
				}
			}
			for name := range want {
				t.Errorf("the run has no %s", name)
			}
		})
	}
}

// machine runs one training step on gorgonia's TapeMachine and returns results under the names that run gives them.
func machine(t *testing.T, n network) map[string][]float32 {
	t.Helper()
	b := nn.NewBuilder(nn.Train, true)
	logits, loss := n.training(b)
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	var leaves []*G.Node
	var paths []string
	for _, p := range b.Params() {
		let(t, p.Node, starting(p))
		if p.Trainable() && n.moves(p) {
			leaves, paths = append(leaves, p.Node), append(paths, p.Path)
		}
	}
	images, labels, key := n.batch(0, logits.Shape()[1])
	if !n.state {
		let(t, b.Graph().Expr.ByName("image")[0], images)
	}
	letInts(t, b.Graph().Expr.ByName("label")[0], labels)
	if b.Key() != nil {
		letInts(t, b.Key(), key)
	}
	grads, err := b.Graph().Gradients(loss.Node(), leaves)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(b.Graph().Expr, G.TraceExec())
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	results := map[string][]float32{"step 1: loss": values(t, loss.Node()), "step 1: logits": values(t, logits.Node())}
	for i, path := range paths {
		results["step 1: "+plan.SlotName("momentum", path)] = values(t, grads[i])
	}
	for _, u := range b.Updates() {
		results["at the end: "+u.Param.Path] = values(t, u.Value)
	}
	return results
}

func let(t *testing.T, n *G.Node, v []float32) {
	t.Helper()
	wide := make([]float64, len(v))
	for i := range v {
		wide[i] = float64(v[i])
	}
	if err := G.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(wide))); err != nil {
		t.Fatal(err)
	}
}

func letInts(t *testing.T, n *G.Node, v []int32) {
	t.Helper()
	if err := G.Let(n, tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(v))); err != nil {
		t.Fatal(err)
	}
}

func values(t *testing.T, n *G.Node) []float32 {
	t.Helper()
	b, err := op.FromValue(n.Value())
	if err != nil {
		t.Fatal(err)
	}
	var v []float32
	for _, x := range b.F64 {
		v = append(v, float32(x))
	}
	return v
}
