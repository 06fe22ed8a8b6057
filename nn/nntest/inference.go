package nntest

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/op"
)

// inferences are networks with the layers that an inference program may compute together with a
// convolution, and with layers that it must not. They are trained too, because a program that has prepared
// its weights must notice that they have changed.
func inferences() []network {
	return []network{
		whole("batch norm behind convolutions of every kind", op.Shape{3, 8, 11, 10}, normedConvs),
		whole("activations behind convolutions", op.Shape{2, 6, 9, 9}, activatedConvs),
		whole("activations behind linear layers", op.Shape{5, 3, 4, 4}, activatedLinears),
		whole("sums behind convolutions", op.Shape{2, 16, 8, 8}, summedConvs),
		whole("bottlenecks of 1×1 convolutions", op.Shape{3, 5, 9, 8}, pointwiseConvs),
		whole("sums that must not overwrite", op.Shape{2, 5, 8, 8}, lastingShortcuts),
		whole("batch norm that stays apart", op.Shape{3, 4, 8, 8}, normsApart),
		whole("weights shared by two batch norms", op.Shape{3, 4, 8, 8}, sharedWeights),
	}
}

func classified(b *nn.Builder, x nn.Tensor) nn.Tensor {
	return b.In("fc").Linear(b.GlobalAvgPool(x), 10)
}

func normedConvs(b *nn.Builder, x nn.Tensor) nn.Tensor {
	square := func(k int) [2]int { return [2]int{k, k} }
	for i, c := range []nn.Conv2d{
		{Out: 24, Kernel: square(3), Pad: square(1), Bias: true},
		{Out: 24, Kernel: square(3), Pad: square(1), Groups: 24},
		{Out: 12, Kernel: square(1), Stride: 2},
		{Out: 18, Kernel: square(3), Pad: square(2), Dilation: 2, Groups: 3, Bias: true},
		{Out: 36, Kernel: square(5), Pad: square(2), Groups: 18},
		{Out: 32, Kernel: square(1), Groups: 2},
	} {
		l := b.In(fmt.Sprint("layer", i))
		x = l.In("bn").BatchNorm(l.In("conv").Conv2d(x, c))
		if i%2 == 0 {
			x = l.ReLU(x)
		}
	}
	return classified(b, x)
}

// everyActivation has each activation applied to one layer.
func everyActivation(b *nn.Builder, x nn.Tensor, layer func(*nn.Builder, nn.Tensor) nn.Tensor) nn.Tensor {
	for _, name := range append(op.ActivationNames(), "relu") {
		l := b.In(name)
		if x = layer(l, x); name == op.LeakyReLU.String() {
			x = l.LeakyReLU(x, 0.2)
		} else {
			x = l.Activate(name, x)
		}
	}
	return x
}

func activatedConvs(b *nn.Builder, x nn.Tensor) nn.Tensor {
	width := 10
	x = everyActivation(b, x, func(l *nn.Builder, x nn.Tensor) nn.Tensor {
		width++
		return l.In("bn").BatchNorm(l.In("conv").Conv(x, width, 3, 1))
	})
	return classified(b, x)
}

func activatedLinears(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = everyActivation(b, b.Flatten(x), func(l *nn.Builder, x nn.Tensor) nn.Tensor { return l.In("fc").Linear(x, 24) })
	return b.In("fc").Linear(x, 10)
}

// summedConvs adds a convolution to images of the same and of another layout, to
// another convolution, and after an activation.
func summedConvs(b *nn.Builder, x nn.Tensor) nn.Tensor {
	layer := func(name string, x nn.Tensor, width int) nn.Tensor {
		l := b.In(name)
		return l.In("bn").BatchNorm(l.In("conv").Conv(x, width, 3, 1))
	}
	x = b.ReLU(layer("stem", x, 16))
	x = b.ReLU(b.Add(layer("first", x, 16), x))
	x = b.Add(x, layer("narrow", b.ReLU6(layer("wide", x, 40)), 16))
	x = b.SiLU(b.Add(layer("left", x, 20), layer("right", x, 20)))
	x = b.HardSigmoid(b.Add(x, layer("plain", x, 20)))
	x = b.Add(x, layer("a", x, 20), layer("b", x, 20))
	x = b.ReLU(b.Add(b.In("biased").Conv2d(x, nn.Conv2d{Out: 20, Kernel: [2]int{1, 1}, Bias: true}), b.ChannelShuffle(x, 4)))
	return classified(b, x)
}

