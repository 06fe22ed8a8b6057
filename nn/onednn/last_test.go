//go:build !noonednn

package onednn

import (
	"fmt"
	"math"
	"testing"

	"workbench/nn/rng"
)

// numbers that bfloat16 holds, between −1 and 1.
func numbers(count int, key uint64) []float32 {
	all := make([]float32, count)
	for i := range all {
		all[i] = math.Float32frombits(math.Float32bits(2*rng.Uniform(key, uint64(i))-1) >> 16 << 16)
	}
	return all
}

// each channel count that fills no, one, some and not quite all vectors, in both precisions, with and without the switch.
func eachLast(t *testing.T, check func(t *testing.T, l *lastAlone, tolerance float64)) {
	for _, channels := range []int{1, 3, 8, 12, 16, 24, 58, 64, 116, 200} {
		for _, n := range []int{1, 5} {
			for i := range 4 {
				half, on := i%2 == 1, i/2 == 1
				l := &lastAlone{n: n, pixels: 23, channels: channels, half: half, relu: on, own: on}
				count, gates := n*l.pixels*channels, channels
				if on {
					gates *= n
				}
				l.x, l.dy = numbers(count, 1), numbers(count, 2)
				l.scale, l.shift, l.gate = numbers(channels, 3), numbers(channels, 4), numbers(gates, 5)
				tolerance := 2e-5
				if half {
					tolerance = 1.0 / 256 // half a unit in the last of 8 bits
				}
				t.Run(fmt.Sprintf("%d images of %d channels, half %v, switch %v", n, channels, half, on), func(t *testing.T) {
					defer l.free()
					check(t, l, tolerance)
				})
			}
		}
	}
}

func alike(t *testing.T, what string, i int, got float32, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= tolerance*(1+math.Abs(want))) {
		t.Errorf("%s %d is %v, want %v", what, i, got, want)
	}
}

// Batch norm over the pixels of all images, and its gradients, by their definitions in float64.
func TestLastNormIsTheDefinition(t *testing.T) {
	const epsilon = 1e-3
	eachLast(t, func(t *testing.T, l *lastAlone, tolerance float64) {
		y, dx, mean, variance, dscale, dshift := l.norm(epsilon)
		count := float64(l.n * l.pixels)
		for c := range l.channels {
			var sum, square, scale, shift float64
			for i := c; i < len(l.x); i += l.channels {
				sum += float64(l.x[i])
			}
			for i := c; i < len(l.x); i += l.channels {
				square += (float64(l.x[i]) - sum/count) * (float64(l.x[i]) - sum/count)
			}
			alike(t, "mean", c, mean[c], sum/count, 1e-6)
			alike(t, "variance", c, variance[c], square/count, 1e-6)
			inverse := 1 / math.Sqrt(square/count+epsilon)
			by := float64(l.scale[c]) * inverse
			normal := func(i int) float64 { return (float64(l.x[i]) - sum/count) * inverse }
			result := func(i int) float64 { return normal(i)*float64(l.scale[c]) + float64(l.shift[c]) }
			slope := func(i int) float64 {
				if l.relu && result(i) <= 0 {
					return 0
				}
				return float64(l.dy[i])
			}
			for i := c; i < len(l.x); i += l.channels {
				shift, scale = shift+slope(i), scale+slope(i)*normal(i)
			}
			alike(t, "shift's gradient", c, dshift[c], shift, 1e-5)
			alike(t, "scale's gradient", c, dscale[c], scale, 1e-5)
			for i := c; i < len(l.x); i += l.channels {
				want := result(i)
				if l.relu {
					want = max(want, 0)
				}
				alike(t, "result", i, y[i], want, tolerance)
				alike(t, "gradient", i, dx[i], by*(slope(i)-shift/count-normal(i)*scale/count), tolerance)
			}
		}
	})
}

func TestLastGatesAndBiasesAreTheirDefinitions(t *testing.T) {
	eachLast(t, func(t *testing.T, l *lastAlone, tolerance float64) {
		y, dgate := l.gates()
		bias := l.bias()
		want, sums := make([]float64, len(l.gate)), make([]float64, l.channels)
		for i, x := range l.x {
			at := i % l.channels
			sums[at] += float64(l.dy[i])
			if l.own {
				at += i / (l.pixels * l.channels) * l.channels
			}
			want[at] += float64(x) * float64(l.dy[i])
			alike(t, "result", i, y[i], float64(x)*float64(l.gate[at]), tolerance)
		}
		for i, w := range want {
			alike(t, "gate's gradient", i, dgate[i], w, 1e-5)
		}
		for i, w := range sums {
			alike(t, "bias's gradient", i, bias[i], w, 1e-5)
		}
	})
}
