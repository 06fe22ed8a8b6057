package zoo

import (
	"fmt"
	"math"

	"workbench/nn"
)

const huangDenseNet = "Huang, Liu, van der Maaten, Weinberger. Densely Connected Convolutional Networks (CVPR 2017, arXiv 1608.06993)"

func init() {
	Register(denseRow("densenet121", 32, 6, 12, 24, 16))
	Register(denseRow("densenet161", 48, 6, 12, 36, 24))
	Register(denseRow("densenet169", 32, 6, 12, 32, 32))
	Register(denseRow("densenet201", 32, 6, 12, 48, 32))
	Register(denseRow("densenet264", 32, 6, 12, 64, 48))
	for _, d := range []struct{ depth, k int }{{40, 12}, {100, 12}, {100, 24}} {
		Register(denseCIFAR(fmt.Sprintf("densenet_%d_%d_cifar", d.depth, d.k), d.depth, d.k,
			Settings{"bottleneck": false, "compression": 1.0}))
	}
	for _, d := range []struct{ depth, k int }{{100, 12}, {250, 24}, {190, 40}, {40, 36}, {40, 48}, {40, 60}} {
		Register(denseCIFAR(fmt.Sprintf("densenet_bc_%d_%d_cifar", d.depth, d.k), d.depth, d.k, nil))
	}
	Register(denseFamily("densenet_cifar", "any depth", 40, 12, 1))
	Register(denseFamily("densenet_mini", "reduced for quick studies: a quarter of the pixels", 22, 8, 2))
}

// denseNet is one network: dense blocks with a number of layers each, and between them transitions that halve the
// pixels. Parameters are named as torchvision's.
type denseNet struct {
	modules
	growth      int // k of the paper: channels that each layer adds
	bottleneck  bool
	compression float64 // θ of the paper: share of the channels that a transition keeps
	dropout     float64
	stem        int    // stride of a small stem; 0 means the stem for large images
	first       string // how the stem for large images begins: large or deep
	counts      []int
}

// concatenation is DenseNet's shortcut, which puts a layer's result beside what the layer reads.
const concatenation = "concat"

func denseOptions(growth int, blocks int) []Option {
	common := common{activation: "relu", norm: batchNorm, attention: noAttention, stages: blocks, convolution: dense,
		shortcut: shortcutOption(concatenation,
			"concat: each layer adds channels to those of all before it, and reads them all; none: it reads those of the one before it alone",
			concatenation, plain),
		downsample: downsampleOption("how a transition halves the pixels: average, max: by a pooling; "+
			"stride: its 1×1 convolution skips three of four", byAverage)}
	return common.options(
		Option{Name: "growth_rate", Default: growth, Min: 1, Max: 1024, Doc: "k: channels that each layer adds"},
		Option{Name: "bottleneck", Default: true, Doc: "a 1×1 convolution to 4k channels before each 3×3 (the B of DenseNet-BC)"},
		Option{Name: "compression", Default: 0.5, Min: 0.01, Max: 1,
			Doc: "θ: share of the channels that a transition keeps (the C of DenseNet-BC); 1: all"},
		Option{Name: "dropout", Default: 0.0, Max: 0.99, Doc: "probability that a value a layer adds is dropped in training"},
		convolutionOption)
}

// denseRow is a column of table 1 of the paper.
func denseRow(name string, growth int, counts ...int) Variant {
	stem := stemOption("7×7 of stride 2 and max pooling", "one 3×3 of stride 1 alone")
	return Variant{
		Name: name, Family: "DenseNet", Paper: huangDenseNet, Year: 2016, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: append([]Option{stem}, denseOptions(growth, len(counts))...), chained: true,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			d := newDenseNet(s)
			d.counts, d.first = counts, s.String("stem")
			if d.first == stemSmall {
				d.stem = 1
			}
			return d.build(b, x, classes)
		},
	}
}

// denseCIFAR is a network of section 4 with three dense blocks.
func denseCIFAR(name string, depth, growth int, defaults Settings) Variant {
	return Variant{
		Name: name, Family: "DenseNet-CIFAR", Paper: huangDenseNet, Year: 2016, Input: [3]int{3, 32, 32}, Classes: 10,
		Options: withDefaults(denseOptions(growth, 3), defaults), chained: true,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			return newDenseNet(s).buildSmall(b, x, classes, depth)
		},
	}
}

