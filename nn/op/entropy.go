package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// Labelled is an operator with an int32 operand of class numbers, each from low to below end. Executors refuse other
// numbers before they run.
type Labelled interface {
	LabelRange(in []Shape) (operand, low, end int)
}

// Weighted adds operands behind the targets: first the weights of the images [n], then the weights of the classes
// [classes].
type Weighted struct{ SampleWeights, ClassWeights bool }

func (w Weighted) wants() []bool {
	wants := []bool{true, false}
	for _, there := range []bool{w.SampleWeights, w.ClassWeights} {
		if there {
			wants = append(wants, false)
		}
	}
	return wants
}

// check checks the number of operands and the shapes of the weights. The operands are logits [n, classes], targets and
// weights.
func (w Weighted) check(name string, in []Shape) error {
	if want := len(w.wants()); len(in) != want {
		return fmt.Errorf("%s: got %d operands, want %d with %+v", name, len(in), want, w)
	}
	if w.SampleWeights {
		if err := wantShape(name, "weights of the images", in[2], Shape{in[0][0]}); err != nil {
			return err
		}
	}
	if w.ClassWeights {
		return wantShape(name, "weights of the classes", in[len(in)-1], Shape{in[0][1]})
	}
	return nil
}

// weightsOf returns functions that read the weight of image i and of class k. A weight is 1 where there are none.
func weightsOf[T Real](w Weighted, c Call) (sample, class func(i int) float64) {
	one := func(int) float64 { return 1 }
	sample, class = one, one
	at := 2
	if w.SampleWeights {
		v := data[T](c.In[at])
		sample = func(i int) float64 { return float64(v[i]) }
		at++
	}
	if w.ClassWeights {
		v := data[T](c.In[at])
		class = func(k int) float64 { return float64(v[k]) }
	}
	return sample, class
}

// targets writes the target of image i, multiplied by the weights, into t [classes]. It returns what the image adds to
// the divisor.
type targets func(i int, t []float64) float64

// meanEntropy computes Σ_i Σ_k t_ik (log Σ exp(x_i) − x_ik) / divisor, or 0 where the divisor is 0.
func meanEntropy(c Call, of targets) { run(c, sumEntropy[float32](of), sumEntropy[float64](of)) }

func sumEntropy[T Real](of targets) func(Call) {
	return func(c Call) {
		x, classes := data[T](c.In[0]), c.In[0].Shape[1]
		t := make([]float64, classes)
		loss, divisor := 0.0, 0.0
		for i := range c.In[0].Shape[0] {
			row := x[i*classes : (i+1)*classes]
			divisor += of(i, t)
			norm := LogSumExp(row)
			for k, v := range row {
				if t[k] != 0 {
					loss += t[k] * (norm - float64(v))
				}
			}
		}
		if divisor != 0 {
			data[T](c.Out)[0] = T(loss / divisor)
		}
	}
}

// meanEntropyBwd computes the gradient of meanEntropy by x, dy / divisor · (softmax(x)_k Σ t − t_k). The scalar dy is
// the last operand.
func meanEntropyBwd[T Real](c Call, of targets) {
	x, dx, n, classes := data[T](c.In[0]), data[T](c.Out), c.In[0].Shape[0], c.In[0].Shape[1]
	t := make([]float64, classes)
	divisor := 0.0
	for i := range n {
		divisor += of(i, t)
	}
	if divisor == 0 {
		return
	}
	scale := float64(data[T](c.In[len(c.In)-1])[0]) / divisor
	for i := range n {
		of(i, t)
		total := 0.0
		for _, v := range t {
			total += v
		}
		if total == 0 {
			continue
		}
		row := x[i*classes : (i+1)*classes]
		norm := LogSumExp(row)
		for k, v := range row {
			dx[i*classes+k] = T(scale * (math.Exp(float64(v)-norm)*total - t[k]))
		}
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

// logitsOnly is the gradient of a loss of which only the first operand has one. bwd takes the loss's operands and dy.
func logitsOnly(g *Graph, bwd Spec, in []*G.Node, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(bwd, append(append([]*G.Node(nil), in...), dy)...)
	return append([]*G.Node{dx}, make([]*G.Node, len(in)-1)...), err
}
