package op_test

import (
	"math"
	"testing"

	"workbench/nn/op"
)

// operand is a small tensor written out.
type operand struct {
	shape  op.Shape
	values []float64
	ints   []int32
}

func tensorOf(shape op.Shape, values ...float64) operand {
	return operand{shape: shape, values: values}
}

func intsOf(values ...int32) operand { return operand{shape: op.Shape{len(values)}, ints: values} }

func (o operand) buffer(double bool) op.Buffer {
	if o.ints != nil {
		return op.Buffer{Shape: o.shape, I32: o.ints}
	}
	b := op.Allocate(o.shape, double)
	for i, v := range o.values {
		if double {
			b.F64[i] = v
		} else {
			b.F32[i] = float32(v)
		}
	}
	return b
}

// kernelCase is an operator's result computed by hand.
type kernelCase struct {
	spec op.Spec
	in   []operand
	want operand
}

var (
	row4    = op.Shape{1, 1, 1, 4}
	line    = op.Shape{1, 1, 1, 3} // a kernel of three taps
	along   = window(one, [2]int{0, 1}, [2]int{0, 1}, one)
	every2  = window([2]int{1, 2}, [2]int{0, 1}, [2]int{0, 0}, one)
	spread  = window(one, [2]int{0, 2}, [2]int{0, 2}, [2]int{1, 2})
	image3  = tensorOf(op.Shape{1, 1, 3, 3}, 1, 2, 3, 4, 9, 6, 7, 8, 5)
	stats12 = tensorOf(op.Shape{2, 2}, 2, 20, 1, 100) // means 2 and 20, variances 1 and 100
	pixels  = tensorOf(op.Shape{2, 2, 1, 1}, 1, 10, 3, 30)
	half    = tensorOf(op.Shape{}, 0.5)
)

