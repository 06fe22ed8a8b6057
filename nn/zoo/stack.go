package zoo

import (
	"strconv"

	"workbench/nn"
)

// These are the kinds of block that resnet_cifar can be made of, beside the stacks of stackNames.
const (
	basicKind      = "basic"
	bottleneckKind = "bottleneck"
)

// stackNames are the stacks that Zagoruyko and Komodakis compare (tables 2 and 3), but for B(3,3), the basic block.
var stackNames = []string{"B(3)", "B(1,3)", "B(3,1)", "B(1,3,1)", "B(3,1,1)", "B(3,1,3)", "B(3,3,3)", "B(3,3,3,3)"}

// kernelsOf reads the kernels of a stack's name: 3, 1, 3 of B(3,1,3).
func kernelsOf(name string) []int {
	var kernels []int
	for _, c := range name {
		if c >= '1' && c <= '9' {
			kernels = append(kernels, int(c-'0'))
		}
	}
	return kernels
}

// stacks are blocks of convolutions with these kernels, all as wide as the stage, beside a shortcut: B(M) of Zagoruyko
// and Komodakis 2016 (section 2), M being the list of kernels. B(3,3) is the basic block of He et al. 2015 (figure 2
// and, on the left, figure 5); with normalisation and activation before each convolution it is figure 4e of He et al.
// 2016. The first convolution halves the pixels, and each further one has a dropout before it, as in the authors' code
// (szagoruyko/wide-residual-networks, models/wide-resnet.lua).
func stacks(kernels ...int) blocks {
	return blocks{
		after:  func(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor { return r.stack(b, x, p, kernels) },
		before: func(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor { return r.preStack(b, x, p, kernels) },
	}
}

// stack adds a block whose convolutions are followed by normalisation and activation, the last one's after the sum.
func (r residual) stack(b *nn.Builder, x nn.Tensor, p place, kernels []int) nn.Tensor {
	y, stride := r.attendAt(sePre, b, x, p.stage), p.stride
	for i, k := range kernels {
		number := strconv.Itoa(i + 1)
		y = r.conv(b.In("conv"+number), y, p.width, k, stride)
		if stride = 1; i+1 == len(kernels) {
			y = r.lastNorm(b.In("bn"+number), y)
			break
		}
		y = r.dropBetween(b, i, r.act(b, r.normalize(b.In("bn"+number), y)))
	}
	return r.merge(b, x, y, p)
}

// preStack adds a block whose convolutions follow normalisation and activation.
func (r residual) preStack(b *nn.Builder, x nn.Tensor, p place, kernels []int) nn.Tensor {
	first := r.act(b, r.normalize(b.In("bn1"), x))
	y := r.conv(b.In("conv1"), r.attendAt(sePre, b, first, p.stage), p.width, kernels[0], p.stride)
	for i, k := range kernels[1:] {
		number := strconv.Itoa(i + 2)
		y = r.dropBetween(b, i, r.act(b, r.normalize(b.In("bn"+number), y)))
		y = r.conv(b.In("conv"+number), y, p.width, k, 1)
	}
	return r.merge(b, r.origin(b, x, first, y, p.stride), y, p)
}

// dropBetween drops values of x [n, c, h, w] between convolutions number i and i+1 of a block, counted from 0.
func (r residual) dropBetween(b *nn.Builder, i int, x nn.Tensor) nn.Tensor {
	name := "dropout"
	if i > 0 {
		name += strconv.Itoa(i + 1)
	}
	return b.In(name).Dropout(x, r.dropout)
}
