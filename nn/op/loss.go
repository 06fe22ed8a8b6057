package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// CrossEntropy is the mean over the images, in nats, of −Σ_k t_k log softmax(logits)_k for logits [n, classes] and
// labels [n]. The target t is 1 − Smoothing at the label plus Smoothing/classes everywhere (Szegedy et al. 2016,
// section 7). With weights it is PyTorch's weighted mean: term k is multiplied by the weight of class k, and the sum is
// divided by the sum of the labels' weights instead of n.
type CrossEntropy struct {
	Smoothing float64
	Ignore    bool // leave images with the label −1 out of sum and mean
	Weighted
}

func (CrossEntropy) Name() string    { return "cross_entropy" }
func (e CrossEntropy) Wants() []bool { return e.wants() }
func (CrossEntropy) intOperand() int { return 1 }

// LabelRange implements Labelled for the labels, operand 1.
func (e CrossEntropy) LabelRange(in []Shape) (operand, low, end int) {
	if e.Ignore {
		low = -1
	}
	return 1, low, in[0][1]
}

func (e CrossEntropy) Infer(in []Shape) (Shape, error) {
	if err := wantRank("cross_entropy", "logits", in[0], 2); err != nil {
		return nil, err
	}
	if !(e.Smoothing >= 0 && e.Smoothing < 1) {
		return nil, fmt.Errorf("cross_entropy: want a label smoothing from 0 to below 1, got %v", e.Smoothing)
	}
	if err := wantShape("cross_entropy", "labels", in[1], Shape{in[0][0]}); err != nil {
		return nil, err
	}
	return Shape{}, e.check("cross_entropy", in)
}

func (e CrossEntropy) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	return logitsOnly(g, CrossEntropyBwd{CrossEntropy: e}, in, dy)
}

func (e CrossEntropy) Run(c Call) { run(c, crossEntropy[float32](e), crossEntropy[float64](e)) }

func crossEntropy[T Real](e CrossEntropy) func(Call) {
	return func(c Call) { meanEntropy(c, hardTargets[T](e, c)) }
}

// hardTargets gives, for each image, the weighted target and what the image adds to the divisor.
func hardTargets[T Real](e CrossEntropy, c Call) targets {
	labels, classes := c.In[1].I32, c.In[0].Shape[1]
	sample, class := weightsOf[T](e.Weighted, c)
	return func(i int, t []float64) float64 {
		label := int(labels[i])
		if e.Ignore && label < 0 {
			clear(t)
			return 0
		}
		for k := range t {
			t[k] = sample(i) * class(k) * e.Smoothing / float64(classes)
		}
		t[label] += sample(i) * class(label) * (1 - e.Smoothing)
		return sample(i) * class(label)
	}
}

// CrossEntropyBwd is the gradient of the logits. Its operands are those of CrossEntropy, then the scalar dy.
type CrossEntropyBwd struct {
	noGradient
	CrossEntropy
}

func (CrossEntropyBwd) Name() string    { return "cross_entropy_bwd" }
func (e CrossEntropyBwd) Wants() []bool { return make([]bool, len(e.wants())+1) }

func (e CrossEntropyBwd) Infer(in []Shape) (Shape, error) {
	last := len(in) - 1
	return in[0], wantResult(e.Name(), e.CrossEntropy, in[last], in[:last]...)
}

func (e CrossEntropyBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return e.noGradient.Gradient(g, in, out, dy)
}

func (e CrossEntropyBwd) Run(c Call) {
	run(c, crossEntropyBwd[float32](e), crossEntropyBwd[float64](e))
}

func crossEntropyBwd[T Real](e CrossEntropyBwd) func(Call) {
	return func(c Call) { meanEntropyBwd[T](c, hardTargets[T](e.CrossEntropy, c)) }
}

// SoftCrossEntropy is CrossEntropy with target probabilities [n, classes] in place of labels, as mixed images or a
// teacher give them. The mean is over n or, with weights of the images, over the sum of these weights. Weights of the
// classes do not change the divisor, as in PyTorch.
type SoftCrossEntropy struct{ Weighted }

func (SoftCrossEntropy) Name() string    { return "soft_cross_entropy" }
func (e SoftCrossEntropy) Wants() []bool { return e.wants() }

func (e SoftCrossEntropy) Infer(in []Shape) (Shape, error) {
	if err := wantRank(e.Name(), "logits", in[0], 2); err != nil {
		return nil, err
	}
	if err := wantShape(e.Name(), "targets", in[1], in[0]); err != nil {
		return nil, err
	}
	return Shape{}, e.check(e.Name(), in)
}

func (e SoftCrossEntropy) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	return logitsOnly(g, SoftCrossEntropyBwd{SoftCrossEntropy: e}, in, dy)
}

func (e SoftCrossEntropy) Run(c Call) {
	run(c, softCrossEntropy[float32](e), softCrossEntropy[float64](e))
}

func softCrossEntropy[T Real](e SoftCrossEntropy) func(Call) {
	return func(c Call) { meanEntropy(c, softTargets[T](e, c)) }
}

func softTargets[T Real](e SoftCrossEntropy, c Call) targets {
	given, classes := data[T](c.In[1]), c.In[0].Shape[1]
	sample, class := weightsOf[T](e.Weighted, c)
	return func(i int, t []float64) float64 {
		for k := range t {
			t[k] = sample(i) * class(k) * float64(given[i*classes+k])
		}
		return sample(i)
	}
}

// SoftCrossEntropyBwd is the gradient of the logits. Its operands are those of SoftCrossEntropy, then the scalar dy.
type SoftCrossEntropyBwd struct {
	noGradient
	SoftCrossEntropy
}

func (SoftCrossEntropyBwd) Name() string    { return "soft_cross_entropy_bwd" }
func (e SoftCrossEntropyBwd) Wants() []bool { return make([]bool, len(e.wants())+1) }

func (e SoftCrossEntropyBwd) Infer(in []Shape) (Shape, error) {
	last := len(in) - 1
	return in[0], wantResult(e.Name(), e.SoftCrossEntropy, in[last], in[:last]...)
}

func (e SoftCrossEntropyBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return e.noGradient.Gradient(g, in, out, dy)
}

func (e SoftCrossEntropyBwd) Run(c Call) {
	run(c, softCrossEntropyBwd[float32](e), softCrossEntropyBwd[float64](e))
}

func softCrossEntropyBwd[T Real](e SoftCrossEntropyBwd) func(Call) {
	return func(c Call) { meanEntropyBwd[T](c, softTargets[T](e.SoftCrossEntropy, c)) }
}
