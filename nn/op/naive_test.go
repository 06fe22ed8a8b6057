package op_test

import (
	"fmt"
	"math"
	"testing"

	"workbench/nn/op"
)

// image is a tensor of four axes whose elements are all different; at reads one, 0 beside the pixels.
type image struct {
	shape op.Shape
	v     []float64
}

func imageOf(seed int, shape ...int) image {
	m := image{shape, make([]float64, op.Shape(shape).Size())}
	for i := range m.v {
		m.v[i] = math.Sin(float64(i*7+seed)) + 0.1*float64(i%5)
	}
	return m
}

func (m image) inside(h, w int) bool { return h >= 0 && h < m.shape[2] && w >= 0 && w < m.shape[3] }

func (m image) at(n, c, h, w int) float64 {
	if !m.inside(h, w) {
		return 0
	}
	return m.v[((n*m.shape[1]+c)*m.shape[2]+h)*m.shape[3]+w]
}

// naiveCase is an operator, its operands, and its result at [n, c, h, w] by definition.
type naiveCase struct {
	spec op.Spec
	in   []image
	want func(n, c, h, w int) float64
}

// asymmetric is a window that has nothing alike in its two directions.
var asymmetric = window([2]int{2, 1}, [2]int{1, 0}, [2]int{0, 2}, [2]int{1, 2})

