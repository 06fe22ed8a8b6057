package op

import G "gorgonia.org/gorgonia"

// BNInfer normalises with running statistics. Its operands are x, mean [c], variance [c], scale [c] and shift [c]. In
// training it is batch norm with frozen statistics, which have no gradient.
type BNInfer struct{ Epsilon float64 }

func (BNInfer) Name() string  { return "bn_infer" }
func (BNInfer) Wants() []bool { return []bool{true, false, false, true, true} }

func (BNInfer) Infer(in []Shape) (Shape, error) {
	if err := wantRank("bn_infer", "input", in[0], 4); err != nil {
		return nil, err
	}
	for i, operand := range []string{"mean", "variance", "scale", "shift"} {
		if err := wantShape("bn_infer", operand, in[i+1], Shape{in[0][1]}); err != nil {
			return nil, err
		}
	}
	return in[0], nil
}

func (b BNInfer) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	x, mean, variance, scale := in[0], in[1], in[2], in[3]
	dx, err := g.Apply(BNInferBwd{Epsilon: b.Epsilon}, variance, scale, dy)
	if err != nil {
		return nil, err
	}
	red, err := g.Apply(BNInferReduce{Epsilon: b.Epsilon}, x, mean, variance, dy)
	if err != nil {
		return nil, err
	}
	dscale, dshift, err := rowsOf(g, red)
	return []*G.Node{dx, nil, nil, dscale, dshift}, err
}

func (b BNInfer) Run(c Call) { run(c, bnInfer[float32](b), bnInfer[float64](b)) }

func bnInfer[T Real](b BNInfer) func(Call) {
	return func(c Call) {
		x, mean, variance := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2])
		scale, shift, y := data[T](c.In[3]), data[T](c.In[4]), data[T](c.Out)
		s := c.Out.Shape
		for i, v := range x {
			ch := i / (s[2] * s[3]) % s[1]
			y[i] = (v-mean[ch])*inverseDeviation(variance[ch], b.Epsilon)*scale[ch] + shift[ch]
		}
	}
}

// BNInferBwd is the gradient of BNInfer's input, scale / sqrt(var + ε) · dy. Its operands are variance, scale and dy.
type BNInferBwd struct {
	noGradient
	Epsilon float64
}

func (BNInferBwd) Name() string  { return "bn_infer_bwd" }
func (BNInferBwd) Wants() []bool { return make([]bool, 3) }

func (b BNInferBwd) Infer(in []Shape) (Shape, error) {
	variance, scale, dy := in[0], in[1], in[2]
	if err := wantRank(b.Name(), "gradient", dy, 4); err != nil {
		return nil, err
	}
	if err := wantShape(b.Name(), "variance", variance, Shape{dy[1]}); err != nil {
		return nil, err
	}
	return dy, wantShape(b.Name(), "scale", scale, Shape{dy[1]})
}

func (b BNInferBwd) Run(c Call) { run(c, bnInferBwd[float32](b), bnInferBwd[float64](b)) }

func bnInferBwd[T Real](b BNInferBwd) func(Call) {
	return func(c Call) {
		variance, scale, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		s := c.Out.Shape
		for i, d := range data[T](c.In[2]) {
			ch := i / (s[2] * s[3]) % s[1]
			dx[i] = d * scale[ch] * inverseDeviation(variance[ch], b.Epsilon)
		}
	}
}

// BNInferReduce is the gradient of BNInfer's scale (row 0) and shift (row 1), [2, c]. Its operands are x, mean,
// variance and dy.
type BNInferReduce struct {
	noGradient
	Epsilon float64
}

func (BNInferReduce) Name() string  { return "bn_infer_reduce" }
func (BNInferReduce) Wants() []bool { return make([]bool, 4) }

func (b BNInferReduce) Infer(in []Shape) (Shape, error) {
	x, dy := in[0], in[3]
	if err := wantRank(b.Name(), "input", x, 4); err != nil {
		return nil, err
	}
	for i, operand := range []string{"mean", "variance"} {
		if err := wantShape(b.Name(), operand, in[i+1], Shape{x[1]}); err != nil {
			return nil, err
		}
	}
	return Shape{2, x[1]}, wantShape(b.Name(), "gradient", dy, x)
}

func (b BNInferReduce) Run(c Call) { run(c, bnInferReduce[float32](b), bnInferReduce[float64](b)) }

func bnInferReduce[T Real](b BNInferReduce) func(Call) {
	return func(c Call) {
		x, mean, variance := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2])
		red, s := data[T](c.Out), c.In[0].Shape
		sums := make([]float64, 2*s[1])
		for i, d := range data[T](c.In[3]) {
			ch := i / (s[2] * s[3]) % s[1]
			sums[ch] += float64(d * (x[i] - mean[ch]) * inverseDeviation(variance[ch], b.Epsilon))
			sums[s[1]+ch] += float64(d)
		}
		for i, v := range sums {
			red[i] = T(v)
		}
	}
}
