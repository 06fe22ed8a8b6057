package gallery

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"workbench/experiments/data"
	"workbench/experiments/portrait"
	"workbench/experiments/strategy"
)

// MostEmbedded is how many images an embedding has at most.
const MostEmbedded = 1000

// First are the first images of a part, MostEmbedded at most.
func First(p data.Part) data.Part {
	rows := make([]int32, min(p.Len(), MostEmbedded))
	labels := make([]int32, len(rows))
	for i := range rows {
		rows[i], labels[i] = int32(p.Sample(i)), int32(p.Label(i))
	}
	p.Index, p.Labels = rows, labels
	return p
}

// Features are those of images, with labels and answers.
type Features struct {
	values       []float32 // [n, width]
	labels, said []int
}

// Add takes what was seen of a batch: features, labels, and logits if there are any.
func (f *Features) Add(seen strategy.Seen) {
	f.values = append(f.values, seen.Features...)
	for i, label := range seen.Labels {
		said, classes := -1, len(seen.Logits)/len(seen.Labels)
		if classes > 0 {
			said = best(seen.Logits[i*classes : (i+1)*classes])
		}
		f.labels, f.said = append(f.labels, int(label)), append(f.said, said)
	}
}

// Embedding puts the images on the two axes along which their features vary most.
func (f *Features) Embedding(classes []string) (portrait.Embedding, error) {
	n := len(f.labels)
	e := portrait.Embedding{Classes: classes}
	if n == 0 || len(f.values) == 0 || len(f.values)%n != 0 {
		return e, fmt.Errorf("embedding: want features [n, width] of n images, got %d numbers of %d", len(f.values), n)
	}
	scores, explained, err := principal(f.values, n)
	if err != nil {
		return e, fmt.Errorf("embedding: %w", err)
	}
	e.Explained = [2]float64{rounded(explained[0]), rounded(explained[1])}
	for i, label := range f.labels {
		e.Points = append(e.Points, portrait.Point{X: rounded(scores[i][0]), Y: rounded(scores[i][1]), Label: label, Said: f.said[i]})
	}
	return e, nil
}

// principal are the scores of rows [n, width] on their first two principal components (Pearson 1901), and the shares of
// the variance that these explain. The largest entry of each component, of equal ones the first, is positive. Sums are
// made in one order, in float64.
func principal(rows []float32, n int) (scores [][2]float64, explained [2]float64, err error) {
	width := len(rows) / n
	x, err := centred(rows, n)
	if err != nil {
		return nil, explained, err
	}
	scores = make([][2]float64, n)
	// The eigenvectors of XᵀX, or of the smaller XXᵀ, whose eigenvalues are the same.
	transposed := width > n
	products, variance := products(x, n, width, transposed)
	if variance == 0 {
		return scores, explained, nil
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(products, true) {
		return nil, explained, errors.New("the principal components did not converge")
	}
	values := eigen.Values(nil) // they rise
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	for axis := range min(2, len(values)) {
		k := len(values) - 1 - axis
		if values[k] <= 1e-12*values[len(values)-1] {
			continue // there is no variance left
		}
		explained[axis] = values[k] / variance
		component := mat.Col(nil, k, &vectors)
		if transposed {
			component = times(x, component, width)
		}
		sign(component)
		for i := range n {
			for j, v := range component {
				scores[i][axis] += x[i*width+j] * v
			}
		}
	}
	return scores, explained, nil
}

// centred are rows without the means of their columns.
func centred(rows []float32, n int) ([]float64, error) {
	width := len(rows) / n
	x := make([]float64, len(rows))
	for j := range width {
		mean := 0.0
		for i := range n {
			mean += float64(rows[i*width+j])
		}
		if mean /= float64(n); math.IsNaN(mean) || math.IsInf(mean, 0) {
			return nil, fmt.Errorf("want finite features, got %v in column %d", mean, j)
		}
		for i := range n {
			x[i*width+j] = float64(rows[i*width+j]) - mean
		}
	}
	return x, nil
}

// products are XᵀX of X [n, width], or XXᵀ, and their trace.
func products(x []float64, n, width int, transposed bool) (*mat.SymDense, float64) {
	if !transposed { // rows of Xᵀ lie one after the other
		t := make([]float64, len(x))
		for i := range n {
			for j := range width {
				t[j*n+i] = x[i*width+j]
			}
		}
		x, n, width = t, width, n
	}
	s, trace := mat.NewSymDense(n, nil), 0.0
	for i := range n {
		for j := i; j < n; j++ {
			sum := 0.0
			a, b := x[i*width:(i+1)*width], x[j*width:(j+1)*width]
			for k, v := range a {
				sum += v * b[k]
			}
			s.SetSym(i, j, sum)
		}
		trace += s.At(i, i)
	}
	return s, trace
}

// times is Xᵀu of length 1.
func times(x, u []float64, width int) []float64 {
	v, sum := make([]float64, width), 0.0
	for i, weight := range u {
		for j := range v {
			v[j] += weight * x[i*width+j]
		}
	}
	for _, a := range v {
		sum += a * a
	}
	for j := range v {
		v[j] /= math.Sqrt(sum)
	}
	return v
}

// sign turns a component round if its largest entry is negative.
func sign(component []float64) {
	k := 0
	for i, v := range component {
		if math.Abs(v) > math.Abs(component[k]) {
			k = i
		}
	}
	if component[k] < 0 {
		for i := range component {
			component[i] = -component[i]
		}
	}
}
