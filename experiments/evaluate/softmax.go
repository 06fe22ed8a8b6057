package evaluate

import (
	"math"

	"workbench/nn/op"
)

// best is the class with the largest score; of equal ones the lowest.
func best[T op.Real](scores []T) int {
	k := 0
	for i, v := range scores {
		if v > scores[k] {
			k = i
		}
	}
	return k
}

// softmax writes exp(x)/Σ exp(x) of a row into p and returns log Σ exp(x).
func softmax[T op.Real](p []float64, x []T) float64 {
	norm := op.LogSumExp(x)
	for k, v := range x {
		p[k] = math.Exp(float64(v) - norm)
	}
	return norm
}
