package nn_test

import (
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// The layers beside those of plain convolutional networks refuse what they cannot do,
// and the error gives their name and path.
func TestOperatorErrors(t *testing.T) {
	type build = func(b *nn.Builder, x nn.Tensor) nn.Tensor
	pad := [2]int{1, 1}
	for want, layer := range map[string]build{
		`there is no activation "swich"`: func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Activate("swich", x) },
		"conv: got padding [1 1] and SAME": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Conv2d(x, nn.Conv2d{Out: 4, Kernel: [2]int{3, 3}, Pad: pad, Same: true})
		},
		"conv: input (2, 192) has 2 axes, want 4": func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Depthwise(b.Flatten(x), 3, 1) },
		"split: the parts [1 1] have 2 channels together, input (2, 3, 8, 8)": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Split(x, 1, 1)[0]
		},
		"channels: [2, 5) is not inside the 3 channels": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Channels(x, 2, 3)
		},
		"concat rows: operand 1 is (2, 192), want rows like those of (2, 3,": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.ConcatRows(x, b.Flatten(x))
		},
		"reshape: input (2, 3, 8, 8) has 384 elements": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Reshape(x, 2, 5)
		},
		"transpose: got 5 axes, want at most 4": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Transpose(x, 0, 1, 2, 3, 4)
		},
		"group norm: 2 groups must divide the channels of input (2, 3, 8, 8)": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.GroupNorm(x, 2, 1e-5)
		},
		"layer norm: the last 4 axes of input (2, 3, 8, 8)": func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LayerNorm(x, 4, 1e-5) },
		"row norm: epsilon 0, want above 0":                 func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LayerNorm(x, 1, 0) },
		"batch norm: epsilon 0 and momentum 2": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.BatchNorm2d(x, nn.BatchNorm2d{Momentum: 2})
		},
		"global max pool: input (2, 192) has 2 axes": func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.GlobalMaxPool(b.Flatten(x)) },
		"max pool: input (2, 192) has 2 axes": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.MaxPool2d(b.Flatten(x), nn.Pool2d{})
		},
		"avg_pool: stride [0 0]": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.AvgPool2d(x, nn.Pool2d{Ceil: true})
		},
		"weighted sum: loss 0 is (2, 3, 8, 8), want a scalar": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.WeightedSum([]float64{1}, x)
		},
		"weighted sum: got 1 weights and 0 losses":    func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.WeightedSum([]float64{1}) },
		"row products: input (2, 3, 8, 8) has 4 axes": func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.RowProducts(x, x) },
		"soft cross entropy: got smoothing 0.1":       softSmoothed,
		"nt-xent: temperature 0, want above 0":        func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.NTXent(b.Flatten(x), 0) },
		"kl_divergence: temperature -1": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.KLDivergence(b.Flatten(x), b.Flatten(x), -1)
		},
		"drop_path: want a probability from 0 to below 1, got": func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.DropPath(x, 1) },
	} {
		b := nn.NewBuilder(nn.Train, false)
		y := layer(b.In("here"), b.Input("image", 2, 3, 8, 8))
		if err := b.Err(); err == nil || !strings.HasPrefix(err.Error(), "here: "+want) || y.Node() != nil {
			t.Errorf("got error %v and value %v, want %q", err, y.Shape(), "here: "+want)
		}
		everyOperator(b, y)
	}
}

func softSmoothed(b *nn.Builder, x nn.Tensor) nn.Tensor {
	return b.SoftCrossEntropy(b.Flatten(x), b.Flatten(x), nn.CrossEntropyLoss{Smoothing: 0.1})
}

// everyOperator must survive an operand that has failed.
func everyOperator(b *nn.Builder, x nn.Tensor) {
	x = b.ScaleGradient(b.StopGradient(b.Sub(b.Mul(b.Activate("silu", x), x), b.Scale(x, 2))), 2)
	x = b.LRN(b.GroupNorm(b.LayerNorm(b.BatchNorm2d(b.Depthwise(x, 3, 1), nn.BatchNorm2d{}), 1, 1), 1, 1), 5, 1, 1, 1)
	x = b.AvgPool2d(b.MaxPool2d(b.AdaptiveAvgPool(x, 3), nn.Pool2d{}), nn.Pool2d{})
	x = b.Concat(b.Split(b.ChannelShuffle(b.DropPath(x, 0.5), 2), 1, 2)...)
	x = b.Transpose(b.Reshape(b.ConcatRows(b.Rows(b.Channels(x, 0, 1), 0, 1), x), 1, 1), 1, 0)
	x = b.MatMul(b.CosineSimilarity(x, x), b.LogSoftmax(b.Softmax(b.GlobalMaxPool(x))))
	b.WeightedSum([]float64{1, 1, 1, 1, 1, 1}, b.NTXent(x, 1), b.KLDivergence(x, x, 1), b.MeanSquaredError(x, x), b.BinaryCrossEntropy(x, x),
		b.SoftCrossEntropy(x, x, nn.CrossEntropyLoss{}), b.Mean(x))
}

