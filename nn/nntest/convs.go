package nntest

import (
	"workbench/nn"
	"workbench/nn/op"
)

// conv is one convolution. The suite runs it between others, whose layouts it has to
// take; alone, its operands would be row-major.
type conv struct {
	name   string
	x      op.Shape
	out    int
	kernel [2]int
	op.Conv
}

var convs = []conv{
	{"3×3", op.Shape{2, 16, 8, 8}, 16, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 1}},
	{"3×3 of images", op.Shape{2, 3, 9, 9}, 16, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 1}},
	{"3×3, wide", op.Shape{2, 64, 6, 6}, 32, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 1}},
	{"3×3, many pixels", op.Shape{3, 16, 41, 41}, 24, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 1}},
	{"3×3, padding 2", op.Shape{2, 9, 7, 6}, 17, [2]int{3, 3}, op.Conv{Window: op.Square(1, 2), Groups: 1, Bias: true}},
	{"3×3, no padding", op.Shape{2, 16, 9, 10}, 8, [2]int{3, 3}, op.Conv{Window: op.Square(1, 0), Groups: 1, Bias: true}},
	{"odd sizes and channels", op.Shape{3, 5, 7, 9}, 11, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 1}},
	{"batch 1", op.Shape{1, 8, 5, 5}, 8, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 1}},
	{"5×5 of many images, bias", op.Shape{19, 10, 6, 7}, 20, [2]int{5, 5}, op.Conv{Window: op.Square(1, 2), Groups: 1, Bias: true}},
	{"3×3, wide rows", op.Shape{2, 9, 3, 201}, 10, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 1}},
	{"stride 2", op.Shape{2, 16, 8, 8}, 32, [2]int{3, 3}, op.Conv{Window: op.Square(2, 1), Groups: 1}},
	{"stride 2, odd size", op.Shape{2, 10, 7, 5}, 6, [2]int{3, 3}, op.Conv{Window: op.Square(2, 1), Groups: 1}},
	{"7×7, stride 2, bias", op.Shape{2, 3, 16, 15}, 8, [2]int{7, 7}, op.Conv{Window: op.Square(2, 3), Groups: 1, Bias: true}},
	{"1×1", op.Shape{2, 32, 4, 4}, 16, [2]int{1, 1}, op.Conv{Window: op.Square(1, 0), Groups: 1}},
	{"1×1, stride 2", op.Shape{2, 16, 7, 7}, 24, [2]int{1, 1}, op.Conv{Window: op.Square(2, 0), Groups: 1}},
	{"1×1, stride 2, odd size and channels, bias", op.Shape{3, 20, 7, 5}, 33, [2]int{1, 1},
		op.Conv{Window: op.Square(2, 0), Groups: 1, Bias: true}},
	{"1×1, unequal strides", op.Shape{2, 9, 8, 7}, 10, [2]int{1, 1}, op.Conv{Window: window([2]int{1, 3}, [2]int{}, [2]int{}, 1), Groups: 1}},
	{"1×1 of one pixel, bias", op.Shape{5, 40, 1, 1}, 72, [2]int{1, 1}, op.Conv{Window: op.Square(1, 0), Groups: 1, Bias: true}},
	{"1×1, many channels, batch 1", op.Shape{1, 600, 3, 3}, 70, [2]int{1, 1}, op.Conv{Window: op.Square(1, 0), Groups: 1}},
	{"1×1, many channels out", op.Shape{2, 24, 2, 2}, 530, [2]int{1, 1}, op.Conv{Window: op.Square(1, 0), Groups: 1}},
	{"1×1, many pixels", op.Shape{3, 21, 31, 37}, 19, [2]int{1, 1}, op.Conv{Window: op.Square(1, 0), Groups: 1, Bias: true}},
	{"1×1, padding", op.Shape{2, 8, 4, 4}, 9, [2]int{1, 1}, op.Conv{Window: op.Square(1, 1), Groups: 1}},
	{"1×3", op.Shape{2, 6, 5, 6}, 7, [2]int{1, 3}, op.Conv{Window: window([2]int{1, 1}, [2]int{0, 1}, [2]int{0, 1}, 1), Groups: 1}},
	{"bias", op.Shape{2, 8, 6, 6}, 12, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 1, Bias: true}},
	{"asymmetric padding", op.Shape{2, 8, 6, 7}, 8, [2]int{3, 3},
		op.Conv{Window: window([2]int{2, 2}, [2]int{0, 1}, [2]int{1, 2}, 1), Groups: 1}},
	{"unequal strides", op.Shape{2, 4, 8, 9}, 5, [2]int{3, 2}, op.Conv{Window: window([2]int{1, 2}, [2]int{1, 0}, [2]int{1, 0},
		1), Groups: 1}},
	{"dilation 2", op.Shape{2, 8, 9, 9}, 8, [2]int{3, 3}, op.Conv{Window: window([2]int{1, 1}, [2]int{2, 2}, [2]int{2, 2}, 2), Groups: 1}},
	{"dilation 3, stride 2", op.Shape{1, 5, 11, 10}, 4, [2]int{3, 3},
		op.Conv{Window: window([2]int{2, 2}, [2]int{2, 3}, [2]int{3, 2}, 3), Groups: 1}},
	{"groups", op.Shape{2, 32, 5, 5}, 32, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 2}},
	{"groups of whole vectors, bias", op.Shape{3, 96, 9, 7}, 64, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 2, Bias: true}},
	{"groups of whole vectors, padding 2", op.Shape{2, 64, 5, 6}, 128, [2]int{3, 3}, op.Conv{Window: op.Square(1, 2), Groups: 4}},
	{"groups of odd width, bias", op.Shape{2, 9, 6, 5}, 15, [2]int{3, 3}, op.Conv{Window: op.Square(2, 1), Groups: 3, Bias: true}},
	{"depthwise", op.Shape{2, 16, 6, 6}, 16, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 16}},
	{"depthwise, odd, stride 2", op.Shape{2, 7, 7, 6}, 7, [2]int{3, 3}, op.Conv{Window: op.Square(2, 1), Groups: 7}},
	{"depthwise 3×3, wide rows", op.Shape{1, 9, 3, 21}, 9, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 9}},
	{"depthwise 5×5, stride 2", op.Shape{2, 20, 19, 18}, 20, [2]int{5, 5}, op.Conv{Window: op.Square(2, 2), Groups: 20}},
	{"depthwise 5×5 of few pixels", op.Shape{3, 20, 2, 3}, 20, [2]int{5, 5}, op.Conv{Window: op.Square(1, 2), Groups: 20}},
	{"depthwise 3×3 to one pixel, stride 2, bias", op.Shape{2, 24, 2, 2}, 24, [2]int{3, 3},
		op.Conv{Window: op.Square(2, 1), Groups: 24, Bias: true}},
	{"depthwise 7×7, dilation 2", op.Shape{2, 8, 9, 7}, 8, [2]int{7, 7},
		op.Conv{Window: window([2]int{1, 1}, [2]int{6, 6}, [2]int{6, 6}, 2), Groups: 8}},
	{"depthwise, asymmetric padding, unequal strides", op.Shape{2, 12, 9, 7}, 12, [2]int{3, 4},
		op.Conv{Window: window([2]int{1, 2}, [2]int{0, 2}, [2]int{1, 1}, 1), Groups: 12}},
	{"depthwise, multiplier 2", op.Shape{2, 6, 5, 5}, 12, [2]int{3, 3}, op.Conv{Window: op.Square(1, 1), Groups: 6}},
	{"no padding to one pixel", op.Shape{2, 4, 3, 3}, 5, [2]int{3, 3}, op.Conv{Window: op.Square(1, 0), Groups: 1}},
}

func window(stride, begin, end [2]int, dilation int) op.Window {
	return op.Window{Stride: stride, Begin: begin, End: end, Dilation: [2]int{dilation, dilation}}
}

func (c conv) build(b *nn.Builder, x nn.Tensor) nn.Tensor {
	w := op.Shape{c.out, x.Shape()[1] / c.Groups, c.kernel[0], c.kernel[1]}
	in := []nn.Tensor{x, b.Param("weight", w, nn.Weight, nn.HeFanOut(w))}
	if c.Bias {
		in = append(in, b.Param("bias", op.Shape{c.out}, nn.Bias, nn.Init{}))
	}
	return b.Apply(c.Conv, in...)
}
