//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "kernels_call.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	registerPlain[op.StopGradient]((*compiler).identity)
	registerPlain[op.ScaleGradient]((*compiler).identity)
	register((*compiler).scale)
	registerPlain[op.Mul]((*compiler).mul)
	registerPlain[op.MulReduce]((*compiler).mulReduce)
	registerPlain[op.Mean]((*compiler).mean)
	registerPlain[op.MeanBwd]((*compiler).mean)
}

// identity is the operand under another name.
func (c *compiler) identity(s *plan.Step) error {
	x := c.get(s.In[0])
	c.home[s.Out[0]] = &buffer{md: x.md, at: x.at, offset: x.offset}
	return nil
}

func (c *compiler) scale(s *plan.Step, spec op.Scale) error {
	x := c.get(s.In[0])
	c.call(s.Name(), call{f: (C.wb_kernel)(C.wb_scale), in: []*buffer{x}, out: c.define(s.Out[0], x.md), over: x,
		dim: []int{x.elements()}, num: []float64{spec.By}})
	return nil
}

// isGate reports whether the factor has one number for each channel, either for each image or for all images together.
func isGate(x, factor op.Shape) bool {
	return len(x) == 4 && factor[1] == x[1] && factor[2] == 1 && factor[3] == 1
}

// gateNumbers are the numbers of the gate kernels.
func gateNumbers(x, factor op.Shape, block int) []int {
	own := 0
	if factor[0] == x[0] {
		own = 1
	}
	return []int{x[0], x[1], x[2] * x[3], block, own}
}

// stretchedNumbers are x's axes, with ones before them, and the factor's strides.
func stretchedNumbers(x, factor op.Shape) []int {
	numbers, stride := []int{1, 1, 1, 1, 0, 0, 0, 0}, 1
	for i := len(x) - 1; i >= 0; i-- {
		at := 4 - len(x) + i
		numbers[at] = x[i]
		if factor[i] > 1 {
			numbers[4+at] = stride
		}
		stride *= factor[i]
	}
	return numbers
}

func (c *compiler) mul(s *plan.Step) error {
	x, factor := s.In[0], s.In[1]
	k := call{}
	switch {
	case c.gatesLast(x, factor.Shape):
		return c.lastGate(s)
	case x.Shape.Equal(factor.Shape):
		bx := c.get(x)
		bf, err := c.layoutAs(factor, bx.md)
		if err != nil {
			return err
		}
		k = call{f: (C.wb_kernel)(C.wb_mul_same), in: []*buffer{bx, bf}, dim: []int{bx.elements()}}
	case isGate(x.Shape, factor.Shape):
		bx, block, err := c.blocked(x)
		if err != nil {
			return err
		}
		bf, err := c.layoutAs(factor, blockedMD(factor.Shape, block))
		if err != nil {
			return err
		}
		k = call{f: (C.wb_kernel)(C.wb_mul_gate), in: []*buffer{bx, bf}, dim: gateNumbers(x.Shape, factor.Shape, block)}
	default:
		in, err := c.plains(s.In)
		if err != nil {
			return err
		}
		k = call{f: (C.wb_kernel)(C.wb_mul_stretched), in: in, dim: stretchedNumbers(x.Shape, factor.Shape)}
	}
	k.over, k.out = k.in[0], c.define(s.Out[0], k.in[0].md)
	c.call(s.Name(), k)
	return nil
}

// plains returns the values in row-major order.
func (c *compiler) plains(vs []*plan.Value) ([]*buffer, error) {
	var bs []*buffer
	for _, v := range vs {
		b, err := c.plain(v)
		if err != nil {
			return nil, err
		}
		bs = append(bs, b)
	}
	return bs, nil
}

func (c *compiler) mulReduce(s *plan.Step) error {
	shape, to := s.In[0].Shape, s.Out[0].Shape
	if c.gatesLast(s.In[0], to) && c.gatesLast(s.In[1], to) {
		c.lastGateReduce(s)
		return nil
	}
	if !isGate(shape, to) || shape.Equal(to) {
		in, err := c.plains(s.In)
		if err != nil {
			return err
		}
		c.call(s.Name(), call{f: (C.wb_kernel)(C.wb_mul_stretched_reduce), in: in, out: c.define(s.Out[0], plainMD(to)),
			dim: stretchedNumbers(shape, to)})
		return nil
	}
	a, block, err := c.blocked(s.In[0])
	if err != nil {
		return err
	}
	b, err := c.layoutAs(s.In[1], a.md)
	if err != nil {
		return err
	}
	c.call(s.Name(), call{f: (C.wb_kernel)(C.wb_mul_gate_reduce), in: []*buffer{a, b}, out: c.define(s.Out[0], blockedMD(to, block)),
		dim: gateNumbers(shape, to, block)})
	return nil
}

// mean is the mean of all elements or, if the operand is a scalar, the gradient of a mean.
func (c *compiler) mean(s *plan.Step) error {
	in, err := c.plains(s.In)
	if err != nil {
		return err
	}
	k := call{f: (C.wb_kernel)(C.wb_mean), in: in, out: c.define(s.Out[0], plainMD(s.Out[0].Shape)), dim: []int{s.In[0].Shape.Size()}}
	if _, ok := s.Spec.(op.MeanBwd); ok {
		k.f, k.dim = (C.wb_kernel)(C.wb_mean_bwd), []int{s.Out[0].Shape.Size()}
	}
	c.call(s.Name(), k)
	return nil
}
