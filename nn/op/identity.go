package op

import G "gorgonia.org/gorgonia"

// StopGradient is x, and no gradient flows back through it.
type StopGradient struct{}

func (StopGradient) Name() string                    { return "stop_gradient" }
func (StopGradient) Wants() []bool                   { return make([]bool, 1) }
func (StopGradient) Infer(in []Shape) (Shape, error) { return in[0], nil }

func (StopGradient) Gradient(*Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return []*G.Node{nil}, nil
}

func (StopGradient) Run(c Call) { run(c, reshape[float32], reshape[float64]) }

// ScaleGradient is x, and multiplies the gradient by By. A factor from 0 to 1 slows the layers before it; −1 reverses
// their gradient (Ganin and Lempitsky 2015).
type ScaleGradient struct{ By float64 }

func (ScaleGradient) Name() string                    { return "scale_gradient" }
func (ScaleGradient) Wants() []bool                   { return all(1) }
func (ScaleGradient) Infer(in []Shape) (Shape, error) { return in[0], nil }

func (v ScaleGradient) Gradient(g *Graph, _ []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(Scale(v), dy)
	return []*G.Node{dx}, err
}

func (ScaleGradient) Run(c Call) { run(c, reshape[float32], reshape[float64]) }
