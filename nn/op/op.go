package op

import (
	"encoding/binary"
	"fmt"
	"hash"
	"slices"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Op makes a Spec a gorgonia operator with an identity of its own.
type Op struct {
	Spec
	id    uint32
	graph *Graph
	args  []arg
	out   Shape
}

type arg struct {
	dims int
	ints bool
}

var _ G.SDOp = (*Op)(nil)

func (o *Op) Arity() int { return len(o.args) }

// Type is built anew at each call because gorgonia returns it to a pool.
func (o *Op) Type() hm.Type {
	var a hm.Type = hm.TypeVariable('a')
	if !slices.ContainsFunc(o.args, func(x arg) bool { return !x.ints }) { // no operand tells what the result holds
		a = G.Float32
		if o.graph.Double {
			a = G.Float64
		}
	}
	of := func(x arg) hm.Type {
		switch {
		case x.ints:
			return G.TensorType{Dims: x.dims, Of: tensor.Int32}
		case x.dims == 0:
			return a
		}
		return G.TensorType{Dims: x.dims, Of: a}
	}
	var ts []hm.Type
	for _, x := range o.args {
		ts = append(ts, of(x))
	}
	return hm.NewFnType(append(ts, of(arg{dims: len(o.out)}))...)
}

func (o *Op) InferShape(...G.DimSizer) (tensor.Shape, error) { return tensor.Shape(o.out), nil }

// Do runs the reference kernel on gorgonia's values into fresh memory.
func (o *Op) Do(values ...G.Value) (G.Value, error) {
	if len(values) != len(o.args) {
		return nil, fmt.Errorf("%s: got %d operands, want %d", o.Name(), len(values), len(o.args))
	}
	c := Call{Out: Allocate(o.out, o.graph.Double)}
	for i, v := range values {
		b, err := FromValue(v)
		if err != nil {
			return nil, fmt.Errorf("%s: operand %d: %w", o.Name(), i, err)
		}
		c.In = append(c.In, b)
	}
	o.Run(c)
	return c.Out.value(), nil
}

// Allocate returns zeroed memory for a tensor.
func Allocate(s Shape, double bool) Buffer {
	if double {
		return Buffer{Shape: s, F64: make([]float64, s.Size())}
	}
	return Buffer{Shape: s, F32: make([]float32, s.Size())}
}

// FromValue views a gorgonia value as a buffer.
func FromValue(v G.Value) (Buffer, error) {
	b := Buffer{Shape: Shape(v.Shape())}
	switch d := v.Data().(type) {
	case []float32:
		b.F32 = d
	case []float64:
		b.F64 = d
	case []int32:
		b.I32 = d
	case float32:
		b.F32 = []float32{d}
	case float64:
		b.F64 = []float64{d}
	default:
		return b, fmt.Errorf("elements are %T, want float32, float64 or int32", d)
	}
	return b, nil
}

func (b Buffer) value() G.Value {
	switch {
	case len(b.Shape) == 0 && b.F64 != nil:
		return G.NewF64(b.F64[0])
	case len(b.Shape) == 0:
		return G.NewF32(b.F32[0])
	case b.F64 != nil:
		return tensor.New(tensor.WithShape(b.Shape...), tensor.WithBacking(b.F64))
	}
	return tensor.New(tensor.WithShape(b.Shape...), tensor.WithBacking(b.F32))
}

func (o *Op) ReturnsPtr() bool     { return true }
func (o *Op) CallsExtern() bool    { return false }
func (o *Op) OverwritesInput() int { return -1 }

func (o *Op) WriteHash(h hash.Hash) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], o.id)
	h.Write([]byte("nn." + o.Name()))
	h.Write(b[:])
}

// Hashcode is a bijection of the operator's number in its graph, so that distinct operators never compare equal.
func (o *Op) Hashcode() uint32 { return o.id * 2654435761 }

func (o *Op) String() string { return o.Name() }

func (o *Op) DiffWRT(int) []bool { return o.Wants() }

// SymDiff adds the gradient nodes and remembers the contributions so that Graph.Gradients can check their sums.
func (o *Op) SymDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	ds, err := o.Gradient(o.graph, in, out, grad)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name(), err)
	}
	for i, want := range o.Wants() {
		if want != (ds[i] != nil) {
			return nil, fmt.Errorf("%s: gradient of operand %d: got one: %v, want one: %v", o.Name(), i, ds[i] != nil, want)
		}
		if want {
			if s, w := Shape(ds[i].Shape()), Shape(in[i].Shape()); !s.Equal(w) {
				return nil, fmt.Errorf("%s: gradient of operand %d is %v, want %v", o.Name(), i, s, w)
			}
			o.graph.terms[in[i]] = append(o.graph.terms[in[i]], ds[i])
		}
	}
	return ds, nil
}