// pointwiseConvs are convolutions of one pixel with everything that may be computed together with them.
func pointwiseConvs(b *nn.Builder, x nn.Tensor) nn.Tensor {
	layer := func(name string, x nn.Tensor, width, stride int) nn.Tensor {
		l := b.In(name)
		return l.In("bn").BatchNorm(l.In("conv").Conv2d(x, nn.Conv2d{Out: width, Kernel: [2]int{1, 1}, Stride: stride, Bias: width%2 == 1}))
	}
	x = b.ReLU(layer("stem", x, 21, 1))
	x = b.ReLU(b.Add(layer("wide", b.ReLU(layer("narrow", x, 9, 2)), 40, 1), layer("shortcut", x, 40, 2)))
	x = b.ReLU(b.Add(layer("again", b.HardSwish(layer("between", x, 17, 1)), 40, 1), x))
	x = b.Add(layer("linear", x, 40, 1), x)
	x = b.ReLU(b.In("biased").Conv2d(x, nn.Conv2d{Out: 12, Kernel: [2]int{1, 1}, Bias: true}))
	return classified(b, x)
}

// lastingShortcuts are shortcuts that must outlive the sum: they are read again after it, as they are or as a
// part or in another form, or are the input.
func lastingShortcuts(b *nn.Builder, image nn.Tensor) nn.Tensor {
	conv := func(name string, x nn.Tensor, width int) nn.Tensor { return b.In(name).Conv(x, width, 3, 1) }
	a := b.ReLU(b.Add(conv("image", image, 5), image))
	s := b.ReLU(conv("s", a, 16))
	y := b.Add(conv("again", s, 16), s)
	z := b.Add(conv("twice", y, 16), s)
	flat := b.Reshape(z, z.Shape()...)
	u := b.ReLU(b.Add(conv("viewed", y, 16), z))
	return classified(b, b.Concat(u, flat, b.MaxPool(s, 3, 1, 1)))
}

// normsApart are batch norms that no convolution can take in: before the convolution, after one that other layers
// read too, after a concat and after a pooling.
func normsApart(b *nn.Builder, x nn.Tensor) nn.Tensor {
	norm := func(name string, x nn.Tensor) nn.Tensor { return b.In(name).BatchNorm(x) }
	x = b.In("conv0").Conv(b.ReLU(norm("bn0", x)), 12, 3, 1)
	y := b.In("conv1").Conv(x, 12, 3, 1)
	x = b.Add(b.ReLU(norm("bn1", y)), y)
	x = b.ReLU(norm("bn2", b.Concat(x, b.In("conv2").Conv(x, 7, 1, 1))))
	x = norm("bn3", b.MaxPool(b.In("conv3").Conv(x, 16, 3, 1), 2, 2, 0))
	return classified(b, norm("bn5", norm("bn4", b.In("conv4").Conv(x, 8, 1, 1))))
}

// sharedWeights are the weights of one convolution that is applied to two images, each with a batch norm of its own.
func sharedWeights(b *nn.Builder, x nn.Tensor) nn.Tensor {
	w := b.Param("weight", op.Shape{8, 4, 3, 3}, nn.Weight, nn.HeFanOut(op.Shape{8, 4, 3, 3}))
	conv := op.Conv{Window: op.Square(1, 1), Groups: 1}
	first := b.In("bn1").BatchNorm(b.Apply(conv, x, w))
	second := b.In("bn2").BatchNorm(b.Apply(conv, b.Scale(x, 0.5), w))
	return classified(b, b.ReLU(b.Add(first, second)))
}
