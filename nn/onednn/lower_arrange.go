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
	register((*compiler).channelShuffle)
	register((*compiler).transpose)
	register((*compiler).matMul)
}

// permuted is a view of the same memory whose axis i is m's axis axes[i].
func (m *md) permuted(axes []int) (*md, error) {
	order := make([]C.int, len(axes))
	dims := make([]int, len(axes))
	for i, a := range axes {
		order[i], dims[i] = C.int(a), m.dims[a]
	}
	p := C.wb_md_permuted(m.c, &order[0])
	if p == nil {
		return nil, lastError()
	}
	return &md{p, dims}, nil
}

func (c *compiler) channelShuffle(s *plan.Step, spec op.ChannelShuffle) error {
	x := c.get(s.In[0])
	pd, err := newPrimitive(C.wb_shuffle(x.md.c, C.int64_t(s.In[0].Shape[1]/spec.Groups)))
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, args: []argument{in(C.WB_ARG_SRC, x), out(C.WB_ARG_DST, c.define(s.Out[0], x.md))}})
	return nil
}

// transpose is a reorder from a view with permuted axes.
func (c *compiler) transpose(s *plan.Step, spec op.Transpose) error {
	x := c.get(s.In[0])
	view, err := x.md.permuted(spec.Axes[:spec.Rank])
	if err != nil {
		return err
	}
	y := c.define(s.Out[0], plainMD(s.Out[0].Shape))
	pd, err := newPrimitive(C.wb_reorder(view.c, y.md.c))
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, args: []argument{in(C.WB_ARG_SRC, &buffer{md: view, at: x.at, offset: x.offset}),
		out(C.WB_ARG_DST, y)}})
	return nil
}

func (c *compiler) matMul(s *plan.Step, spec op.MatMul) error {
	a, err := c.factor(s.In[0], spec.TransA)
	if err != nil {
		return err
	}
	b, err := c.factor(s.In[1], spec.TransB)
	if err != nil {
		return err
	}
	y := c.define(s.Out[0], plainMD(s.Out[0].Shape))
	pd, err := newPrimitive(C.wb_matmul(a.md.c, b.md.c, y.md.c))
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, args: []argument{in(C.WB_ARG_SRC, a), in(C.WB_ARG_WEIGHTS, b), out(C.WB_ARG_DST, y)},
		shape: a.md.shape() + " * " + b.md.shape(), flops: 2 * float64(s.Out[0].Shape.Size()) * float64(a.md.dims[len(a.md.dims)-1])})
	return nil
}

func (m *md) shape() string { return op.Shape(m.dims).String() }

// factor is the matrix, or its transpose as a view.
func (c *compiler) factor(v *plan.Value, transposed bool) (*buffer, error) {
	b, err := c.plain(v)
	if err != nil || !transposed {
		return b, err
	}
	axes := []int{0, 1, 2}[:len(v.Shape)]
	last := len(axes) - 1
	axes[last], axes[last-1] = axes[last-1], axes[last]
	view, err := b.md.permuted(axes)
	return &buffer{md: view, at: b.at, offset: b.offset}, err
}
