package nntest

import (
	"testing"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// RunRecomputed checks that a backend trains the zoo's networks to the same bits with
// and without recomputation of activations.
func RunRecomputed(t *testing.T, backend plan.Backend, image op.Shape, names ...string) {
	var all []network
	for _, name := range names {
		all = append(all, variant(name, image, nil))
	}
	recomputing(t, backend, all)
}

// recomputing checks that every way of recomputing activations gives the same bits.
func recomputing(t *testing.T, backend plan.Backend, all []network) {
	for _, n := range all {
		t.Run(n.name, func(t *testing.T) {
			want := run(t, backend, n, false)
			for _, mode := range []plan.Recomputation{plan.RecomputeCheap, plan.RecomputeSegments} {
				n.recompute = mode
				same(t, want, run(t, backend, n, false), "recomputing "+string(mode))
			}
		})
	}
}
