package op_test

import (
	"fmt"
	"slices"
	"testing"

	"workbench/nn/op"
)

// The table says by hand what the gradients of each operator read.
func TestKeeps(t *testing.T) {
	x, w, c := op.Shape{2, 4, 6, 6}, op.Shape{8, 4, 3, 3}, op.Shape{4}
	conv := op.Conv{Window: op.Square(1, 1), Groups: 1}
	for _, k := range []struct {
		spec     op.Spec
		in       []op.Shape
		ints     int // operand that holds int32; −1 is none
		wanted   []bool
		operands []bool
		result   bool
	}{
		{conv, []op.Shape{x, w}, -1, []bool{true, true}, []bool{true, true}, false},
		{conv, []op.Shape{x, w}, -1, []bool{false, true}, []bool{true, false}, false}, // a first layer
		{conv, []op.Shape{x, w}, -1, []bool{true, false}, []bool{false, true}, false}, // frozen weights
		{op.ReLU{}, []op.Shape{x}, -1, []bool{true}, []bool{false}, true},
		{op.Activation{Kind: op.SiLU}, []op.Shape{x}, -1, []bool{true}, []bool{true}, false},
		{op.Activation{Kind: op.Sigmoid}, []op.Shape{x}, -1, []bool{true}, []bool{false}, true},
		{op.Sum{N: 2}, []op.Shape{x, x}, -1, []bool{true, true}, []bool{false, false}, false},
		{op.Sum{N: 2}, []op.Shape{{}, {}}, -1, []bool{true, true}, []bool{false, false}, false},
		{op.Mul{}, []op.Shape{x, {2, 4, 1, 1}}, -1, []bool{true, true}, []bool{true, true}, false},
		{op.Dropout{P: 0.5}, []op.Shape{x, {4}}, 1, []bool{true, false}, []bool{false, true}, false}, // the key alone
		{op.BNApply{Epsilon: 1e-5}, []op.Shape{x, {2, 4}, c, c}, -1, []bool{true, false, true, true}, []bool{true, true, true, false}, false},
		{op.CrossEntropy{}, []op.Shape{{2, 5}, {2}}, 1, []bool{true, false}, []bool{true, true}, false},
		{op.StopGradient{}, []op.Shape{x}, -1, []bool{true}, []bool{false}, false},
	} {
		ints := make([]bool, len(k.in))
		if k.ints >= 0 {
			ints[k.ints] = true
		}
		operands, result, err := op.Keeps(k.spec, k.in, ints, k.wanted)
		if err != nil || !slices.Equal(operands, k.operands) || result != k.result {
			t.Errorf("%s, gradients of %v: keeps %v and its result %v (%v), want %v and %v",
				k.spec.Name(), k.wanted, operands, result, err, k.operands, k.result)
		}
	}
	_, _, err := op.Keeps(conv, []op.Shape{{2, 4}, w}, []bool{false, false}, []bool{true, true})
	if fmt.Sprint(err) != "conv: input (2, 4) has 2 axes, want 4" {
		t.Errorf("a convolution of a matrix: %v", err)
	}
}
