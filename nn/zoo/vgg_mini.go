package zoo

import (
	"fmt"

	"workbench/nn"
)

func init() {
	own := []Option{
		{Name: "width", Default: 16, Min: 1, Max: 4096, Doc: "channels of the first stage; the next two have twice and four times as many"},
		{Name: "convs", Default: 2, Min: 1, Max: 64, Doc: "convolutions of each of the three stages"},
		{Name: "kernel", Default: 3, Min: 1, Max: 31,
			Doc: "side of their kernels, odd: two of 3 see as far as one of 5, three as far as one of 7"},
		{Name: "extra", Default: "none", Choices: []string{"none", "1x1", "3x3"},
			Doc: "one more convolution in each stage: 1x1 as net C, 3x3 as net D of the paper"},
		{Name: "head", Default: "average", Choices: []string{"average", "hidden"},
			Doc: "average: global pooling and one linear layer; hidden: two linear layers over all pixels"},
		{Name: "hidden", Default: 256, Min: 1, Max: 65536, Doc: "width of the hidden linear layer of head=hidden"},
		{Name: "dropout", Default: 0.0, Max: 0.99, Doc: "probability that an input of the last layer is dropped in training"},
		convolutionOption,
	}
	common := common{activation: "relu", norm: batchNorm, attention: noAttention, stages: 3, convolution: dense,
		shortcut: chainShortcut("each convolution but the first"), downsample: vggDownsample}
	Register(Variant{
		Name: "vgg_mini", Family: "VGG", Paper: simonyanVGG + ", reduced for quick studies: three stages", Year: 2014,
		Input: [3]int{3, 32, 32}, Classes: 10, Options: common.options(own...), Build: buildVGGMini, chained: true,
	})
}

func buildVGGMini(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	m, k := newModules(s), s.Int("kernel")
	m.shortcut.zeros = true
	switch {
	case k%2 == 0:
		return b.Fail(fmt.Errorf("kernel=%d is even, so that no padding keeps the size; want %d or %d", k, k-1, k+1))
	case k == 1 && m.cardinality > 1:
		return b.Fail(fmt.Errorf("cardinality=%d groups kernels larger than 1×1, got kernel=1", m.cardinality))
	}
	kernels := make([]int, s.Int("convs"))
	for i := range kernels {
		kernels[i] = k
	}
	switch s.String("extra") {
	case "1x1":
		kernels = append(kernels, 1)
	case "3x3":
		kernels = append(kernels, 3)
	}
	for i := range 3 {
		x = m.miniStage(b, x, kernels, place{stage: i, width: s.Int("width") << i})
	}
	if s.String("head") == "hidden" {
		x = m.act(b.In("hidden"), linear(b.In("hidden"), b.Flatten(x), s.Int("hidden"), torchDefault))
	} else {
		x = b.In("avgpool").GlobalAvgPool(x)
	}
	return head(b.In("fc"), b.In("dropout").Dropout(x, s.Float("dropout")), classes, torchDefault)
}

// miniStage adds one of the three stages of vgg_mini: a pooling, except in the first, and convolutions of the kernels.
func (m modules) miniStage(b *nn.Builder, x nn.Tensor, kernels []int, p place) nn.Tensor {
	stage := sequence{b: b.In(fmt.Sprintf("stage%d", p.stage+1))}
	if p.stage > 0 && m.downsample != byStride {
		x = pooled(m.downsample, stage.b.In("pool"), x, nn.Pool2d{Kernel: [2]int{2, 2}})
	}
	for j, k := range kernels {
		at, l := m, stage.next()
		if p.stage+j == 0 {
			at = m.onImage()
		}
		p.stride, p.act, p.drop = 1, l.In("2"), m.shortcut.drop(p.stage*len(kernels)+j, 3*len(kernels)-1)
		if m.downsample == byStride && p.stage < 2 && j == len(kernels)-1 {
			p.stride = 2
		}
		y := at.convNorm(l, at.attendAt(sePre, l, x, p.stage), p.width, window{k, p.stride, 1})
		x = at.chain(l, x, y, p)
	}
	return x
}