var kernelCases = []kernelCase{
	{op.Conv{Window: along, Groups: 1}, []operand{tensorOf(row4, 1, 2, 3, 4), tensorOf(line, 1, 10, 100)}, tensorOf(row4, 210, 321, 432, 43)},
	{op.Conv{Window: every2, Groups: 1, Bias: true},
		[]operand{tensorOf(row4, 1, 2, 3, 4), tensorOf(line, 1, 10, 100), tensorOf(op.Shape{1}, 0.5)},
		tensorOf(op.Shape{1, 1, 1, 2}, 210.5, 432.5)},
	{op.Conv{Window: spread, Groups: 1}, []operand{tensorOf(row4, 1, 2, 3, 4), tensorOf(line, 1, 10, 100)}, tensorOf(row4, 310, 420, 31, 42)},
	{op.Conv{Window: op.Square(1, 0), Groups: 2},
		[]operand{tensorOf(op.Shape{1, 2, 1, 2}, 1, 2, 3, 4), tensorOf(op.Shape{2, 1, 1, 1}, 10, 100)},
		tensorOf(op.Shape{1, 2, 1, 2}, 10, 20, 300, 400)},
	{op.ConvBwdData{Conv: op.Conv{Window: along, Groups: 1}, H: 1, W: 4}, []operand{tensorOf(line, 1, 10, 100), tensorOf(row4, 1, 2, 3, 4)},
		tensorOf(row4, 12, 123, 234, 340)},
	{op.ConvBwdWeights{Conv: op.Conv{Window: along, Groups: 1}, KH: 1, KW: 3},
		[]operand{tensorOf(row4, 1, 2, 3, 4), tensorOf(row4, 1, 10, 100, 1000)},
		tensorOf(line, 3210, 4321, 432)},
	{op.BiasBwd{}, []operand{tensorOf(op.Shape{2, 2, 1, 2}, 1, 2, 3, 4, 5, 6, 7, 8)}, tensorOf(op.Shape{2}, 14, 22)},
	{op.Linear{}, []operand{tensorOf(op.Shape{2, 2}, 1, 2, 3, 4), tensorOf(op.Shape{1, 2}, 10, 100), tensorOf(op.Shape{1}, 0.5)},
		tensorOf(op.Shape{2, 1}, 210.5, 430.5)},
	{op.LinearBwdData{}, []operand{tensorOf(op.Shape{2, 2}, 1, 2, 3, 4), tensorOf(op.Shape{1, 2}, 10, 100)},
		tensorOf(op.Shape{1, 2}, 310, 420)},
	{op.LinearBwdWeights{}, []operand{tensorOf(op.Shape{2, 2}, 1, 2, 3, 4), tensorOf(op.Shape{2, 1}, 10, 100)},
		tensorOf(op.Shape{1, 2}, 310, 420)},
	{op.ReLU{}, []operand{tensorOf(op.Shape{4}, -1, 0, 2, math.Inf(1))}, tensorOf(op.Shape{4}, 0, 0, 2, math.Inf(1))},
	{op.ReLUBwd{}, []operand{tensorOf(op.Shape{3}, 0, 2, 5), tensorOf(op.Shape{3}, 10, 20, -30)}, tensorOf(op.Shape{3}, 0, 20, -30)},
	{op.Sum{N: 3}, []operand{tensorOf(op.Shape{2}, 1, 2), tensorOf(op.Shape{2}, 10, 20), tensorOf(op.Shape{2}, 100, 200)},
		tensorOf(op.Shape{2}, 111, 222)},
	{op.MaxPool{Window: op.Square(2, 1), K: 3}, []operand{image3}, tensorOf(op.Shape{1, 1, 2, 2}, 9, 9, 9, 9)},
	{op.MaxPool{Window: op.Square(1, 1), K: 2}, []operand{tensorOf(op.Shape{1, 1, 1, 1}, -5)}, tensorOf(op.Shape{1, 1, 2, 2}, -5, -5, -5, -5)},
	{op.MaxPoolBwd{MaxPool: op.MaxPool{Window: op.Square(1, 0), K: 2}}, []operand{image3, tensorOf(op.Shape{1, 1, 2, 2}, 1, 10, 100, 1000)},
		tensorOf(op.Shape{1, 1, 3, 3}, 0, 0, 0, 0, 1111, 0, 0, 0, 0)},
	{op.MaxPoolBwd{MaxPool: op.MaxPool{Window: op.Square(2, 0), K: 2}},
		[]operand{tensorOf(op.Shape{1, 1, 2, 2}, 7, 7, 7, 7), tensorOf(op.Shape{1, 1, 1, 1}, 3)},
		tensorOf(op.Shape{1, 1, 2, 2}, 3, 0, 0, 0)}, // the first of equals
	{op.AvgPool{Window: op.Square(2, 1), KH: 2, KW: 2, CountPad: true}, []operand{image3},
		tensorOf(op.Shape{1, 1, 2, 2}, 0.25, 1.25, 2.75, 7)},
	{op.AvgPool{Window: op.Square(2, 1), KH: 2, KW: 2}, []operand{image3}, tensorOf(op.Shape{1, 1, 2, 2}, 1, 2.5, 5.5, 7)},
	{op.AvgPoolBwd{AvgPool: op.AvgPool{Window: op.Square(2, 1), KH: 2, KW: 2}, H: 3, W: 3},
		[]operand{tensorOf(op.Shape{1, 1, 2, 2}, 4, 40, 400, 4000)},
		tensorOf(op.Shape{1, 1, 3, 3}, 4, 20, 20, 200, 1000, 1000, 200, 1000, 1000)},
	{op.ReshapeTo(op.Shape{2, 2}), []operand{tensorOf(row4, 1, 2, 3, 4)}, tensorOf(op.Shape{2, 2}, 1, 2, 3, 4)},
	{op.Concat{N: 2}, []operand{tensorOf(op.Shape{2, 1, 1, 1}, 1, 2), tensorOf(op.Shape{2, 2, 1, 1}, 3, 4, 5, 6)},
		tensorOf(op.Shape{2, 3, 1, 1}, 1, 3, 4, 2, 5, 6)},
	{op.Channels{From: 1, Count: 2}, []operand{tensorOf(op.Shape{2, 3, 1, 1}, 1, 3, 4, 2, 5, 6)}, tensorOf(op.Shape{2, 2, 1, 1}, 3, 4, 5, 6)},
	{op.Subsample{Stride: 2, Channels: 2}, []operand{image3}, tensorOf(op.Shape{1, 2, 2, 2}, 1, 3, 7, 5, 0, 0, 0, 0)},
	{op.SubsampleBwd{Stride: 2, C: 1, H: 3, W: 3}, []operand{tensorOf(op.Shape{1, 2, 2, 2}, 1, 2, 3, 4, 5, 6, 7, 8)},
		tensorOf(op.Shape{1, 1, 3, 3}, 1, 0, 2, 0, 0, 0, 3, 0, 4)},
	{op.BNStats{}, []operand{pixels}, stats12},
	{op.BNApply{Epsilon: 0}, []operand{pixels, stats12, tensorOf(op.Shape{2}, 3, 5), tensorOf(op.Shape{2}, 0.5, 7)},
		tensorOf(op.Shape{2, 2, 1, 1}, -2.5, 2, 3.5, 12)},
	{op.BNApply{Epsilon: 3}, []operand{pixels, stats12, tensorOf(op.Shape{2}, 4, 0), tensorOf(op.Shape{2}, 0, 7)},
		tensorOf(op.Shape{2, 2, 1, 1}, -2, 7, 2, 7)},
	{op.BNReduce{Epsilon: 0}, []operand{pixels, stats12, tensorOf(op.Shape{2, 2, 1, 1}, 1, 2, 5, 10)}, tensorOf(op.Shape{2, 2}, 4, 8, 6, 12)},
	// dx = scale/σ · (dy − mean dy − x̂ · mean(dy·x̂)) is 0 where a channel has but two values.
	{op.BNBwdData{Epsilon: 0}, []operand{pixels, stats12, tensorOf(op.Shape{2}, 3, 5), tensorOf(op.Shape{2, 2}, 4, 8, 6, 12),
		tensorOf(op.Shape{2, 2, 1, 1}, 1, 2, 5, 10)}, tensorOf(op.Shape{2, 2, 1, 1}, 0, 0, 0, 0)},
	{op.BNBwdData{Epsilon: 0}, []operand{pixels, stats12, tensorOf(op.Shape{2}, 3, 5), tensorOf(op.Shape{2, 2}, 0, 0, 2, 0),
		tensorOf(op.Shape{2, 2, 1, 1}, 1, 2, 5, 10)}, tensorOf(op.Shape{2, 2, 1, 1}, 0, 1, 12, 5)},
	{op.BNInfer{Epsilon: 0}, []operand{pixels, tensorOf(op.Shape{2}, 2, 20), tensorOf(op.Shape{2}, 1, 100),
		tensorOf(op.Shape{2}, 3, 5), tensorOf(op.Shape{2}, 0.5, 7)},
		tensorOf(op.Shape{2, 2, 1, 1}, -2.5, 2, 3.5, 12)},
	{op.BNRunning{Momentum: 0.25, Row: 0, Count: 5}, []operand{tensorOf(op.Shape{2}, 4, 8), stats12}, tensorOf(op.Shape{2}, 3.5, 11)},
	{op.BNRunning{Momentum: 0.25, Row: 1, Count: 5}, []operand{tensorOf(op.Shape{2}, 4, 8), stats12}, tensorOf(op.Shape{2}, 3.3125, 37.25)},
	{op.BNRunning{Momentum: 0.25, Row: 1, Count: 1}, []operand{tensorOf(op.Shape{2}, 4, 8), stats12}, tensorOf(op.Shape{2}, 3.25, 31)},
	{op.Row{Index: 1}, []operand{stats12}, tensorOf(op.Shape{2}, 1, 100)},
	{op.Dropout{P: 0}, []operand{tensorOf(op.Shape{2}, 1, -2), intsOf(1, 2, 3, 4)}, tensorOf(op.Shape{2}, 1, -2)},
	{op.CrossEntropy{}, []operand{tensorOf(op.Shape{2, 2}, 0, math.Log(3), 1000, 1000), intsOf(1, 0)},
		tensorOf(op.Shape{}, (math.Log(4.0/3)+math.Log(2))/2)},
	{op.CrossEntropy{Smoothing: 0.5}, []operand{tensorOf(op.Shape{1, 2}, 0, math.Log(3)), intsOf(1)},
		tensorOf(op.Shape{}, 0.75*math.Log(4.0/3)+0.25*math.Log(4))},
	{op.CrossEntropyBwd{}, []operand{tensorOf(op.Shape{2, 2}, 0, math.Log(3), 5, 5), intsOf(1, 0), half},
		tensorOf(op.Shape{2, 2}, 0.0625, -0.0625, -0.125, 0.125)},
	{op.CrossEntropyBwd{CrossEntropy: op.CrossEntropy{Smoothing: 0.5}},
		[]operand{tensorOf(op.Shape{1, 2}, 0, math.Log(3)), intsOf(0), half}, tensorOf(op.Shape{1, 2}, -0.25, 0.25)},
}

