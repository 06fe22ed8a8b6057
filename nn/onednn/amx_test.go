//go:build !noonednn

package onednn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"workbench/nn/op"
	"workbench/nn/rng"
)

// amxCase is a convolution whose weights' gradient is computed.
type amxCase struct {
	x       op.Shape
	out     int
	kernel  [2]int
	window  op.Window
	threads int
	groups  int
}

func (c amxCase) String() string {
	return fmt.Sprintf("%v to %d, %v, stride %v, padding %v, %d groups, %d threads", c.x, c.out, c.kernel, c.window.Stride,
		c.window.Begin, c.groups, c.threads)
}

func (c amxCase) convolution(t *testing.T) *convolution {
	t.Helper()
	v := &convolution{Conv: op.Conv{Window: c.window, Groups: c.groups}, x: c.x,
		w: op.Shape{c.out, c.x[1] / c.groups, c.kernel[0], c.kernel[1]}}
	var err error
	if v.y, err = v.Infer([]op.Shape{v.x, v.w}); err != nil {
		t.Fatal(err)
	}
	return v
}

// halves are random numbers that bfloat16 can hold, of an image with channels last.
func halves(shape op.Shape, key uint64) []uint16 {
	all := make([]uint16, shape.Size())
	for i := range all {
		all[i] = uint16(math.Float32bits(rng.Uniform(key, uint64(i))-0.5) >> 16)
	}
	return all
}

func wide(h uint16) float64 { return float64(math.Float32frombits(uint32(h) << 16)) }

// definition is the gradient in float64, and the sum of the magnitudes of its terms, both indexed by o, c, ky and kx.
func definition(v *convolution, x, dy []uint16) (sum, magnitude []float64) {
	sum, magnitude = make([]float64, v.w.Size()), make([]float64, v.w.Size())
	c, oc := v.w[1], v.y[1]
	for n := range v.x[0] {
		for i := range v.y[2] * v.y[3] * v.w[2] * v.w[3] {
			kx, ky, ox, oy := i%v.w[3], i/v.w[3]%v.w[2], i/(v.w[2]*v.w[3])%v.y[3], i/(v.w[2]*v.w[3]*v.y[3])
			iy, ix := oy*v.Stride[0]+ky*v.Dilation[0]-v.Begin[0], ox*v.Stride[1]+kx*v.Dilation[1]-v.Begin[1]
			if iy < 0 || ix < 0 || iy >= v.x[2] || ix >= v.x[3] {
				continue
			}
			xs, ys := x[((n*v.x[2]+iy)*v.x[3]+ix)*v.x[1]:], dy[((n*v.y[2]+oy)*v.y[3]+ox)*oc:]
			for o := range oc {
				group := o / (oc / v.Groups)
				for k := range c {
					product := wide(xs[group*c+k]) * wide(ys[o])
					at := ((o*c+k)*v.w[2]+ky)*v.w[3] + kx
					sum[at] += product
					magnitude[at] += math.Abs(product)
				}
			}
		}
	}
	return sum, magnitude
}

func checkAMX(t *testing.T, c amxCase, emulated bool) {
	t.Helper()
	v := c.convolution(t)
	x, dy := halves(v.x, 1), halves(v.y, 2)
	got, err := v.amxKernel(x, dy, c.threads, emulated)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := v.amxKernel(x, dy, c.threads, emulated); err != nil || !slices.Equal(got, again) {
		t.Errorf("%v: the second run gave other bits (%v)", c, err)
	}
	want, magnitude := definition(v, x, dy)
	blocks, taps, out := (v.w[1]+15)/16, v.w[2]*v.w[3], v.w[0]/v.Groups
	each := len(got) / v.Groups
	wrong := 0
	for i, g := range got {
		o, k, tap := i%each/(256*taps*blocks)*16+i%16, i/(256*taps)%blocks*16+i/16%16, i/256%taps
		var w, tolerance float64
		if o < out && k < v.w[1] {
			at := ((i/each*out+o)*v.w[1]+k)*taps + tap
			w, tolerance = want[at], 4e-6*magnitude[at]
		}
		if !(math.Abs(float64(g)-w) <= tolerance) {
			if wrong++; wrong < 4 {
				t.Errorf("%v: dw[%d, %d] of group %d, weight %d is %v, want %v within %.1g", c, o, k, i/each, tap, g, w, tolerance)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%v: %d of %d are wrong", c, wrong, len(got))
	}
}

// amxCases are small versions of convolutions that networks have, and random ones.
func amxCases() []amxCase {
	one, three := [2]int{1, 1}, [2]int{3, 3}
	cases := []amxCase{
		{op.Shape{4, 64, 8, 8}, 64, three, op.Square(1, 1), 2, 1},
		{op.Shape{32, 64, 2, 2}, 32, three, op.Square(1, 1), 2, 1},
		{op.Shape{64, 32, 1, 1}, 32, three, op.Square(1, 1), 2, 1},
		{op.Shape{3, 16, 32, 32}, 16, three, op.Square(1, 1), 2, 1},
		{op.Shape{2, 16, 56, 56}, 48, one, op.Square(1, 0), 2, 1},
		{op.Shape{8, 96, 14, 14}, 160, one, op.Square(1, 0), 1, 1},
		{op.Shape{4, 256, 2, 2}, 512, one, op.Square(1, 0), 2, 1},
		{op.Shape{4, 64, 14, 14}, 96, one, op.Square(2, 0), 2, 1},
		{op.Shape{4, 48, 14, 14}, 64, three, op.Square(2, 1), 3, 1},
		{op.Shape{8, 272, 7, 7}, 48, three, op.Square(1, 1), 3, 1},
		{op.Shape{3, 64, 6, 6}, 96, three, op.Square(1, 1), 2, 2},
		{op.Shape{2, 15, 9, 8}, 9, three, op.Square(2, 1), 3, 3},
		{op.Shape{1, 24, 70, 70}, 58, three, op.Square(1, 1), 1, 1},
		{op.Shape{1, 5, 90, 90}, 7, [2]int{7, 7}, op.Square(2, 3), 2, 1},
		{op.Shape{2, 8, 9, 9}, 8, three, op.Window{Stride: one, Dilation: [2]int{2, 2}, Begin: [2]int{2, 2}, End: [2]int{2, 2}}, 1, 1},
	}
	r := rng.New(1, "onednn/amx")
	pick := func(least, most int) int { return least + r.IntN(most-least+1) }
	for len(cases) < 60 {
		c := amxCase{x: op.Shape{pick(1, 9), pick(1, 70), pick(3, 20), pick(3, 20)}, out: pick(1, 70), kernel: [2]int{pick(1, 3), pick(1, 3)},
			window: op.Square(1, 0), threads: pick(1, 3), groups: 1}
		c.window.Stride = [2]int{pick(1, 2), pick(1, 2)}
		c.window.Begin, c.window.End = [2]int{pick(0, c.kernel[0]/2), pick(0, c.kernel[1]/2)}, [2]int{pick(0, 1), pick(0, 1)}
		cases = append(cases, c)
	}
	return cases
}

// The whole kernel except the processor's own instructions.
func TestGradientByTilesIsTheDefinition(t *testing.T) {
	for _, c := range amxCases() {
		checkAMX(t, c, true)
	}
}

func TestGradientByAMXIsTheDefinition(t *testing.T) {
	if !hasAMX() {
		t.Skip("this processor has no AMX: its instructions are emulated in another test")
	}
	for _, c := range amxCases() {
		checkAMX(t, c, false)
	}
}
