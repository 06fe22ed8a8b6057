// Package answers holds what networks say about images: collected once, measured, put together and compared.
package answers

import (
	"context"
	"fmt"
	"math"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
	"workbench/nn/op"
)

// Answers of a network to the images of a part, in their order.
type Answers struct {
	Classes int
	Labels  []int32   // [n]
	Logits  []float32 // [n, classes]
}

// Looker is a network that answers. See train.Network.
type Looker interface {
	Shape() evaluate.Shape
	Look(ctx context.Context, p data.Part, v data.View, each func(strategy.Seen) error) error
}

// Len is the number of images.
func (a Answers) Len() int { return len(a.Labels) }

// Row is the answer to image i: a logit for each class.
func (a Answers) Row(i int) []float32 { return a.Logits[i*a.Classes : (i+1)*a.Classes] }

// Predicted is the class with the largest logit, of equal ones the lowest.
func (a Answers) Predicted(i int) int {
	best := 0
	row := a.Row(i)
	for k, v := range row {
		if v > row[best] {
			best = k
		}
	}
	return best
}

// Probability that the answer to image i gives a class: softmax of its logits.
func (a Answers) Probability(i, class int) float64 {
	row := a.Row(i)
	return math.Exp(float64(row[class]) - op.LogSumExp(row))
}

// Right tells whether the largest logit is the label's.
func (a Answers) Right(i int) bool { return a.Predicted(i) == int(a.Labels[i]) }

// Mean is what several answers to the same images say together: the mean of their probabilities, as their logarithms.
// The answers are those of several networks (an ensemble), or of one to several views of each image.
func Mean(all []Answers) (Answers, error) {
	if len(all) == 0 {
		return Answers{}, fmt.Errorf("no answers to put together")
	}
	if len(all) == 1 {
		return all[0], nil
	}
	for _, a := range all[1:] {
		if err := all[0].alike(a); err != nil {
			return Answers{}, err
		}
	}
	mean := Answers{Classes: all[0].Classes, Labels: all[0].Labels, Logits: make([]float32, len(all[0].Logits))}
	sum := make([]float64, mean.Classes)
	for i := range mean.Len() {
		clear(sum)
		for _, a := range all {
			row := a.Row(i)
			whole := op.LogSumExp(row)
			for k, v := range row {
				sum[k] += math.Exp(float64(v) - whole)
			}
		}
		for k := range sum {
			mean.Row(i)[k] = float32(math.Log(max(sum[k]/float64(len(all)), leastProbability)))
		}
	}
	return mean, nil
}

// leastProbability has a finite logarithm, whatever networks are sure of.
const leastProbability = 1e-38

// alike says why two answers are not to the same images.
func (a Answers) alike(b Answers) error {
	switch {
	case a.Classes != b.Classes:
		return fmt.Errorf("one network tells %d classes apart, another %d", a.Classes, b.Classes)
	case !slices.Equal(a.Labels, b.Labels):
		return fmt.Errorf("networks answered to other images: %d with labels of their own, and %d", a.Len(), b.Len())
	}
	return nil
}
