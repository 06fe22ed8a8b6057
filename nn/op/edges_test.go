package op_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn/op"
)

// What attributes and shapes an operator takes at the edge, and what it says just beyond it. "": it takes them.
func TestAttributesAtTheirEdges(t *testing.T) {
	nan := math.NaN()
	image, matrix, key := op.Shape{2, 3, 4, 4}, op.Shape{2, 3}, op.Shape{4}
	padded := func(begin, end [2]int) op.Window { return window(one, begin, end, one) }
	pool := func(w op.Window) op.Spec { return op.MaxPool{Window: w, K: 2} }
	rounded := func(stride, end, uncounted [2]int) op.Spec {
		return op.AvgPool{Window: window(stride, [2]int{}, end, one), KH: 3, KW: 3, Uncounted: uncounted}
	}
	weights := op.Shape{3, 3, 2, 2}
	for _, c := range []struct {
		spec op.Spec
		in   []op.Shape
		want string
	}{
		{pool(padded(one, one)), []op.Shape{image}, ""},
		{pool(padded([2]int{2, 0}, [2]int{})), []op.Shape{image}, "max_pool: padding [2 0], [0 0] must be smaller than the kernel of 2×2"},
		{pool(padded([2]int{}, [2]int{0, 2})), []op.Shape{image}, "max_pool: padding [0 0], [0 2] must be smaller than the kernel of 2×2"},
		{op.MaxPool{Window: op.Square(1, 1), K: 2, KW: 1}, []op.Shape{image}, "max_pool: padding [1 1], [1 1] must be smaller"},
		{op.MaxPool{Window: op.Square(1, 0), K: 4, KW: 4}, []op.Shape{image}, ""},
		{op.MaxPool{Window: op.Square(1, 0), K: 4, KW: 5}, []op.Shape{image}, "max_pool: a kernel of 4×5 (dilation [1 1]) does not fit"},
		{op.MaxPool{Window: op.Square(1, 0)}, []op.Shape{image}, "kernel 0×0 at least 1"},
		{op.MaxPool{Window: op.Square(1, 0), K: 2}, []op.Shape{{2, 3, 4}}, "max_pool: input (2, 3, 4) has 3 axes, want 4"},
		{rounded([2]int{2, 2}, one, one), []op.Shape{{1, 1, 6, 6}}, ""},
		{rounded([2]int{2, 2}, [2]int{1, 0}, one), []op.Shape{{1, 1, 6, 6}}, "avg_pool: [1 1] uncounted pixels want 0 to the padding [1 0]"},
		{rounded([2]int{2, 2}, [2]int{2, 2}, [2]int{2, 0}), []op.Shape{{1, 1, 6, 6}}, "avg_pool: [2 0] uncounted pixels"},
		{rounded([2]int{2, 2}, one, [2]int{0, -1}), []op.Shape{{1, 1, 6, 6}}, "avg_pool: [0 -1] uncounted pixels"},
		{op.Conv{Window: op.Square(1, 0), Groups: 1}, []op.Shape{{1, 3, 2, 2}, weights}, ""},
		{op.Conv{Window: op.Square(1, 0), Groups: 1}, []op.Shape{{1, 3, 2, 1}, weights}, "conv: a kernel of 2×2"},
		{op.Conv{Window: window(one, [2]int{-1, 0}, [2]int{}, one), Groups: 1}, []op.Shape{image, weights},
			"padding [-1 0], [0 0] at least 0"},
		{op.Conv{Window: window(one, [2]int{}, [2]int{0, -1}, one), Groups: 1}, []op.Shape{image, weights},
			"padding [0 0], [0 -1] at least 0"},
		{op.Conv{Window: window(one, [2]int{}, [2]int{}, [2]int{1, 0}), Groups: 1}, []op.Shape{image, weights},
			"dilation [1 0] must be at least 1"},
		{op.Conv{Window: window([2]int{1, 0}, [2]int{}, [2]int{}, one), Groups: 1}, []op.Shape{image, weights}, "conv: stride [1 0]"},
		{op.AdaptiveAvgPool{H: 1, W: 9}, []op.Shape{image}, ""}, {op.AdaptiveAvgPool{H: 0, W: 1}, []op.Shape{image}, "a grid of 0×1 fields"},
		{op.AdaptiveAvgPool{H: 1, W: 0}, []op.Shape{image}, "a grid of 1×0 fields"},
		{op.RowStats{Rows: op.Rows{Count: 2, Features: 3, Area: 1}}, []op.Shape{matrix}, ""},
		{op.RowStats{Rows: op.Rows{Count: 0, Features: 3, Area: 1}}, []op.Shape{matrix}, "row_stats: input (2, 3) cannot be cut into 0 rows"},
		{op.RowStats{Rows: op.Rows{Count: 2, Features: 0, Area: 1}}, []op.Shape{matrix}, "nor into 0 features of 1 elements"},
		{op.RowStats{Rows: op.Rows{Count: 2, Features: 3, Area: 0}}, []op.Shape{matrix}, "nor into 3 features of 0 elements"},
		{op.RowStats{Rows: op.Rows{Count: 4, Features: 3, Area: 1}}, []op.Shape{matrix}, "cannot be cut into 4 rows"},
		{op.RowStats{Rows: op.Rows{Count: 2, Features: 4, Area: 1}}, []op.Shape{matrix}, "nor into 4 features"},
		{op.StretchTo(op.Shape{2, 3, 4, 4}), []op.Shape{{1, 1, 1, 1}}, ""},
		{op.StretchTo(op.Shape{3}), []op.Shape{{1}}, ""}, {op.StretchTo(nil), []op.Shape{{}}, "stretch: () and () have 0 and 0 axes"},
		{op.SumToShape(op.Shape{1, 1, 1, 1}), []op.Shape{{1, 1, 1, 1, 1}}, "sum_to: (1, 1, 1, 1) and (1, 1, 1, 1, 1) have 4 and 5 axes"},
		{op.TransposeTo(0), []op.Shape{{3}}, ""}, {op.TransposeTo(), []op.Shape{{}}, "transpose: input () has 0 axes, want 0, from 1 to 4"},
		{op.TransposeTo(0, 2), []op.Shape{matrix}, "transpose: axes [0 2] are not an order of 0 to 1"},
		{op.TransposeTo(0, -1), []op.Shape{matrix}, "transpose: axes [0 -1] are not an order of 0 to 1"},
		{op.BNRunning{Row: -1}, []op.Shape{{3}, {2, 3}}, "bn_running: want row 0 (mean) or 1 (variance), got -1"},
		{op.BNRunning{Row: 0}, []op.Shape{{3, 1}, {2, 3}}, "bn_running: old value (3, 1) has 2 axes, want 1"},
		{op.Row{Index: 1}, []op.Shape{matrix}, ""}, {op.Row{Index: -1}, []op.Shape{matrix}, "row: (2, 3) has rows 0 to 1, got -1"},
		{op.Channels{From: 0, Count: 3}, []op.Shape{image}, ""}, {op.Channels{From: 2, Count: 1}, []op.Shape{image}, ""},
		{op.Channels{From: -1, Count: 2}, []op.Shape{image}, "channels: [-1, 1) is not inside the 3 channels"},
		{op.Channels{From: 1, Count: 0}, []op.Shape{image}, "channels: [1, 1) is not inside the 3 channels"},
		{op.ChannelsBwd{From: 1, Of: 4}, []op.Shape{image}, ""},
		{op.ChannelShuffle{Groups: 3}, []op.Shape{image}, ""},
		{op.ChannelShuffle{}, []op.Shape{image}, "channel_shuffle: 0 groups must divide"},
		{op.Subsample{Stride: 1, Channels: 3}, []op.Shape{image}, ""},
		{op.Subsample{Stride: 0, Channels: 3}, []op.Shape{image}, "subsample: "},
		{op.Dropout{P: 0.999}, []op.Shape{matrix, key}, ""}, {op.Dropout{P: -0.1}, []op.Shape{matrix, key}, "got -0.1"},
		{op.Dropout{P: nan}, []op.Shape{matrix, key}, "got NaN"}, {op.DropPath{P: -0.1}, []op.Shape{matrix, key}, "got -0.1"},
		{op.DropPath{P: nan}, []op.Shape{matrix, key}, "got NaN"},
		{op.CrossEntropy{Smoothing: 0.99}, []op.Shape{matrix, {2}}, ""},
		{op.CrossEntropy{Smoothing: 1}, []op.Shape{matrix, {2}}, "label smoothing"},
		{op.CrossEntropy{Smoothing: nan}, []op.Shape{matrix, {2}}, "label smoothing"},
		{op.KLDivergence{Temperature: nan}, []op.Shape{matrix, matrix}, "temperature NaN"},
		{op.L2Normalize{Epsilon: nan}, []op.Shape{matrix}, "epsilon NaN"},
		{op.KLDivergence{Temperature: 1}, []op.Shape{{3}, {3}}, "kl_divergence: student (3) has 1 axes, want 2"},
		{op.PointLoss{Kind: -1}, []op.Shape{matrix, matrix}, "is unknown"},
		{op.PointLoss{Kind: 2}, []op.Shape{matrix, matrix}, "is unknown, want 0 to 1"},
		{op.NTXent{}, []op.Shape{{2, 2}}, ""},
		{op.NTXent{}, []op.Shape{{2, 4}}, "are (2, 4), want (2n, 2n)"},
		{op.NTXent{}, []op.Shape{{2}}, "are (2), want"},
		{op.LRN{Size: 1, K: 1e-9}, []op.Shape{image}, ""}, {op.LRN{Size: 0, K: 1}, []op.Shape{image}, "lrn: size 0 must be odd"},
		{op.LRN{Size: 2, K: 1}, []op.Shape{image}, "lrn: size 2 must be odd"}, {op.LRN{Size: -1, K: 1}, []op.Shape{image}, "lrn: size -1"},
		{op.LRN{Size: 1}, []op.Shape{image}, "k 0 above 0"}, {op.LRN{Size: 1, K: 1, Alpha: -1}, []op.Shape{image}, "alpha -1"},
		{op.LRN{Size: 1, K: 1, Beta: -1}, []op.Shape{image}, "beta -1"},
		{op.LRN{Size: 1, K: 1}, []op.Shape{matrix}, "lrn: input (2, 3) has 2 axes, want 4"},
		{op.Activation{Kind: -1}, []op.Shape{matrix}, "is unknown, want 0 (relu6) to 8 (gelu_tanh)"},
		{op.Activation{Kind: op.LeakyReLU, Alpha: 0.99}, []op.Shape{matrix}, ""}, {op.Activation{Kind: op.LeakyReLU}, []op.Shape{matrix}, ""},
		{op.Activation{Kind: op.LeakyReLU, Alpha: 1}, []op.Shape{matrix}, "the slope below 0 is 1"},
		{op.Activation{Kind: op.LeakyReLU, Alpha: nan}, []op.Shape{matrix}, "the slope below 0 is NaN"},
		{op.Pointwise{Kind: -1}, []op.Shape{matrix}, "is unknown, want 0 (exp) to 5 (clamp)"},
		{op.Pointwise{Kind: op.Power, A: 2}, []op.Shape{matrix}, ""},
		{op.Pointwise{Kind: op.Power, B: 2}, []op.Shape{matrix}, "power: got the numbers 0 and 2"},
		{op.Pointwise{Kind: op.Clamp}, []op.Shape{matrix}, ""},
		{op.Pointwise{Kind: op.Exp, B: 1}, []op.Shape{matrix}, "exp: got the numbers 0 and 1"},
		{op.Compare{Kind: -1}, []op.Shape{matrix, matrix}, "compare -1 is unknown"}, {op.OneHot{Classes: 1}, []op.Shape{{2}}, ""},
		{op.ScatterRows{Rows: 1}, []op.Shape{{2}, {2}}, ""},
		{op.ScatterRows{Rows: 1}, []op.Shape{{}, {2}}, "scatter_rows: input () into 1 rows"},
		{op.GatherRows{}, []op.Shape{{}, {2}}, "gather_rows: input () has no rows"}, {op.GatherRows{}, []op.Shape{{3}, {2}}, ""},
		{op.Softmax{}, []op.Shape{{3}}, ""},
		{op.BiasBwd{}, []op.Shape{{3, 2}}, ""},
		{op.DropPath{}, []op.Shape{{2}, key}, "drop_path: input (2) has 1 axes"},
	} {
		_, err := c.spec.Infer(c.in)
		if c.want == "" && err != nil || c.want != "" && !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s %+v of %v: got error %v, want %q", c.spec.Name(), c.spec, c.in, err, c.want)
		}
	}
}

