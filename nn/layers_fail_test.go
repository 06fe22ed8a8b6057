package nn_test

import (
	"errors"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// After an error no layer of the table does anything, be its operands good or failed ones: it neither panics nor
// replaces the error, has no value and adds no parameter, update or note.
func TestNoLayerGoesOnAfterAnError(t *testing.T) {
	for _, c := range layerCases {
		for _, failed := range []bool{false, true} {
			b := nn.NewBuilder(nn.Train, false)
			in := inputsOf(b)
			first := errors.New("first")
			b.Fail(first)
			if failed {
				in = inputs{}
			}
			layers := len(b.Summary().Layers)
			// Layers that change nothing give what they get.
			y := c.build(b.In("at"), in)
			same := !failed && (y == in.x || y == in.s)
			if added := len(b.Params()) + len(b.Updates()) + len(b.Summary().Layers) - layers; b.Err() != first || added > 0 ||
				y.Node() != nil && !same {
				t.Errorf("%s, operands failed: %v: error %v, value %v, %d parameters", c.name, failed, b.Err(), y.Shape(), len(b.Params()))
			}
		}
	}
}

func TestLayersRefuseWithWholeMessages(t *testing.T) {
	for want, layer := range map[string]func(b *nn.Builder, in inputs){
		"at: rows: input (2) has 1 axes, want at least 2": func(b *nn.Builder, in inputs) {
			b.Rows(in.images, 0, 1)
		},
		"at: concat rows: operand 1 is (2, 1), want rows like those of (2, 3)": func(b *nn.Builder, in inputs) {
			b.ConcatRows(in.m, in.column)
		},
		"at: concat rows: operand 0 is (2), want rows like those of (2)": func(b *nn.Builder, in inputs) {
			b.ConcatRows(in.images)
		},
		"at: reshape: input (2, 3) has 6 elements, want as many as in () of 1 to 4 axes": func(b *nn.Builder, in inputs) {
			b.Reshape(in.m)
		},
		"at: reshape: input (2, 3) has 6 elements, want as many as in (5) of 1 to 4 axes": func(b *nn.Builder, in inputs) {
			b.Reshape(in.m, 5)
		},
		"at: reshape: input (2, 3) has 6 elements, want as many as in (1, 1, 1, 2, 3) of 1 to 4 axes": func(b *nn.Builder, in inputs) {
			b.Reshape(in.m, 1, 1, 1, 2, 3)
		},
		"at: reshape: input (1) has 1 elements, want as many as in () of 1 to 4 axes": func(b *nn.Builder, in inputs) {
			b.Reshape(in.share)
		},
		"at: split: the parts [1 2] have 3 channels together, input (2, 3) wants as many in 4 axes": func(b *nn.Builder, in inputs) {
			b.Split(in.m, 1, 2)
		},
		"at: concat columns: operand 1 is (3, 2), want a matrix of as many rows as the first, (2, 3)": func(b *nn.Builder, in inputs) {
			b.ConcatColumns(in.m, b.Transpose(in.n, 1, 0))
		},
		"at: concat columns: operand 0 is (2), want a matrix of as many rows as the first, (2)": func(b *nn.Builder, in inputs) {
			b.ConcatColumns(in.images)
		},
		"at: split: the parts [2 2] have 4 channels together, input (2, 3) wants as many in 4 axes": func(b *nn.Builder, in inputs) {
			b.Split(in.m, 2, 2)
		},
		"at: row products: input (2) has 1 axes, want 2": func(b *nn.Builder, in inputs) {
			b.RowProducts(in.images, in.images)
		},
		"at: weighted sum: got 2 weights and 1 losses, want as many, at least 1": func(b *nn.Builder, in inputs) {
			b.WeightedSum([]float64{1, 1}, in.s)
		},
		"at: weighted sum: got 0 weights and 0 losses, want as many, at least 1": func(b *nn.Builder, in inputs) {
			b.WeightedSum(nil)
		},
		"at: weighted sum: loss 1 is (2), want a scalar": func(b *nn.Builder, in inputs) {
			b.WeightedSum([]float64{1, 1}, in.s, in.images)
		},
		"at: soft cross entropy: got smoothing 0 and ignored labels true, which need labels; want neither": func(b *nn.Builder, in inputs) {
			b.SoftCrossEntropy(in.m, in.n, nn.CrossEntropyLoss{Ignore: true})
		},
		"at: nt-xent: temperature -1, want above 0": func(b *nn.Builder, in inputs) { b.NTXent(in.m, -1) },
		"at: batch norm: epsilon -1 and momentum 0, want at least 0 and 0 to 1": func(b *nn.Builder, in inputs) {
			b.BatchNorm2d(in.x, nn.BatchNorm2d{Epsilon: -1})
		},
		"at: batch norm: epsilon 0 and momentum -1, want at least 0 and 0 to 1": func(b *nn.Builder, in inputs) {
			b.BatchNorm2d(in.x, nn.BatchNorm2d{Momentum: -1})
		},
		"at: layer norm: the last 0 axes of input (2, 3), want at least 1 and all but one at most": func(b *nn.Builder, in inputs) {
			b.LayerNorm(in.m, 0, 1)
		},
		"at: layer norm: the last 2 axes of input (2, 3), want at least 1 and all but one at most": func(b *nn.Builder, in inputs) {
			b.LayerNorm(in.m, 2, 1)
		},
		"at: group norm: 1 groups must divide the channels of input (2, 3), which has 4 axes": func(b *nn.Builder, in inputs) {
			b.GroupNorm(in.m, 1, 1)
		},
		"at: group norm: 0 groups must divide the channels of input (2, 4, 6, 6), which has 4 axes": func(b *nn.Builder, in inputs) {
			b.GroupNorm(in.x, 0, 1)
		},
		"at: row norm: epsilon -1, want above 0": func(b *nn.Builder, in inputs) {
			b.GroupNorm(in.x, 1, -1)
		},
		"at: avg pool: input (2, 3) has 2 axes, want 4": func(b *nn.Builder, in inputs) {
			b.AvgPool2d(in.m, nn.Pool2d{})
		},
		"at: conv: input (2, 3) has 2 axes and the output 1 channels, want 4 axes and at least 1 channel": func(b *nn.Builder, in inputs) {
			b.Conv2d(in.m, nn.Conv2d{Out: 1})
		},
		"at: conv: 2 groups must divide the channels of input (2, 4, 6, 6) and the 3 of the output": func(b *nn.Builder, in inputs) {
			b.Conv2d(in.x, nn.Conv2d{Out: 3, Groups: 2, Kernel: [2]int{1, 1}})
		},
		"at: conv: got padding [0 0] and SAME, which computes it; want one of them": func(b *nn.Builder, in inputs) {
			b.Conv2d(in.x, nn.Conv2d{Out: 3, Kernel: [2]int{1, 1}, Same: true, PadEnd: &[2]int{}})
		},
		`at: the name "key" is empty or taken`: func(b *nn.Builder, in inputs) { b.Labels("key", 4); b.Dropout(in.x, 0.5) },
		`at: the name "at.weight" is empty or taken`: func(b *nn.Builder, in inputs) {
			b.Input("at.weight", 1)
			b.Linear(in.m, 1)
		},
		"at: parameter at.weight is shared, but has shape (3), want (3) for this input": func(b *nn.Builder, in inputs) {
			b.Param("weight", op.Shape{3}, nn.Bias, nn.Init{})
			b.Shared().Param("weight", op.Shape{3}, nn.Weight, nn.Init{})
		},
		`at: the network has no place "at.no", want one such as first, second`: func(b *nn.Builder, in inputs) {
			b.Twin("first").In("a").ReLU(in.x)
			b.Twin("second").ReLU(in.x)
			b.Twin("second").In("b").ReLU(in.x)
			b.Inner("no")
		},
	} {
		b := nn.NewBuilder(nn.Train, false)
		in := inputsOf(b)
		if layer(b.In("at"), in); b.Err() == nil || b.Err().Error() != want {
			t.Errorf("got error %v, want %s", b.Err(), want)
		}
	}
}

// At the edge of what they refuse, layers work.
func TestLayersTakeWhatIsAtTheEdge(t *testing.T) {
	for name, layer := range map[string]func(b *nn.Builder, in inputs){
		"a batch norm that forgets at once": func(b *nn.Builder, in inputs) { b.BatchNorm2d(in.x, nn.BatchNorm2d{Momentum: 1}) },
		"a batch of two values":             func(b *nn.Builder, in inputs) { b.BatchNorm(in.m) },
		"one pixel in one field":            func(b *nn.Builder, in inputs) { b.AdaptiveAvgPool(b.Reshape(in.m, 2, 3, 1, 1), 1) },
		"a group for each channel":          func(b *nn.Builder, in inputs) { b.GroupNorm(in.x, 4, 1e-12) },
		"all axes but one":                  func(b *nn.Builder, in inputs) { b.LayerNorm(in.x, 3, 1e-12) },
		"one axis":                          func(b *nn.Builder, in inputs) { b.Reshape(in.x, 288) },
		"four axes": func(b *nn.Builder, in inputs) {
			b.Transpose(b.Reshape(in.m, 1, 2, 1, 3), 3, 2, 1, 0)
		},
		"rows of two axes": func(b *nn.Builder, in inputs) { b.Rows(in.column, 1, 1) },
		"no error":         func(b *nn.Builder, in inputs) { b.Fail(nil) },
		"SAME without padding": func(b *nn.Builder, in inputs) {
			b.Conv2d(in.x, nn.Conv2d{Out: 1, Kernel: [2]int{3, 3}, Same: true})
		},
	} {
		b := nn.NewBuilder(nn.Train, false)
		in := inputsOf(b)
		if layer(b.In("at"), in); b.Err() != nil {
			t.Errorf("%s: %v", name, b.Err())
		}
	}
}
