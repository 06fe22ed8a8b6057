package zoo

import (
	"fmt"
	"strconv"

	"workbench/nn"
)

// Names of the shortcuts that a residual block can have.
const (
	identity       = "identity"       // option A: parameter-free, zeros for new channels
	projection     = "projection"     // option B: 1×1 convolution and batch norm where the shape changes
	projectionsAll = "projection_all" // option C: 1×1 convolution and batch norm everywhere
	plain          = "none"           // no shortcut: the plain network
)

// Names of the ways in which a projection halves the pixels.
const (
	byStride  = "stride"
	byAverage = "average"
)

const heResNet = "He, Zhang, Ren, Sun. Deep Residual Learning for Image Recognition (CVPR 2016, arXiv 1512.03385)"

// residual is how the blocks of one network are made.
type residual struct {
	modules
	shortcut   string
	zeroLast   bool // the last scale of each block starts at zero
	downsample string
	sePosition string
	dropPath   float64 // probability that the last block's branch is dropped; the others' rise to it evenly
	cardinality,
	groupWidth int // of bottlenecks: groups, and channels of one in the first stage
	strideFirst      bool    // bottlenecks: stride in the first 1×1 convolution
	dropout          float64 // between the convolutions of a block
	projectionKernel int     // where the pixels are halved; 0: 1
	split            splitAttention
	preactivation    bool // normalise and activate before the convolutions instead of after them
}

// place is where a block stands in its network.
type place struct {
	stage, width, stride int     // stage counts from 0; width is the stage's, before a bottleneck's expansion
	drop                 float64 // probability that the branch is dropped in training
}