// Logarithms of sums are exact at the ends of the line, and a NaN shows.
func TestLogSumExpAtTheEnds(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{0, 0}, math.Log(2)}, {[]float64{-1000, -1000}, math.Log(2) - 1000}, {[]float64{1e6, 0}, 1e6}, {[]float64{-inf, -inf}, -inf},
		{[]float64{3, -inf}, 3}, {[]float64{inf, 0}, inf}, {nil, -inf}, {[]float64{0, nan, 1}, nan}, {[]float64{nan, inf}, nan}} {
		if got := op.LogSumExp(c.x); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("of %v: %v, want %v", c.x, got, c.want)
		}
	}
}

// The slope of each activation at its kinks, and whether it is computed from the result.
func TestActivationsAtTheirKinks(t *testing.T) {
	at := []float64{-4, -3, 0, 3, 6, 7}
	for _, c := range []struct {
		kind   op.ActivationKind
		name   string
		result bool
		want   []float64 // slopes at the places above; nil: it has no kink
	}{
		{op.ReLU6, "relu6", true, []float64{0, 0, 0, 1, 0, 0}}, {op.LeakyReLU, "leaky_relu", true, []float64{0.25, 0.25, 0.25, 1, 1, 1}},
		{op.Sigmoid, "sigmoid", true, nil},
		{op.HardSigmoid, "hard_sigmoid", true, []float64{0, 0, 1.0 / 6, 0, 0, 0}},
		{op.SiLU, "silu", false, nil},
		{op.HardSwish, "hard_swish", false, []float64{0, 0, 0.5, 1, 1, 1}}, {op.Tanh, "tanh", true, nil}, {op.GELU, "gelu", false, nil},
		{op.GELUTanh, "gelu_tanh", false, nil},
	} {
		a := op.Activation{Kind: c.kind}
		if c.kind == op.LeakyReLU {
			a.Alpha = 0.25
		}
		if a.Name() != c.name || a.UsesResult() != c.result || op.ActivationNames()[c.kind] != c.name {
			t.Errorf("activation %d is %s, uses its result: %v", c.kind, a.Name(), a.UsesResult())
		}
		if c.want == nil {
			continue
		}
		var got []float64
		for _, x := range at {
			v, out := tensorOf(op.Shape{1}, x).buffer(true), op.Allocate(op.Shape{1}, true)
			if c.result {
				a.Run(op.Call{In: []op.Buffer{v}, Out: out})
				v.F64[0] = out.F64[0]
			}
			dy := tensorOf(op.Shape{1}, 1).buffer(true)
			op.ActivationBwd{Activation: a}.Run(op.Call{In: []op.Buffer{v, dy}, Out: out})
			got = append(got, out.F64[0])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s has the slopes %v at %v, want %v", c.name, got, at, c.want)
		}
	}
}

// Masks of published runs must not change with a release.
func TestMasksAreTheSameForever(t *testing.T) {
	draw := func(s op.Spec) string {
		in := tensorOf(op.Shape{16, 1}, slices.Repeat([]float64{1}, 16)...)
		out := op.Allocate(op.Shape{16, 1}, false)
		s.Run(op.Call{In: []op.Buffer{in.buffer(false), intsOf(1, 2, 3, 4).buffer(false)}, Out: out})
		text := ""
		for _, v := range out.F32 {
			text += map[bool]string{true: "1", false: "0"}[v > 0]
		}
		return text
	}
	for want, s := range map[string]op.Spec{
		"0000111000001001": op.Dropout{P: 0.5, Stream: 1}, "0011101100010100": op.Dropout{P: 0.5, Stream: 2},
		"0110101011000010": op.DropPath{P: 0.5, Stream: 1},
	} {
		if got := draw(s); got != want {
			t.Errorf("%s %+v draws %s, want %s", s.Name(), s, got, want)
		}
	}
}
