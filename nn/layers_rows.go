package nn

import "workbench/nn/op"

// What the losses of strategies are made of, over matrices [n, d] whose rows are samples.

func (b *Builder) pointwise(x Tensor, p op.Pointwise) Tensor {
	return b.noted(p.Name(), b.Apply(p, x))
}

// Exp is e to the power x.
func (b *Builder) Exp(x Tensor) Tensor { return b.pointwise(x, op.Pointwise{Kind: op.Exp}) }

// Log is the natural logarithm.
func (b *Builder) Log(x Tensor) Tensor { return b.pointwise(x, op.Pointwise{Kind: op.Log}) }

// Sqrt is the square root.
func (b *Builder) Sqrt(x Tensor) Tensor { return b.pointwise(x, op.Pointwise{Kind: op.Sqrt}) }

// Abs is |x|.
func (b *Builder) Abs(x Tensor) Tensor { return b.pointwise(x, op.Pointwise{Kind: op.Abs}) }

// Power is x to a constant power.
func (b *Builder) Power(x Tensor, to float64) Tensor {
	return b.pointwise(x, op.Pointwise{Kind: op.Power, A: to})
}

// Clamp is min(max(x, low), high).
func (b *Builder) Clamp(x Tensor, low, high float64) Tensor {
	return b.pointwise(x, op.Pointwise{Kind: op.Clamp, A: low, B: high})
}

// Div is x / y; the axes of size 1 of y are repeated.
func (b *Builder) Div(x, y Tensor) Tensor { return b.noted("div", b.Mul(x, b.Power(y, -1))) }

// Stretch repeats x along its axes of size 1 until it has the shape.
func (b *Builder) Stretch(x Tensor, shape ...int) Tensor {
	return b.noted("stretch", b.Apply(op.StretchTo(shape), x))
}

// AddStretched is x + y; the axes of size 1 of y are repeated.
func (b *Builder) AddStretched(x, y Tensor) Tensor { return b.Add(x, b.Stretch(y, x.Shape()...)) }

// SumTo adds the elements along the axes that have size 1 in the shape.
func (b *Builder) SumTo(x Tensor, shape ...int) Tensor {
	return b.noted("sum", b.Apply(op.SumToShape(shape), x))
}

// MaxTo is the largest element along the axes that have size 1 in the shape.
func (b *Builder) MaxTo(x Tensor, shape ...int) Tensor {
	return b.noted("max", b.Apply(op.MaxToShape(shape), x))
}

// RowSums are the sums of the rows: [n, d] → [n, 1].
func (b *Builder) RowSums(x Tensor) Tensor { return b.overRows(x, b.SumTo) }

// RowMax is the largest element of each row: [n, d] → [n, 1].
func (b *Builder) RowMax(x Tensor) Tensor { return b.overRows(x, b.MaxTo) }

// ColumnSums are the sums of the columns: [n, d] → [1, d].
func (b *Builder) ColumnSums(x Tensor) Tensor { return b.overColumns(x, b.SumTo) }

// ColumnMax is the largest element of each column: [n, d] → [1, d].
func (b *Builder) ColumnMax(x Tensor) Tensor { return b.overColumns(x, b.MaxTo) }

func (b *Builder) overRows(x Tensor, reduce func(Tensor, ...int) Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	return reduce(x, x.Shape()[0], 1)
}

func (b *Builder) overColumns(x Tensor, reduce func(Tensor, ...int) Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	return reduce(x, 1, x.Shape()[len(x.Shape())-1])
}

// OneHotMax is 1 at the first largest element of each row [n, d], else 0.
func (b *Builder) OneHotMax(x Tensor) Tensor {
	return b.noted("one-hot max", b.Apply(op.OneHotMax{}, x))
}

// OneHot is labels [n] as [n, classes]; a label of −1 gives a row of zeros.
func (b *Builder) OneHot(labels Tensor, classes int) Tensor {
	return b.noted("one-hot", b.Apply(op.OneHot{Classes: classes}, labels))
}

// Compare is 1 where x and y compare so, else 0; the axes of size 1 of y are repeated.
func (b *Builder) Compare(kind op.CompareKind, x, y Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	if !y.Shape().Equal(x.Shape()) {
		y = b.Stretch(y, x.Shape()...)
	}
	c := op.Compare{Kind: kind}
	return b.noted(c.Name(), b.Apply(c, x, y))
}

// Smallest is 1 at the smallest elements, as many as the share of one element says, else 0.
func (b *Builder) Smallest(x, share Tensor) Tensor {
	return b.noted("smallest", b.Apply(op.Smallest{}, x, share))
}

// GatherRows takes rows of x [m, …] by their indexes [n]; −1 gives a row of zeros.
func (b *Builder) GatherRows(x, indexes Tensor) Tensor {
	return b.noted("gather rows", b.Apply(op.GatherRows{}, x, indexes))
}

// ScatterRows adds the rows of x [n, …] into a result of so many rows by their indexes [n]; −1 goes nowhere.
func (b *Builder) ScatterRows(x, indexes Tensor, rows int) Tensor {
	return b.noted("scatter rows", b.Apply(op.ScatterRows{Rows: rows}, x, indexes))
}

// RowCrossEntropy is the cross entropy of each row, in nats: logits [n, classes] and labels [n] → [n, 1].
func (b *Builder) RowCrossEntropy(logits, labels Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	return b.RowSoftCrossEntropy(logits, b.OneHot(labels, logits.Shape()[1]))
}

// RowSoftCrossEntropy is −Σ_k t_k log softmax(logits)_k of each row: logits and targets [n, classes] → [n, 1].
func (b *Builder) RowSoftCrossEntropy(logits, targets Tensor) Tensor {
	return b.noted("row cross-entropy", b.Scale(b.RowSums(b.Mul(b.LogSoftmax(logits), targets)), -1))
}