// block adds a residual block on x [n, c, h, w].
type block func(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor

// residualOptions are the switches of every residual network, with the variant's own shortcut, of so many stages.
func residualOptions(shortcut string, stages int) []Option {
	own := []Option{
		{Name: "shortcut", Default: shortcut, Choices: []string{identity, projection, projectionsAll, plain},
			Doc: "identity: parameter-free (option A); projection: 1×1 convolutions where the shape changes (option B); projection_all: everywhere (option C); none: a plain network"},
		{Name: "preactivation", Default: false,
			Doc: "normalise and activate before each convolution instead of after it, so that nothing but the sum is on the shortcut (He et al. 2016)"},
		{Name: "zero_init_last", Default: false,
			Doc: "start the last batch-norm scale of each block at zero, so that it begins as the identity (Goyal et al. 2017)"},
		{Name: "downsample", Default: byStride, Choices: []string{byStride, byAverage},
			Doc: "how a projection halves the pixels: stride: it skips three of four; average: of all four (ResNet-D, He et al. 2018)"},
		{Name: "drop_path", Default: 0.0, Max: 0.99,
			Doc: "probability that the last block's branch is dropped in training, less in proportion before (stochastic depth, Huang et al. 2016)"},
		{Name: "dropout", Default: 0.0, Max: 0.99, Doc: "probability that a value between the convolutions of a block is dropped in training (Wide ResNet, section 2.4)"},
		sePositionOption, convolutionOption,
	}
	return append(own, append(attentionOptions(noAttention, stages), moduleOptions("relu", batchNorm)...)...)
}

// bottleneckOptions are the further switches of networks of bottlenecks with cardinality C and groups of d channels.
func bottleneckOptions(c, d int) []Option {
	return []Option{
		{Name: "cardinality", Default: c, Min: 1, Max: 4096, Doc: "C of ResNeXt: groups of the 3×3 convolution"},
		{Name: "group_width", Default: d, Max: 4096, Doc: "d of ResNeXt: channels of a group in the first stage, doubled in each further one; 0: as many as share the stage's width"},
		{Name: "stride_in", Default: "3x3", Choices: []string{"3x3", "1x1"}, Doc: "which convolution of a bottleneck halves the pixels: 3x3 as torchvision, 1x1 as the paper"},
	}
}

// newResidual reads the switches.
func newResidual(s Settings) (residual, error) {
	r := residual{
		modules: newModules(s), shortcut: s.String("shortcut"), zeroLast: s.Bool("zero_init_last"),
		downsample: s.String("downsample"), preactivation: s.Bool("preactivation"), sePosition: s.String("se_position"), dropPath: s.Float("drop_path"), dropout: s.Float("dropout"),
	}
	if _, declared := s["cardinality"]; declared {
		r.cardinality, r.groupWidth, r.strideFirst = s.Int("cardinality"), s.Int("group_width"), s.String("stride_in") == "1x1"
	}
	var err error
	if r.split, err = newSplitAttention(s); err != nil {
		return r, err
	}
	return r, r.check()
}

// check refuses switches that contradict each other.
func (r residual) check() error {
	projects := r.shortcut == projection || r.shortcut == projectionsAll
	switch {
	case r.zeroLast && r.shortcut == plain: // a plain block of zero scale would pass nothing on, forward or backward
		return fmt.Errorf("zero_init_last=true needs shortcuts, got shortcut=none: every block would give zeros; want shortcut=identity or projection")
	case r.zeroLast && r.norm != batchNorm:
		return fmt.Errorf("zero_init_last=true needs the scale of a batch norm, got norm=%s", r.norm)
	case r.zeroLast && r.preactivation:
		return fmt.Errorf("zero_init_last=true needs a batch norm at the end of each branch, preactivation=true has none there")
	case r.dropPath > 0 && r.shortcut == plain:
		return fmt.Errorf("drop_path=%v needs shortcuts, got shortcut=none: a dropped branch would leave nothing", r.dropPath)
	case r.downsample == byAverage && !projects:
		return fmt.Errorf("downsample=average needs projections, got shortcut=%s; want shortcut=projection or projection_all", r.shortcut)
	case r.sePosition == seIdentity && r.shortcut == plain:
		return fmt.Errorf("se_position=identity needs shortcuts, got shortcut=none")
	case r.sePosition != seStandard && r.attention.kind == noAttention:
		return fmt.Errorf("se_position=%s needs attention=se, got attention=none", r.sePosition)
	}
	return nil
}

// basicBlock is two 3×3 convolutions beside a shortcut (figure 2 and, on the left, figure 5).
func basicBlock(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	y := r.attendAt(sePre, b, x, p)
	y = r.act(b, r.normalize(b.In("bn1"), r.conv(b.In("conv1"), y, p.width, 3, p.stride)))
	y = b.In("dropout").Dropout(y, r.dropout)
	y = r.lastNorm(b.In("bn2"), r.conv(b.In("conv2"), y, p.width, 3, 1))
	return r.merge(b, x, y, p)
}

// bottleneck is a 3×3 convolution of fewer channels between two 1×1 ones (figure 5, right); with a cardinality, the 3×3 is
// grouped (ResNeXt, figure 3c). It has four times the stage's width.
func bottleneck(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	return r.narrowed(b, x, p, r.inner(p))
}

// narrowed is a bottleneck whose first convolution has so many channels.
func (r residual) narrowed(b *nn.Builder, x nn.Tensor, p place, first int) nn.Tensor {
	stride1, stride3 := r.strides(p)
	y := r.attendAt(sePre, b, x, p)
	y = r.act(b, r.normalize(b.In("bn1"), r.conv(b.In("conv1"), y, first, 1, stride1)))
	y = r.grouped(b.In("conv2"), y, r.inner(p), window{3, stride3, r.cardinality})
	y = r.act(b, r.normalize(b.In("bn2"), y))
	y = b.In("dropout").Dropout(y, r.dropout)
	y = r.lastNorm(b.In("bn3"), r.conv(b.In("conv3"), y, 4*p.width, 1, 1))
	return r.merge(b, x, y, p)
}

// inner is the number of channels of a bottleneck's 3×3 convolution.
func (r residual) inner(p place) int {
	if r.groupWidth == 0 {
		return p.width
	}
	return (r.cardinality * r.groupWidth) << p.stage
}

// strides of a bottleneck's first 1×1 convolution and of its 3×3.
func (r residual) strides(p place) (first, middle int) {
	if r.strideFirst {
		return p.stride, 1
	}
	return 1, p.stride
}

func (r residual) lastNorm(b *nn.Builder, x nn.Tensor) nn.Tensor {
	if r.zeroLast {
		n := r.batch
		n.Zero = true
		return b.BatchNorm2d(x, n)
	}
	return r.normalize(b, x)
}

// attendAt applies the network's attention if this is its position in a block.
func (r residual) attendAt(position string, b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	if r.sePosition != position {
		return x
	}
	return r.attention.attend(b, x, p.stage)
}

// merge adds the result y of a block's layers to what goes around them, x, both [n, c, h, w].
func (r residual) merge(b *nn.Builder, x, y nn.Tensor, p place) nn.Tensor {
	y = r.attendAt(seStandard, b, y, p)
	if r.shortcut != plain {
		y = b.In("drop_path").DropPath(y, p.drop)
		y = b.Add(y, r.attendAt(seIdentity, b, r.around(b, x, y, p.stride), p))
	}
	if !r.preactivation {
		y = r.act(b, y)
	}
	return r.attendAt(sePost, b, y, p)
}

// reshapes reports whether the shortcut from x [n, c, h, w] to y is more than x itself.
func (r residual) reshapes(b *nn.Builder, x, y nn.Tensor, stride int) bool {
	return b.Err() == nil && (stride != 1 || x.Shape()[1] != y.Shape()[1] || r.shortcut == projectionsAll)
}

// around is the shortcut: x, brought to y's shape.
func (r residual) around(b *nn.Builder, x, y nn.Tensor, stride int) nn.Tensor {
	if !r.reshapes(b, x, y, stride) {
		return x
	}
	down, width := b.In("downsample"), y.Shape()[1]
	if r.shortcut == identity {
		return down.Subsample(x, width, stride)
	}
	conv, norm, k := down.In("0"), down.In("1"), 1
	if stride != 1 {
		k = max(1, r.projectionKernel)
	}
	if r.downsample == byAverage {
		x = down.In("0").AvgPool2d(x, nn.Pool2d{Kernel: [2]int{stride, stride}, Ceil: true, Exclude: true})
		conv, norm, k, stride = down.In("1"), down.In("2"), 1, 1
	}
	x = r.conv(conv, x, width, k, stride)
	if r.preactivation {
		return x
	}
	return r.normalize(norm, x)
}

// stages adds "layer1", "layer2", …: counts[i] blocks each of width·2^i channels; all but the first stage halve the pixels.
func (r residual) stages(b *nn.Builder, x nn.Tensor, add block, width int, counts []int) nn.Tensor {
	total, done := 0, 0
	for _, n := range counts {
		total += n
	}
	for i, n := range counts {
		layer := b.In(fmt.Sprintf("layer%d", i+1))
		p := place{stage: i, width: width << i, stride: min(i+1, 2)}
		for j := range n {
			done++
			p.drop = r.dropPath * float64(done) / float64(total)
			x = add(r, layer.In(strconv.Itoa(j)), x, p)
			p.stride = 1
		}
	}
	return x
}