// denseFamily is the same network with the depth as an option. stem is the stride of the first convolution.
func denseFamily(name, form string, depth, growth, stem int) Variant {
	v := denseCIFAR(name, depth, growth, nil)
	v.Paper += ", section 4, " + form
	v.Options = append([]Option{{Name: "depth", Default: depth, Min: 7, Max: 1000,
		Doc: "weight layers: 3n+4 for three blocks of n layers, 6n+4 with bottlenecks"}}, v.Options...)
	v.Build = func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
		d := newDenseNet(s)
		d.stem = stem
		return d.buildSmall(b, x, classes, s.Int("depth"))
	}
	return v
}

func newDenseNet(s Settings) denseNet {
	d := denseNet{modules: newModules(s), growth: s.Int("growth_rate"), bottleneck: s.Bool("bottleneck"),
		compression: s.Float("compression"), dropout: s.Float("dropout")}
	d.start = heFanIn
	return d
}

// buildSmall builds three equal blocks, of as many layers as the depth says.
func (d denseNet) buildSmall(b *nn.Builder, x nn.Tensor, classes, depth int) nn.Tensor {
	each := 3
	if d.bottleneck {
		each = 6
	}
	n := (depth - 4) / each
	if n < 1 || depth != each*n+4 {
		return b.Fail(fmt.Errorf("depth %d is not %dn+4 (three blocks of n layers, bottleneck=%v): the nearest are %d and %d",
			depth, each, d.bottleneck, each*max(n, 1)+4, each*(max(n, 1)+1)+4))
	}
	d.stem, d.counts = max(1, d.stem), []int{n, n, n}
	return d.build(b, x, classes)
}

func (d denseNet) build(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor {
	f, done, total := b.In("features"), 0, 0
	for _, layers := range d.counts {
		total += layers
	}
	x = d.begin(f, x)
	for i, layers := range d.counts {
		block := f.In(fmt.Sprintf("denseblock%d", i+1))
		for j := range layers {
			done++
			p := place{stage: i, drop: d.shortcut.drop(done, total)}
			x = d.connected(block, block.In(fmt.Sprintf("denselayer%d", j+1)), x, p)
		}
		if i < len(d.counts)-1 {
			x = d.transition(f.In(fmt.Sprintf("transition%d", i+1)), x)
		}
	}
	x = d.act(f, d.normalize(f.In(fmt.Sprintf("norm%d", len(d.counts)+1)), x))
	return head(b.In("classifier"), b.GlobalAvgPool(x), classes, torchWeights)
}

// connected returns what a layer leaves to the next. That is the k channels that the layer adds and, with the shortcut
// concat, those of all layers before it, x, beside them.
func (d denseNet) connected(block, b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	y := d.layer(b, x, p.stage)
	if d.shortcut.kind == concatenation {
		y = d.beside(block, b, x, y, p)
	}
	return d.attendAt(sePost, b, y, p.stage)
}

// begin adds the stem. For large images it has 2k channels and leaves a quarter of the side. For small images it has as
// many channels (16 unless the network is a DenseNet-BC) and no normalisation, which each layer does itself.
func (d denseNet) begin(f *nn.Builder, x nn.Tensor) nn.Tensor {
	if d.stem > 0 {
		width := 2 * d.growth
		if !d.bottleneck || d.compression == 1 {
			width = 16
		}
		return d.ungrouped().conv(f.In("conv0"), x, width, 3, d.stem)
	}
	x = d.begun(f.In("conv0"), x, d.first, 2*d.growth, window{7, 2, 1})
	x = d.act(f, d.normalize(f.In("norm0"), x))
	return f.In("pool0").MaxPool(x, 3, 2, 1)
}

// layer returns the k channels that a layer of a block adds.
func (d denseNet) layer(b *nn.Builder, x nn.Tensor, block int) nn.Tensor {
	y := d.act(b, d.normalize(b.In("norm1"), x))
	y, last := d.attendAt(sePre, b, y, block), "conv1"
	if d.bottleneck {
		y = d.conv(b.In("conv1"), y, 4*d.growth, 1, 1)
		y = d.act(b, d.normalize(b.In("norm2"), y))
		last = "conv2"
	}
	y = d.conv(b.In(last), y, d.growth, 3, 1)
	return d.attendAt(seStandard, b, b.In("dropout").Dropout(y, d.dropout), block)
}

func (d denseNet) transition(b *nn.Builder, x nn.Tensor) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	kept := max(1, int(math.Floor(float64(x.Shape()[1])*d.compression)))
	x = d.act(b, d.normalize(b.In("norm"), x))
	if d.downsample == byStride {
		return d.conv(b.In("conv"), x, kept, 1, 2)
	}
	return pooled(d.downsample, b.In("pool"), d.conv(b.In("conv"), x, kept, 1, 1), nn.Pool2d{Kernel: [2]int{2, 2}})
}
