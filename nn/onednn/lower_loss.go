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
	register(func(c *compiler, s *plan.Step, spec op.CrossEntropy) error {
		return c.entropy(s, (C.wb_kernel)(C.wb_entropy), hard(spec))
	})
	register(func(c *compiler, s *plan.Step, spec op.CrossEntropyBwd) error {
		return c.entropy(s, (C.wb_kernel)(C.wb_entropy_bwd), hard(spec.CrossEntropy))
	})
	register(func(c *compiler, s *plan.Step, spec op.SoftCrossEntropy) error {
		return c.entropy(s, (C.wb_kernel)(C.wb_entropy), entropy{Weighted: spec.Weighted})
	})
	register(func(c *compiler, s *plan.Step, spec op.SoftCrossEntropyBwd) error {
		return c.entropy(s, (C.wb_kernel)(C.wb_entropy_bwd), entropy{Weighted: spec.Weighted})
	})
	register(func(c *compiler, s *plan.Step, spec op.KLDivergence) error {
		return c.matrices(s, (C.wb_kernel)(C.wb_kl_divergence), spec.Temperature)
	})
	register(func(c *compiler, s *plan.Step, spec op.KLDivergenceBwd) error {
		return c.matrices(s, (C.wb_kernel)(C.wb_kl_divergence_bwd), spec.Temperature)
	})
	register(func(c *compiler, s *plan.Step, spec op.PointLoss) error {
		return c.matrices(s, pointLosses[spec.Kind].value, 0)
	})
	register(func(c *compiler, s *plan.Step, spec op.PointLossBwd) error {
		return c.matrices(s, pointLosses[spec.Kind].slope, 0)
	})
	register(func(c *compiler, s *plan.Step, spec op.L2Normalize) error {
		return c.matrices(s, (C.wb_kernel)(C.wb_l2_normalize), spec.Epsilon)
	})
	register(func(c *compiler, s *plan.Step, spec op.L2NormalizeBwd) error {
		return c.matrices(s, (C.wb_kernel)(C.wb_l2_normalize_bwd), spec.Epsilon)
	})
	registerPlain[op.NTXent](func(c *compiler, s *plan.Step) error {
		return c.matrices(s, (C.wb_kernel)(C.wb_nt_xent), 0)
	})
	registerPlain[op.NTXentBwd](func(c *compiler, s *plan.Step) error {
		return c.matrices(s, (C.wb_kernel)(C.wb_nt_xent_bwd), 0)
	})
	register((*compiler).softmax)
	register((*compiler).softmaxBwd)
}

// entropy is what the hard and the soft cross entropy have in common.
type entropy struct {
	op.Weighted
	labels, ignore bool
	smoothing      float64
}

func hard(e op.CrossEntropy) entropy {
	return entropy{Weighted: e.Weighted, labels: true, ignore: e.Ignore, smoothing: e.Smoothing}
}

func number(b bool) int { return int(flag(b)) }

// entropy adds the loss or its gradient. All operands are row-major.
func (c *compiler) entropy(s *plan.Step, f C.wb_kernel, e entropy) error {
	in, err := c.plains(s.In)
	if err != nil {
		return err
	}
	k := call{f: f, in: in, out: c.define(s.Out[0], plainMD(s.Out[0].Shape)), num: []float64{e.smoothing},
		dim: []int{s.In[0].Shape[0], s.In[0].Shape[1], number(e.SampleWeights), number(e.ClassWeights), number(e.ignore)}}
	if e.labels {
		k.ints, k.in = in[1], append(in[:1:1], in[2:]...)
	}
	c.call(s.Name(), k)
	return nil
}

var pointLosses = map[op.PointLossKind]struct{ value, slope C.wb_kernel }{
	op.SquaredError:       {(C.wb_kernel)(C.wb_squared_error), (C.wb_kernel)(C.wb_squared_error_bwd)},
	op.BinaryCrossEntropy: {(C.wb_kernel)(C.wb_binary_cross_entropy), (C.wb_kernel)(C.wb_binary_cross_entropy_bwd)},
}

// matrices adds a kernel over row-major operands. The first operand, seen as [rows, columns], gives
// the sizes; num is the kernel's one number.
func (c *compiler) matrices(s *plan.Step, f C.wb_kernel, num float64) error {
	in, err := c.plains(s.In)
	if err != nil {
		return err
	}
	n, channels, area := folded(s.In[0].Shape)
	c.call(s.Name(), call{f: f, in: in, out: c.define(s.Out[0], plainMD(s.Out[0].Shape)), dim: []int{n, channels * area}, num: []float64{num}})
	return nil
}

func (c *compiler) softmax(s *plan.Step, spec op.Softmax) error {
	x, err := c.plain(s.In[0])
	if err != nil {
		return err
	}
	pd, err := newPrimitive(C.wb_softmax_fwd(flag(spec.Log), x.md.c))
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, over: x, args: []argument{in(C.WB_ARG_SRC, x), out(C.WB_ARG_DST, c.define(s.Out[0], x.md))}})
	return nil
}

func (c *compiler) softmaxBwd(s *plan.Step, spec op.SoftmaxBwd) error {
	both, err := c.plains(s.In)
	if err != nil {
		return err
	}
	y, dy := both[0], both[1]
	pd, err := newPrimitive(C.wb_softmax_bwd(flag(spec.Log), y.md.c))
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, over: dy, args: []argument{in(C.WB_ARG_DST, y), in(C.WB_ARG_DIFF_DST, dy),
		out(C.WB_ARG_DIFF_SRC, c.define(s.Out[0], y.md))}})
	return nil
}
