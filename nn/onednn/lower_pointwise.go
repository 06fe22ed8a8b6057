//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	registerPlain[op.Sum](func(c *compiler, s *plan.Step) error { return c.sum(s, false) })
	registerPlain[plan.SumReLU](func(c *compiler, s *plan.Step) error { return c.sum(s, true) })
	registerPlain[op.ReLU]((*compiler).relu)
	registerPlain[op.ReLUBwd]((*compiler).reluBwd)
}

// sum adds its operands in the layout of the first operand that is not row-major.
func (c *compiler) sum(s *plan.Step, relu bool) error {
	layout := c.get(s.In[0]).md
	for _, v := range s.In {
		if m := c.get(v).md; !m.isPlain() {
			layout = m
			break
		}
	}
	if layout.half() != c.BFloat16 {
		layout = layout.typed(c.BFloat16)
	}
	var terms []*buffer
	for _, v := range s.In {
		b, err := c.layoutAs(v, layout)
		if err != nil {
			return err
		}
		terms = append(terms, b)
	}
	y := c.define(s.Out[0], layout)
	if len(terms) == 2 {
		pd, err := newPrimitive(C.wb_add(layout.c, layout.c, layout.c, flag(relu)))
		if err != nil {
			return err
		}
		add := &step{name: s.Name(), prim: pd,
			args: []argument{in(C.WB_ARG_SRC, terms[0]), in(C.WB_ARG_SRC1, terms[1]), out(C.WB_ARG_DST, y)}}
		// oneDNN 2.6 adds wrongly in place where channels are padded.
		if layout.size() == layout.elementBytes()*s.In[0].Shape.Size() {
			add.over = terms[0]
		}
		c.add(add)
		return nil
	}
	pd, err := newPrimitive(C.wb_sum(C.int(len(terms)), layout.c))
	if err != nil {
		return err
	}
	args := []argument{out(C.WB_ARG_DST, y)}
	for i, b := range terms {
		args = append(args, in(C.WB_ARG_MULTIPLE+C.int(i), b))
	}
	c.add(&step{name: s.Name(), prim: pd, args: args})
	if relu {
		return c.reluOf(y, y)
	}
	return nil
}

func (c *compiler) reluOf(x, y *buffer) error {
	pd, err := newPrimitive(C.wb_relu_fwd(x.md.c))
	if err != nil {
		return err
	}
	c.add(&step{name: "relu", prim: pd, over: x, args: []argument{in(C.WB_ARG_SRC, x), out(C.WB_ARG_DST, y)}})
	return nil
}

func (c *compiler) relu(s *plan.Step) error {
	x := c.get(s.In[0])
	return c.reluOf(x, c.define(s.Out[0], x.md))
}

func (c *compiler) reluBwd(s *plan.Step) error {
	y := c.get(s.In[0])
	dy, err := c.layoutAs(s.In[1], y.md)
	if err != nil {
		return err
	}
	pd, err := newPrimitive(C.wb_relu_bwd(y.md.c))
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, over: dy, args: []argument{in(C.WB_ARG_DST, y), in(C.WB_ARG_DIFF_DST, dy),
		out(C.WB_ARG_DIFF_SRC, c.define(s.Out[0], y.md))}})
	return nil
}
