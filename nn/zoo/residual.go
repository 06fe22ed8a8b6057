package zoo

import (
	"fmt"
	"slices"
	"strconv"

	"workbench/nn"
)

const heResNet = "He, Zhang, Ren, Sun. Deep Residual Learning for Image Recognition (CVPR 2016, arXiv 1512.03385)"

// residual tells how the blocks of one network are made.
type residual struct {
	modules
	zeroLast      bool    // the last scale of each block starts at zero
	groupWidth    int     // channels of a bottleneck's group in the first stage; 0 shares out the stage's width
	strideFirst   bool    // a bottleneck's first 1×1 convolution has the stride, not its 3×3
	dropout       float64 // probability between the convolutions of a block
	split         splitAttention
	preactivation bool // normalise and activate before the convolutions instead of after them
}

// block adds a residual block on x [n, c, h, w].
type block func(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor

// residualOptions are the switches of every residual network of so many stages. The variant's own come before them, and
// begin is its shortcut.
func residualOptions(own []Option, begin string, stages int) []Option {
	halving := downsampleOption("how a projection halves the pixels: stride: it skips three of four; "+
		"average: of all four (ResNet-D, He et al. 2018); max: the largest of four", byStride)
	halving.Choices = []string{byStride, byAverage, byMax}
	around := shortcutOption(begin, "identity: parameter-free (option A); "+
		"projection: 1×1 convolutions where the shape changes (option B); "+
		"projection_all: everywhere (option C); none: a plain network")
	common := common{activation: "relu", norm: batchNorm, attention: noAttention, stages: stages, convolution: dense,
		shortcut: around, downsample: halving}
	return common.options(append(slices.Clone(own), around, zerosOption,
		Option{Name: "preactivation", Default: false,
			Doc: "normalise and activate before each convolution instead of after it, so that nothing but the sum is on the " +
				"shortcut (He et al. 2016)"},
		Option{Name: "zero_init_last", Default: false,
			Doc: "start the last batch-norm scale of each block at zero, so that it begins as the identity (Goyal et al. 2017)"},
		halving, dropPathOption,
		Option{Name: "dropout", Default: 0.0, Max: 0.99,
			Doc: "probability that a value between the convolutions of a block is dropped in training (Wide ResNet, section 2.4)"},
		sePositionOption, convolutionOption)...)
}

// bottleneckOptions are the further switches of networks of bottlenecks, with cardinality c and groups of d channels by
// default.
func bottleneckOptions(c, d int) []Option {
	return []Option{
		{Name: "cardinality", Default: c, Min: 1, Max: 4096, Doc: "C of ResNeXt: groups of the 3×3 convolution"},
		{Name: "group_width", Default: d, Max: 4096,
			Doc: "d of ResNeXt: channels of a group in the first stage, doubled in each further one; 0: as many as share the stage's width"},
		{Name: "stride_in", Default: "3x3", Choices: []string{"3x3", "1x1"},
			Doc: "which convolution of a bottleneck halves the pixels: 3x3 as torchvision, 1x1 as the paper"},
	}
}

// newResidual reads the switches of a residual network and refuses those that contradict each other.
func newResidual(s Settings) (residual, error) {
	r := residual{
		modules: newModules(s), zeroLast: s.Bool("zero_init_last"), preactivation: s.Bool("preactivation"), dropout: s.Float("dropout"),
	}
	r.shortcut.zeros, r.shortcut.padded, r.shortcut.bare = true, true, r.preactivation
	if _, declared := s["group_width"]; declared {
		r.groupWidth, r.strideFirst = s.Int("group_width"), s.String("stride_in") == "1x1"
	}
	var err error
	if r.split, err = newSplitAttention(s); err != nil {
		return r, err
	}
	return r, r.check()
}

// check refuses switches that contradict each other.
func (r residual) check() error {
	kind := r.shortcut.kind
	switch {
	case r.shortcut.around && kind != identity:
		return fmt.Errorf("shortcut_zeros=%s needs shortcuts that have zeros, got shortcut=%s; want shortcut=identity", zerosAround, kind)
	case r.zeroLast && kind == plain: // a plain block of zero scale would let nothing pass, forward or backward
		return fmt.Errorf("zero_init_last=true needs shortcuts, got shortcut=none: every block would give zeros; " +
			"want shortcut=identity or projection")
	case r.zeroLast && r.norm != batchNorm:
		return fmt.Errorf("zero_init_last=true needs the scale of a batch norm, got norm=%s", r.norm)
	case r.zeroLast && r.preactivation:
		return fmt.Errorf("zero_init_last=true needs a batch norm at the end of each branch, preactivation=true has none there")
	case r.downsample != byStride && kind != projection && kind != projectionsAll:
		return fmt.Errorf("downsample=%s needs projections, got shortcut=%s; want shortcut=projection or projection_all", r.downsample, kind)
	}
	return nil
}

// bottleneck is a 3×3 convolution of fewer channels between two 1×1 ones (figure 5, right). With a cardinality, the 3×3
// convolution is grouped (ResNeXt, figure 3c). The result has four times the stage's width.
func bottleneck(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	return r.narrowed(b, x, p, r.inner(p))
}

// narrowed adds a bottleneck whose first convolution has so many channels.
func (r residual) narrowed(b *nn.Builder, x nn.Tensor, p place, first int) nn.Tensor {
	stride1, stride3 := r.strides(p)
	y := r.attendAt(sePre, b, x, p.stage)
	y = r.act(b, r.normalize(b.In("bn1"), r.conv(b.In("conv1"), y, first, 1, stride1)))
	y = r.grouped(b.In("conv2"), y, r.inner(p), window{3, stride3, 1})
	y = r.act(b, r.normalize(b.In("bn2"), y))
	y = b.In("dropout").Dropout(y, r.dropout)
	y = r.lastNorm(b.In("bn3"), r.conv(b.In("conv3"), y, 4*p.width, 1, 1))
	return r.merge(b, x, y, p)
}

// inner returns the number of channels of a bottleneck's 3×3 convolution.
func (r residual) inner(p place) int {
	if r.groupWidth == 0 {
		return p.width
	}
	return (r.cardinality * r.groupWidth) << p.stage
}

// strides returns the strides of a bottleneck's first 1×1 convolution and of its 3×3 convolution.
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

// merge adds the result y of a block's layers to what goes around them, x, both [n, c, h, w].
func (r residual) merge(b *nn.Builder, x, y nn.Tensor, p place) nn.Tensor {
	if !r.preactivation {
		p.act = b
	}
	return r.join(b, x, r.attendAt(seStandard, b, y, p.stage), p)
}

// stages adds "layer1", "layer2" and so on, each of counts[i] blocks of width·2^i channels. All but the first halve the
// pixels.
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
			p.drop = r.shortcut.drop(done, total)
			x = add(r, layer.In(strconv.Itoa(j)), x, p)
			p.stride = 1
		}
	}
	return x
}
