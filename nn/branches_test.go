package nn_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// branches is a network that begins with a dropout, divides, meets and has kernels whose sides differ.
func branches(mode nn.Mode) *nn.Builder {
	b := nn.NewBuilder(mode, false)
	x := b.In("drop").Dropout(b.Input("image", 2, 2, 8, 6), 0.1)
	x = b.In("conv").Conv2d(x, nn.Conv2d{Out: 4, Kernel: [2]int{3, 5}, Strides: [2]int{2, 1}, Pad: [2]int{1, 2}})
	most := b.In("most").MaxPool2d(x, nn.Pool2d{Kernel: [2]int{2, 3}, Stride: [2]int{2, 2}, Pad: [2]int{0, 1}})
	every := b.In("every").Subsample(x, 4, 2)
	x = b.Add(every, most, every)
	x = b.In("mean").AvgPool2d(x, nn.Pool2d{Kernel: [2]int{2, 1}, Stride: [2]int{1, 1}})
	x = b.In("path").DropPath(x, 0.5)
	x = b.In("norm").GroupNorm(x, 2, 1e-5)
	b.In("fc").Linear(b.Flatten(x), 5)
	return b
}

// Every number of a network with branches, counted by hand: in training, and in inference, which lacks two layers.
func TestSummaryOfBranches(t *testing.T) {
	one, jump := [2]int{1, 1}, [2]int{4, 2}
	map4, pooled, row := op.Shape{4, 4, 6}, op.Shape{4, 2, 3}, op.Shape{4, 1, 3}
	want := []nn.Layer{
		{Path: "drop", Kind: "dropout", In: op.Shape{2, 8, 6}, Out: op.Shape{2, 8, 6}, From: []int{nn.Image}, Size: 1, Field: one, Jump: one,
			KeptBytes: 384, OutBytes: 384, TrainingOnly: true},
		{Path: "conv", Kind: "conv", In: op.Shape{2, 8, 6}, Out: map4, From: []int{0}, Size: 1, Kernel: [2]int{3, 5}, Stride: [2]int{2, 1},
			Dilation: one, Groups: 1, Field: [2]int{3, 5}, Jump: [2]int{2, 1}, Params: 120, MACs: 2880, KeptBytes: 384,
			OutBytes: 384, LiveBytes: 384},
		{Path: "most", Kind: "max pool", In: map4, Out: pooled, From: []int{1}, Size: 1, Kernel: [2]int{2, 3}, Stride: [2]int{2, 2},
			Dilation: one, Field: [2]int{5, 7}, Jump: jump, OutBytes: 96, LiveBytes: 480},
		{Path: "every", Kind: "subsample", In: map4, Out: pooled, From: []int{1}, Size: 1, Kernel: one, Stride: [2]int{2, 2}, Dilation: one,
			Field: [2]int{3, 5}, Jump: jump, OutBytes: 96, LiveBytes: 576},
		{Kind: "add", In: pooled, Out: pooled, From: []int{2, 3}, Size: 1, Field: [2]int{5, 7}, Jump: jump, OutBytes: 96, LiveBytes: 288},
		{Path: "mean", Kind: "avg pool", In: pooled, Out: row, From: []int{4}, Size: 1, Kernel: [2]int{2, 1}, Stride: one, Dilation: one,
			Field: [2]int{9, 7}, Jump: jump, OutBytes: 48, LiveBytes: 144},
		{Path: "path", Kind: "drop path", In: row, Out: row, From: []int{5}, Size: 1, Field: [2]int{9, 7}, Jump: jump,
			KeptBytes: 48, OutBytes: 48, TrainingOnly: true},
		{Path: "norm", Kind: "group norm", In: row, Out: row, From: []int{6}, Size: 1, Field: [2]int{9, 7}, Jump: jump, Gated: true,
			Params: 8, KeptBytes: 16, OutBytes: 48, LiveBytes: 96}, // keeps mean and deviation of two groups
		{Kind: "flatten", In: row, Out: op.Shape{12}, From: []int{7}, Size: 1, Field: [2]int{9, 11}, Gated: true,
			KeptBytes: 48, OutBytes: 48, LiveBytes: 96},
		{Path: "fc", Kind: "linear", In: op.Shape{12}, Out: op.Shape{5}, From: []int{8}, Size: 1, Field: [2]int{9, 11}, Gated: true,
			Params: 65, MACs: 60, KeptBytes: 20, OutBytes: 20, LiveBytes: 68},
	}
	sameSummary(t, branches(nn.Train).Summary(), want, nn.Summary{Params: 193, MACs: 2940, WeightLayers: 2, KeptBytes: 900, PeakBytes: 576})
	for i := range want {
		want[i].KeptBytes = 0
		want[i].From = [][]int{nil, {nn.Image}, {0}, {0}, {1, 2}, {3}, nil, {4}, {5}, {6}}[i]
	}
	want = slices.DeleteFunc(want, func(l nn.Layer) bool { return l.TrainingOnly })
	sameSummary(t, branches(nn.Infer).Summary(), want, nn.Summary{Params: 193, MACs: 2940, WeightLayers: 2, PeakBytes: 576})
}

