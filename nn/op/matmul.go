package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// MatMul is the matrix product of a [m, k] and b [k, n], or of each pair of matrices of two batches [batch, m, k] and
// [batch, k, n]. With TransA, a is [k, m]; with TransB, b is [n, k].
type MatMul struct{ TransA, TransB bool }

func (MatMul) Name() string  { return "matmul" }
func (MatMul) Wants() []bool { return all(2) }

// sizes returns the sizes of one product of [m, k] and [kb, n], after transposing. The operands have two or three axes.
func (v MatMul) sizes(a, b Shape) (m, k, kb, n int) {
	m, k = a[len(a)-2], a[len(a)-1]
	kb, n = b[len(b)-2], b[len(b)-1]
	if v.TransA {
		m, k = k, m
	}
	if v.TransB {
		kb, n = n, kb
	}
	return m, k, kb, n
}

func (v MatMul) Infer(in []Shape) (Shape, error) {
	a, b := in[0], in[1]
	if len(a) != len(b) || len(a) < 2 || len(a) > 3 {
		return nil, fmt.Errorf("matmul: operands %v and %v have %d and %d axes, want 2 or 3, as many", a, b, len(a), len(b))
	}
	if len(a) == 3 && a[0] != b[0] {
		return nil, fmt.Errorf("matmul: operands %v and %v are batches of %d and %d matrices, want as many", a, b, a[0], b[0])
	}
	m, k, kb, n := v.sizes(a, b)
	if k != kb {
		return nil, fmt.Errorf("matmul: rows of %v (transposed: %v) have %d elements, columns of %v (transposed: %v) have %d",
			a, v.TransA, k, b, v.TransB, kb)
	}
	return append(append(Shape(nil), a[:len(a)-2]...), m, n), nil
}

// Gradient is again two products. For y = a·b they are da = dy·bᵀ and db = aᵀ·dy, each transposed where its operand is.
func (v MatMul) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	a, b := in[0], in[1]
	da, err := product(g, dy, b, MatMul{TransB: !v.TransB}, v.TransA)
	if err != nil {
		return nil, err
	}
	db, err := product(g, a, dy, MatMul{TransA: !v.TransA}, v.TransB)
	return []*G.Node{da, db}, err
}

// product is left·right, or its transpose by (l·r)ᵀ = rᵀ·lᵀ.
func product(g *Graph, left, right *G.Node, v MatMul, transposed bool) (*G.Node, error) {
	if transposed {
		return g.Apply(MatMul{TransA: !v.TransB, TransB: !v.TransA}, right, left)
	}
	return g.Apply(v, left, right)
}

func (v MatMul) Run(c Call) { run(c, matMul[float32](v), matMul[float64](v)) }

func matMul[T Real](v MatMul) func(Call) {
	return func(c Call) {
		a, b, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		m, k, _, n := v.sizes(c.In[0].Shape, c.In[1].Shape)
		rowA, colA, rowB, colB := k, 1, n, 1 // strides
		if v.TransA {
			rowA, colA = 1, m
		}
		if v.TransB {
			rowB, colB = 1, k
		}
		for i := range y {
			batch, row, col := i/(m*n), i/n%m, i%n
			atA, atB := batch*m*k+row*rowA, batch*k*n+col*colB
			for j := 0; j < k; j++ {
				y[i] += a[atA+j*colA] * b[atB+j*rowB]
			}
		}
	}
}
