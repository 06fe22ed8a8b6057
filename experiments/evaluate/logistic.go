package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// logistic is multinomial logistic regression in float64: the mean over the bank of the cross-entropy of
// softmax(W x + b), plus l2/2 of the sum of the squares of W. Its parameters are one slice: W [classes, d], then
// b [classes].
type logistic struct {
	bank        labelled
	classes     int
	l2          float64
	mean, scale []float64 // [d]: a feature is (v − mean)/scale

	x, z []float64 // of a block: [blockRows, d] features, [blockRows, classes] logits

	// The optimizer asks for the value and the gradient at a place separately.
	place, gradient []float64
	value           float64
}

func newLogistic(bank labelled, classes int, l2 float64) *logistic {
	d := bank.width
	f := &logistic{
		bank: bank, classes: classes, l2: l2, mean: make([]float64, d), scale: slices.Repeat([]float64{1}, d),
		x: make([]float64, blockRows*d), z: make([]float64, blockRows*classes),
		gradient: make([]float64, classes*(d+1)),
	}
	return f
}

// standardise makes features of mean 0 and standard deviation 1 (divisor n) over the bank. One that does not vary
// becomes 0.
func (f *logistic) standardise() {
	n, d := float64(f.bank.n), f.bank.width
	varies, squares := make([]bool, d), make([]float64, d)
	first := f.bank.row(0)
	for i := range f.bank.n {
		for j, v := range f.bank.row(i) {
			f.mean[j] += float64(v) / n
			varies[j] = varies[j] || v != first[j]
		}
	}
	for i := range f.bank.n {
		for j, v := range f.bank.row(i) {
			squares[j] += (float64(v) - f.mean[j]) * (float64(v) - f.mean[j]) / n
		}
	}
	for j, s := range squares {
		if !varies[j] {
			f.mean[j] = float64(first[j]) // exactly: what is left of rounding is no spread to be blown up
		} else if s > 0 {
			f.scale[j] = math.Sqrt(s)
		}
	}
}

// logits of a block of rows, [rows of the block, classes], and their labels. They are valid until the next call.
func (f *logistic) logits(w []float64, l labelled, block int) ([]float64, []int32) {
	labels := l.labels[block*blockRows : min((block+1)*blockRows, l.n)]
	d, bias := l.width, w[f.classes*l.width:]
	spread(len(labels), 16, func(_, from, to int) {
		for i := from; i < to; i++ {
			for j, v := range l.row(block*blockRows + i) {
				f.x[i*d+j] = (float64(v) - f.mean[j]) / f.scale[j]
			}
			copy(f.z[i*f.classes:], bias)
		}
		x, z := f.matrices(from, to)
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, x, f.weights(w), 1, z)
	})
	return f.z[:len(labels)*f.classes], labels
}

// matrices are the features and logits of rows of the block.
func (f *logistic) matrices(from, to int) (x, z blas64.General) {
	d, c := f.bank.width, f.classes
	return blas64.General{Rows: to - from, Cols: d, Stride: d, Data: f.x[from*d : to*d]},
		blas64.General{Rows: to - from, Cols: c, Stride: c, Data: f.z[from*c : to*c]}
}

// weights are W of the parameters as a matrix.
func (f *logistic) weights(w []float64) blas64.General {
	d := f.bank.width
	return blas64.General{Rows: f.classes, Cols: d, Stride: d, Data: w[:f.classes*d]}
}

// visit computes value and gradient at a place, unless it was the last one.
func (f *logistic) visit(w []float64) {
	if slices.Equal(f.place, w) {
		return
	}
	f.place = append(f.place[:0], w...)
	clear(f.gradient)
	f.value = 0
	n, losses := float64(f.bank.n), make([]float64, blockRows)
	bias := f.gradient[f.classes*f.bank.width:]
	for block := range f.bank.blocks {
		z, labels := f.logits(w, f.bank, block)
		spread(len(labels), 16, func(_, from, to int) {
			for i := from; i < to; i++ {
				row, label := z[i*f.classes:(i+1)*f.classes], labels[i]
				at := row[label]
				losses[i] = softmax(row, row) - at
				row[label] -= 1
			}
		})
		for i := range labels {
			f.value += losses[i] / n
			floats.AddScaled(bias, 1/n, z[i*f.classes:(i+1)*f.classes])
		}
		x, p := f.matrices(0, len(labels))
		blas64.Gemm(blas.Trans, blas.NoTrans, 1/n, p, x, 1, f.weights(f.gradient))
	}
	matrix := w[:f.classes*f.bank.width]
	f.value += f.l2 / 2 * floats.Dot(matrix, matrix)
	floats.AddScaled(f.gradient[:len(matrix)], f.l2, matrix)
}

// fit minimises by L-BFGS from zero, with gonum's line search of Moré and Thuente. The note is not empty if it ended
// before the gradient was within the tolerance.
func (f *logistic) fit(ctx context.Context, tolerance float64, iterations int) (w []float64, note string, err error) {
	problem := optimize.Problem{
		Func: func(w []float64) float64 { f.visit(w); return f.value },
		Grad: func(gradient, w []float64) { f.visit(w); copy(gradient, f.gradient) },
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
	settings := optimize.Settings{
		GradientThreshold: tolerance, MajorIterations: iterations, Converger: optimize.NeverTerminate{},
	}
	method := &optimize.LBFGS{Linesearcher: &optimize.MoreThuente{}, GradStopThreshold: math.NaN()}
	found, err := optimize.Minimize(problem, make([]float64, len(f.gradient)), &settings, method)
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	if found == nil {
		return nil, "", fmt.Errorf("L-BFGS could not begin: %w", err)
	}
	f.visit(found.X)
	if left := floats.Norm(f.gradient, math.Inf(1)); !(left <= tolerance) {
		why := found.Status.String()
		if err != nil {
			why = err.Error()
		}
		note = fmt.Sprintf("the probe did not converge in %d iterations (%s): the largest element of the gradient is %.3g, want at most %g",
			found.MajorIterations, why, left, tolerance)
	}
	return found.X, note, nil
}
