package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Conv convolves images x [n, c, h, w] with weights [o, c/groups, kh, kw] and adds bias [o] if there is one.
type Conv struct {
	Window
	Groups int
	Bias   bool
}

func (v Conv) Name() string { return "conv" }

func (v Conv) Wants() []bool {
	if v.Bias {
		return all(3)
	}
	return all(2)
}

func (v Conv) Infer(in []Shape) (Shape, error) {
	x, w := in[0], in[1]
	if err := wantRank("conv", "input", x, 4); err != nil {
		return nil, err
	}
	if err := wantRank("conv", "weights", w, 4); err != nil {
		return nil, err
	}
	if v.Groups < 1 || x[1] != w[1]*v.Groups || w[0]%v.Groups != 0 {
		return nil, fmt.Errorf("conv: input %v has %d channels, weights %v in %d groups take %d (and give %d, to be divisible by the groups)",
			x, x[1], w, v.Groups, w[1]*v.Groups, w[0])
	}
	if v.Bias {
		if err := wantShape("conv", "bias", in[2], Shape{w[0]}); err != nil {
			return nil, err
		}
	}
	if err := v.check("conv", x, w[2], w[3]); err != nil {
		return nil, err
	}
	return Shape{x[0], w[0], v.out(0, x[2], w[2]), v.out(1, x[3], w[3])}, nil
}

func (v Conv) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	x, w := in[0], in[1]
	dx, err := g.Apply(ConvBwdData{Conv: v, H: x.Shape()[2], W: x.Shape()[3]}, w, dy)
	if err != nil {
		return nil, err
	}
	dw, err := g.Apply(ConvBwdWeights{Conv: v, KH: w.Shape()[2], KW: w.Shape()[3]}, x, dy)
	if err != nil || !v.Bias {
		return []*G.Node{dx, dw}, err
	}
	db, err := g.Apply(BiasBwd{}, dy)
	return []*G.Node{dx, dw, db}, err
}

func (v Conv) Run(c Call) { run(c, conv[float32](v), conv[float64](v)) }

// fits checks that dy has the shape of the convolution of x with w; name is the backward operator's.
func (v Conv) fits(name string, x, w, dy Shape) error {
	return wantResult(name, Conv{Window: v.Window, Groups: v.Groups}, dy, x, w)
}

// taps calls f for every pair of an input pixel and an output pixel that a weight joins. Its arguments are indices into
// x, w and y.
func (v Conv) taps(x, w, y Shape, f func(xi, wi, yi int)) {
	perGroup := w[0] / v.Groups
	for n := 0; n < y[0]; n++ {
		for o := 0; o < w[0]; o++ {
			for i := 0; i < w[1]; i++ {
				channel := o/perGroup*w[1] + i
				v.plane(x, w, y, func(xp, wp, yp int) {
					f(((n*x[1]+channel)*x[2])*x[3]+xp, ((o*w[1]+i)*w[2])*w[3]+wp, ((n*y[1]+o)*y[2])*y[3]+yp)
				})
			}
		}
	}
}

// plane does what taps does, for one channel plane of input, weights and output.
func (v Conv) plane(x, w, y Shape, f func(xp, wp, yp int)) {
	for oh := 0; oh < y[2]; oh++ {
		for ow := 0; ow < y[3]; ow++ {
			for kh := 0; kh < w[2]; kh++ {
				ih := v.in(0, oh, kh)
				if ih < 0 || ih >= x[2] {
					continue
				}
				for kw := 0; kw < w[3]; kw++ {
					if iw := v.in(1, ow, kw); iw >= 0 && iw < x[3] {
						f(ih*x[3]+iw, kh*w[3]+kw, oh*y[3]+ow)
					}
				}
			}
		}
	}
}

func conv[T Real](v Conv) func(Call) {
	return func(c Call) {
		x, w, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		if v.Bias {
			addBias(data[T](c.In[2]), y, c.Out.Shape)
		}
		v.taps(c.In[0].Shape, c.In[1].Shape, c.Out.Shape, func(xi, wi, yi int) { y[yi] += x[xi] * w[wi] })
	}
}

