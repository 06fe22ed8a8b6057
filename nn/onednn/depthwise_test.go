//go:build !noonednn

package onednn

import (
	"fmt"
	"slices"
	"testing"

	"workbench/nn/op"
	"workbench/nn/rng"
)

// place is the position of pixel (h, w) of channel c in an image of the shape.
func (d *depthwiseKernels) place(s op.Shape, n, c, h, w int) int {
	if d.last {
		return ((n*s[2]+h)*s[3]+w)*s[1] + c
	}
	b := vectorBlock()
	return (((n*s[1]/b+c/b)*s[2]+h)*s[3]+w)*b + c%b
}

// defined is y, dx and dw by their definition, in float64.
func (d *depthwiseKernels) defined() (y, dx, dw []float64) {
	y, dx, dw = make([]float64, len(d.dy)), make([]float64, len(d.x)), make([]float64, len(d.weights))
	v, b := &d.v, vectorBlock()
	kh, kw := v.w[2], v.w[3]
	for i := range y {
		n, c, oh, ow := i/(v.y[1]*v.y[2]*v.y[3]), i/(v.y[2]*v.y[3])%v.y[1], i/v.y[3]%v.y[2], i%v.y[3]
		to := d.place(v.y, n, c, oh, ow)
		for k := range kh * kw {
			h, w := oh*v.Stride[0]-v.Begin[0]+k/kw*v.Dilation[0], ow*v.Stride[1]-v.Begin[1]+k%kw*v.Dilation[1]
			if h < 0 || w < 0 || h >= v.x[2] || w >= v.x[3] {
				continue
			}
			from, at := d.place(v.x, n, c, h, w), (c/b*kh*kw+k)*b+c%b
			y[to] += float64(d.x[from]) * float64(d.weights[at])
			dx[from] += float64(d.dy[to]) * float64(d.weights[at])
			dw[at] += float64(d.dy[to]) * float64(d.x[from])
		}
	}
	return y, dx, dw
}

// check compares the kernels with the definition, and compares the bits of different numbers of threads.
func (d *depthwiseKernels) check(t *testing.T) {
	d.x, d.dy, d.weights = numbers(d.v.x.Size(), 1), numbers(d.v.y.Size(), 2), numbers(d.v.w.Size(), 3)
	y, dx, dw := d.defined()
	tolerance := 1e-5
	if d.half {
		tolerance = 1.0 / 256
	}
	var first [][]float32
	for _, d.threads = range []int{1, 2, 7} {
		gotY, gotX, gotW := d.pass()
		if first == nil {
			first = [][]float32{gotY, gotX, gotW}
			for i := range y {
				alike(t, "result", i, gotY[i], y[i], tolerance)
			}
			for i := range dx {
				alike(t, "image's gradient", i, gotX[i], dx[i], tolerance)
			}
			for i := range dw {
				alike(t, "weights' gradient", i, gotW[i], dw[i], 1e-4)
			}
		}
		for i, got := range [][]float32{gotY, gotX, gotW} {
			if !slices.Equal(got, first[i]) {
				t.Errorf("tensor %d of y, dx and dw differs between %d threads and one", i, d.threads)
			}
		}
	}
}

// The test covers both layouts in both precisions, because only processors with bfloat16 have plans with bfloat16.
func checkDepthwise(t *testing.T, spec op.Conv, images int, side, kernel [2]int) {
	channels := 2 * vectorBlock()
	x, w := op.Shape{images, channels, side[0], side[1]}, op.Shape{channels, 1, kernel[0], kernel[1]}
	spec.Groups = channels
	y, err := spec.Infer([]op.Shape{x, w})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		half, last := i%2 == 1, i/2 == 1
		t.Run(fmt.Sprintf("%v by %v, %+v, bfloat16 %v, channels last %v", x, w, spec.Window, half, last), func(t *testing.T) {
			d := &depthwiseKernels{kernelOperands: kernelOperands{half: half}, v: convolution{Conv: spec, x: x, w: w, y: y}, last: last}
			defer d.free()
			d.check(t)
		})
	}
}

// Kernels of 3, 5 and 7 pixels that keep the size or halve it, on lines of up to more than two groups of results.
func TestUsualDepthwiseIsTheDefinition(t *testing.T) {
	if vectorBlock() == 0 {
		t.Skip("this processor has neither AVX2 nor AVX-512")
	}
	for _, k := range []int{3, 5, 7} {
		for stride := 1; stride <= 2; stride++ {
			for side := 1; side <= 18*stride; side++ {
				checkDepthwise(t, op.Conv{Window: op.Square(stride, k/2)}, 1, [2]int{min(side, 5), side}, [2]int{k, k})
			}
		}
	}
}

// Other strides, dilations, kernels and paddings, some of them larger than the kernel, drawn from fixed seeds.
func TestAnyDepthwiseIsTheDefinition(t *testing.T) {
	if vectorBlock() == 0 {
		t.Skip("this processor has neither AVX2 nor AVX-512")
	}
	for i := range uint64(150) {
		r := rng.New(1, "depthwise", i)
		var side, kernel [2]int
		var spec op.Conv
		for axis := range 2 {
			spec.Stride[axis], spec.Dilation[axis], kernel[axis] = 1+r.IntN(4), 1+r.IntN(3), 1+r.IntN(8)
			reach := spec.Dilation[axis]*(kernel[axis]-1) + 1
			spec.Begin[axis], spec.End[axis] = r.IntN(reach+2), r.IntN(reach+2)
			side[axis] = max(1+r.IntN(22), reach-spec.Begin[axis]-spec.End[axis])
		}
		checkDepthwise(t, spec, 1+r.IntN(3), side, kernel)
	}
}
