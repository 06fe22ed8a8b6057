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
	register((*compiler).activation)
	register((*compiler).activationBwd)
}

// library lists the activations that are primitives of the library. Our own kernels compute the others.
var library = map[op.ActivationKind]C.int{
	op.ReLU6: C.WB_RELU6, op.LeakyReLU: C.WB_LEAKY_RELU, op.Sigmoid: C.WB_SIGMOID, op.SiLU: C.WB_SILU,
	op.HardSwish: C.WB_HARD_SWISH, op.Tanh: C.WB_TANH, op.GELU: C.WB_GELU, op.GELUTanh: C.WB_GELU_TANH,
}

func inLibrary(kind op.ActivationKind) bool {
	_, is := library[kind]
	return is
}

// unpadded is the operand in a layout without padding. The library is slow for padded layouts
// if the activation does not map zero to zero.
func (c *compiler) unpadded(v *plan.Value) (*buffer, error) {
	if b := c.get(v); b.elements() == v.Shape.Size() {
		return b, nil
	}
	return c.plain(v)
}

func (c *compiler) activation(s *plan.Step, spec op.Activation) error {
	kind, ok := library[spec.Kind]
	if !ok {
		return c.hardSigmoid(s)
	}
	x, err := c.get(s.In[0]), error(nil)
	if spec.Kind == op.Sigmoid {
		if x, err = c.unpadded(s.In[0]); err != nil {
			return err
		}
	}
	pd, err := newPrimitive(C.wb_activation_fwd(kind, C.float(spec.Alpha), x.md.c))
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, over: x, args: []argument{in(C.WB_ARG_SRC, x), out(C.WB_ARG_DST, c.define(s.Out[0], x.md))}})
	return nil
}

func (c *compiler) hardSigmoid(s *plan.Step) error {
	x, block, err := c.blocked(s.In[0])
	if err != nil {
		return err
	}
	n, channels, area := folded(s.In[0].Shape)
	c.call(s.Name(), call{f: (C.wb_kernel)(C.wb_hard_sigmoid), in: []*buffer{x}, out: c.define(s.Out[0], x.md), over: x,
		dim: []int{n, channels, area, block}})
	return nil
}

// folded sees any shape as images [n, c, area].
func folded(s op.Shape) (n, c, area int) {
	switch len(s) {
	case 0:
		return 1, 1, 1
	case 1:
		return 1, s[0], 1
	}
	return s[0], s[1], s[2:].Size()
}

func (c *compiler) activationBwd(s *plan.Step, spec op.ActivationBwd) error {
	v := c.get(s.In[0])
	dy, err := c.layoutAs(s.In[1], v.md)
	if err != nil {
		return err
	}
	kind, ok := library[spec.Kind]
	if !ok {
		c.call(s.Name(), call{f: (C.wb_kernel)(C.wb_hard_sigmoid_bwd), in: []*buffer{v, dy}, out: c.define(s.Out[0], v.md), over: dy,
			dim: []int{v.elements()}})
		return nil
	}
	pd, err := newPrimitive(C.wb_activation_bwd(kind, C.float(spec.Alpha), v.md.c))
	if err != nil {
		return err
	}
	from := in(C.WB_ARG_SRC, v)
	if spec.UsesResult() {
		from = in(C.WB_ARG_DST, v)
	}
	c.add(&step{name: s.Name(), prim: pd, over: dy, args: []argument{from, in(C.WB_ARG_DIFF_DST, dy),
		out(C.WB_ARG_DIFF_SRC, c.define(s.Out[0], v.md))}})
	return nil
}