// addBias adds b[channel] to y [n, channels, …].
func addBias[T Real](b, y []T, s Shape) {
	area := Shape(s[2:]).Size()
	for i := range y {
		y[i] += b[i/area%s[1]]
	}
}

// ConvBwdData is the gradient of a convolution's input [n, c, h, w] from weights and dy.
type ConvBwdData struct {
	noGradient
	Conv
	H, W int // of the input
}

func (ConvBwdData) Name() string  { return "conv_bwd_data" }
func (ConvBwdData) Wants() []bool { return make([]bool, 2) }

func (v ConvBwdData) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return v.noGradient.Gradient(g, in, out, dy)
}

func (v ConvBwdData) Infer(in []Shape) (Shape, error) {
	w, dy := in[0], in[1]
	if err := wantRank(v.Name(), "weights", w, 4); err != nil {
		return nil, err
	}
	if err := wantRank(v.Name(), "gradient", dy, 4); err != nil {
		return nil, err
	}
	x := Shape{dy[0], w[1] * v.Groups, v.H, v.W}
	return x, v.fits(v.Name(), x, w, dy)
}

func (v ConvBwdData) Run(c Call) { run(c, convBwdData[float32](v.Conv), convBwdData[float64](v.Conv)) }

func convBwdData[T Real](v Conv) func(Call) {
	return func(c Call) {
		w, dy, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		v.taps(c.Out.Shape, c.In[0].Shape, c.In[1].Shape, func(xi, wi, yi int) { dx[xi] += dy[yi] * w[wi] })
	}
}

// ConvBwdWeights is the gradient of a convolution's weights [o, c/groups, kh, kw] from its input and dy.
type ConvBwdWeights struct {
	noGradient
	Conv
	KH, KW int
}

func (ConvBwdWeights) Name() string  { return "conv_bwd_weights" }
func (ConvBwdWeights) Wants() []bool { return make([]bool, 2) }

func (v ConvBwdWeights) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return v.noGradient.Gradient(g, in, out, dy)
}

func (v ConvBwdWeights) Infer(in []Shape) (Shape, error) {
	x, dy := in[0], in[1]
	if err := wantRank(v.Name(), "input", x, 4); err != nil {
		return nil, err
	}
	if err := wantRank(v.Name(), "gradient", dy, 4); err != nil {
		return nil, err
	}
	w := Shape{dy[1], x[1] / max(v.Groups, 1), v.KH, v.KW}
	return w, v.fits(v.Name(), x, w, dy)
}

func (v ConvBwdWeights) Run(c Call) {
	run(c, convBwdWeights[float32](v.Conv), convBwdWeights[float64](v.Conv))
}

func convBwdWeights[T Real](v Conv) func(Call) {
	return func(c Call) {
		x, dy, dw := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		v.taps(c.In[0].Shape, c.Out.Shape, c.In[1].Shape, func(xi, wi, yi int) { dw[wi] += dy[yi] * x[xi] })
	}
}

// BiasBwd is the gradient of a per-channel bias: dy [n, channels, …] summed over all but the channels.
type BiasBwd struct{ noGradient }

func (BiasBwd) Name() string  { return "bias_bwd" }
func (BiasBwd) Wants() []bool { return make([]bool, 1) }

func (BiasBwd) Infer(in []Shape) (Shape, error) {
	if len(in[0]) < 2 {
		return nil, fmt.Errorf("bias_bwd: gradient %v has %d axes, want at least 2", in[0], len(in[0]))
	}
	return Shape{in[0][1]}, nil
}

func (BiasBwd) Run(c Call) { run(c, biasBwd[float32], biasBwd[float64]) }

func biasBwd[T Real](c Call) {
	dy, db := data[T](c.In[0]), data[T](c.Out)
	s := c.In[0].Shape
	area := Shape(s[2:]).Size()
	for i, v := range dy {
		db[i/area%s[1]] += v
	}
}
