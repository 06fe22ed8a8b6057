package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// CrossEntropy is the mean over the images, in nats, of −Σ_k t_k log softmax(logits)_k for logits [n, classes] and
// labels [n]; the target t is 1 − Smoothing at the label plus Smoothing/classes everywhere (Szegedy et al. 2016, section 7).
type CrossEntropy struct{ Smoothing float64 }

func (CrossEntropy) Name() string    { return "cross_entropy" }
func (CrossEntropy) Wants() []bool   { return []bool{true, false} }
func (CrossEntropy) intOperand() int { return 1 }

func (e CrossEntropy) Infer(in []Shape) (Shape, error) {
	if err := wantRank("cross_entropy", "logits", in[0], 2); err != nil {
		return nil, err
	}
	if !(e.Smoothing >= 0 && e.Smoothing < 1) {
		return nil, fmt.Errorf("cross_entropy: want a label smoothing from 0 to below 1, got %v", e.Smoothing)
	}
	return Shape{}, wantShape("cross_entropy", "labels", in[1], Shape{in[0][0]})
}

func (e CrossEntropy) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(CrossEntropyBwd{Smoothing: e.Smoothing}, in[0], in[1], dy)
	return []*G.Node{dx, nil}, err
}

func (e CrossEntropy) Run(c Call) { run(c, crossEntropy[float32](e), crossEntropy[float64](e)) }

func crossEntropy[T Real](e CrossEntropy) func(Call) {
	return func(c Call) {
		x, labels := data[T](c.In[0]), c.In[1].I32
		n, classes := c.In[0].Shape[0], c.In[0].Shape[1]
		loss := 0.0
		for i := 0; i < n; i++ {
			row := x[i*classes : (i+1)*classes]
			norm := LogSumExp(row)
			loss += (1 - e.Smoothing) * (norm - float64(row[labels[i]]))
			if e.Smoothing > 0 {
				for _, v := range row {
					loss += e.Smoothing / float64(classes) * (norm - float64(v))
				}
			}
		}
		data[T](c.Out)[0] = T(loss / float64(n))
	}
}

// LogSumExp is log Σ exp(x), computed without overflow.
func LogSumExp[T Real](x []T) float64 {
	largest := math.Inf(-1)
	for _, v := range x {
		largest = max(largest, float64(v)) // NaN wins in max
	}
	if math.IsInf(largest, 0) || math.IsNaN(largest) {
		return largest
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - largest)
	}
	return largest + math.Log(sum)
}

// CrossEntropyBwd is dy · (softmax(logits) − t) / n: operands logits, labels and the scalar dy.
type CrossEntropyBwd struct {
	noGradient
	Smoothing float64
}

func (CrossEntropyBwd) Name() string    { return "cross_entropy_bwd" }
func (CrossEntropyBwd) Wants() []bool   { return make([]bool, 3) }
func (CrossEntropyBwd) intOperand() int { return 1 }

func (e CrossEntropyBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(e.Name(), CrossEntropy{Smoothing: e.Smoothing}, in[2], in[0], in[1])
}

func (e CrossEntropyBwd) Run(c Call) {
	run(c, crossEntropyBwd[float32](e), crossEntropyBwd[float64](e))
}

func crossEntropyBwd[T Real](e CrossEntropyBwd) func(Call) {
	return func(c Call) {
		x, labels, dx := data[T](c.In[0]), c.In[1].I32, data[T](c.Out)
		n, classes := c.In[0].Shape[0], c.In[0].Shape[1]
		scale := float64(data[T](c.In[2])[0]) / float64(n)
		for i := 0; i < n; i++ {
			row := x[i*classes : (i+1)*classes]
			norm := LogSumExp(row)
			for k, v := range row {
				t := e.Smoothing / float64(classes)
				if k == int(labels[i]) {
					t += 1 - e.Smoothing
				}
				dx[i*classes+k] = T(scale * (math.Exp(float64(v)-norm) - t))
			}
		}
	}
}
