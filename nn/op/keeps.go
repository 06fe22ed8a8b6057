package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Keeps tells what training has to keep from the forward pass for the backward pass: which operands of an operator, and
// whether its result, are read by the gradients of the wanted operands. ints tells which operands hold int32.
func Keeps(s Spec, in []Shape, ints, wanted []bool) (operands []bool, result bool, err error) {
	g := NewGraph(false)
	leaves := make([]*G.Node, len(in))
	for i, shape := range in {
		name := fmt.Sprint("operand ", i)
		if ints[i] {
			leaves[i], err = g.IntLeaf(name, shape.Size())
		} else {
			leaves[i], err = g.stand(name, shape)
		}
		if err != nil {
			return nil, false, fmt.Errorf("%s: %w", s.Name(), err)
		}
	}
	y, err := g.Apply(s, leaves...)
	if err != nil {
		return nil, false, err
	}
	dy, err := g.stand("gradient", Shape(y.Shape()))
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", s.Name(), err)
	}
	all, err := s.Gradient(g, leaves, y, dy)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", s.Name(), err)
	}
	var gradients []*G.Node
	for i, want := range s.Wants() {
		if want && wanted[i] {
			gradients = append(gradients, all[i])
		}
	}
	operands, result = read(gradients, leaves, y)
	return operands, result, nil
}

// stand returns a node of the shape in place of a computed value. It is a leaf or, because no leaf can be a scalar, the
// mean of one.
func (g *Graph) stand(name string, shape Shape) (*G.Node, error) {
	if len(shape) > 0 {
		return g.Leaf(name, shape)
	}
	leaf, err := g.Leaf(name, Shape{1})
	if err != nil {
		return nil, err
	}
	return g.Apply(Mean{}, leaf)
}

// read tells which of the leaves, and whether y, the gradients are computed from. It does not follow what y is computed
// from.
func read(gradients, leaves []*G.Node, y *G.Node) (operands []bool, result bool) {
	seen := map[*G.Node]bool{y: false}
	stack := gradients
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		if n != y {
			stack = append(stack, Children(n)...)
		}
	}
	operands = make([]bool, len(leaves))
	for i, leaf := range leaves {
		operands[i] = seen[leaf]
	}
	return operands, seen[y]
}
