package nntest

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/op"
)

// operator is a layer beside those of plain convolutional networks, in several shapes.
type operator struct {
	name   string
	shapes []op.Shape
	build  func(b *nn.Builder, x nn.Tensor) nn.Tensor
}

// images are shapes that fill whole blocks of channels or do not, with odd sizes and single pixels.
var images = []op.Shape{{2, 16, 4, 4}, {3, 5, 7, 5}, {1, 17, 3, 6}, {2, 40, 2, 3}, {4, 3, 1, 1}}

// between puts the layer between convolutions, so that it works in the layout that they choose.
func (o operator) between() operator {
	layer := o.build
	return operator{o.name + ", blocked", o.shapes, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		y := layer(b, b.In("before").Conv(x, x.Shape()[1], 3, 1))
		return b.In("after").Conv(y, 1+y.Shape()[1]/2, 1, 1)
	}}
}

func (o operator) networks() []network {
	var all []network
	for _, x := range o.shapes {
		all = append(all, network{name: fmt.Sprintf("%s %v", o.name, x), image: x, build: o.build, state: true, steps: 1, tolerance: 5e-5})
	}
	return all
}

// operators lists the layers by family.
func operators() []network {
	var all []network
	for _, family := range [][]operator{activations(), products(), arrangements(), norms(), poolings(), windows()} {
		for _, o := range family {
			all = append(all, o.networks()...)
		}
	}
	return all
}

func activations() []operator {
	var all []operator
	for _, name := range op.ActivationNames() {
		plain := operator{name, images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Activate(name, b.Scale(x, 3)) // reaches the flat ends
		}}
		all = append(all, plain, plain.between())
	}
	return append(all, operator{"leaky ReLU of matrices", []op.Shape{{3, 7}, {1, 40}},
		func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LeakyReLU(x, 0.2) }})
}

// products multiply x by a factor computed from x, so that both gradients are compared together.
func products() []operator {
	gate := operator{"gate", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		s := x.Shape()
		squeezed := b.Apply(op.AvgPool{Window: op.Square(1, 0), KH: s[2], KW: s[3], CountPad: true}, x)
		return b.Mul(x, b.HardSigmoid(b.In("gate").Conv(squeezed, s[1], 1, 1)))
	}}
	spatial := operator{"map", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.Mul(x, b.Sigmoid(b.In("map").Conv(x, 1, 3, 1)))
	}}
	learned := operator{"learned gate", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.Mul(x, b.Param("gate", op.Shape{1, x.Shape()[1], 1, 1}, nn.Scale, nn.Init{}))
	}}
	square := operator{"x·x", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		y := b.Scale(x, 0.3)
		return b.Mul(y, y)
	}}
	matrices := []op.Shape{{3, 7}, {1, 40}, {5, 1}}
	return []operator{
		gate, gate.between(), spatial, spatial.between(), learned, learned.between(), square, square.between(),
		{"row gate", []op.Shape{{2, 3, 4, 5}}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Mul(x, b.Param("gate", op.Shape{2, 1, 4, 1}, nn.Scale, nn.Init{}))
		}},
		{"row products", matrices, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			products := b.RowProducts(x, b.In("other").Linear(x, x.Shape()[1]))
			return b.Mul(x, products)
		}},
		{"difference, scaled", matrices, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Sub(b.Scale(x, 3), b.ReLU(x)) }},
		{"gradient scaled and stopped", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.In("before").Conv(x, 4, 3, 1)
			return b.Add(b.ScaleGradient(b.ReLU(y), -0.5), b.StopGradient(y))
		}},
	}
}
