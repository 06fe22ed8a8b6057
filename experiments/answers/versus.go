package answers

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Versus compares two networks image by image.
type Versus struct {
	BothRight, OnlyA, OnlyB, BothWrong int // images

	// P is the chance of so uneven a split of the images that one alone gets right, were both equally good: McNemar's
	// test in its exact form, two-sided.
	P float64
	// Overlap is the share of the images that either gets wrong which both get wrong: 1 if they fail on the same ones.
	// NaN if neither gets any wrong.
	Overlap float64
	// Agreement is the share of all images to which both give the same class.
	Agreement float64
}

// Compare two networks' answers to the same images.
func Compare(a, b Answers) (Versus, error) {
	if err := a.alike(b); err != nil {
		return Versus{}, err
	}
	var v Versus
	same := 0
	for i := range a.Len() {
		if a.Predicted(i) == b.Predicted(i) {
			same++
		}
		switch ra, rb := a.Right(i), b.Right(i); {
		case ra && rb:
			v.BothRight++
		case ra:
			v.OnlyA++
		case rb:
			v.OnlyB++
		default:
			v.BothWrong++
		}
	}
	v.P = mcnemar(v.OnlyA, v.OnlyB)
	v.Overlap = float64(v.BothWrong) / float64(v.BothWrong+v.OnlyA+v.OnlyB)
	v.Agreement = float64(same) / float64(a.Len())
	return v, nil
}

// mcnemar is twice the smaller tail of the binomial distribution of half, at most 1 (McNemar 1947; exact form).
func mcnemar(b, c int) float64 {
	n := b + c
	if n == 0 {
		return 1
	}
	return math.Min(1, 2*distuv.Binomial{N: float64(n), P: 0.5}.CDF(float64(min(b, c))))
}
