package op_test

import "workbench/nn/op"

// ceil is a 3×3 window of stride 2 with padding 1 on an image of even size, rounded up by one row and one column.
func ceil() op.Window {
	w := op.Square(2, 1)
	w.End = [2]int{2, 2}
	return w
}

func init() {
	row5 := tensorOf(op.Shape{1, 1, 1, 5}, 1, 2, 3, 4, 5)
	tall := op.MaxPool{Window: op.Square(1, 0), K: 2, KW: 1}
	up := window([2]int{1, 2}, [2]int{0, 1}, [2]int{0, 2}, one)
	kernelCases = append(kernelCases, []kernelCase{
		{tall, []operand{tensorOf(op.Shape{1, 1, 2, 2}, 1, 5, 3, 2)}, tensorOf(op.Shape{1, 1, 1, 2}, 3, 5)},
		// These are torch.nn.functional.avg_pool2d of 1…4 with kernel (1, 3), stride (1, 2), padding (0, 1) and ceil_mode:
		// the last kernel has two counted pixels.
		{op.AvgPool{Window: up, KH: 1, KW: 3, CountPad: true, Uncounted: [2]int{0, 1}}, []operand{tensorOf(row4, 1, 2, 3, 4)},
			tensorOf(op.Shape{1, 1, 1, 3}, 1, 3, 2)},
		{op.AvgPool{Window: up, KH: 1, KW: 3, Uncounted: [2]int{0, 1}}, []operand{tensorOf(row4, 1, 2, 3, 4)},
			tensorOf(op.Shape{1, 1, 1, 3}, 1.5, 3, 4)},
		// The fields are [0, 2), [1, 4) and [3, 5).
		{op.AdaptiveAvgPool{H: 1, W: 3}, []operand{row5}, tensorOf(op.Shape{1, 1, 1, 3}, 1.5, 3, 4.5)},
		{op.AdaptiveAvgPool{H: 2, W: 1}, []operand{row5}, tensorOf(op.Shape{1, 1, 2, 1}, 3, 3)},
		{op.AdaptiveAvgPoolBwd{H: 1, W: 5}, []operand{tensorOf(op.Shape{1, 1, 1, 3}, 2, 30, 200)},
			tensorOf(op.Shape{1, 1, 1, 5}, 1, 11, 10, 110, 100)},
	}...)
	shapeCases = append(shapeCases, []shapeCase{
		{op.AvgPool{Window: op.Square(2, 0), KH: 2, KW: 2, Uncounted: [2]int{1, 0}}, []op.Shape{{2, 3, 8, 8}},
			[]string{"avg_pool: [1 0] uncounted pixels", "padding [0 0]"}},
		{op.AdaptiveAvgPool{H: 0, W: 2}, []op.Shape{{2, 3, 8, 8}}, []string{"grid of 0×2 fields, want at least 1×1"}},
		{op.AdaptiveAvgPool{H: 1, W: 2}, []op.Shape{{2, 3}}, []string{"adaptive_avg_pool: input (2, 3) has 2 axes, want 4"}},
		{op.AdaptiveAvgPoolBwd{H: 1, W: 2}, []op.Shape{{2, 3}}, []string{"adaptive_avg_pool_bwd: gradient (2, 3) has 2 axes, want 4"}},
	}...)
	gradientCases = append(gradientCases, []gradientCase{
		pool("max pool, rounded up", op.MaxPool{Window: ceil(), K: 3}, op.Shape{1, 2, 6, 4}),
		pool("global max pool", op.MaxPool{Window: op.Square(1, 0), K: 4, KW: 3}, op.Shape{2, 3, 4, 3}),
		pool("avg pool, rounded up, padding counted",
			op.AvgPool{Window: ceil(), KH: 3, KW: 3, CountPad: true, Uncounted: one}, op.Shape{1, 2, 6, 4}),
		pool("avg pool, rounded up", op.AvgPool{Window: ceil(), KH: 3, KW: 3, Uncounted: one}, op.Shape{1, 2, 6, 4}),
		pool("adaptive avg pool", op.AdaptiveAvgPool{H: 3, W: 2}, op.Shape{2, 2, 5, 7}),
		pool("adaptive avg pool to more pixels", op.AdaptiveAvgPool{H: 3, W: 5}, op.Shape{1, 2, 2, 3}),
	}...)
}
