package evaluate

import (
	"context"
	"math"

	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	register(Evaluator{
		Name: "calibration", Doc: "how far confidence is from being right: calibration error, Brier score, likelihood",
		Paper: "Guo et al. 2017, section 2", Reads: Logits, Quantities: []string{"nll", "ece", "brier"},
		start: func(_ option.Settings, shape Shape) (measure, error) {
			return &calibration{classes: shape.Classes, p: make([]float64, shape.Classes)}, nil
		},
	})
}

// bins is how many bins of equal width the confidences are divided into (Guo et al. 2017, section 5).
const bins = 15

// bin has the images whose confidence, the largest probability, is above b/bins and up to (b+1)/bins.
type bin struct {
	images, right int
	confidence    float64 // summed
}

// calibration measures the probabilities softmax(logits/Temperature). Its memory does not grow with the images.
type calibration struct {
	classes     int
	temperature float64 // 0 is 1
	images      int
	bins        [bins]bin
	nll, brier  float64   // summed
	p           []float64 // [classes]
}

func (c *calibration) add(logits []float32, labels []int32) {
	for i, label := range labels {
		c.addRow(logits[i*c.classes:(i+1)*c.classes], int(label))
	}
}

func (c *calibration) addRow(row []float32, label int) {
	if c.temperature != 0 {
		for k, v := range row {
			c.p[k] = float64(v) / c.temperature
		}
		c.nll += op.LogSumExp(c.p) - c.p[label]
		softmax(c.p, c.p)
	} else {
		c.nll += softmax(c.p, row) - float64(row[label])
	}
	answer := best(row)
	b := &c.bins[binOf(c.p[answer])]
	b.images++
	b.confidence += c.p[answer]
	if answer == label {
		b.right++
	}
	for k, p := range c.p {
		if k == label {
			p -= 1
		}
		c.brier += p * p
	}
	c.images++
}

// binOf is the bin of a confidence in (0, 1].
func binOf(confidence float64) int {
	b := min(int(confidence*bins), bins-1)
	if b > 0 && confidence <= float64(b)/bins {
		b-- // the upper bound belongs to the bin
	}
	return b
}

// ece is the expected calibration error: the mean distance of accuracy and mean confidence over the bins, weighted by
// their images (Guo et al. 2017, equation 3).
func (c *calibration) ece() float64 {
	sum := 0.0
	for _, b := range c.bins {
		sum += math.Abs(float64(b.right) - b.confidence)
	}
	return sum / float64(c.images)
}

// result has the mean negative log-likelihood (nats), the calibration error, and the Brier score: the mean over the
// images of Σ_k (p_k − [k is the label])², from 0 to 2 (Brier 1950).
func (c *calibration) result(context.Context) (Result, error) {
	n := float64(c.images)
	return Result{
		Values: []Value{{"nll", c.nll / n}, {"ece", c.ece()}, {"brier", c.brier / n}},
		Tables: []Table{c.reliability()},
	}, nil
}

// reliability has what a reliability diagram shows. Confidence and accuracy of a bin without images are NaN.
func (c *calibration) reliability() Table {
	t := Table{
		Name: "reliability", Doc: "a row for each range of confidence: more than from, up to to",
		Columns: []string{"from", "to", "images", "confidence", "top1"},
	}
	for i, b := range c.bins {
		n := float64(b.images)
		t.Rows = append(t.Rows, []float64{float64(i) / bins, float64(i+1) / bins, n, b.confidence / n, float64(b.right) / n})
	}
	return t
}
