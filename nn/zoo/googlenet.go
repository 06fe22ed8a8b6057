package zoo

import (
	"fmt"
	"math"

	"workbench/nn"
)

const szegedyGoogLeNet = "Szegedy et al. Going Deeper with Convolutions (CVPR 2015, arXiv 1409.4842)"

func init() {
	Register(googLeNet("googlenet", ", as in BVLC's Caffe", nil))
	Register(googLeNet("googlenet_aux", ", with its auxiliary classifiers", Settings{"auxiliary": true}))
	Register(googLeNet("googlenet_torchvision", ", as in torchvision: batch norm, 3×3 for 5×5",
		Settings{"norm": batchNorm, "response_norm": false, "third_kernel": "3x3", "dropout": 0.2, "last_pool": 2, "initialisation": "normal"}))
}

// inceptionRow is a row of table 1 of the paper. It gives the channels of the 1×1 branch, of the reduction and the
// convolution of the 3×3 branch and of the 5×5 branch, and of the pooled branch.
type inceptionRow struct {
	name                                     string
	one, reduce3, three, reduce5, five, pool int
}

var inceptionStages = [][]inceptionRow{
	{{"3a", 64, 96, 128, 16, 32, 32}, {"3b", 128, 128, 192, 32, 96, 64}},
	{{"4a", 192, 96, 208, 16, 48, 64}, {"4b", 160, 112, 224, 24, 64, 64}, {"4c", 128, 128, 256, 24, 64, 64},
		{"4d", 112, 144, 288, 32, 64, 64}, {"4e", 256, 160, 320, 32, 128, 128}},
	{{"5a", 256, 160, 320, 32, 128, 128}, {"5b", 384, 192, 384, 48, 128, 128}},
}

func googLeNet(name, form string, defaults Settings) Variant {
	own := []Option{
		stemOption("three convolutions and two poolings to an eighth of the side", "one 3×3 of stride 1"),
		{Name: "reduction", Default: true, Doc: "1×1 convolutions before the 3×3 and 5×5 ones and after the pooling; " +
			"false: the naive module (figure 2a)"},
		{Name: "third_kernel", Default: "5x5", Choices: []string{"5x5", "3x3"}, Doc: "of the third branch: 5x5 as the paper, 3x3 as torchvision"},
		{Name: "last_pool", Default: 3, Min: 2, Max: 3, Doc: "side of the last max pooling: 3 as the paper, 2 as torchvision"},
		{Name: "response_norm", Default: true, Doc: "local response normalisation in the stem"},
		{Name: "auxiliary", Default: false, Doc: "classifiers on modules 4a and 4d in training"},
		{Name: "auxiliary_weight", Default: 0.3, Min: 1e-6, Max: 100, Doc: "of an auxiliary classifier's loss"},
		{Name: "auxiliary_dropout", Default: 0.7, Max: 0.99,
			Doc: "probability that a hidden unit of an auxiliary classifier is dropped in training"},
		{Name: "dropout", Default: 0.4, Max: 0.99, Doc: "probability that an input of the classifier is dropped in training"},
		{Name: "initialisation", Default: "xavier", Choices: []string{"xavier", "normal"},
			Doc: "xavier: U(±√(3/fan in)) and biases of 0.2, as Caffe; normal: N(0, 0.01²), as torchvision"},
		{Name: "width", Default: 1.0, Min: 0.01, Max: 16, Doc: "factor of all channels"},
		convolutionOption,
	}
	common := common{activation: "relu", norm: noNorm, attention: noAttention, stages: len(inceptionStages), convolution: dense,
		shortcut: chainShortcut("each module"),
		downsample: downsampleOption("how pixels are halved between the stages of modules: max, average: by a pooling; "+
			"stride: every second pixel is taken", byMax)}
	return Variant{
		Name: name, Family: "GoogLeNet", Paper: szegedyGoogLeNet + form, Year: 2014, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: withDefaults(withDefaults(common.options(own...), Settings{"bn_epsilon": 1e-3}), defaults), chained: true,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			return newInceptionNet(s).build(b, x, classes)
		},
	}
}

// inceptionNet is one network. Parameters are named as torchvision's.
type inceptionNet struct {
	modules
	Settings
	linear start
}

// scaled returns a number of channels of table 1, multiplied by the width.
func (n inceptionNet) scaled(channels int) int {
	return max(1, rounded(float64(channels)*n.Float("width")))
}

func newInceptionNet(s Settings) inceptionNet {
	n := inceptionNet{modules: newModules(s), Settings: s, linear: caffeXavier}
	n.shortcut.zeros = true
	n.start = caffeXavierConv
	if s.String("initialisation") == "normal" {
		n.start = normalHundredth
		n.linear = func(fanIn, _ int) (weight, bias nn.Init) { return nn.Init{Normal: 0.01}, nn.FanInUniform(fanIn) }
	}
	return n
}

// caffeXavier is Caffe's "xavier" filler without biases.
func caffeXavier(fanIn, _ int) (weight, bias nn.Init) {
	return nn.Init{Uniform: math.Sqrt(3 / float64(fanIn))}, nn.Init{}
}

func caffeXavierConv(fanIn, fanOut int) (weight, bias nn.Init) {
	weight, _ = caffeXavier(fanIn, fanOut)
	return weight, nn.Init{Constant: 0.2}
}

