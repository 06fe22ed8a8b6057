package nntest

import (
	"workbench/nn"
	"workbench/nn/op"
)

// poolings are those other than plain windows: with sizes that are rounded up, over
// the whole image, over fields of unequal size.
func poolings() []operator {
	roomy := []op.Shape{{2, 16, 8, 8}, {1, 3, 7, 6}, {3, 17, 4, 5}}
	up := nn.Pool2d{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Ceil: true}
	far := nn.Pool2d{Kernel: [2]int{2, 3}, Stride: [2]int{3, 2}, Ceil: true}
	exclude := up
	exclude.Exclude = true
	all := []operator{
		{"max pool, rounded up", roomy, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.MaxPool2d(x, up) }},
		{"max pool 2×3, rounded up", roomy, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.MaxPool2d(x, far) }},
		{"global max pool", roomy, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.GlobalMaxPool(x) }},
		{"avg pool, rounded up, padding counted", roomy, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.AvgPool2d(x, up) }},
		{"avg pool, rounded up", roomy, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.AvgPool2d(x, exclude) }},
		{"avg pool 2×3, rounded up", roomy, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.AvgPool2d(x, far) }},
		{"adaptive avg pool 3", roomy, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.AdaptiveAvgPool(x, 3) }},
		{"adaptive avg pool to more fields than pixels", roomy, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Apply(op.AdaptiveAvgPool{H: 7, W: 9}, x)
		}},
	}
	for _, o := range all {
		if o.name != "global max pool" {
			all = append(all, o.between())
		}
	}
	return all
}

// windows are convolutions with all settings of nn.Conv2d.
func windows() []operator {
	var all []operator
	for _, w := range []struct {
		name string
		nn.Conv2d
	}{
		{"SAME, stride 2", nn.Conv2d{Kernel: [2]int{3, 3}, Stride: 2, Same: true}},
		{"SAME, even kernel", nn.Conv2d{Kernel: [2]int{2, 4}, Same: true}},
		{"SAME, dilated", nn.Conv2d{Kernel: [2]int{3, 3}, Dilation: 2, Same: true}},
		{"1×7", nn.Conv2d{Kernel: [2]int{1, 7}, Pad: [2]int{0, 3}}},
		{"strides 2 and 1", nn.Conv2d{Kernel: [2]int{3, 3}, Strides: [2]int{2, 1}, Pad: [2]int{1, 1}}},
		{"padding at the end only", nn.Conv2d{Kernel: [2]int{3, 3}, Stride: 2, PadEnd: &[2]int{1, 2}}},
		{"depthwise, SAME, stride 2", nn.Conv2d{Kernel: [2]int{5, 5}, Stride: 2, Same: true, Groups: 16}},
	} {
		w.Out = 16
		all = append(all, operator{"conv " + w.name, []op.Shape{{2, 16, 9, 8}, {1, 16, 7, 7}},
			func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Conv2d(x, w.Conv2d) }})
	}
	return append(all, operator{"depthwise", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Depthwise(x, 3, 2) }})
}
