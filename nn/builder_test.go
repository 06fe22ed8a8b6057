package nn_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

func TestErrorsSayWhichLayerAndStick(t *testing.T) {
	tests := []struct {
		name  string
		build func(b *nn.Builder, x nn.Tensor) nn.Tensor
		want  string
	}{
		{"groups", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("layer1").In("0").In("conv1").Conv2d(x, nn.Conv2d{Out: 8, Kernel: [2]int{3, 3}, Groups: 2})
		}, "layer1.0.conv1: conv: 2 groups must divide the channels of input (2, 3, 8, 8)"},
		{"output channels", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("conv1").Conv(x, 0, 3, 1) },
			"conv1: conv: input (2, 3, 8, 8) has 4 axes and the output 0 channels"},
		{"kernel", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("conv1").Conv2d(x, nn.Conv2d{Out: 8, Kernel: [2]int{9, 3}})
		}, "conv1: conv: a kernel of 9×3"},
		{"flat convolution", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("conv1").Conv(b.Flatten(x), 8, 3, 1) },
			"conv1: conv: input (2, 192) has 2 axes"},
		{"batch norm of a vector", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("bn1").BatchNorm(b.Input("one", 5)) },
			"bn1: batch norm: input (5) has 1 axes, want 4 or 2"},
		{"batch norm of one value", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("bn1").BatchNorm(b.Input("one", 1, 3, 1, 1)) },
			"bn1: batch norm: input (1, 3, 1, 1) has one value a channel"},
		{"image into linear", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("fc").Linear(x, 10) },
			"fc: linear: input (2, 3, 8, 8) has 4 axes, want 2; flatten it first"},
		{"image into linear with start", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("fc").LinearInit(x, 10, nn.Init{}, nn.Init{})
		}, "fc: linear: input (2, 3, 8, 8) has 4 axes, want 2"},
		{"unequal sum", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("add").Add(x, b.MaxPool(x, 2, 2, 0)) },
			"add: sum: operand 1 is (2, 3, 4, 4), want (2, 3, 8, 8)"},
		{"pool", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("pool").MaxPool(x, 9, 1, 0) },
			"pool: max_pool: a kernel of 9×9"},
		{"flat global pool", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("pool").GlobalAvgPool(b.Flatten(x)) },
			"pool: global average pool: input (2, 192) has 2 axes"},
		{"fields", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("pool").AdaptiveAvgPool(x, 0) },
			"pool: adaptive avg pool: input (2, 3, 8, 8) cannot be divided into 0×0 fields, want 4 axes and at least 1 field"},
		{"fields of what is flat", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("pool").AdaptiveAvgPool(b.Flatten(x), 7) },
			"pool: adaptive avg pool: input (2, 192) cannot be divided into 7×7 fields, want 4 axes"},
		{"dropout", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("drop").Dropout(x, 1) },
			"drop: dropout: want a probability from 0 to below 1, got 1"},
		{"name twice", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("conv1").Conv(b.In("conv1").Conv(x, 3, 3, 1), 3, 3, 1)
		}, "conv1: parameter conv1.weight exists already"},
		{"input twice", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Input("image", 2, 3, 8, 8) }, `the name "image" is empty or taken`},
		{"labels", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.CrossEntropy(b.Flatten(x), b.Labels("label", 3), 0)
		}, "cross_entropy: labels is (3), want (2)"},
	}
	for _, test := range tests {
		b := nn.NewBuilder(nn.Train, false)
		y := test.build(b, b.Input("image", 2, 3, 8, 8))
		if y.Node() != nil || y.Shape() != nil {
			t.Errorf("%s: the failed layer has a value %v", test.name, y.Shape())
		}
		if err := b.Err(); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
			continue
		}
		checkSticks(t, test.name, b, y)
	}
}

// checkSticks adds one layer of each kind after a failed one: none may panic or replace the error.
func checkSticks(t *testing.T, name string, b *nn.Builder, x nn.Tensor) {
	t.Helper()
	first := b.Err()
	params, later := len(b.Params()), b.In("later")
	y := later.ReLU(later.BatchNorm(later.BatchNormZero(later.Conv(x, 8, 3, 1))))
	y = later.MaxPool(later.AvgPool(later.Subsample(later.Concat(later.Add(x, y), y), 8, 2), 2, 2, 0), 2, 2, 0)
	y = later.Linear(later.Dropout(later.Flatten(later.GlobalAvgPool(later.AdaptiveAvgPool(y, 1))), 0.5), 10)
	y = later.CrossEntropy(later.LinearInit(y, 3, nn.Init{}, nn.Init{}), later.Labels("label", 2), 0)
	later.Fail(errors.New("another"))
	if b.Err() != first || y.Node() != nil || len(b.Params()) != params {
		t.Errorf("%s: after the error %q the builder went on: error %v, %d more parameters", name, first, b.Err(), len(b.Params())-params)
	}
}

