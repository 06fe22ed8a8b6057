package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// KLDivergence is T² times the mean over the rows of Σ_k p_k log(p_k / q_k), in nats. p and q are the softmax of a
// teacher's and a student's logits, both divided by the temperature T (Hinton et al. 2015, section 2). Its operands are
// student and teacher, both [n, classes]. The teacher has no gradient.
type KLDivergence struct{ Temperature float64 }

func (KLDivergence) Name() string  { return "kl_divergence" }
func (KLDivergence) Wants() []bool { return []bool{true, false} }

func (v KLDivergence) Infer(in []Shape) (Shape, error) {
	if !(v.Temperature > 0) {
		return nil, fmt.Errorf("kl_divergence: temperature %v, want above 0", v.Temperature)
	}
	if err := wantRank("kl_divergence", "student", in[0], 2); err != nil {
		return nil, err
	}
	return Shape{}, wantShape("kl_divergence", "teacher", in[1], in[0])
}

func (v KLDivergence) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	return logitsOnly(g, KLDivergenceBwd{KLDivergence: v}, in, dy)
}

func (v KLDivergence) Run(c Call) { run(c, klDivergence[float32](v), klDivergence[float64](v)) }

// pairs calls f with each element's index i and the logarithms of the teacher's probability p and the student's q.
func (v KLDivergence) pairs(student, teacher []float64, classes int, f func(i int, p, q float64)) {
	for at := 0; at < len(student); at += classes {
		normP, normQ := LogSumExp(teacher[at:at+classes]), LogSumExp(student[at:at+classes])
		for i := at; i < at+classes; i++ {
			f(i, teacher[i]-normP, student[i]-normQ)
		}
	}
}

func (v KLDivergence) cool(logits []float64) []float64 {
	for i := range logits {
		logits[i] /= v.Temperature
	}
	return logits
}

func klDivergence[T Real](v KLDivergence) func(Call) {
	return func(c Call) {
		student, teacher := v.cool(widen(data[T](c.In[0]))), v.cool(widen(data[T](c.In[1])))
		sum := 0.0
		v.pairs(student, teacher, c.In[0].Shape[1], func(_ int, p, q float64) {
			if e := math.Exp(p); e > 0 {
				sum += e * (p - q)
			}
		})
		data[T](c.Out)[0] = T(sum * v.Temperature * v.Temperature / float64(c.In[0].Shape[0]))
	}
}

// KLDivergenceBwd is the student's gradient, dy · T / n · (q − p). Its operands are student, teacher and the scalar dy.
type KLDivergenceBwd struct {
	noGradient
	KLDivergence
}

func (KLDivergenceBwd) Name() string  { return "kl_divergence_bwd" }
func (KLDivergenceBwd) Wants() []bool { return make([]bool, 3) }

func (v KLDivergenceBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(v.Name(), v.KLDivergence, in[2], in[0], in[1])
}

func (v KLDivergenceBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return v.noGradient.Gradient(g, in, out, dy)
}

func (v KLDivergenceBwd) Run(c Call) {
	run(c, klDivergenceBwd[float32](v), klDivergenceBwd[float64](v))
}

func klDivergenceBwd[T Real](v KLDivergenceBwd) func(Call) {
	return func(c Call) {
		student, teacher := v.cool(widen(data[T](c.In[0]))), v.cool(widen(data[T](c.In[1])))
		scale := float64(data[T](c.In[2])[0]) * v.Temperature / float64(c.In[0].Shape[0])
		dx := data[T](c.Out)
		v.pairs(student, teacher, c.In[0].Shape[1], func(i int, p, q float64) {
			dx[i] = T(scale * (math.Exp(q) - math.Exp(p)))
		})
	}
}
