//go:build !noonednn

package onednn

import (
	"fmt"
	"math"
	"testing"

	"workbench/nn/rng"
)

// numbers are random, between −1 and 1, and bfloat16 can hold them.
func numbers(count int, key uint64) []float32 {
	all := make([]float32, count)
	for i := range all {
		all[i] = math.Float32frombits(math.Float32bits(2*rng.Uniform(key, uint64(i))-1) >> 16 << 16)
	}
	return all
}

// eachLast tries numbers of channels that fill no vector, one, some, and some but the last, in both
// precisions, with and without a gate for each image.
func eachLast(t *testing.T, check func(t *testing.T, l *lastKernels, tolerance float64)) {
	for _, channels := range []int{1, 3, 8, 12, 16, 24, 58, 64, 116, 200} {
		for _, n := range []int{1, 5} {
			for i := range 4 {
				half, on := i%2 == 1, i/2 == 1
				l := &lastKernels{kernelOperands: kernelOperands{half: half}, n: n, pixels: 23, channels: channels, own: on}
				count, gates := n*l.pixels*channels, channels
				if on {
					gates *= n
				}
				l.x, l.dy, l.gate = numbers(count, 1), numbers(count, 2), numbers(gates, 5)
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

func TestLastGatesAndBiasesAreTheirDefinitions(t *testing.T) {
	eachLast(t, func(t *testing.T, l *lastKernels, tolerance float64) {
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