func naiveCases() []naiveCase {
	x, y := imageOf(1, 2, 4, 5, 6), imageOf(2, 2, 3, 5, 6)
	weights, bias, four := imageOf(3, 6, 2, 3, 2), imageOf(4, 6), imageOf(5, 4)
	shift, mean, variance := imageOf(6, 4), imageOf(7, 4), image{op.Shape{4}, []float64{1, 2, 3, 4}}
	stats := image{op.Shape{2, 4}, append(append([]float64{}, mean.v...), variance.v...)}
	dense := window([2]int{2, 1}, [2]int{1, 0}, [2]int{0, 2}, one)
	over := func(h, w int, f func(ih, iw, kh, kw int)) {
		for kh := range 3 {
			for kw := range 3 {
				f(2*h-1+kh, w+kw, kh, kw)
			}
		}
	}
	average := func(n, c, h, w int, counted func(ih, iw int) bool) float64 {
		sum, count := 0.0, 0.0
		over(h, w, func(ih, iw, _, _ int) {
			if sum += x.at(n, c, ih, iw); counted(ih, iw) {
				count++
			}
		})
		return sum / count
	}
	normed := func(n, c, h, w int) float64 {
		return (x.at(n, c, h, w)-mean.v[c])/math.Sqrt(variance.v[c]+0.5)*four.v[c] + shift.v[c]
	}
	row := func(n, from, count int) (m, s float64) { // of channels from, … of an image
		for c := from; c < from+count; c++ {
			for i := range 30 {
				m += x.at(n, c, i/6, i%6) / float64(count*30)
			}
		}
		for c := from; c < from+count; c++ {
			for i := range 30 {
				s += math.Pow(x.at(n, c, i/6, i%6)-m, 2) / float64(count*30)
			}
		}
		return m, s
	}
	groups := op.Rows{Count: 4, Features: 4, Area: 30}
	var rowStats image
	rowStats.shape = op.Shape{2, 4}
	for k := range 8 {
		m, s := row(k%4/2, k%2*2, 2)
		rowStats.v = append(rowStats.v, map[bool]float64{true: m, false: s}[k < 4])
	}
	gate, column := imageOf(8, 2, 4, 1, 1), imageOf(9, 2, 1, 5, 6)
	return []naiveCase{
		{op.Conv{Window: asymmetric, Groups: 2, Bias: true}, []image{x, weights, bias}, func(n, o, h, w int) float64 {
			sum := bias.v[o]
			for i := range 2 {
				for kh := range 3 {
					for kw := range 2 {
						sum += x.at(n, o/3*2+i, 2*h-1+kh, w+2*kw) * weights.at(o, i, kh, kw)
					}
				}
			}
			return sum
		}},
		{op.MaxPool{Window: dense, K: 3, KW: 3}, []image{x}, func(n, c, h, w int) float64 {
			most := math.Inf(-1)
			over(h, w, func(ih, iw, _, _ int) {
				if x.inside(ih, iw) {
					most = max(most, x.at(n, c, ih, iw))
				}
			})
			return most
		}},
		{op.AvgPool{Window: dense, KH: 3, KW: 3, CountPad: true}, []image{x}, func(n, c, h, w int) float64 {
			return average(n, c, h, w, func(int, int) bool { return true })
		}},
		{op.AvgPool{Window: dense, KH: 3, KW: 3}, []image{x}, func(n, c, h, w int) float64 { return average(n, c, h, w, x.inside) }},
		{op.BNApply{Epsilon: 0.5}, []image{x, stats, four, shift}, normed},
		{op.BNInfer{Epsilon: 0.5}, []image{x, mean, variance, four, shift}, normed},
		{op.RowNorm{Rows: groups, Epsilon: 0.5}, []image{x, rowStats, four, shift}, func(n, c, h, w int) float64 {
			m, s := row(n, c/2*2, 2)
			return (x.at(n, c, h, w)-m)/math.Sqrt(s+0.5)*four.v[c] + shift.v[c]
		}},
		{op.LRN{Size: 3, Alpha: 0.6, Beta: 0.75, K: 2}, []image{x}, func(n, c, h, w int) float64 {
			sum := 0.0
			for i := max(0, c-1); i <= min(3, c+1); i++ {
				sum += math.Pow(x.at(n, i, h, w), 2)
			}
			return x.at(n, c, h, w) * math.Pow(2+0.2*sum, -0.75)
		}},
		{op.Concat{N: 2}, []image{y, x}, func(n, c, h, w int) float64 {
			if c < 3 {
				return y.at(n, c, h, w)
			}
			return x.at(n, c-3, h, w)
		}},
		{op.Channels{From: 1, Count: 2}, []image{x}, func(n, c, h, w int) float64 { return x.at(n, c+1, h, w) }},
		{op.ChannelsBwd{From: 1, Of: 6}, []image{x}, func(n, c, h, w int) float64 {
			if c < 1 || c > 4 {
				return 0
			}
			return x.at(n, c-1, h, w)
		}},
		{op.ChannelShuffle{Groups: 2}, []image{x}, func(n, c, h, w int) float64 { return x.at(n, c%2*2+c/2, h, w) }},
		{op.TransposeTo(0, 3, 1, 2), []image{x}, func(n, c, h, w int) float64 { return x.at(n, h, w, c) }},
		{op.Subsample{Stride: 2, Channels: 5}, []image{x}, func(n, c, h, w int) float64 {
			if c > 3 {
				return 0
			}
			return x.at(n, c, 2*h, 2*w)
		}},
		{op.SubsampleBwd{Stride: 2, C: 3, H: 10, W: 11}, []image{x}, func(n, c, h, w int) float64 {
			if h%2+w%2 > 0 {
				return 0
			}
			return x.at(n, c, h/2, w/2)
		}},
		{op.Mul{}, []image{x, gate}, func(n, c, h, w int) float64 { return x.at(n, c, h, w) * gate.at(n, c, 0, 0) }},
		{op.Mul{}, []image{x, column}, func(n, c, h, w int) float64 { return x.at(n, c, h, w) * column.at(n, 0, h, w) }},
		{op.StretchTo(op.Shape{2, 4, 5, 6}), []image{gate}, func(n, c, _, _ int) float64 { return gate.at(n, c, 0, 0) }},
		{op.StretchTo(op.Shape{2, 4, 5, 6}), []image{column}, func(n, _, h, w int) float64 { return column.at(n, 0, h, w) }},
		{op.AdaptiveAvgPool{H: 2, W: 4}, []image{x}, func(n, c, h, w int) float64 {
			sum, count := 0.0, 0.0
			for ih := h * 5 / 2; 2*ih < (h+1)*5; ih++ {
				for iw := w * 6 / 4; 4*iw < (w+1)*6; iw++ {
					sum, count = sum+x.at(n, c, ih, iw), count+1
				}
			}
			return sum / count
		}},
	}
}