func sameSummary(t *testing.T, got nn.Summary, layers []nn.Layer, totals nn.Summary) {
	t.Helper()
	if len(got.Layers) != len(layers) {
		t.Fatalf("%d layers, want %d: %+v", len(got.Layers), len(layers), got.Layers)
	}
	for i, l := range got.Layers {
		if !reflect.DeepEqual(l, layers[i]) {
			t.Errorf("layer %d:\n got %+v\nwant %+v", i, l, layers[i])
		}
	}
	if got.Layers = nil; !reflect.DeepEqual(got, totals) {
		t.Errorf("got the totals %+v, want %+v", got, totals)
	}
}

// Numbers without images are those of all: there is no batch to divide by.
func TestSummaryWithoutImages(t *testing.T) {
	b := nn.NewBuilder(nn.Infer, false)
	b.OneHot(b.Labels("labels", 3), 5)
	if l := b.Summary().Layers; len(l) != 1 || l[0].OutBytes != 4*3*5 || l[0].LiveBytes != 4*3*5 {
		t.Errorf("got %+v, want one layer of 60 bytes", l)
	}
}

// The first input says how many images a batch has, whatever inputs come later; a failed input says nothing.
func TestTheFirstInputIsTheBatch(t *testing.T) {
	b := nn.NewBuilder(nn.Infer, false)
	x := b.Input("images", 2, 3)
	b.Input("decay", 1)
	b.Input("crops", 8, 3)
	b.Scale(x, 2)
	if l := b.Summary().Layers[0]; b.Err() != nil || l.OutBytes != 12 {
		t.Errorf("%v: got %d bytes for an image of 3 numbers, want 12", b.Err(), l.OutBytes)
	}
}

