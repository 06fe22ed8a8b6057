package op

import (
	"fmt"
	"sort"

	_ "go4.org/unsafe/assume-no-moving-gc" // keeps the version that asks the runtime instead of the Go version
	"gonum.org/v1/gonum/graph"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Graph is an expression graph under construction. gorgonia merges nodes whose 32-bit hashes are equal. So Graph gives
// every operator an identity of its own and checks after each step that nothing was merged.
type Graph struct {
	Expr   *G.ExprGraph
	Double bool // float64 elements, for checking gradients

	next  uint32
	names map[string]*G.Node
	named map[*G.Node]string
	terms map[*G.Node][]*G.Node // gradient contributions in the order gorgonia received them
}

// NewGraph returns an empty graph with float32 elements, or float64 if double.
func NewGraph(double bool) *Graph {
	return &Graph{Expr: G.NewGraph(), Double: double, names: map[string]*G.Node{},
		named: map[*G.Node]string{}, terms: map[*G.Node][]*G.Node{}}
}

func (g *Graph) dtype() tensor.Dtype {
	if g.Double {
		return G.Float64
	}
	return G.Float32
}

// Leaf adds a named input of the given shape. Names are unique in a graph.
func (g *Graph) Leaf(name string, shape Shape) (*G.Node, error) {
	return g.leaf(name, shape, g.dtype())
}

// IntLeaf adds a named vector of n int32 (labels, random keys).
func (g *Graph) IntLeaf(name string, n int) (*G.Node, error) {
	return g.leaf(name, Shape{n}, tensor.Int32)
}

func (g *Graph) leaf(name string, shape Shape, of tensor.Dtype) (*G.Node, error) {
	if name == "" || g.names[name] != nil {
		return nil, fmt.Errorf("the name %q is empty or taken", name)
	}
	if shape.Size() <= 0 || len(shape) == 0 {
		return nil, fmt.Errorf("%s: shape %v has an axis without elements", name, shape)
	}
	n := G.NewTensor(g.Expr, of, len(shape), G.WithShape(shape...), G.WithName(name))
	if other, merged := g.named[n]; merged {
		return nil, fmt.Errorf("%s: merged with %s by a hash collision; rename one", name, other)
	}
	g.names[name], g.named[n] = n, name
	return n, nil
}

// Apply adds the operator on its operands and returns its node. It is an error if the operands do not fit or if
// gorgonia merged the node with another.
func (g *Graph) Apply(s Spec, in ...*G.Node) (*G.Node, error) {
	shapes, args, err := operands(s, in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(), err)
	}
	out, err := s.Infer(shapes)
	if err != nil {
		return nil, err
	}
	g.next++
	o := &Op{Spec: s, id: g.next, graph: g, args: args, out: out}
	n, err := G.ApplyOp(o, append([]*G.Node(nil), in...)...) // gorgonia keeps the slice
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(), err)
	}
	if got, ours := n.Op().(*Op); !ours || got != o {
		return nil, fmt.Errorf("%s: node %d was merged with another by a hash collision", s.Name(), n.ID())
	}
	for i, c := range Children(n) {
		if c != in[i] {
			return nil, fmt.Errorf("%s: operand %d of node %d was exchanged", s.Name(), i, n.ID())
		}
	}
	return n, nil
}

// takesInts is an operator with one operand of int32, labels or a random key. intOperand is the number of that operand.
type takesInts interface{ intOperand() int }

// operands checks the number of operands and their element types.
func operands(s Spec, in []*G.Node) ([]Shape, []arg, error) {
	if want := len(s.Wants()); len(in) != want {
		return nil, nil, fmt.Errorf("got %d operands, want %d", len(in), want)
	}
	ints := -1
	if t, ok := s.(takesInts); ok {
		ints = t.intOperand()
	}
	shapes, args := make([]Shape, len(in)), make([]arg, len(in))
	for i, n := range in {
		if n == nil {
			return nil, nil, fmt.Errorf("operand %d is missing", i)
		}
		shapes[i] = Shape(n.Shape())
		args[i] = arg{dims: len(shapes[i]), ints: n.Dtype() == tensor.Int32}
		if args[i].ints != (i == ints) {
			return nil, nil, fmt.Errorf("operand %d (%s) holds %v, want int32: %v", i, n.Name(), n.Dtype(), i == ints)
		}
	}
	return shapes, args, nil
}

// Children lists the operands of a node in order, repetitions included.
func Children(n *G.Node) []*G.Node {
	if n.Graph() == nil {
		return nil
	}
	var cs []*G.Node
	for _, c := range graph.NodesOf(n.Graph().From(n.ID())) {
		cs = append(cs, c.(*G.Node))
	}
	return cs
}

// Gradients differentiates the scalar loss by the leaves wrt, and checks that gorgonia summed every contribution.
func (g *Graph) Gradients(loss *G.Node, wrt []*G.Node) ([]*G.Node, error) {
	grads, err := G.Grad(loss, wrt...)
	if err != nil {
		return nil, fmt.Errorf("differentiate: %w", err)
	}
	for n, terms := range g.terms {
		if d := n.Deriv(); d != nil {
			if err := sumOf(d, terms); err != nil {
				return nil, fmt.Errorf("gradient of node %d: %w", n.ID(), err)
			}
		}
	}
	return grads, nil
}

// sumOf checks that d is the left fold ((t0 + t1) + t2) … of exactly the terms.
func sumOf(d *G.Node, terms []*G.Node) error {
	for k := len(terms) - 1; k > 0; k-- {
		c := Children(d)
		if _, ours := d.Op().(*Op); ours || len(c) != 2 || c[1] != terms[k] {
			return fmt.Errorf("term %d of %d is missing from the sum", k, len(terms))
		}
		d = c[0]
	}
	if d != terms[0] {
		return fmt.Errorf("the first of %d terms is missing from the sum", len(terms))
	}
	return nil
}

// Reachable lists the nodes that the roots need, operands before results.
func Reachable(roots []*G.Node) []*G.Node {
	seen := map[*G.Node]bool{}
	var order []*G.Node
	stack := append([]*G.Node(nil), roots...)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		order = append(order, n)
		stack = append(stack, Children(n)...)
	}
	sort.Slice(order, func(i, j int) bool { return order[i].ID() < order[j].ID() }) // ids grow with creation
	return order
}

// init differentiates once in each precision, because gorgonia computes the hashes of its global constants at their
// first use and without a lock.
func init() {
	for _, double := range []bool{false, true} {
		g := NewGraph(double)
		x, err := g.Leaf("x", Shape{2, 2})
		if err == nil {
			var loss *G.Node
			if loss, err = g.Apply(Mean{}, x); err == nil {
				_, err = g.Gradients(loss, []*G.Node{x})
			}
		}
		if err != nil {
			panic("nn/op: gorgonia cannot differentiate: " + err.Error())
		}
	}
}
