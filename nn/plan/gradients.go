package plan

import (
	"fmt"
	"maps"
	"slices"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
)

// LowerGradients makes a program that computes the outputs and the gradients of a scalar of the graph by tensors within
// it, as further outputs by the names of these, each in the shape of its tensor. Nothing moves. Layers that work as in
// training do so: the builder says which.
func LowerGradients(b *nn.Builder, outputs map[string]nn.Tensor, of nn.Tensor, by map[string]nn.Tensor) (*Program, error) {
	if err := b.Err(); err != nil {
		return nil, err
	}
	within := slices.Sorted(maps.Keys(by))
	all := map[string]*G.Node{}
	for name, v := range outputs {
		all[name] = v.Node()
	}
	var leaves []*G.Node // gorgonia differentiates by leaves, and keeps the gradient of every node between
	reached := reached(of.Node())
	for _, name := range within {
		n := by[name].Node()
		if n == nil || !reached[n] {
			return nil, fmt.Errorf("gradient by %s: no gradient reaches it", name)
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("gradient by %s: an output has that name", name)
		}
		for _, leaf := range op.Reachable([]*G.Node{n}) {
			if leaf.Op() == nil && reached[leaf] && !slices.Contains(leaves, leaf) {
				leaves = append(leaves, leaf)
			}
		}
	}
	if _, err := b.Graph().Gradients(of.Node(), leaves); err != nil {
		return nil, err
	}
	for _, name := range within {
		if all[name] = by[name].Node().Deriv(); all[name] == nil {
			return nil, fmt.Errorf("gradient by %s: no gradient reaches it", name)
		}
	}
	l := &lowering{Program: &Program{Outputs: map[string]*Value{}, Double: b.Graph().Double}, of: map[*G.Node]*Value{}}
	if err := l.nodes(op.Reachable(slices.Collect(maps.Values(all))), b); err != nil {
		return nil, err
	}
	for name, n := range all {
		l.Outputs[name] = l.of[n]
	}
	gatherSums(l.Program)
	return l.Program, nil
}