func small(mode nn.Mode) (*nn.Builder, nn.Tensor) {
	b := nn.NewBuilder(mode, false)
	x := b.Input("image", 2, 3, 8, 8)
	x = b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 4, 3, 2)))
	x = b.In("head").In("mix").Conv2d(x, nn.Conv2d{Out: 6, Kernel: [2]int{1, 3}, Pad: [2]int{0, 1}, Groups: 2, Bias: true})
	x = b.In("drop").Dropout(b.GlobalAvgPool(x), 0.5)
	return b, b.In("fc").Linear(x, 10)
}

func TestParametersHavePathsRolesAndShapes(t *testing.T) {
	b, logits := small(nn.Train)
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	want := []struct {
		path  string
		role  nn.Role
		shape op.Shape
	}{
		{"conv1.weight", nn.Weight, op.Shape{4, 3, 3, 3}},
		{"bn1.weight", nn.Scale, op.Shape{4}},
		{"bn1.bias", nn.Shift, op.Shape{4}},
		{"bn1.running_mean", nn.Running, op.Shape{4}},
		{"bn1.running_var", nn.Running, op.Shape{4}},
		{"head.mix.weight", nn.Weight, op.Shape{6, 2, 1, 3}},
		{"head.mix.bias", nn.Bias, op.Shape{6}},
		{"fc.weight", nn.Weight, op.Shape{10, 6}},
		{"fc.bias", nn.Bias, op.Shape{10}},
	}
	if len(b.Params()) != len(want) {
		t.Fatalf("%d parameters, want %d", len(b.Params()), len(want))
	}
	for i, p := range b.Params() {
		w := want[i]
		if p.Path != w.path || p.Role != w.role || !p.Shape.Equal(w.shape) || p.Trainable() != (w.role != nn.Running) {
			t.Errorf("parameter %d is %s %v (role %d), want %s %v (role %d)", i, p.Path, p.Shape, p.Role, w.path, w.shape, w.role)
		}
	}
	if want := (op.Shape{2, 10}); !logits.Shape().Equal(want) {
		t.Errorf("logits are %v, want %v", logits.Shape(), want)
	}
}

func TestModes(t *testing.T) {
	train, _ := small(nn.Train)
	infer, _ := small(nn.Infer)
	if !train.Training() || infer.Training() {
		t.Error("the builders confuse training and inference")
	}
	var updated []string
	for _, u := range train.Updates() {
		updated = append(updated, u.Param.Path)
	}
	if want := []string{"bn1.running_mean", "bn1.running_var"}; !slices.Equal(updated, want) {
		t.Errorf("training updates %v, want %v", updated, want)
	}
	if len(infer.Updates()) > 0 {
		t.Errorf("inference updates %d states", len(infer.Updates()))
	}
	if train.Key() == nil || infer.Key() != nil {
		t.Errorf("dropout's key: training %v, inference %v; want it in training only", train.Key(), infer.Key())
	}
}

func TestAdaptiveAvgPool(t *testing.T) {
	b := nn.NewBuilder(nn.Infer, false)
	x := b.Input("image", 1, 2, 14, 7)
	y := b.AdaptiveAvgPool(x, 7)
	if want := (op.Shape{1, 2, 7, 7}); !y.Shape().Equal(want) {
		t.Errorf("%v pools to %v, want %v", x.Shape(), y.Shape(), want)
	}
	if z := b.AdaptiveAvgPool(y, 7); z.Node() != y.Node() {
		t.Error("pooling 7×7 to 7×7 is not the identity")
	}
	for _, side := range [][2]int{{1, 1}, {2, 3}, {6, 6}, {3, 14}} { // fewer pixels than fields along some axis
		b := nn.NewBuilder(nn.Infer, false)
		if y := b.AdaptiveAvgPool(b.Input("image", 1, 2, side[0], side[1]), 7); !y.Shape().Equal(op.Shape{1, 2, 7, 7}) {
			t.Errorf("%v pools to %v, want 7×7, error %v", side, y.Shape(), b.Err())
		}
	}
}
