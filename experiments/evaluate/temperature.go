package evaluate

import (
	"context"
	"fmt"
	"math"

	"workbench/nn/option"
)

func init() {
	register(Evaluator{
		Name: "temperature", Doc: "calibration after logits are divided by one number that is fitted on held-out pictures",
		Paper: "Guo et al. 2017, section 4.2", Reads: Logits, Bank: HeldOut,
		Quantities: []string{"temperature", "scaled_nll", "scaled_ece", "scaled_brier"},
		start: func(_ option.Settings, shape Shape) (measure, error) {
			return &temperature{
				test: labelled{rows: newRows(shape.Classes)},
				fit:  labelled{rows: newRows(shape.Classes)},
			}, nil
		},
	})
}

// temperature holds all logits, 4·classes bytes a row, because those under test come before those of the fit.
type temperature struct{ test, fit labelled }

func (t *temperature) add(logits []float32, labels []int32)     { t.test.add(logits, labels) }
func (t *temperature) addBank(logits []float32, labels []int32) { t.fit.add(logits, labels) }

func (t *temperature) result(ctx context.Context) (Result, error) {
	inverse, note, err := fitInverse(ctx, t.fit)
	if err != nil {
		return Result{}, err
	}
	c := calibration{classes: t.test.width, temperature: 1 / inverse, p: make([]float64, t.test.width)}
	for i, label := range t.test.labels {
		c.addRow(t.test.row(i), int(label))
	}
	n := float64(c.images)
	r := Result{
		Values: []Value{{"temperature", 1 / inverse}, {"scaled_nll", c.nll / n}, {"scaled_ece", c.ece()}, {"scaled_brier", c.brier / n}},
		Tables: []Table{c.reliability()},
	}
	if note != "" {
		r.Notes = append(r.Notes, note)
	}
	return r, nil
}

// Inverse temperatures among which the best is looked for. Logits that are right of every picture have none: the larger
// the better; logits that tell nothing of the labels are best multiplied by 0.
const leastInverse, largestInverse = 1e-3, 1e3

// fitInverse returns the inverse temperature b that minimises the mean negative log-likelihood of softmax(b·logits). It
// is convex in b: Newton steps on its derivative, or bisection where such a step leaves the bracket. The note is not
// empty if there is no minimum within the bounds; the nearer bound is returned then.
func fitInverse(ctx context.Context, l labelled) (b float64, note string, err error) {
	low, high := leastInverse, largestInverse
	for _, end := range []struct {
		at, side float64
		note     string
	}{
		{low, 1, "the fit of the temperature did not converge: the logits tell nothing of the held-out labels"},
		{high, -1, "the fit of the temperature did not converge: the logits are right of every held-out picture"},
	} {
		slope, _ := slopes(l, end.at)
		if slope*end.side >= 0 {
			return end.at, fmt.Sprintf("%s; %g is the bound", end.note, 1/end.at), nil
		}
	}
	b = 1
	for range 200 { // bisection alone, in the worst case, needs 64 halvings of the bracket
		if err := ctx.Err(); err != nil {
			return 0, "", err
		}
		slope, curvature := slopes(l, b)
		if slope > 0 {
			high = b
		} else {
			low = b
		}
		next := b - slope/curvature
		if math.Abs(next-b) <= 1e-12*b {
			return next, "", nil
		}
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		b = next
	}
	return 0, "", fmt.Errorf("the fit of the temperature has not ended after 200 steps, at %g", 1/b)
}

// slopes are the first and second derivative of the mean negative log-likelihood of softmax(b·logits) by b: the mean
// over the rows of E z − z_label, and of the variance of z, both under softmax(b·z).
func slopes(l labelled, b float64) (first, second float64) {
	type sums struct{ first, second float64 }
	parts := make([]sums, len(l.blocks))
	spread(l.n, blockRows, func(part, from, to int) {
		z, p := make([]float64, l.width), make([]float64, l.width)
		for i := from; i < to; i++ {
			for k, v := range l.row(i) {
				z[k] = b * float64(v)
			}
			softmax(p, z)
			label, mean, variance := float64(l.row(i)[l.labels[i]]), 0.0, 0.0
			for k, v := range l.row(i) {
				mean += p[k] * float64(v)
			}
			for k, v := range l.row(i) {
				variance += p[k] * (float64(v) - mean) * (float64(v) - mean)
			}
			parts[part].first += mean - label
			parts[part].second += variance
		}
	})
	for _, part := range parts {
		first, second = first+part.first/float64(l.n), second+part.second/float64(l.n)
	}
	return first, second
}
