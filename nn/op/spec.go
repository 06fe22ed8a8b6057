// Package op defines the operators of the networks. Each has a rule for its shape, a gradient made of more operators,
// and a plain Go kernel that is its definition. Fast backends are measured against these kernels. An operator has one
// output; what a library computes together (statistics and normalisation, say) is put together again by the plan.
package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Shape is the sizes of a tensor's axes. Images are [n, c, h, w]; a scalar is [].
type Shape []int

// Size is the number of elements.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Equal reports whether both have the same axes.
func (s Shape) Equal(t Shape) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range s {
		if s[i] != t[i] {
			return false
		}
	}
	return true
}

func (s Shape) String() string {
	text := "("
	for i, d := range s {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprint(d)
	}
	return text + ")"
}

// Spec is one operator with its attributes. It is a value: operators with equal attributes are equal.
type Spec interface {
	// Name is the operator's short name in profiles and errors, such as "conv".
	Name() string
	// Infer checks the operands' shapes and returns the result's.
	Infer(in []Shape) (Shape, error)
	// Wants says for which operands there is a gradient.
	Wants() []bool
	// Gradient returns the gradient of each operand, nil where Wants is false, given the result and its gradient.
	Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error)
	// Run computes the result; it must not keep or alias its buffers. Out is zeroed.
	Run(c Call)
}

// Buffer is a tensor's memory in row-major order. One of the slices is set.
type Buffer struct {
	Shape Shape
	F32   []float32
	F64   []float64
	I32   []int32
}

// Call is one execution of an operator.
type Call struct {
	In  []Buffer
	Out Buffer
}

// Real is the element type of kernels: float32 for work, float64 for checking gradients.
type Real interface{ float32 | float64 }

// data returns the buffer's elements as T; the buffer must hold that type.
func data[T Real](b Buffer) []T {
	var zero T
	if _, single := any(zero).(float32); single {
		return any(b.F32).([]T)
	}
	return any(b.F64).([]T)
}

// run picks the kernel of the call's element type.
func run(c Call, single, double func(Call)) {
	if c.Out.F64 != nil {
		double(c)
		return
	}
	single(c)
}

// noGradient is embedded by operators that occur in backward passes only.
type noGradient struct{}

func (noGradient) Gradient(*Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return nil, fmt.Errorf("second derivatives are not supported")
}

func wantRank(name string, operand string, s Shape, rank int) error {
	if len(s) != rank {
		return fmt.Errorf("%s: %s %v has %d axes, want %d", name, operand, s, len(s), rank)
	}
	return nil
}

func wantShape(name string, operand string, got, want Shape) error {
	if !got.Equal(want) {
		return fmt.Errorf("%s: %s is %v, want %v", name, operand, got, want)
	}
	return nil
}

// wantResult checks that the gradient dy has the shape of the forward operator's result on in.
func wantResult(name string, forward Spec, dy Shape, in ...Shape) error {
	y, err := forward.Infer(in)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return wantShape(name, "gradient", dy, y)
}

func all(n int) []bool {
	w := make([]bool, n)
	for i := range w {
		w[i] = true
	}
	return w
}
