package weights_test

import (
	"errors"
	"fmt"
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
	f, err := read(file(`{"fc.bias":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}`, 8))
	if err != nil {
		t.Fatal(err)
	}
	err = f.Match([]*nn.Param{{Path: "fc.bias", Shape: op.Shape{2}}})
	if err == nil || !strings.Contains(err.Error(), "1 of another form:\n  fc.bias: elements are I32, want one of F32") {
		t.Errorf("got %v", err)
	}
}

// An error names eight of a kind and says that there are more.
func TestLongListsAreCut(t *testing.T) {
	for n, more := range map[int]int{8: 0, 9: 1} {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprint("extra", i))
		}
		err := named(names...).Match(nil)
		var m *weights.Mismatch
		if !errors.As(err, &m) || len(m.Extra) != n || strings.Count(err.Error(), "…") != more || strings.Count(err.Error(), "extra") != 8 {
			t.Errorf("%d too many: %v", n, err)
		}
	}
}

// A parameter that is there under two names is one too many.
func TestTwoNamesOfOneParameter(t *testing.T) {
	params := []*nn.Param{{Path: "features.0.0.weight", Shape: op.Shape{2}}, {Path: "features.0.1.weight", Shape: op.Shape{2}}}
	f, library := weights.Recognize(named("conv_stem.weight", "bn1.weight"), params)
	if err := f.Match(params); err != nil || library != "timm" {
		t.Errorf("library %q, %v", library, err)
	}
	f, _ = weights.Recognize(named("conv_stem.weight", "bn1.weight", "features.0.0.weight"), params)
	if err := f.Match(params); err == nil || !strings.Contains(err.Error(), "1 not in the network:\n  conv_stem.weight") {
		t.Errorf("got %v", err)
	}
}
