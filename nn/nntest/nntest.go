// Package nntest is the conformance suite of the backends. It runs every layer in many shapes, whole networks over
// several training steps, and random graphs. All of them must agree with the operators' own kernels in float64, and
// give the same bits when they are run again.
package nntest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// network is a case of the suite: a graph that is trained for some steps on random images and labels.
type network struct {
	name  string
	image op.Shape // of the whole batch: [n, c, h, w], or [n, features]
	// build adds the network. Its result is flattened to logits [n, classes].
	build func(b *nn.Builder, x nn.Tensor) nn.Tensor
	// state makes the image a parameter, so that its gradient is compared as well.
	state     bool
	frozen    func(*nn.Param) bool // which parameters stay; nil: none
	steps     int                  // updates
	how       plan.Training        // optimizer (nil: SGD with Nesterov momentum) and what is around it
	smoothing float64
	decay     float64
	tolerance float64 // of every number, relative to the largest of its tensor
	// loss of the logits; nil: the cross entropy with smoothing.
	loss       func(b *nn.Builder, logits, labels nn.Tensor) nn.Tensor
	unlabelled bool // every third label is −1
	recompute  plan.Recomputation
	more       func(exe plan.Executable, step int) // writes inputs beside image, label and key; nil: there are none
}

// Run checks a backend.
func Run(t *testing.T, backend plan.Backend) {
	groups := []struct {
		name     string
		networks []network
	}{
		{"layer", layers()}, {"operator", operators()}, {"network", networks()}, {"inference", inferences()},
		{"random", randoms()}, {"loss", losses()}, {"optimizer", optimizers()}, {"method", methods()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, n := range g.networks {
				t.Run(n.name, func(t *testing.T) { conform(t, backend, n) })
			}
		})
	}
	t.Run("again", func(t *testing.T) {
		for _, n := range slices.Concat(networks(), inferences(), methods()) {
			t.Run(n.name, func(t *testing.T) { repeat(t, backend, n) })
		}
	})
	t.Run("recomputing", func(t *testing.T) { recomputing(t, backend, networks()) })
	t.Run("labels", func(t *testing.T) { labels(t, backend) })
	t.Run("memory", func(t *testing.T) { memory(t, backend) })
}

// RunNetworks checks a backend on the whole networks only. It is for a second way of computing them.
func RunNetworks(t *testing.T, backend plan.Backend) {
	for _, n := range networks() {
		t.Run(n.name, func(t *testing.T) { conform(t, backend, n) })
	}
}

// RunNetwork checks a backend on the whole network of the name.
func RunNetwork(t *testing.T, backend plan.Backend, name string) {
	for _, n := range networks() {
		if n.name == name {
			conform(t, backend, n)
			return
		}
	}
	t.Fatalf("there is no network %q", name)
}

// RunAlike checks that all backends give the same bits for the layers of the names.
func RunAlike(t *testing.T, names []string, backends ...plan.Backend) {
	all := layers()
	for _, name := range names {
		i := slices.IndexFunc(all, func(n network) bool { return n.name == name })
		if i < 0 {
			t.Fatalf("there is no layer %q", name)
		}
		t.Run(name, func(t *testing.T) {
			want := run(t, backends[0], all[i], false)
			for k, other := range backends[1:] {
				same(t, want, run(t, other, all[i], false), fmt.Sprintf("by backend %d", k+2))
			}
		})
	}
}

// conform compares the backend with the reference executor in float64.
func conform(t *testing.T, backend plan.Backend, n network) {
	for _, err := range differences(t, backend, n, run(t, plan.Reference{}, n, true)) {
		t.Error(err)
	}
}

// differences lists where the backend's results are not near the wanted ones.
func differences(t *testing.T, backend plan.Backend, n network, want []result) []error {
	t.Helper()
	got := run(t, backend, n, false)
	if len(got) != len(want) {
		t.Fatalf("got %d results, want %d", len(got), len(want))
	}
	var all []error
	for i := range want {
		if err := got[i].near(want[i], n.tolerance, floor(want, want[i].kind)); err != nil {
			all = append(all, err)
		}
	}
	return all
}

// repeat checks that a second run gives the same bits.
func repeat(t *testing.T, backend plan.Backend, n network) {
	same(t, run(t, backend, n, false), run(t, backend, n, false), "in the second run")
}

// same checks that the second results have the bits of the first. The messages call the second results `called`.
func same(t *testing.T, first, second []result, called string) {
	t.Helper()
	for i := range first {
		for k := range first[i].values {
			if a, b := first[i].values[k], second[i].values[k]; math.Float32bits(a) != math.Float32bits(b) {
				t.Errorf("%s [%d] is %v, %s %v", first[i].name, k, a, called, b)
				break
			}
		}
	}
}
