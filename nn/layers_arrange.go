package nn

import (
	"fmt"

	"workbench/nn/op"
)

// Channels is the slice [from, from+count) of the channels of x [n, c, h, w].
func (b *Builder) Channels(x Tensor, from, count int) Tensor {
	return b.noted("channels", b.Apply(op.Channels{From: from, Count: count}, x))
}

// Split cuts the channels of x [n, c, h, w] into parts of the given sizes, which add up to c.
func (b *Builder) Split(x Tensor, sizes ...int) []Tensor {
	parts := make([]Tensor, len(sizes))
	if b.err != nil {
		return parts
	}
	total := 0
	for _, n := range sizes {
		total += n
	}
	if s := x.Shape(); len(s) != 4 || s[1] != total {
		b.Fail(fmt.Errorf("split: the parts %v have %d channels together, input %v wants as many in 4 axes", sizes, total, s))
		return parts
	}
	from := 0
	for i, n := range sizes {
		parts[i] = b.Channels(x, from, n)
		from += n
	}
	return parts
}

// ChannelShuffle interleaves the channels of the groups.
func (b *Builder) ChannelShuffle(x Tensor, groups int) Tensor {
	return b.noted("channel shuffle", b.Apply(op.ChannelShuffle{Groups: groups}, x))
}

// Rows is the slice [from, from+count) of the first axis of x [n, …], which has 2 or 4 axes.
func (b *Builder) Rows(x Tensor, from, count int) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) < 2 {
		return b.Fail(fmt.Errorf("rows: input %v has %d axes, want at least 2", s, len(s)))
	}
	y := b.Apply(op.Channels{From: from, Count: count}, b.asChannels(x))
	return b.noted("rows", b.Apply(op.ReshapeTo(append(op.Shape{count}, s[1:]...)), y))
}

// ConcatRows joins tensors [n_i, …] along the first axis.
func (b *Builder) ConcatRows(xs ...Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	var rows []Tensor
	shape := op.Shape{0}
	for i, x := range xs {
		s := x.Shape()
		if len(s) < 2 || !s[1:].Equal(xs[0].Shape()[1:]) {
			return b.Fail(fmt.Errorf("concat rows: operand %d is %v, want rows like those of %v", i, s, xs[0].Shape()))
		}
		rows, shape = append(rows, b.asChannels(x)), append(op.Shape{shape[0] + s[0]}, s[1:]...)
	}
	y := b.Apply(op.Concat{N: len(rows)}, rows...)
	return b.noted("concat rows", b.Apply(op.ReshapeTo(shape), y))
}

// ConcatColumns joins matrices [n, d_i] to [n, Σd_i].
func (b *Builder) ConcatColumns(xs ...Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	columns, n, d := make([]Tensor, len(xs)), 0, 0
	for i, x := range xs {
		s := x.Shape()
		if len(s) != 2 || i > 0 && s[0] != n {
			return b.Fail(fmt.Errorf("concat columns: operand %d is %v, want a matrix of as many rows as the first, %v", i, s, xs[0].Shape()))
		}
		columns[i], n, d = b.Apply(op.ReshapeTo(op.Shape{s[0], s[1], 1, 1}), x), s[0], d+s[1]
	}
	y := b.Apply(op.Concat{N: len(columns)}, columns...)
	return b.noted("concat columns", b.Apply(op.ReshapeTo(op.Shape{n, d}), y))
}

// asChannels is x [n, …] seen as one image of n channels.
func (b *Builder) asChannels(x Tensor) Tensor {
	s := x.Shape()
	return b.Apply(op.ReshapeTo(op.Shape{1, s[0], s[1:].Size(), 1}), x)
}

// Reshape gives the elements of x, in row-major order, another shape of at most four axes.
func (b *Builder) Reshape(x Tensor, shape ...int) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	if len(shape) == 0 || len(shape) > 4 || op.Shape(shape).Size() != x.Shape().Size() {
		return b.Fail(fmt.Errorf("reshape: input %v has %d elements, want as many as in %v of 1 to 4 axes", x.Shape(),
			x.Shape().Size(), op.Shape(shape)))
	}
	return b.noted("reshape", b.Apply(op.ReshapeTo(shape), x))
}

// Transpose permutes the axes: axis i of the result is axis axes[i] of x.
func (b *Builder) Transpose(x Tensor, axes ...int) Tensor {
	if len(axes) > 4 {
		return b.Fail(fmt.Errorf("transpose: got %d axes, want at most 4", len(axes)))
	}
	return b.noted("transpose", b.Apply(op.TransposeTo(axes...), x))
}

// MatMul is the product x·y of matrices [m, k] and [k, n], or of batches of them, [batch, m, k] and [batch, k, n].
func (b *Builder) MatMul(x, y Tensor) Tensor { return b.MatMulTransposed(x, y, op.MatMul{}) }

// MatMulTransposed is MatMul whose operands are transposed as `how` says.
func (b *Builder) MatMulTransposed(x, y Tensor, how op.MatMul) Tensor {
	z := b.Apply(how, x, y)
	if b.err == nil {
		s, k := z.Shape(), x.Shape()[len(x.Shape())-1]
		if how.TransA {
			k = x.Shape()[len(x.Shape())-2]
		}
		b.note("matmul", z, int64(s.Size())*int64(k)/int64(s[0]))
	}
	return z
}