// The sizes are those that torch and TensorFlow give.
func TestOperatorShapes(t *testing.T) {
	type build = func(b *nn.Builder, x nn.Tensor) nn.Tensor
	up := nn.Pool2d{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Ceil: true}
	padded := nn.Pool2d{Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Ceil: true}
	for _, c := range []struct {
		name  string
		layer build
		want  op.Shape
	}{
		// Five windows fit into 12 pixels, and a sixth hangs over the end.
		{"ceil", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.MaxPool2d(x, up) }, op.Shape{2, 3, 6, 4}},
		// A window may not begin in the padding at the end.
		{"ceil, begins outside", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.AvgPool2d(x, padded) }, op.Shape{2, 3, 7, 5}},
		{"stride of the kernel", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.MaxPool2d(x, nn.Pool2d{Kernel: [2]int{3, 2}})
		}, op.Shape{2, 3, 4, 4}},
		{"SAME", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Conv2d(x, nn.Conv2d{Out: 5, Kernel: [2]int{3, 3}, Strides: [2]int{2, 5}, Same: true})
		}, op.Shape{2, 5, 6, 2}},
		{"padding at the end", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Conv2d(x, nn.Conv2d{Out: 5, Kernel: [2]int{3, 3}, PadEnd: &[2]int{2, 1}})
		}, op.Shape{2, 5, 12, 8}},
		{"global", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.GlobalMaxPool(x) }, op.Shape{2, 3}},
		{"rows", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ConcatRows(b.Rows(x, 1, 1), x) }, op.Shape{3, 3, 12, 9}[:4]},
	} {
		b := nn.NewBuilder(nn.Train, false)
		y := c.layer(b, b.Input("image", 2, 3, 12, 9))
		if !y.Shape().Equal(c.want) {
			t.Errorf("%s: got %v, want %v, error %v", c.name, y.Shape(), c.want, b.Err())
		}
	}
}

// A frozen batch norm does not change its statistics in training, be it frozen by itself or because the training leaves
// both its scale and its shift as they are.
func TestFrozenBatchNormUpdatesNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		layer  nn.BatchNorm2d
		stays  string // paths that contain it
		frozen bool
	}{
		{"frozen by itself", nn.BatchNorm2d{Frozen: true}, "nothing", true},
		{"scale and shift stay", nn.BatchNorm2d{}, "bn.", true},
		{"the scale alone stays", nn.BatchNorm2d{}, "bn.weight", false},
		{"the shift alone stays", nn.BatchNorm2d{}, "bn.bias", false},
		{"another layer stays", nn.BatchNorm2d{}, "conv.", false},
	} {
		b := nn.NewBuilder(nn.Train, false)
		b.Freeze(func(path string) bool { return strings.Contains(path, c.stays) })
		y := b.In("bn").BatchNorm2d(b.Input("image", 2, 3, 1, 1), c.layer)
		updates := map[bool]int{true: 0, false: 2}[c.frozen]
		if err := b.Err(); err != nil || len(b.Updates()) != updates || len(b.Params()) != 4 {
			t.Errorf("%s: %d updates and %d parameters, want %d and 4, error %v", c.name, len(b.Updates()), len(b.Params()), updates, err)
		}
		if _, running := y.Node().Op().(*op.Op).Spec.(op.BNInfer); running != c.frozen {
			t.Errorf("%s: it normalises by running statistics: %v, want %v", c.name, running, c.frozen)
		}
	}
	b := nn.NewBuilder(nn.Train, false)
	b.Freeze(func(string) bool { return true })
	b.BatchNorm(b.Input("image", 1, 3, 1, 1)) // one value a channel, which a batch's statistics refuse
	if err := b.Err(); err != nil {
		t.Error(err)
	}
}