// On images that have nothing alike in their four axes the kernels compute what their definitions say.
func TestKernelsFollowTheirDefinitions(t *testing.T) {
	for _, c := range naiveCases() {
		for _, double := range []bool{false, true} {
			var shapes []op.Shape
			var call op.Call
			for _, m := range c.in {
				shapes, call.In = append(shapes, m.shape), append(call.In, tensorOf(m.shape, m.v...).buffer(double))
			}
			s, err := c.spec.Infer(shapes)
			if err != nil || len(s) != 4 {
				t.Errorf("%+v: shape %v, error %v", c.spec, s, err)
				continue
			}
			call.Out = op.Allocate(s, double)
			c.spec.Run(call)
			for i := range s.Size() {
				got := 0.0
				if double {
					got = call.Out.F64[i]
				} else {
					got = float64(call.Out.F32[i])
				}
				n, ch, h, w := i/(s[1]*s[2]*s[3]), i/(s[2]*s[3])%s[1], i/s[3]%s[2], i%s[3]
				if want := c.want(n, ch, h, w); !(math.Abs(got-want) < map[bool]float64{true: 1e-12, false: 1e-5}[double]) {
					t.Errorf("%s: %v is %v, want %v", fmt.Sprintf("%s %+v", c.spec.Name(), c.spec), []int{n, ch, h, w}, got, want)
					break
				}
			}
		}
	}
}

// A backward operator is the transpose of its forward operator where that is linear: ⟨dy, A x⟩ = ⟨Aᵀ dy, x⟩, for every
// x that is 1 at one place.
func TestBackwardOperatorsAreTransposes(t *testing.T) {
	conv := op.Conv{Window: asymmetric, Groups: 2}
	pool := op.AvgPool{Window: window([2]int{2, 1}, [2]int{1, 0}, [2]int{0, 2}, one), KH: 3, KW: 3}
	weights := imageOf(3, 6, 2, 3, 2)
	for _, c := range []struct {
		forward, backward op.Spec
		x                 op.Shape
		with              []image // a further operand: of the forward operator the last one, of the backward operator the first
	}{
		{conv, op.ConvBwdData{Conv: conv, H: 5, W: 6}, op.Shape{2, 4, 5, 6}, []image{weights}},
		{pool, op.AvgPoolBwd{AvgPool: pool, H: 5, W: 6}, op.Shape{2, 3, 5, 6}, nil},
		{op.AdaptiveAvgPool{H: 2, W: 4}, op.AdaptiveAvgPoolBwd{H: 5, W: 6}, op.Shape{2, 3, 5, 6}, nil},
		{op.Subsample{Stride: 2, Channels: 5}, op.SubsampleBwd{Stride: 2, C: 3, H: 5, W: 6}, op.Shape{2, 3, 5, 6}, nil},
		{op.Channels{From: 1, Count: 2}, op.ChannelsBwd{From: 1, Of: 4}, op.Shape{2, 4, 2, 3}, nil},
		{op.StretchTo(op.Shape{2, 3, 4, 5}), op.SumToShape(op.Shape{2, 1, 4, 1}), op.Shape{2, 1, 4, 1}, nil},
	} {
		run := func(s op.Spec, in ...image) image {
			var shapes []op.Shape
			var call op.Call
			for _, m := range in {
				shapes, call.In = append(shapes, m.shape), append(call.In, tensorOf(m.shape, m.v...).buffer(true))
			}
			shape, err := s.Infer(shapes)
			if err != nil {
				t.Fatalf("%s: %v", s.Name(), err)
			}
			call.Out = op.Allocate(shape, true)
			s.Run(call)
			return image{shape, call.Out.F64}
		}
		unit := image{c.x, make([]float64, c.x.Size())}
		var back image
		for i := range unit.v {
			unit.v[i] = 1
			y := run(c.forward, append([]image{unit}, c.with...)...)
			unit.v[i] = 0
			dy := imageOf(11, y.shape...)
			if i == 0 {
				back = run(c.backward, append(append([]image{}, c.with...), dy)...)
			}
			want := 0.0
			for k, v := range y.v {
				want += v * dy.v[k]
			}
			if len(back.v) != len(unit.v) || !(math.Abs(back.v[i]-want) <= 1e-12) {
				t.Errorf("%s: element %d is %v, want %v", c.backward.Name(), i, back.v[i], want)
				break
			}
		}
	}
}
