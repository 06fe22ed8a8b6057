package stats

import (
	"math"
	"sort"
)

// Holm corrects the p-values of a family of tests, so that the chance of any false finding stays below the level with
// which each corrected value is compared (Holm 1979, step-down). Entries that are NaN stay NaN and do not count as
// tests. The result has the order of ps, and equal p-values stay equal.
func Holm(ps []float64) []float64 {
	corrected := make([]float64, len(ps))
	var order []int
	for i, p := range ps {
		corrected[i] = math.NaN()
		if !math.IsNaN(p) {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return ps[order[a]] < ps[order[b]] })
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, float64(len(order)-rank)*ps[i]))
		corrected[i] = least
	}
	return corrected
}
