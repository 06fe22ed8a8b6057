package nn_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
)

// The loss of a network with one auxiliary classifier of weight 0.3 is its own loss plus 0.3 times the classifier's.
// Without the classifier, it is the cross-entropy alone.
func TestClassifierLossAddsTheAuxiliaries(t *testing.T) {
	for i := range 6 {
		heads, soft := i%3, i > 2
		b := nn.NewBuilder(nn.Train, false)
		x := b.Flatten(b.Input("image", 2, 3, 4, 4))
		for i := range heads {
			head := b.In("aux").In(strconv.Itoa(i))
			head.Auxiliary(head.Linear(x, 10), 0.3)
		}
		logits := b.In("fc").Linear(x, 10)
		var loss nn.Tensor
		if soft {
			loss = b.SoftClassifierLoss(logits, b.Input("shares", 2, 10))
		} else {
			loss = b.ClassifierLoss(logits, b.Labels("label", 2), 0)
		}
		if err := b.Err(); err != nil {
			t.Fatal(err)
		}
		if got := len(b.Auxiliaries()); got != heads {
			t.Errorf("%d heads: %d auxiliaries", heads, got)
		}
		if len(loss.Shape()) != 0 {
			t.Errorf("%d heads: the loss is %v, want a scalar", heads, loss.Shape())
		}
		var leaves []*G.Node
		for _, p := range b.Params() {
			leaves = append(leaves, p.Node)
		}
		if grads, err := b.Graph().Gradients(loss.Node(), leaves); err != nil || slices.Contains(grads, nil) {
			t.Errorf("%d heads: not every parameter has a gradient: %v", heads, err)
		}
	}
}

// Every classifier has the loss of the last one, with the same smoothing; only the weight is its own.
func TestClassifiersHaveOneLoss(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	b.In("aux1").Auxiliary(b.Input("first", 2, 3), 0.25)
	b.In("aux2").Auxiliary(b.Input("second", 2, 3), 0.5)
	loss := b.ClassifierLoss(b.Input("last", 2, 3), b.Labels("labels", 2), 0.1)
	want := "sum{N:3}(cross_entropy{Smoothing:0.1}(last, labels), scale{By:0.25}(cross_entropy{Smoothing:0.1}(first, labels)), " +
		"scale{By:0.5}(cross_entropy{Smoothing:0.1}(second, labels)))"
	if got := tree(loss.Node()); b.Err() != nil || got != want {
		t.Errorf("%v: the loss is\n%s, want\n%s", b.Err(), got, want)
	}
}

func TestAuxiliaryRefusesWhatCannotTrain(t *testing.T) {
	for _, c := range []struct {
		mode   nn.Mode
		weight float64
		want   string
	}{
		{nn.Infer, 0.3, "aux1: auxiliary classifier: the graph is for inference"},
		{nn.Train, 0, "aux1: auxiliary classifier: weight 0, want above 0"},
	} {
		b := nn.NewBuilder(c.mode, false)
		head := b.In("aux1")
		head.Auxiliary(head.Linear(b.Input("x", 2, 8), 10), c.weight)
		if err := b.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}

// A gate's layers do not count as layers of the path, in agreement with the names of SE networks.
func TestGatesAreNoWeightLayers(t *testing.T) {
	b := nn.NewBuilder(nn.Infer, false)
	x := b.In("conv").Conv(b.Input("image", 1, 3, 8, 8), 8, 3, 1)
	gate := b.In("fc").Conv2d(b.AdaptiveAvgPool(x, 1), nn.Conv2d{Out: 8, Kernel: [2]int{1, 1}})
	b.In("last").Conv(b.Mul(x, b.Sigmoid(gate)), 8, 3, 1)
	if got := b.Summary().WeightLayers; b.Err() != nil || got != 2 {
		t.Errorf("got %d layers (%v), want 2: conv and last", got, b.Err())
	}
}
