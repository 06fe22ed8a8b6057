package stats

import (
	"fmt"
	"math"
	"slices"
)

// TwoGaussians is a mixture of two normal distributions of numbers. The component of the smaller mean is the first.
type TwoGaussians struct {
	Weights, Means, Variances [2]float64
}

// How a mixture is fitted, as DivideMix does it (Li et al. 2020, arXiv 2002.07394; the authors' Train_cifar.py):
// scikit-learn's GaussianMixture(n_components=2, max_iter=10, tol=1e-2, reg_covar=5e-4).
const (
	mixtureIterations = 10
	mixtureTolerance  = 1e-2 // of the mean log-likelihood: a smaller change ends the fit
	mixtureVariance   = 5e-4 // is added to both variances
)

// FitTwoGaussians fits a mixture by expectation and maximisation. It starts from the division of the numbers into two
// groups of least squared distance from their means, which is found exactly; scikit-learn seeks it by k-means from a
// random start. An error says that there are fewer than two different numbers, or what is none.
func FitTwoGaussians(values []float64) (TwoGaussians, error) {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	for _, v := range sorted {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return TwoGaussians{}, fmt.Errorf("mixture: a value is %v, want numbers", v)
		}
	}
	if len(sorted) == 0 || sorted[0] == sorted[len(sorted)-1] {
		return TwoGaussians{}, fmt.Errorf("mixture: %d values, all the same, want two that differ", len(sorted))
	}
	border := twoMeans(sorted)
	of := func(v float64) float64 { // 1 in the first group
		if v < border {
			return 1
		}
		return 0
	}
	m := maximise(values, of)
	last := math.Inf(-1)
	for range mixtureIterations {
		likelihood := 0.0
		for _, v := range values {
			likelihood += m.logDensity(v)
		}
		likelihood /= float64(len(values))
		m = maximise(values, m.First)
		if math.Abs(likelihood-last) < mixtureTolerance {
			break
		}
		last = likelihood
	}
	if m.Means[1] < m.Means[0] {
		for _, pair := range []*[2]float64{&m.Weights, &m.Means, &m.Variances} {
			pair[0], pair[1] = pair[1], pair[0]
		}
	}
	return m, nil
}

// First is the probability that a number is of the first component.
func (m TwoGaussians) First(v float64) float64 {
	return 1 / (1 + math.Exp(m.log(1, v)-m.log(0, v)))
}

// log of a component's weight and density at v.
func (m TwoGaussians) log(k int, v float64) float64 {
	apart := v - m.Means[k]
	return math.Log(m.Weights[k]) - (math.Log(2*math.Pi*m.Variances[k])+apart*apart/m.Variances[k])/2
}

func (m TwoGaussians) logDensity(v float64) float64 {
	a, b := m.log(0, v), m.log(1, v)
	return max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b)))
}

// maximise is the mixture of greatest likelihood if of gives the probability that a number is of the first component.
func maximise(values []float64, of func(float64) float64) (m TwoGaussians) {
	const least = 10 * 0x1p-52 // of a component that has no number, as in scikit-learn
	counts := [2]float64{least, least}
	shares := make([][2]float64, len(values))
	for i, v := range values {
		first := of(v)
		shares[i] = [2]float64{first, 1 - first}
		for k, share := range shares[i] {
			counts[k] += share
			m.Means[k] += share * v
		}
	}
	for k := range counts {
		m.Means[k] /= counts[k]
		m.Weights[k] = counts[k] / (counts[0] + counts[1])
	}
	for i, v := range values {
		for k, share := range shares[i] {
			m.Variances[k] += share * (v - m.Means[k]) * (v - m.Means[k])
		}
	}
	for k := range counts {
		m.Variances[k] = m.Variances[k]/counts[k] + mixtureVariance
	}
	return m
}

// twoMeans is the number from which on the second of two groups begins whose squared distances from their means have
// the least sum. The numbers are in ascending order, and not all the same.
func twoMeans(sorted []float64) float64 {
	n, total := len(sorted), 0.0
	for _, v := range sorted {
		total += v
	}
	border, best, below := sorted[n-1], math.Inf(-1), 0.0
	for i := 1; i < n; i++ {
		below += sorted[i-1]
		if sorted[i] == sorted[i-1] {
			continue
		}
		// What the means explain: the sum of the squares is the same for every division.
		explained := below*below/float64(i) + (total-below)*(total-below)/float64(n-i)
		if explained > best {
			border, best = sorted[i], explained
		}
	}
	return border
}