// An auxiliary classifier is recorded with its place, and its loss against shares of the classes is that of the last.
func TestAuxiliariesAreRecorded(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	first := b.Input("first", 2, 3)
	b.In("aux1").In("head").Auxiliary(first, 0.25)
	if got, want := b.Auxiliaries(), []nn.Auxiliary{{Path: "aux1.head", Logits: first, Weight: 0.25}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	loss := b.SoftClassifierLoss(b.Input("last", 2, 3), b.Input("targets", 2, 3))
	want := "sum{N:2}(soft_cross_entropy(last, targets), scale{By:0.25}(soft_cross_entropy(first, targets)))"
	if got := tree(loss.Node()); got != want {
		t.Errorf("the loss is %s, want %s", got, want)
	}
}

// Every kind of layer counts to one share; forms are told apart where a network has several.
func TestSharesOfEveryKind(t *testing.T) {
	var s nn.Summary
	add := func(l nn.Layer) nn.Share {
		k := int64(len(s.Layers) + 1)
		l.Size, l.Params, l.MACs, l.KeptBytes = 1, k, k*1000, k*1000000
		s.Layers = append(s.Layers, l)
		return nn.Share{Layers: 1, Params: k, MACs: k * 1000, KeptBytes: k * 1000000}
	}
	together := func(kind string, all ...nn.Share) (sum nn.Share) {
		for _, one := range all {
			sum.Layers, sum.Params, sum.MACs = sum.Layers+1, sum.Params+one.Params, sum.MACs+one.MACs
			sum.KeptBytes += one.KeptBytes
		}
		sum.Kind = kind
		return sum
	}
	var of = map[string][]nn.Share{}
	for kind, class := range map[string]string{
		"linear": nn.FullyConnected, "batch norm": nn.Normalisation, "layer norm": nn.Normalisation, "group norm": nn.Normalisation,
		"lrn": nn.Normalisation, "l2 normalize": nn.Normalisation, "max pool": nn.Pooling, "avg pool": nn.Pooling,
		"adaptive avg pool": nn.Pooling, "global avg pool": nn.Pooling, "global max pool": nn.Pooling, "relu": nn.Activation,
		"softmax": nn.Activation, "log softmax": nn.Activation,
		"hard_swish": nn.Activation, "leaky_relu": nn.Activation, "add": nn.Other, "dropout": nn.Other, "mul": nn.Other,
	} {
		of[class] = append(of[class], add(nn.Layer{Kind: kind, In: op.Shape{4, 8, 8}}))
	}
	conv := func(groups, kh, kw int) nn.Share {
		return add(nn.Layer{Kind: "conv", In: op.Shape{4, 8, 8}, Groups: groups, Kernel: [2]int{kh, kw}})
	}
	spatial := []nn.Share{conv(1, 3, 3), conv(2, 3, 3), conv(1, 1, 3), conv(1, 3, 1)}
	pointwise := []nn.Share{conv(1, 1, 1), conv(2, 1, 1)}
	depthwise := []nn.Share{conv(4, 3, 3), conv(4, 1, 1), add(nn.Layer{Kind: "conv", In: op.Shape{2, 8, 8}, Groups: 2, Kernel: [2]int{1, 1}})}
	// One channel in one group is an ordinary convolution.
	spatial = append(spatial, add(nn.Layer{Kind: "conv", In: op.Shape{1, 8, 8}, Groups: 1, Kernel: [2]int{3, 3}}))
	all := together(nn.Convolution, slices.Concat(spatial, pointwise, depthwise)...)
	all.Parts = []nn.Share{together(nn.Spatial, spatial...), together(nn.Pointwise, pointwise...), together(nn.Depthwise, depthwise...)}
	want := []nn.Share{all}
	for _, class := range []string{nn.FullyConnected, nn.Normalisation, nn.Activation, nn.Pooling, nn.Other} {
		want = append(want, together(class, of[class]...))
	}
	if got := s.Shares(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
	alone := nn.Summary{Layers: []nn.Layer{{Kind: "conv", In: op.Shape{4, 8, 8}, Size: 1, Kernel: [2]int{3, 3}}}}
	if got, want := alone.Shares(), []nn.Share{{Kind: nn.Convolution, Layers: 1}}; !reflect.DeepEqual(got, want) {
		t.Errorf("convolutions of one form: got %+v, want %+v", got, want)
	}
}

// What training keeps of each layer, in bytes for an image: what gradients read, and no more.
func TestWhatTrainingKeeps(t *testing.T) {
	type kept = map[string]int64
	for name, c := range map[string]struct {
		build func(b *nn.Builder, x nn.Tensor) // of images of 2×4×4: 128 bytes
		want  kept                             // by kinds of layers; nothing of those not named
	}{
		"a function whose result is read": {func(b *nn.Builder, x nn.Tensor) {
			b.In("fc").Linear(b.GlobalAvgPool(b.Tanh(b.Conv(x, 2, 3, 1))), 5)
		}, kept{"tanh": 128, "global avg pool": 8, "linear": 20}},
		"a function whose operand is read": {func(b *nn.Builder, x nn.Tensor) {
			b.In("fc").Linear(b.GlobalAvgPool(b.Log(b.Conv(x, 2, 3, 1))), 5)
		}, kept{"conv": 128, "global avg pool": 8, "linear": 20}},
		"statistics and a result": {func(b *nn.Builder, x nn.Tensor) {
			b.In("fc").Linear(b.GlobalAvgPool(b.Log(b.GroupNorm(b.In("conv").Conv(x, 2, 3, 1), 2, 1))), 5)
		}, kept{"conv": 128, "group norm": 128 + 16, "global avg pool": 8, "linear": 20}},
		"a function of images": {func(b *nn.Builder, x nn.Tensor) { b.In("fc").Linear(b.GlobalAvgPool(b.Log(b.Tanh(x))), 5) },
			kept{"global avg pool": 8, "linear": 20}},
		"behind a stop": {func(b *nn.Builder, x nn.Tensor) {
			b.In("fc").Linear(b.GlobalAvgPool(b.Log(b.StopGradient(b.Conv(x, 2, 3, 1)))), 5)
		}, kept{"global avg pool": 8, "linear": 20}},
		"a copy that follows": {func(b *nn.Builder, x nn.Tensor) {
			teacher := b.Follow("teacher", nn.Follow{Decay: b.Input("decay", 1)})
			b.In("fc").Linear(b.GlobalAvgPool(b.Log(teacher.Conv(x, 2, 3, 1))), 5)
		}, kept{"global avg pool": 8, "linear": 20}},
		"a state": {func(b *nn.Builder, x nn.Tensor) {
			b.In("fc").Linear(b.Flatten(b.Log(b.Mul(x, b.State("s", nn.Init{}, 2, 2, 4, 4)))), 5)
		}, kept{"flatten": 128, "linear": 20}},
	} {
		b := nn.NewBuilder(nn.Train, false)
		c.build(b, b.Input("image", 2, 2, 4, 4))
		s, got, total := b.Summary(), kept{}, int64(0)
		for _, l := range s.Layers {
			if total += l.KeptBytes; l.KeptBytes > 0 {
				got[l.Kind] = l.KeptBytes
			}
		}
		if b.Err() != nil || !maps.Equal(got, c.want) || s.KeptBytes != total {
			t.Errorf("%s: %v: got %v, want %v", name, b.Err(), got, c.want)
		}
	}
}

// A result lives until its last reader has run; one that nothing reads, to the end; one behind a dropout, as the
// dropout's.
func TestResultsLiveUntilTheyAreRead(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	x := b.Exp(b.Input("x", 2, 1)) // 4 bytes, as all that follows
	b.Abs(x)                       // a result of the network
	dropped := b.Dropout(x, 0.5)
	y := b.Sqrt(b.Log(x))
	b.Add(y, dropped)
	want := []int64{4, 8, 0, 12, 16, 16}
	for i, l := range b.Summary().Layers {
		if l.LiveBytes != want[i] {
			t.Errorf("layer %d (%s): %d bytes live, want %d", i, l.Kind, l.LiveBytes, want[i])
		}
	}
}

// What a layer reads first is its first operand that is no parameter.
func TestWhatLayersReadFirst(t *testing.T) {
	for name, c := range map[string]struct {
		build func(b *nn.Builder, in inputs) nn.Tensor
		want  op.Shape
	}{
		"layer norm":     {func(b *nn.Builder, in inputs) nn.Tensor { return b.LayerNorm(in.x, 2, 1) }, op.Shape{4, 6, 6}},
		"concat columns": {func(b *nn.Builder, in inputs) nn.Tensor { return b.ConcatColumns(in.m, in.column) }, op.Shape{3}},
		"concat rows":    {func(b *nn.Builder, in inputs) nn.Tensor { return b.ConcatRows(in.x, in.y) }, op.Shape{4, 6, 6}},
		"batch norm":     {func(b *nn.Builder, in inputs) nn.Tensor { return b.BatchNorm(in.m) }, op.Shape{3}},
		"matmul": {func(b *nn.Builder, in inputs) nn.Tensor {
			return b.MatMulTransposed(in.m, in.column, op.MatMul{TransA: true})
		}, op.Shape{3}},
		"mul by a state": {func(b *nn.Builder, in inputs) nn.Tensor {
			return b.Mul(in.x, b.State("s", nn.Init{}, 2, 4, 1, 1))
		}, op.Shape{4, 6, 6}},
	} {
		b := nn.NewBuilder(nn.Infer, false)
		c.build(b, inputsOf(b))
		all := b.Summary().Layers
		if got := all[len(all)-1]; b.Err() != nil || !got.In.Equal(c.want) {
			t.Errorf("%s: %v: reads %v first, want %v", name, b.Err(), got.In, c.want)
		}
	}
}

// The longest path counts, whichever operand of a sum it comes from.
func TestTheLongestPathCounts(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		b := nn.NewBuilder(nn.Infer, false)
		x := b.In("a").Conv(b.Input("image", 1, 2, 4, 4), 2, 3, 1)
		y := b.In("c").Conv(b.In("b").Conv(x, 2, 3, 1), 2, 3, 1)
		if swapped {
			x, y = y, x
		}
		b.In("fc").Linear(b.Flatten(b.Add(x, y)), 3)
		if got := b.Cost().WeightLayers; got != 4 || b.Summary().WeightLayers != 4 {
			t.Errorf("swapped %v: %d layers, want 4", swapped, got)
		}
	}
}
