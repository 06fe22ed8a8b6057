//go:build !noonednn

package onednn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// pooled runs a max pooling after a convolution. Alone, an image would be row-major, which the library pools.
func pooled(t *testing.T, pixel float32) (y []float32, ours bool) {
	t.Helper()
	b := nn.NewBuilder(nn.Infer, false)
	x := b.In("conv").Conv(b.Input("image", 1, 3, 6, 6), 16, 1, 1)
	p, err := plan.Lower(b, map[string]nn.Tensor{"pooled": b.MaxPool(x, 3, 1, 1)})
	if err != nil {
		t.Fatal(err)
	}
	m := Backend{Threads: 1}.NewMemory()
	t.Cleanup(func() { _ = m.Close() })
	exe, err := Backend{Threads: 1}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exe.Close() })
	weights := make([]float32, op.Shape{16, 3, 1, 1}.Size())
	for i := range weights {
		weights[i] = float32(i%7) - 3
	}
	if err := m.Write("conv.weight", weights); err != nil {
		t.Fatal(err)
	}
	exe.Floats("image")[2*6+3] = pixel
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	timings, err := exe.(plan.Profiler).Profile(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range timings {
		ours = ours || s.Implementation == ownPoolName
	}
	return exe.Output("pooled"), ours
}

// NaN reaches the result of every kernel that covers it and no other result, so that
// a run that diverges can be noticed.
func TestMaxPoolingKeepsWhatIsNoNumber(t *testing.T) {
	y, ours := pooled(t, float32(math.NaN()))
	if want := vectorBlock() > 0; ours != want {
		t.Fatalf("our kernel pooled: %v, want %v", ours, want)
	}
	if !ours {
		t.Skip("this processor has neither AVX2 nor AVX-512")
	}
	for i, v := range y {
		row, column := i/6%6, i%6
		if sees := row >= 1 && row <= 3 && column >= 2 && column <= 4; math.IsNaN(float64(v)) != sees {
			t.Errorf("result %d at row %d, column %d is %v", i, row, column, v)
		}
	}
}

// at is the position of pixel (h, w) of channel c in an image of the layout.
func (p *poolKernels) at(s op.Shape, n, c, h, w int) int {
	if p.md.channelsLast() {
		return ((n*s[2]+h)*s[3]+w)*s[1] + c
	}
	b := vectorBlock()
	return (((n*s[1]/b+c/b)*s[2]+h)*s[3]+w)*b + c%b
}

// defined is y and, in float64, dx by their definition: the first of the largest pixels gets the gradient.
func (p *poolKernels) defined() (y []float32, dx []float64) {
	y, dx = make([]float32, p.out.Size()), make([]float64, len(p.x))
	in := op.Shape(p.md.dims)
	for i := range y {
		n, c, oh, ow := i/(p.out[1]*p.out[2]*p.out[3]), i/(p.out[2]*p.out[3])%p.out[1], i/p.out[3]%p.out[2], i%p.out[3]
		best := -1
		for k := range p.spec.K * p.spec.Width() {
			h, w := oh*p.spec.Stride[0]-p.spec.Begin[0]+k/p.spec.Width(), ow*p.spec.Stride[1]-p.spec.Begin[1]+k%p.spec.Width()
			if h < 0 || w < 0 || h >= in[2] || w >= in[3] {
				continue
			}
			if at := p.at(in, n, c, h, w); best < 0 || p.x[at] > p.x[best] {
				best = at
			}
		}
		to := p.at(p.out, n, c, oh, ow)
		y[to] = p.x[best]
		dx[best] += float64(p.dy[to])
	}
	return y, dx
}

// The test covers both layouts in both precisions, because only processors with bfloat16 have plans with bfloat16.
func TestMaxPoolingIsTheDefinition(t *testing.T) {
	if vectorBlock() == 0 {
		t.Skip("this processor has neither AVX2 nor AVX-512")
	}
	shape := op.Shape{2, 2 * vectorBlock(), 9, 10}
	for _, spec := range []op.MaxPool{{Window: op.Square(2, 0), K: 2}, {Window: op.Square(2, 1), K: 3}, {Window: op.Square(1, 1), K: 3},
		{Window: op.Square(3, 2), K: 5}, {Window: op.Square(1, 0), K: 9, KW: 10}, {Window: op.Square(2, 0), K: 1, KW: 2}} {
		for i := range 4 {
			half, last := i%2 == 1, i/2 == 1
			t.Run(fmt.Sprintf("%v, bfloat16 %v, channels last %v", spec, half, last), func(t *testing.T) {
				p := newPoolKernels(spec, shape, half, last)
				defer p.free()
				var err error
				if p.out, err = spec.Infer([]op.Shape{shape}); err != nil {
					t.Fatal(err)
				}
				p.x, p.dy = numbers(shape.Size(), 1), numbers(p.out.Size(), 2)
				for i := range p.x { // many are equal
					p.x[i] = float32(math.Round(float64(4 * p.x[i])))
				}
				y, alone, dx := p.pool()
				want, gradient := p.defined()
				if !slices.Equal(y, want) || !slices.Equal(alone, want) {
					t.Errorf("results %v, without the choice %v, want %v", y, alone, want)
				}
				for i := range dx {
					tolerance := 1e-6
					if half {
						tolerance = 1.0 / 256
					}
					alike(t, "gradient", i, dx[i], gradient[i], tolerance)
				}
			})
		}
	}
}
