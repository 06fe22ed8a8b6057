package stats

import (
	"math"
	"sort"
)

// MaxExact is the most differences whose 2^n sign patterns are counted.
const MaxExact = 30

// SignFlip is the two-sided p of the exact sign-flip test (Fisher 1935, section 21). If the arms were equal, each
// difference could as well have had the other sign, so p is the share of the 2^n sign patterns whose sum is at least as
// far from zero as the observed one. The test assumes symmetry, not normality. p is NaN for no differences and above
// MaxExact.
func SignFlip(differences []float64) float64 { return flip(differences) }

// SignedRank is the two-sided p of Wilcoxon's signed-rank test (1945). It is exact also with ties: zeros are left out,
// and equal magnitudes share their mean rank. p is NaN for no differences and above MaxExact; it is 1 if all are zero.
func SignedRank(differences []float64) float64 {
	if len(differences) == 0 || len(differences) > MaxExact || !allFinite(differences) {
		return math.NaN()
	}
	var kept []float64
	for _, d := range differences {
		if d != 0 {
			kept = append(kept, d)
		}
	}
	if len(kept) == 0 {
		return 1
	}
	sort.Slice(kept, func(i, j int) bool { return math.Abs(kept[i]) < math.Abs(kept[j]) })
	ranks := make([]float64, len(kept))
	for start := 0; start < len(kept); {
		end := start
		for end < len(kept) && math.Abs(kept[end]) == math.Abs(kept[start]) {
			end++
		}
		for i := start; i < end; i++ {
			ranks[i] = math.Copysign(float64(start+1+end)/2, kept[i])
		}
		start = end
	}
	return flip(ranks)
}

// MinSignFlip is the fewest differences for which SignFlip can fall below alpha, since its least value is 2 / 2^n.
func MinSignFlip(alpha float64) int {
	if !(alpha > 0) {
		return math.MaxInt
	}
	n := 1
	for math.Ldexp(2, -n) >= alpha {
		n++
	}
	return n
}

// flip counts sign patterns by halves: every sum is one of the left half plus one of the right half. The sums of the
// right half are sorted, so 2^(n/2) searches replace 2^n additions, and no rounding accumulates.
func flip(scores []float64) float64 {
	if len(scores) == 0 || len(scores) > MaxExact || !allFinite(scores) {
		return math.NaN()
	}
	observed, size := 0.0, 0.0
	for _, s := range scores {
		observed += s
		size += math.Abs(s)
	}
	// Sums that differ by rounding alone are ties, and ties count as being as far.
	bound := math.Abs(observed) - 1e-12*size
	left, right := signSums(scores[:len(scores)/2]), signSums(scores[len(scores)/2:])
	sort.Float64s(right)
	far := 0
	for _, l := range left {
		above := len(right) - sort.Search(len(right), func(i int) bool { return l+right[i] >= bound })
		below := sort.Search(len(right), func(i int) bool { return l+right[i] > -bound })
		far += min(len(right), above+below) // with a bound ≤ 0 every sum is both
	}
	return float64(far) / math.Ldexp(1, len(scores))
}

// signSums returns the sums under all 2^n sign patterns.
func signSums(scores []float64) []float64 {
	sums := []float64{0}
	for _, s := range scores {
		next := make([]float64, 0, 2*len(sums))
		for _, sum := range sums {
			next = append(next, sum+s, sum-s)
		}
		sums = next
	}
	return sums
}
