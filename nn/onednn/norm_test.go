//go:build !noonednn

package onednn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"workbench/nn/op"
)

// curved is an activation in float64 and its slope.
type curved struct {
	then         op.Spec
	value, slope func(x float64) float64
}

func above(x float64) float64 {
	if x > 0 {
		return 1
	}
	return 0
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

var curves = map[string]curved{
	"nothing": {nil, func(x float64) float64 { return x }, func(float64) float64 { return 1 }},
	"relu":    {op.ReLU{}, func(x float64) float64 { return max(x, 0) }, above},
	"relu6": {op.Activation{Kind: op.ReLU6}, func(x float64) float64 { return min(max(x, 0), 6) },
		func(x float64) float64 { return above(x) * above(6-x) }},
	"leaky relu": {op.Activation{Kind: op.LeakyReLU, Alpha: 0.25}, func(x float64) float64 { return max(x, x/4) },
		func(x float64) float64 { return 0.25 + 0.75*above(x) }},
	"silu": {op.Activation{Kind: op.SiLU}, func(x float64) float64 { return x * logistic(x) },
		func(x float64) float64 { return logistic(x) * (1 + x*(1-logistic(x))) }},
	"hard swish": {op.Activation{Kind: op.HardSwish}, func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 },
		func(x float64) float64 { return above(x+3)*above(3-x)*(x/3+0.5) + above(x-3) }},
}

// normKinds are the layouts and precisions of batch norm, and what computes it.
var normKinds = []struct{ last, half, sum, plus, among bool }{
	{}, {last: true}, {last: true, half: true},
	{sum: true}, {last: true, sum: true}, {last: true, half: true, sum: true},
	{plus: true}, {last: true, plus: true}, {last: true, half: true, plus: true},
	{plus: true, among: true},
}

// eachNorm tries numbers of channels that fill no vector or block, one, some, and some but the last;
// one image and several; each kind; every activation afterwards and the ReLU of a sum. x spreads
// over the range in which the activations bend.
func eachNorm(t *testing.T, check func(t *testing.T, n *normKernels, then curved, tolerance float64)) {
	if vectorBlock() == 0 {
		t.Skip("this processor has no vectors that our kernels use")
	}
	for name, then := range curves {
		for _, kind := range normKinds {
			if kind.sum && name != "relu" && name != "nothing" {
				continue
			}
			for _, channels := range []int{1, 3, 8, 12, 16, 24, 58, 64, 116} {
				for _, images := range []int{1, 5} {
					n := newNormKernels(op.Shape{images, channels, 23, 1}, kind.half, kind.last, then.then)
					count := n.size()
					n.x, n.dy = blank(n, numbers(count, 1)), blank(n, numbers(count, 2))
					n.scale, n.shift = numbers(channels, 3), numbers(channels, 4)
					for c := range n.scale {
						n.scale[c] *= 4
					}
					if kind.sum {
						n.shortcut = blank(n, numbers(count, 5))
					}
					if kind.plus {
						n.plus, n.among = blank(n, numbers(count, 6)), kind.among
					}
					tolerance := 2e-5
					if kind.half {
						tolerance = 1.0 / 128 // the half unit in the last of 8 bits, of terms that are larger than their sum
					}
					t.Run(fmt.Sprintf("%s, %d images of %d channels, %+v", name, images, channels, kind), func(t *testing.T) {
						defer n.free()
						check(t, n, then, tolerance)
					})
				}
			}
		}
	}
}

// blank puts zeros into lanes that have no channel.
func blank(n *normKernels, all []float32) []float32 {
	blank := make([]float32, len(all))
	for _, i := range places(n) {
		blank[i] = all[i]
	}
	return blank
}

// places lists where elements lie, channel by channel.
func places(n *normKernels) (at []int) {
	for c := range n.md.dims[1] {
		for i := range n.md.dims[0] {
			for p := range n.md.dims[2] {
				at = append(at, n.at(i, c, p))
			}
		}
	}
	return at
}

// Batch norm over the pixels of all images, what follows it, and the gradients equal their definitions in float64.
func TestNormIsTheDefinition(t *testing.T) {
	const epsilon = 1e-3
	eachNorm(t, func(t *testing.T, n *normKernels, then curved, tolerance float64) {
		r, all := n.run(epsilon), places(n)
		if r.err != nil {
			t.Fatal(r.err)
		}
		if !slices.Equal(r.y, r.again) {
			t.Errorf("with the same statistics y is another")
		}
		each := len(all) / n.md.dims[1]
		for c := range n.md.dims[1] {
			checkChannel(t, n, r, channelOf{c, all[c*each : (c+1)*each], then, epsilon, tolerance})
		}
		for i := range n.size() {
			if !slices.Contains(all, i) && (r.y[i] != 0 || r.dx[i] != 0) {
				t.Fatalf("beyond the channels y is %v and dx %v, want 0", r.y[i], r.dx[i])
			}
		}
	})
}

type channelOf struct {
	c                  int
	at                 []int // its elements
	then               curved
	epsilon, tolerance float64
}

func checkChannel(t *testing.T, n *normKernels, r normResults, k channelOf) {
	count := float64(len(k.at))
	var sum, square, scale, shift float64
	for _, i := range k.at {
		sum += float64(n.x[i])
	}
	mean := sum / count
	for _, i := range k.at {
		square += (float64(n.x[i]) - mean) * (float64(n.x[i]) - mean)
	}
	alike(t, "mean", k.c, r.mean[k.c], mean, 1e-6)
	alike(t, "variance", k.c, r.variance[k.c], square/count, 1e-6)
	inverse := 1 / math.Sqrt(square/count+k.epsilon)
	by := float64(n.scale[k.c]) * inverse
	normal := func(i int) float64 { return (float64(n.x[i]) - mean) * inverse }
	given := func(i int) float64 {
		z := normal(i)*float64(n.scale[k.c]) + float64(n.shift[k.c])
		if n.shortcut != nil {
			z += float64(n.shortcut[i])
		}
		return z
	}
	slope := func(i int) float64 {
		if n.shortcut != nil && r.y[i] <= 0 { // whatever follows the sum, the kernel goes by the result
			return 0
		} else if n.shortcut != nil {
			return float64(n.dy[i])
		}
		return float64(n.dy[i]) * k.then.slope(given(i))
	}
	for _, i := range k.at {
		shift, scale = shift+slope(i), scale+slope(i)*normal(i)
	}
	alike(t, "shift's gradient", k.c, r.dshift[k.c], shift, 1e-5)
	alike(t, "scale's gradient", k.c, r.dscale[k.c], scale, 1e-5)
	for _, i := range k.at {
		alike(t, "result", i, r.y[i], k.then.value(given(i)), k.tolerance)
		dx := by * (slope(i) - shift/count - normal(i)*scale/count)
		if n.plus != nil {
			dx += float64(n.plus[i])
		}
		alike(t, "gradient", i, r.dx[i], dx, k.tolerance)
		if n.shortcut != nil {
			alike(t, "shortcut's gradient", i, r.dshortcut[i], slope(i), 0)
		}
	}
}
