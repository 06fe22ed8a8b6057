package plan

import (
	"fmt"
	"strings"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"workbench/nn"
	"workbench/nn/op"
)

// Lower makes a program that computes the outputs, in the builder's mode.
func Lower(b *nn.Builder, outputs map[string]nn.Tensor) (*Program, error) {
	return lower(b, outputs, nil)
}

type lowering struct {
	*Program
	of map[*G.Node]*Value
}

func lower(b *nn.Builder, outputs map[string]nn.Tensor, t *Training) (*Program, error) {
	if err := b.Err(); err != nil {
		return nil, err
	}
	l := &lowering{Program: &Program{Outputs: map[string]*Value{}, Double: b.Graph().Double}, of: map[*G.Node]*Value{}}
	var moving []*nn.Param
	var grads, roots []*G.Node
	for name, v := range outputs {
		if v.Node() == nil {
			return nil, fmt.Errorf("output %s was not built", name)
		}
		roots = append(roots, v.Node())
	}
	if t != nil {
		err := t.check()
		if err != nil {
			return nil, err
		}
		if err = b.Originals(); err != nil {
			return nil, err
		}
		reached := reached(t.Loss.Node())
		for _, p := range b.Params() {
			if p.Trainable() && reached[p.Node] && (t.Moves == nil || t.Moves(p)) {
				moving = append(moving, p)
			}
		}
		if grads, err = gradients(b.Graph(), t.Loss.Node(), moving); err != nil {
			return nil, err
		}
		roots = append(roots, grads...)
		for _, u := range t.Pass.updates(b.Updates()) {
			roots = append(roots, u.Value)
			if u.Rows != nil {
				roots = append(roots, u.Rows)
			}
		}
	}
	if err := l.nodes(op.Reachable(roots), b); err != nil {
		return nil, err
	}
	for name, v := range outputs {
		l.Outputs[name] = l.of[v.Node()]
	}
	if t != nil {
		l.finish(b, t, moving, grads)
	}
	gatherSums(l.Program)
	return l.Program, nil
}

// reached are the nodes on which the loss depends through gradients.
func reached(loss *G.Node) map[*G.Node]bool {
	seen := map[*G.Node]bool{}
	stack := []*G.Node{loss}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n == nil || seen[n] {
			continue
		}
		seen[n] = true
		o, ours := n.Op().(*op.Op)
		for i, c := range op.Children(n) {
			if !ours || o.Spec.Wants()[i] {
				stack = append(stack, c)
			}
		}
	}
	return seen
}

func gradients(g *op.Graph, loss *G.Node, params []*nn.Param) ([]*G.Node, error) {
	if len(params) == 0 {
		return nil, nil
	}
	leaves := make([]*G.Node, len(params))
	for i, p := range params {
		leaves[i] = p.Node
	}
	return g.Gradients(loss, leaves)
}

// nodes turns every reachable node into a value or a step.
func (l *lowering) nodes(order []*G.Node, b *nn.Builder) error {
	states := map[*G.Node]bool{}
	for _, p := range b.Params() {
		states[p.Node] = true
	}
	for _, n := range order {
		shape := op.Shape(n.Shape())
		if n.Op() == nil {
			l.of[n] = l.leaf(n, shape, states[n])
			continue
		}
		step := &Step{}
		for _, c := range op.Children(n) {
			step.In = append(step.In, l.of[c])
		}
		switch o := n.Op().(type) {
		case *op.Op:
			step.Spec = o.Spec
		case G.BinaryOp: // the only operator that gorgonia itself inserts: a sum of gradients
			if !strings.HasPrefix(fmt.Sprint(o), "+") || !step.In[0].Shape.Equal(step.In[1].Shape) {
				return fmt.Errorf("node %d: gorgonia inserted %v, which has no lowering", n.ID(), o)
			}
			step.Spec = op.Sum{N: 2}
		default:
			if value := n.Value(); len(step.In) == 0 && value != nil && len(shape) == 0 {
				l.of[n] = l.NewValue(Constant, "", shape)
				continue
			}
			return fmt.Errorf("node %d: operator %v has no lowering", n.ID(), n.Op())
		}
		out := l.NewValue(Temporary, "", shape)
		step.Out = []*Value{out}
		l.of[n] = out
		l.Steps = append(l.Steps, step)
	}
	return nil
}

func (l *lowering) leaf(n *G.Node, shape op.Shape, state bool) *Value {
	kind := Input
	switch {
	case state:
		kind = State
	case n.Value() != nil:
		kind = Constant
	}
	v := l.NewValue(kind, n.Name(), shape)
	v.Ints = n.Dtype() == tensor.Int32
	return v
}

// gatherSums turns every chain of sums into one sum, unless something else reads a partial result.
func gatherSums(p *Program) {
	uses := p.uses()
	made := map[*Value]*Step{}
	gone := map[*Step]bool{}
	for _, s := range p.Steps {
		if _, ok := s.Spec.(op.Sum); !ok {
			continue
		}
		var in []*Value
		for _, v := range s.In {
			if inner := made[v]; inner != nil && uses[v] == 1 {
				in = append(in, inner.In...)
				gone[inner] = true
			} else {
				in = append(in, v)
			}
		}
		s.In, s.Spec = in, op.Sum{N: len(in)}
		made[s.Out[0]] = s
	}
	p.remove(gone)
}

// uses counts how often each value is read.
func (p *Program) uses() map[*Value]int {
	uses := map[*Value]int{}
	for _, s := range p.Steps {
		for _, v := range s.In {
			uses[v]++
		}
	}
	for _, v := range p.Ends() {
		uses[v]++
	}
	return uses
}

func (p *Program) remove(gone map[*Step]bool) {
	kept := p.Steps[:0]
	for _, s := range p.Steps {
		if !gone[s] {
			kept = append(kept, s)
		}
	}
	p.Steps = kept
}
