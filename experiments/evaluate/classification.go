package evaluate

import (
	"context"

	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	register(Evaluator{
		Name: "classification", Doc: "share of right answers among the best one and the best five, and cross-entropy",
		Reads: Logits, Quantities: []string{"loss", "top1", "top5"}, diverged: true,
		start: func(_ option.Settings, shape Shape) (measure, error) {
			return &classifying{Classification{Classes: shape.Classes}}, nil
		},
	})
}

// classifying is Classification as the registry has it.
type classifying struct{ Classification }

func (c *classifying) add(logits []float32, labels []int32) { c.Add(logits, labels) }

func (c *classifying) result(context.Context) (Result, error) { return Result{Values: c.Values()}, nil }

// Classification measures the logits of a classifier against the labels: the share of images whose label has the
// largest logit (top1), or is among the five largest (top5), and the mean cross-entropy (loss, nats an image).
type Classification struct {
	Classes int

	images int
	hits   Hits
	loss   float64
}

// Hits counts images whose label has the largest logit (Top1) or is among the five largest (Top5).
type Hits struct{ Top1, Top5 int }

// Add takes a batch: logits [n, classes] and labels [n].
func (c *Classification) Add(logits []float32, labels []int32) {
	h := Count(logits, labels, c.Classes)
	c.hits.Top1, c.hits.Top5 = c.hits.Top1+h.Top1, c.hits.Top5+h.Top5
	c.loss += crossEntropy(logits, labels, c.Classes)
	c.images += len(labels)
}

// Values are the quantities over all batches; top5 is among them if there are more than five classes.
func (c *Classification) Values() []Value {
	n := float64(c.images)
	values := []Value{{"loss", c.loss / n}, {"top1", float64(c.hits.Top1) / n}}
	if c.Classes > 5 {
		values = append(values, Value{"top5", float64(c.hits.Top5) / n})
	}
	return values
}

// Count compares logits [n, classes] with labels [n]. Of equal logits the one with the lower class wins; a row with a
// NaN at the label is a miss.
func Count(logits []float32, labels []int32, classes int) Hits {
	var h Hits
	for i, label := range labels {
		h.count(above(logits[i*classes:(i+1)*classes], int(label)))
	}
	return h
}

// above is how many classes come before the label: those with a larger score, or with an equal one and a lower class.
func above[T op.Real](scores []T, label int) int {
	n := 0
	for k, v := range scores {
		if v > scores[label] || v == scores[label] && k < label || v != v {
			n++
		}
	}
	return n
}

// count takes an image with so many classes before its label.
func (h *Hits) count(above int) {
	if above == 0 {
		h.Top1++
	}
	if above < 5 {
		h.Top5++
	}
}

// crossEntropy returns the sum over the images of −log softmax at the label, in nats.
func crossEntropy(logits []float32, labels []int32, classes int) float64 {
	sum := 0.0
	for i, label := range labels {
		row := logits[i*classes : (i+1)*classes]
		sum += op.LogSumExp(row) - float64(row[label])
	}
	return sum
}
