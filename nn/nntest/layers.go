package nntest

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/op"
)

// layers are single layers whose input is a parameter, so that both gradients are compared. Sums of float32 numbers
// agree to about 1e-6. Convolutions by other algorithms than the direct sum lose a digit.
func layers() []network {
	var all []network
	add := func(name string, x op.Shape, build func(b *nn.Builder, x nn.Tensor) nn.Tensor) {
		all = append(all, network{name: name, image: x, build: build, state: true, steps: 1, tolerance: 2e-5})
	}
	for _, c := range convs {
		add("conv "+c.name, c.x, c.build)
	}
	for _, x := range []op.Shape{{8, 16, 4, 4}, {5, 3, 7, 5}, {1, 17, 6, 6}, {16, 1, 1, 1}, {3, 33, 3, 2}} {
		add(fmt.Sprintf("batch norm %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.BatchNorm(x) })
		add(fmt.Sprintf("batch norm and relu %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ReLU(b.BatchNorm(x)) })
		add(fmt.Sprintf("batch norm read twice %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.BatchNorm(x)
			return b.Add(b.ReLU(y), y)
		})
		add(fmt.Sprintf("relu %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ReLU(x) })
		add(fmt.Sprintf("sum of 3 %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Add(x, b.ReLU(x), x) })
		add(fmt.Sprintf("global avg pool %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.GlobalAvgPool(x) })
		add(fmt.Sprintf("flatten and linear %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("fc").Linear(b.Flatten(x), 7)
		})
		add(fmt.Sprintf("dropout %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Dropout(b.ReLU(x), 0.4) })
		add(fmt.Sprintf("concat, an operand twice %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Concat(b.ReLU(x), x, x)
		})
		add(fmt.Sprintf("subsample %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Subsample(x, 2*x.Shape()[1]+1, 2)
		})
		add(fmt.Sprintf("subsample, channels only %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Subsample(x, x.Shape()[1]+3, 1)
		})
	}
	for _, kind := range op.ActivationNames() {
		x := op.Shape{3, 17, 5, 4}
		add("batch norm and "+kind, x, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Activate(kind, b.BatchNorm(x)) })
		add("convolution, batch norm and "+kind, x, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Activate(kind, b.In("bn").BatchNorm(b.In("conv").Conv(x, 19, 3, 1)))
		})
	}
	for _, p := range pools {
		for _, x := range []op.Shape{{2, 16, 8, 8}, {1, 3, 7, 9}, {3, 5, 4, 3}} {
			add(fmt.Sprintf("%s %v", p.name, x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Apply(p.spec, x) })
			add(fmt.Sprintf("%s after a convolution %v", p.name, x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
				return b.Apply(p.spec, b.ReLU(b.In("conv").Conv(x, 20, 3, 1)))
			})
		}
	}
	add("max pool of more pixels than a byte counts", op.Shape{1, 5, 18, 19}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.MaxPool(b.In("conv").Conv(x, 9, 3, 1), 17, 1, 8)
	})
	for _, x := range []op.Shape{{4, 10}, {1, 1}, {7, 33}} {
		add(fmt.Sprintf("linear %v", x), x, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("2").Linear(b.ReLU(b.In("1").Linear(x, 19)), 11)
		})
		smooth := network{name: fmt.Sprintf("smoothed cross-entropy %v", x), image: x, state: true, steps: 1, smoothing: 0.1, tolerance: 2e-5}
		smooth.build = func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ReLU(x) }
		all = append(all, smooth)
	}
	return all
}

var pools = []struct {
	name string
	spec op.Spec
}{
	{"max pool 2/2", op.MaxPool{Window: op.Square(2, 0), K: 2}},
	{"max pool 3/2/1", op.MaxPool{Window: op.Square(2, 1), K: 3}},
	{"max pool 3/1/1", op.MaxPool{Window: op.Square(1, 1), K: 3}},
	{"max pool, asymmetric", op.MaxPool{Window: lopsided(2), K: 3}},
	{"max pool 3×2, unequal strides", op.MaxPool{Window: window([2]int{1, 2}, [2]int{2, 1}, [2]int{1, 0}, 1), K: 3, KW: 2}},
	{"avg pool 2/2", op.AvgPool{Window: op.Square(2, 0), KH: 2, KW: 2, CountPad: true}},
	{"avg pool 3/2/1, padding counted", op.AvgPool{Window: op.Square(2, 1), KH: 3, KW: 3, CountPad: true}},
	{"avg pool 3/2/1, padding not counted", op.AvgPool{Window: op.Square(2, 1), KH: 3, KW: 3}},
	{"avg pool 2×3", op.AvgPool{Window: op.Square(1, 0), KH: 2, KW: 3}},
}

// lopsided pads by one pixel, below and to the right only.
func lopsided(stride int) op.Window {
	w := op.Square(stride, 0)
	w.End = [2]int{1, 1}
	return w
}