// conv adds a convolution "conv" of so many channels, multiplied by the width, its normalisation "bn" and an
// activation.
func (n inceptionNet) conv(b *nn.Builder, x nn.Tensor, out, k, stride int) nn.Tensor {
	return n.act(b, n.normalize(b.In("bn"), n.modules.conv(b.In("conv"), x, n.scaled(out), k, stride)))
}

// last adds what conv does at the end of a module's branch. Where a shortcut is added to it, the sum is activated
// instead.
func (n inceptionNet) last(b *nn.Builder, x nn.Tensor, out, k int) nn.Tensor {
	if n.shortcut.kind == plain {
		return n.conv(b, x, out, k, 1)
	}
	return n.normalize(b.In("bn"), n.modules.conv(b.In("conv"), x, n.scaled(out), k, 1))
}

func (n inceptionNet) build(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor {
	x = n.stem(b, x)
	done, total := 0, 0
	for _, rows := range inceptionStages {
		total += len(rows)
	}
	for i, rows := range inceptionStages {
		if i > 0 {
			k := 3
			if i == 2 {
				k = n.Int("last_pool")
			}
			x = halve(n.downsample, b.In(fmt.Sprintf("maxpool%d", i+2)), x, k)
		}
		for _, row := range rows {
			done++
			x = n.inception(b.In("inception"+row.name), x, row, place{stage: i, stride: 1, drop: n.shortcut.drop(done, total)})
			switch row.name {
			case "4a":
				n.auxiliary(b.In("aux1"), x, classes)
			case "4d":
				n.auxiliary(b.In("aux2"), x, classes)
			}
		}
	}
	x = b.In("dropout").Dropout(b.In("avgpool").GlobalAvgPool(x), n.Float("dropout"))
	return head(b.In("fc"), x, classes, n.linear)
}

// stem adds the first three convolutions, which leave 192 channels and an eighth of the side.
func (n inceptionNet) stem(b *nn.Builder, x nn.Tensor) nn.Tensor {
	n.modules = n.ungrouped()
	kind, first := n.String("stem"), b.In("conv1")
	if kind == stemSmall {
		return n.conv(first, x, 192, 3, 1)
	}
	x = n.begun(first.In("conv"), x, kind, n.scaled(64), window{7, 2, 1})
	x = halve(byMax, b.In("maxpool1"), n.act(first, n.normalize(first.In("bn"), x)), 3)
	x = n.respond(b.In("norm1"), x)
	x = n.conv(b.In("conv3"), n.conv(b.In("conv2"), x, 64, 1, 1), 192, 3, 1)
	return halve(byMax, b.In("maxpool2"), n.respond(b.In("norm2"), x), 3)
}

func (n inceptionNet) respond(b *nn.Builder, x nn.Tensor) nn.Tensor {
	if !n.Bool("response_norm") {
		return x
	}
	return b.LRN(x, 5, 1e-4, 0.75, 1)
}

// halve adds a pooling of stride 2 that rounds sizes up.
func halve(how string, b *nn.Builder, x nn.Tensor, k int) nn.Tensor {
	return pooled(how, b, x, nn.Pool2d{Kernel: [2]int{k, k}, Stride: [2]int{2, 2}, Ceil: true})
}

// inception adds a module, four branches side by side (figure 2b of the paper; 2a without reductions), and what stands
// around them.
func (n inceptionNet) inception(b *nn.Builder, x nn.Tensor, row inceptionRow, p place) nn.Tensor {
	y := n.branches(b, n.attendAt(sePre, b, x, p.stage), row)
	if n.shortcut.kind == plain {
		return n.attendAt(seStandard, b, y, p.stage)
	}
	p.act = b
	return n.chain(b, x, y, p)
}

func (n inceptionNet) branches(b *nn.Builder, x nn.Tensor, row inceptionRow) nn.Tensor {
	one, two, three, four := b.In("branch1"), b.In("branch2"), b.In("branch3"), b.In("branch4")
	wide, wider, pooled := x, x, four.In("0").MaxPool(x, 3, 1, 1)
	if n.Bool("reduction") {
		wide = n.conv(two.In("0"), x, row.reduce3, 1, 1)
		wider = n.conv(three.In("0"), x, row.reduce5, 1, 1)
		pooled = n.last(four.In("1"), pooled, row.pool, 1)
	}
	k := 5
	if n.String("third_kernel") == "3x3" {
		k = 3
	}
	return b.Concat(n.last(one, x, row.one, 1), n.last(two.In("1"), wide, row.three, 3),
		n.last(three.In("1"), wider, row.five, k), pooled)
}

// auxiliary adds a classifier in the middle of the network whose loss is added in training (section 5 of the paper).
func (n inceptionNet) auxiliary(b *nn.Builder, x nn.Tensor, classes int) {
	if !n.Bool("auxiliary") || !b.Training() || classes == 0 {
		return
	}
	x = b.Flatten(n.conv(b.In("conv"), b.AvgPool(x, 5, 3, 0), 128, 1, 1))
	x = b.Activate(n.activation, linear(b.In("fc1"), x, 1024, n.linear))
	x = b.In("dropout").Dropout(x, n.Float("auxiliary_dropout"))
	b.Auxiliary(linear(b.In("fc2"), x, classes, n.linear), n.Float("auxiliary_weight"))
}
