//go:build !noonednn

package onednn

// #include <stdlib.h>
// #include "bridge.h"
// #include "kernels.h"
import "C"

import (
	"strings"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

func init() {
	register((*compiler).fusedConv)
	register((*compiler).fusedLinear)
}

var nothing = C.wb_after{activation: C.WB_NO_ACTIVATION}

// afterwards is the activation as a post-operation of the library; false if the library has none for it.
func afterwards(then op.Spec) (C.wb_after, bool) {
	switch spec := then.(type) {
	case nil:
		return nothing, true
	case op.ReLU:
		return C.wb_after{activation: C.WB_RELU}, true
	case op.Activation:
		kind, ok := library[spec.Kind]
		return C.wb_after{activation: kind, alpha: C.float(spec.Alpha)}, ok
	}
	return nothing, false
}

// slow tells whether the library uses the implementation only because it lacks a better one.
func (p *primitive) slow() bool {
	name := p.name()
	return strings.Contains(name, "ref") || strings.Contains(name, "gemm")
}

// fused asks the library for a primitive with post-operations. It is nil if the library has none, or only a slow
// one although it has a fast one without them.
func fused(create func(C.wb_after) (*primitive, error), after C.wb_after) (*primitive, error) {
	pd, err := create(after)
	if after == nothing || err == nil && !pd.slow() {
		return pd, err
	}
	alone, aloneErr := create(nothing)
	if aloneErr != nil {
		return pd, err
	}
	defer alone.free()
	if err == nil && alone.slow() {
		return pd, nil
	}
	if err == nil {
		pd.free()
	}
	return nil, nil
}

// apart lowers the steps that a fused step stands for.
func (c *compiler) apart(steps []*plan.Step) error {
	for _, s := range steps {
		if err := c.lower(s); err != nil {
			return err
		}
	}
	return nil
}

// fusedConv is a convolution with batch norm folded into its weights, and with the sum and the activation as
// post-operations. Where the library cannot do that, the steps are lowered apart.
func (c *compiler) fusedConv(s *plan.Step, spec plan.Conv) error {
	v := c.convolution(algorithms.Forward, spec.Conv, s.In[0].Shape, s.In[1].Shape, s.Out[0].Shape)
	switch v.ours {
	case byWinograd:
		return c.winograd(s, v, spec)
	case byProduct:
		return c.product(s, v, spec)
	}
	after, ok := afterwards(spec.Then)
	if !ok {
		return c.apart(spec.Apart(s))
	}
	after.sum = flag(spec.Sum)
	if spec.Norm {
		v.mb = plainMD(op.Shape{v.w[0]})
	}
	pd, err := fused(func(a C.wb_after) (*primitive, error) { return v.forward(c.training, a) }, after)
	if err != nil {
		return err
	}
	if pd == nil {
		return c.apart(spec.Apart(s))
	}
	var y *buffer
	if spec.Sum {
		if y, err = c.overwritten(s, pd.mdOf(C.WB_DST, 0, v.y)); err != nil {
			return err
		}
		if y == nil {
			pd.free()
			return c.apart(spec.Apart(s))
		}
	}
	if err := c.chooseConvWeights(s.In[1], v, pd.mdOf(C.WB_WEIGHTS, 0, v.wDims)); err != nil {
		return err
	}
	weights := c.convWeights
	if spec.Norm {
		weights = c.foldedWeights
	}
	args, err := weights(s, v, pd)
	if err != nil {
		return err
	}
	return c.convolve(s, v, pd, args, y)
}

// overwritten is the shortcut's memory in the layout m, for a result that is added to it. It is nil if the shortcut is
// needed later or is what the convolution reads.
func (c *compiler) overwritten(s *plan.Step, m *md) (*buffer, error) {
	shortcut := s.In[len(s.In)-1]
	at := c.get(shortcut).at
	if at.fixed || c.get(s.In[0]).at == at {
		return nil, nil
	}
	for v, b := range c.home {
		if b.at == at && c.last[v] > c.now {
			return nil, nil
		}
	}
	return c.layoutAs(shortcut, m)
}

// foldNorm returns the weights, in row-major order, and the bias with batch norm folded
// in. The prologue computes them in float32.
func (c *compiler) foldNorm(s *plan.Step, v *convolution) (weights, bias *buffer, err error) {
	w := c.get(s.In[1])
	folded := &buffer{md: plainMD(v.wDims), at: &storage{bytes: v.w.Size() * floatBytes}}
	if !w.md.isPlain() {
		if w, err = c.prepare(w, folded.md); err != nil {
			return nil, nil, err
		}
		folded = w
	}
	spec := s.Spec.(plan.Conv)
	var operands []*buffer // the bias if there is one, mean, variance, scale, shift
	for _, o := range s.In[2 : 2+len(spec.NormIn(s))+int(flag(spec.Bias))] {
		operands = append(operands, c.get(o))
	}
	vector := plainMD(op.Shape{v.w[0]})
	offset := &buffer{md: vector, at: &storage{bytes: vector.size(), fixed: true}}
	c.prologue = append(c.prologue, &step{name: "fold_norm", impl: "workbench", reads: append([]*buffer{w}, operands...),
		writes: []*buffer{folded, offset}, kernel: func() *C.wb_op {
			arg := C.wb_fold_norm_arg{folded: float(folded), offset: float(offset), w: float(w), epsilon: C.double(spec.Epsilon),
				o: C.int64_t(v.w[0]), each: C.int64_t(v.w[1:].Size())}
			norm := operands
			if spec.Bias {
				arg.bias, norm = float(operands[0]), operands[1:]
			}
			arg.mean, arg.variance, arg.scale, arg.shift = float(norm[0]), float(norm[1]), float(norm[2]), float(norm[3])
			return C.wb_op_kernel((C.wb_kernel)(C.wb_fold_norm), unsafe.Pointer(&arg), C.sizeof_wb_fold_norm_arg)
		}})
	return folded, offset, nil
}

// foldedWeights returns the arguments for the weights and the bias with batch norm
// folded in, in the primitive's layout.
func (c *compiler) foldedWeights(s *plan.Step, v *convolution, pd *primitive) ([]argument, error) {
	weights, offset, err := c.foldNorm(s, v)
	if err != nil {
		return nil, err
	}
	if to := pd.mdOf(C.WB_WEIGHTS, 0, v.wDims); !weights.md.equal(to) {
		if weights, err = c.prepare(weights, to); err != nil {
			return nil, err
		}
	}
	weights.at.fixed = true
	return []argument{in(C.WB_ARG_WEIGHTS, weights), in(C.WB_ARG_BIAS, offset)}, nil
}

// prepare reorders a buffer in the prologue.
func (c *compiler) prepare(from *buffer, m *md) (*buffer, error) {
	pd, err := newPrimitive(C.wb_reorder(from.md.c, m.c))
	if err != nil {
		return nil, err
	}
	to := &buffer{md: m, at: &storage{bytes: m.size()}}
	s := &step{name: "reorder", prim: pd, args: []argument{in(C.WB_ARG_SRC, from), out(C.WB_ARG_DST, to)}}
	c.prologue = append(c.prologue, s.ready())
	return to, nil
}

// fusedLinear is a linear layer with the activation as a post-operation.
func (c *compiler) fusedLinear(s *plan.Step, spec plan.Linear) error {
	after, ok := afterwards(spec.Then)
	if !ok {
		return c.apart(spec.Apart(s))
	}
	v := newProduct(s.In[0].Shape, s.In[1].Shape, s.Out[0].Shape)
	pd, err := fused(func(a C.wb_after) (*primitive, error) { return v.forward(c.training, a) }, after)
	if err != nil {
		return err
	}
	if pd == nil {
		return c.apart(spec.Apart(s))
	}
	return c.multiply(s, v, pd)
}
