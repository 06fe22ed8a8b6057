package op

import G "gorgonia.org/gorgonia"

// Mean is the mean of all elements, a scalar.
type Mean struct{}

func (Mean) Name() string                 { return "mean" }
func (Mean) Wants() []bool                { return all(1) }
func (Mean) Infer([]Shape) (Shape, error) { return Shape{}, nil }

func (Mean) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(MeanBwd(ReshapeTo(Shape(in[0].Shape()))), dy)
	return []*G.Node{dx}, err
}

func (Mean) Run(c Call) { run(c, mean[float32], mean[float64]) }

func mean[T Real](c Call) {
	sum, x := 0.0, data[T](c.In[0])
	for _, v := range x {
		sum += float64(v)
	}
	data[T](c.Out)[0] = T(sum / float64(len(x)))
}

// MeanBwd spreads the scalar dy evenly over a tensor of the shape To.
type MeanBwd struct {
	To [4]int // trailing zeros are no axes
}

func (MeanBwd) Name() string  { return "mean_bwd" }
func (MeanBwd) Wants() []bool { return make([]bool, 1) }

func (m MeanBwd) Infer(in []Shape) (Shape, error) {
	return Reshape(m).shape(), wantShape("mean_bwd", "gradient", in[0], Shape{})
}

func (MeanBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return noGradient{}.Gradient(g, in, out, dy)
}

func (m MeanBwd) Run(c Call) { run(c, meanBwd[float32], meanBwd[float64]) }

func meanBwd[T Real](c Call) {
	dx := data[T](c.Out)
	for i := range dx {
		dx[i] = data[T](c.In[0])[0] / T(len(dx))
	}
}