func TestKernelsGiveHandComputedValues(t *testing.T) {
	for i, c := range kernelCases {
		for _, double := range []bool{false, true} {
			var shapes []op.Shape
			var call op.Call
			for _, o := range c.in {
				shapes, call.In = append(shapes, o.shape), append(call.In, o.buffer(double))
			}
			shape, err := c.spec.Infer(shapes)
			if err != nil {
				t.Errorf("case %d, %+v: %v", i, c.spec, err)
				continue
			}
			if !shape.Equal(c.want.shape) {
				t.Errorf("case %d, %+v: shape is %v, want %v", i, c.spec, shape, c.want.shape)
				continue
			}
			call.Out = op.Allocate(shape, double)
			c.spec.Run(call)
			compare(t, i, c, call.Out)
		}
	}
}

func compare(t *testing.T, i int, c kernelCase, out op.Buffer) {
	t.Helper()
	tolerance := 1e-12
	got := out.F64
	if got == nil {
		tolerance = 1e-6
		for _, v := range out.F32 {
			got = append(got, float64(v))
		}
	}
	for k, want := range c.want.values {
		if got[k] != want && !(math.Abs(got[k]-want) <= tolerance*max(1, math.Abs(want))) {
			t.Errorf("case %d, %+v: got %v, want %v (tolerance %v)", i, c.spec, got, c.want.values, tolerance)
			return
		}
	}
}

