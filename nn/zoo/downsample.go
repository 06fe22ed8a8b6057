package zoo

import "workbench/nn"

// These are the names of the ways in which pixels are halved.
const (
	byStride  = "stride"
	byAverage = "average"
	byMax     = "max"
)

// downsampleOption is the switch downsample, with the family's own way first and by default.
func downsampleOption(doc string, own string) Option {
	choices := []string{own}
	for _, way := range []string{byMax, byAverage, byStride} {
		if way != own {
			choices = append(choices, way)
		}
	}
	return Option{Name: "downsample", Default: own, Choices: choices, Doc: doc}
}

// stridedDownsample is for networks whose convolutions halve the pixels.
var stridedDownsample = downsampleOption("how pixels are halved: stride: the k×k convolution skips three of four; "+
	"max, average: it keeps all, and a pooling of 2×2 follows", byStride)

// pooled adds a max or an average pooling. Neither its padding nor the pixels added by rounding up count in an average.
// By stride, it takes every second pixel instead.
func pooled(how string, b *nn.Builder, x nn.Tensor, p nn.Pool2d) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	switch how {
	case byMax:
		return b.MaxPool2d(x, p)
	case byAverage:
		p.Exclude = true
		return b.AvgPool2d(x, p)
	}
	return b.Subsample(x, x.Shape()[1], 2)
}

// striding returns the stride of a convolution that would halve the pixels with stride 2: it is 1 where a pooling
// halves them.
func (m modules) striding(stride int) int {
	if m.downsample == byStride {
		return stride
	}
	return 1
}

// shrink halves the pixels of x where a convolution of this stride has left that to a pooling.
func (m modules) shrink(b *nn.Builder, x nn.Tensor, stride int) nn.Tensor {
	if stride == m.striding(stride) {
		return x
	}
	return pooled(m.downsample, b.In("pool"), x, nn.Pool2d{Kernel: [2]int{stride, stride}, Ceil: true})
}
