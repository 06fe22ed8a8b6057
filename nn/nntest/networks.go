package nntest

import (
	"fmt"
	"strings"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/zoo"
)

// networks are whole networks over three steps. Their tolerances are larger, because rounding grows with depth and with
// every step, and most in batch norms of few values.
func networks() []network {
	return []network{
		variant("resnet_mini", op.Shape{4, 3, 20, 20}, map[string]any{"depth": 8, "width": 8}),
		variant("resnet_mini", op.Shape{5, 3, 19, 18}, map[string]any{"depth": 14, "width": 5, "shortcut": "projection"}),
		variant("resnet_mini", op.Shape{4, 3, 10, 10}, map[string]any{"depth": 8, "width": 16, "shortcut": "none"}),
		variant("resnet_mini", op.Shape{4, 1, 16, 16}, map[string]any{"depth": 8, "width": 4, "zero_init_last": true}),
		whole("like VGG", op.Shape{4, 3, 16, 16}, likeVGG),
		whole("3×3 convolutions on many channels", op.Shape{1, 32, 32, 32}, manyChannels),
		whole("concatenating", op.Shape{4, 3, 12, 11}, concatenating),
		whole("branching", op.Shape{4, 3, 10, 9}, branching),
		whole("dense", op.Shape{4, 3, 10, 9}, dense),
		whole("separable", op.Shape{4, 6, 12, 12}, separable),
		whole("narrow groups", op.Shape{4, 3, 8, 9}, narrowGroups),
		whole("modern", op.Shape{4, 3, 20, 17}, modern),
		frozen("a frozen stem", func(p *nn.Param) bool { return strings.HasPrefix(p.Path, "conv1") || strings.HasPrefix(p.Path, "bn1") }),
		frozen("all but the head", func(p *nn.Param) bool { return !strings.HasPrefix(p.Path, "fc") }),
		frozen("all but the shifts", func(p *nn.Param) bool { return p.Role != nn.Shift }),
		still("a still stem", func(path string) bool { return strings.HasPrefix(path, "conv1") || strings.HasPrefix(path, "bn1") }),
		still("all but the head", func(path string) bool { return !strings.HasPrefix(path, "fc") }),
		still("the norms", func(path string) bool { return strings.Contains(path, "bn") || strings.Contains(path, "downsample.1") }),
		whole("a hidden layer as wide as a projector's", op.Shape{48, 32}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			x = b.In("0").ReLU(b.In("0").Linear(b.In("in").Linear(x, 32), 4096))
			return b.In("1").Linear(x, 10)
		}),
		whole("linear classifier", op.Shape{9, 3, 5, 5}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("fc").Linear(b.Flatten(x), 10)
		}),
	}
}

func whole(name string, image op.Shape, build func(b *nn.Builder, x nn.Tensor) nn.Tensor) network {
	return network{name: name, image: image, build: build, steps: 3, smoothing: 0.1, decay: 0.01, tolerance: 1e-3}
}

// variant is an architecture of the zoo with options.
func variant(name string, image op.Shape, options map[string]any) network {
	return whole(fmt.Sprintf("%s %v", name, options), image, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		v, err := zoo.Lookup(name)
		if err != nil {
			return b.Fail(err)
		}
		s, err := v.Resolve(options)
		if err != nil {
			return b.Fail(err)
		}
		return v.Build(b, x, 10, s)
	})
}

// frozen is a residual network some of whose parameters are not trained, so that nothing reads some of the gradients.
func frozen(what string, stays func(*nn.Param) bool) network {
	n := variant("resnet_mini", op.Shape{4, 3, 16, 16}, map[string]any{"depth": 8, "width": 6, "shortcut": "projection"})
	n.name, n.frozen = n.name+", frozen: "+what, stays
	return n
}

// still is frozen whose builder knows what stays, so that frozen norms keep their statistics.
func still(what string, stays func(path string) bool) network {
	n := frozen(what+", statistics too", func(p *nn.Param) bool { return stays(p.Path) })
	build := n.build
	n.build = func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		b.Freeze(stays)
		return build(b, x)
	}
	return n
}

// manyChannels has convolutions that suit Winograd's algorithm, and one whose channels do not fill whole blocks.
func manyChannels(b *nn.Builder, x nn.Tensor) nn.Tensor {
	for i, width := range []int{32, 35} {
		l := b.In(fmt.Sprint("block", i))
		x = l.ReLU(l.In("bn").BatchNorm(l.In("conv").Conv(x, width, 3, 1)))
	}
	return b.In("fc").Linear(b.GlobalAvgPool(x), 10)
}

// likeVGG has convolutions with bias, with and without batch norm, max pooling, dropout and three linear layers.
func likeVGG(b *nn.Builder, x nn.Tensor) nn.Tensor {
	conv := nn.Conv2d{Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Bias: true}
	for i, width := range []int{12, 16, 24} {
		conv.Out = width
		b := b.In(fmt.Sprint("stage", i))
		x = b.In("conv").Conv2d(x, conv)
		if i > 0 {
			x = b.In("bn").BatchNorm(x)
		}
		x = b.MaxPool(b.ReLU(x), 2, 2, 0)
	}
	x = b.Flatten(b.AdaptiveAvgPool(x, 1))
	x = b.Dropout(b.ReLU(b.In("fc1").Linear(x, 32)), 0.5)
	x = b.Dropout(b.ReLU(b.In("fc2").Linear(x, 20)), 0.3)
	return b.In("fc3").Linear(x, 10)
}

