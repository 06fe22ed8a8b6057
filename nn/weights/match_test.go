package weights_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/weights"
)

func TestCountersAreKnownByTheirNames(t *testing.T) {
	for name, want := range map[string]bool{"num_batches_tracked": true, "layer1.0.bn1.num_batches_tracked": true, "n_averaged": true,
		"my_num_batches_tracked": false, "num_batches_tracked.weight": false, "layer1.n_averaged": false, "": false} {
		if got := (weights.Entry{Name: name, DType: "I32", Shape: op.Shape{1}}).Counter(); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

// Whole numbers are no weights, whatever their shape.
func TestElementsThatAreNoFloats(t *testing.T) {
	f, err := read(file(`{"conv.bias":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}`, 8))
	if err != nil {
		t.Fatal(err)
	}
	r, err := weights.Compare(f, weights.Network{Params: []*nn.Param{{Path: "conv.bias", Shape: op.Shape{2}}}, Head: "fc"},
		weights.Options{})
	if want := "of another form: conv.bias: elements are I32, want one of F32, F16, BF16, F64"; err != nil || !slices.Contains(
		strings.Split(r.String(), "\n"), want) {
		t.Errorf("%v, %s, want %s", err, r, want)
	}
}

// A parameter that is there under two names is one too many.
func TestTwoNamesOfOneParameter(t *testing.T) {
	n := weights.Network{Head: "fc", Params: []*nn.Param{{Path: "features.0.0.weight", Shape: op.Shape{2}}, {Path: "features.0.1.weight",
		Shape: op.Shape{2}}}}
	r, err := weights.Compare(named("conv_stem.weight", "bn1.weight"), n, weights.Options{})
	if err != nil || r.Verdict != weights.Complete || r.Library != "timm" {
		t.Errorf("%v, %s", err, r)
	}
	r, err = weights.Compare(named("conv_stem.weight", "bn1.weight", "features.0.0.weight"), n, weights.Options{})
	if err != nil || r.Verdict != weights.Other || !slices.Equal(r.Left, []string{"conv_stem.weight"}) || len(r.Taken) != 2 {
		t.Errorf("%v, %s", err, r)
	}
}