func TestReLUAndMaxPoolShowNaN(t *testing.T) {
	nan := operand{shape: op.Shape{1, 1, 1, 2}, values: []float64{math.NaN(), 1}}
	for _, s := range []op.Spec{op.ReLU{}, op.MaxPool{Window: op.Square(1, 1), K: 2}} {
		shape, err := s.Infer([]op.Shape{nan.shape})
		if err != nil {
			t.Fatal(err)
		}
		out := op.Allocate(shape, false)
		s.Run(op.Call{In: []op.Buffer{nan.buffer(false)}, Out: out})
		if out.F32[0] == out.F32[0] {
			t.Errorf("%s hides a NaN: %v", s.Name(), out.F32)
		}
	}
}

// Half of the elements survive at twice their size. Another step, stream or seed draws other ones.
func TestDropoutDrawsFromItsKey(t *testing.T) {
	const n = 10000
	draw := func(d op.Dropout, key ...int32) []float32 {
		in := op.Allocate(op.Shape{n}, false)
		for i := range in.F32 {
			in.F32[i] = 1
		}
		out := op.Allocate(op.Shape{n}, false)
		d.Run(op.Call{In: []op.Buffer{in, intsOf(key...).buffer(false)}, Out: out})
		return out.F32
	}
	first := draw(op.Dropout{P: 0.5, Stream: 1}, 7, 0, 3, 0)
	kept := 0
	for _, v := range first {
		switch v {
		case 2:
			kept++
		case 0:
		default:
			t.Fatalf("an element became %v, want 0 or 2", v)
		}
	}
	if kept < n/2-250 || kept > n/2+250 { // five standard deviations
		t.Errorf("%d of %d elements survived", kept, n)
	}
	same := func(a, b []float32) int {
		count := 0
		for i := range a {
			if a[i] == b[i] {
				count++
			}
		}
		return count
	}
	if again := draw(op.Dropout{P: 0.5, Stream: 1}, 7, 0, 3, 0); same(first, again) != n {
		t.Error("the same key drew another mask")
	}
	for name, other := range map[string][]float32{
		"stream": draw(op.Dropout{P: 0.5, Stream: 2}, 7, 0, 3, 0), "seed": draw(op.Dropout{P: 0.5, Stream: 1}, 8, 0, 3, 0),
		"seed, high": draw(op.Dropout{P: 0.5, Stream: 1}, 7, 1, 3, 0), "step": draw(op.Dropout{P: 0.5, Stream: 1}, 7, 0, 4, 0),
		"step, high": draw(op.Dropout{P: 0.5, Stream: 1}, 7, 0, 3, 1),
	} {
		if s := same(first, other); s < n/2-250 || s > n/2+250 {
			t.Errorf("another %s agrees in %d of %d elements, want about half", name, s, n)
		}
	}
}