// concatenating joins the results of its layers as DenseNet and GoogLeNet do, a branch with pooling included.
func concatenating(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = b.In("stem").Conv(x, 9, 3, 1)
	for i := range 3 {
		b := b.In(fmt.Sprint("block", i))
		y := b.ReLU(b.In("bn").BatchNorm(x))
		a := b.In("narrow").Conv(y, 6, 1, 1)
		c := b.In("wide").Conv(b.ReLU(a), 5, 5, 1)
		x = b.Concat(x, b.In("conv").Conv(y, 6, 3, 1), c, b.MaxPool(a, 3, 1, 1))
		if i < 2 {
			x = b.AvgPool(x, 2, 2, 0)
		}
	}
	return b.In("fc").Linear(b.GlobalAvgPool(b.ReLU(x)), 10)
}

// branching joins the results of batch norms as Inception does. The branches have whole blocks of channels or not, they
// are followed by activations or by a sum, and another layer reads one of them as well.
func branching(b *nn.Builder, x nn.Tensor) nn.Tensor {
	for i, widths := range [][3]int{{32, 16, 48}, {16, 24, 16}, {16, 8, 5}} {
		norm := func(name string, width, kernel int) nn.Tensor {
			b := b.In(fmt.Sprint(name, i))
			return b.In("bn").BatchNorm(b.In("conv").Conv(x, width, kernel, 1))
		}
		first := b.ReLU(norm("a", widths[0], 1))
		second := b.SiLU(norm("b", widths[1], 3))
		third := b.ReLU(b.Add(norm("c", widths[2], 3), b.In(fmt.Sprint("d", i)).Conv(x, widths[2], 1, 1)))
		if i == 1 {
			x = b.Concat(first, second, third, b.In("e").Conv(first, 6, 1, 1), b.HardSwish(norm("f", 16, 1)))
			continue
		}
		x = b.Concat(first, second, third)
	}
	return b.In("fc").Linear(b.GlobalAvgPool(x), 10)
}

// dense appends the channels of each layer to those of all layers before it, as DenseNet does. The
// channels fill whole blocks or not, come from convolutions and from a batch norm, and in the second
// block another layer reads some of them as well.
func dense(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = b.In("stem").Conv(x, 12, 3, 1)
	for i := range 2 {
		for j, growth := range []int{12, 8, 16, 5} {
			b := b.In(fmt.Sprint("layer", i, j))
			y := b.In("conv").Conv(b.ReLU(b.In("bn").BatchNorm(x)), growth, 3, 1)
			if j == 2 {
				y = b.ReLU(b.In("bn2").BatchNorm(y))
			}
			if i == 1 && j == 1 {
				y = b.Concat(y, b.MaxPool(x, 3, 1, 1))
			}
			x = b.Concat(x, y)
		}
		b := b.In(fmt.Sprint("transition", i))
		x = b.AvgPool(b.In("conv").Conv(b.SiLU(b.In("bn").BatchNorm(x)), 14, 1, 1), 2, 2, 0)
	}
	return b.In("fc").Linear(b.GlobalAvgPool(x), 10)
}

// narrowGroups has groups with fewer channels than a vector has lanes, of which a whole number fills a vector.
func narrowGroups(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = b.In("stem").Conv(x, 64, 3, 1)
	for i, c := range []nn.Conv2d{{Groups: 16}, {Groups: 16, Stride: 2, Bias: true}, {Groups: 32}, {Groups: 8, Dilation: 2}} {
		b := b.In(fmt.Sprint("layer", i))
		c.Out, c.Kernel, c.Pad = 64, [2]int{3, 3}, [2]int{1, 1}
		x = b.Add(b.ReLU(b.In("bn").BatchNorm(b.In("conv").Conv2d(x, c))), b.In("shortcut").Conv2d(x, nn.Conv2d{
			Out: 64, Kernel: [2]int{3, 3}, Pad: c.Pad, Stride: c.Stride, Dilation: c.Dilation, Groups: 16}))
	}
	return b.In("fc").Linear(b.GlobalAvgPool(x), 10)
}

// separable has grouped and depthwise convolutions beside a sum of three.
func separable(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 12, 3, 2)))
	y := b.In("depthwise").Conv2d(x, nn.Conv2d{Out: 12, Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Groups: 12})
	z := b.In("grouped").Conv2d(x, nn.Conv2d{Out: 12, Kernel: [2]int{3, 3}, Pad: [2]int{2, 2}, Dilation: 2, Groups: 3, Bias: true})
	x = b.ReLU(b.Add(x, b.In("bn2").BatchNorm(y), z))
	x = b.In("pointwise").Conv(x, 20, 1, 2)
	return b.In("fc").Linear(b.GlobalAvgPool(b.ReLU(b.In("bn3").BatchNorm(x))), 10)
}
