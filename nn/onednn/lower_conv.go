//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"fmt"

	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// window describes a kernel of kh×kw pixels for the library.
func window(w op.Window, kh, kw int) *C.wb_window {
	two := func(a [2]int) [C.WB_DIMS]C.int64_t { return [C.WB_DIMS]C.int64_t{C.int64_t(a[0]), C.int64_t(a[1])} }
	return &C.wb_window{stride: two(w.Stride), dilation: two(w.Dilation), begin: two(w.Begin), end: two(w.End), kernel: two([2]int{kh, kw})}
}

// pairOf is a pair of numbers for our kernels.
func pairOf(a [2]int) [2]C.int64_t { return [2]C.int64_t{C.int64_t(a[0]), C.int64_t(a[1])} }

// groupedDims are the axes of convolution weights as the library wants them: [g, o/g, i/g, kh, kw] if there are groups.
func groupedDims(w op.Shape, groups int) []int {
	if groups == 1 {
		return w
	}
	return []int{groups, w[0] / groups, w[1], w[2], w[3]}
}

// convolution is one convolution's geometry with every layout open.
type convolution struct {
	op.Conv
	x, w, y op.Shape
	wDims   []int
	window  *C.wb_window
	kind    C.int // WB_DIRECT or WB_WINOGRAD, as the rules say
	ours    ours  // the kernel of ours that computes it instead
	mx, mw  *md
	mdw     *md // of the weights' gradient, float32 always
	mb, my  *md // mb nil without bias
}

func (c *compiler) convolution(d algorithms.Direction, spec op.Conv, x, w, y op.Shape) *convolution {
	v := &convolution{Conv: spec, x: x, w: w, y: y, wDims: groupedDims(w, spec.Groups), window: window(spec.Window, w[2], w[3])}
	v.mx, v.mw, v.my = c.anyMD(x), c.anyMD(v.wDims), c.anyMD(y)
	v.mdw = anyMD(v.wDims)
	if spec.Bias {
		v.mb = plainMD(op.Shape{w[0]})
	}
	if !c.BFloat16 {
		switch c.Rules.Algorithm(d, v.layer(), v.has) {
		case algorithmWinograd:
			v.kind = C.WB_WINOGRAD
		case algorithmOwnWinograd:
			v.ours = byWinograd
		case algorithmOwnProduct:
			v.ours = byProduct
		case algorithmOwnDirect:
			if d == algorithms.BackwardWeights {
				v.ours = bySum
			}
		}
	}
	if c.BFloat16 && v.depthwise() {
		v.lastDepthwise(d)
	}
	switch {
	case v.needsOwnDepthwise(d):
		v.ours = byChannel
	case d == algorithms.BackwardWeights && c.suitsAMX(v):
		v.ours = byTiles
	}
	return v
}

// layer is the convolution as rules see it.
func (v *convolution) layer() algorithms.Layer {
	return algorithms.Layer{Kernel: [2]int{v.w[2], v.w[3]}, Stride: v.Stride, Dilation: v.Dilation, Groups: v.Groups,
		In: v.x[1], Out: v.y[1], Batch: v.y[0], Side: [2]int{v.y[2], v.y[3]}}
}

func (v *convolution) bias() *C.wb_md {
	if v.mb == nil {
		return nil
	}
	return v.mb.c
}

// forward asks for the direct algorithm where the library has no Winograd for the shape. Winograd always asks for the training
// kind, which takes ordinary weights; the inference kind wants them transformed by a slow reorder.
func (v *convolution) forward(training bool, after C.wb_after) (*primitive, error) {
	if v.kind == C.WB_WINOGRAD {
		if pd := C.wb_conv_fwd(v.kind, 1, v.mx.c, v.mw.c, v.bias(), v.my.c, v.window, after); pd != nil {
			return newPrimitive(pd)
		}
		v.kind = C.WB_DIRECT
	}
	return newPrimitive(C.wb_conv_fwd(v.kind, flag(training), v.mx.c, v.mw.c, v.bias(), v.my.c, v.window, after))
}

// backward makes a gradient's primitive with the forward pass as its hint; direct where the library has no Winograd for it.
func (v *convolution) backward(create func(hint C.wb_pd) C.wb_pd) (*primitive, error) {
	hint, err := v.forward(true, nothing)
	if err != nil {
		return nil, err
	}
	defer hint.free()
	pd := create(hint.pd)
	if pd == nil && v.kind == C.WB_WINOGRAD {
		v.kind = C.WB_DIRECT
		return v.backward(create)
	}
	return newPrimitive(pd)
}

func (v *convolution) backwardData() (*primitive, error) {
	return v.backward(func(hint C.wb_pd) C.wb_pd {
		return C.wb_conv_bwd_data(v.kind, hint, v.mx.c, v.mw.c, v.my.c, v.window)
	})
}

func (v *convolution) backwardWeights(bias bool) (*primitive, error) {
	var db *C.wb_md
	if bias {
		db = v.mb.c
	}
	return v.backward(func(hint C.wb_pd) C.wb_pd {
		return C.wb_conv_bwd_weights(v.kind, hint, v.mx.c, v.mdw.c, db, v.my.c, v.window)
	})
}

func (v *convolution) inDirection(d algorithms.Direction) (*primitive, error) {
	switch d {
	case algorithms.Forward:
		return v.forward(true, nothing)
	case algorithms.BackwardData:
		return v.backwardData()
	}
	return v.backwardWeights(v.Bias)
}

func (v *convolution) step(name string, pd *primitive, args []argument) *step {
	return &step{name: name, prim: pd, args: args, shape: fmt.Sprintf("%v * %v", v.x, v.w),
		flops: 2 * float64(v.y.Size()) * float64(v.w[1:].Size())}
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

func (c *compiler) conv(s *plan.Step, spec op.Conv) error {
	v := c.convolution(algorithms.Forward, spec, s.In[0].Shape, s.In[1].Shape, s.Out[0].Shape)
	switch v.ours {
	case byWinograd:
		return c.winograd(s, v, plan.Conv{Conv: spec})
	case byProduct:
		return c.product(s, v, plan.Conv{Conv: spec})
	case byChannel:
		return c.depthwise(s, v)
	}
	pd, err := v.forward(c.training, nothing)
	if err != nil {
		return err
	}
	if err := c.chooseConvWeights(s.In[1], v, pd.mdOf(C.WB_WEIGHTS, 0, v.wDims)); err != nil {
		return err
	}
	weights, err := c.convWeights(s, v, pd)
	if err != nil {
		return err
	}
	return c.convolve(s, v, pd, weights, nil)
}

// convWeights are the arguments of weights and bias.
func (c *compiler) convWeights(s *plan.Step, v *convolution, pd *primitive) ([]argument, error) {
	args, err := c.operands(pd, []wanted{{C.WB_ARG_WEIGHTS, s.In[1], C.WB_WEIGHTS, 0, v.wDims}})
	if v.Bias {
		args = append(args, in(C.WB_ARG_BIAS, c.get(s.In[2])))
	}
	return args, err
}

// convolve adds the instruction; y is where the result goes, nil for a buffer of its own.
func (c *compiler) convolve(s *plan.Step, v *convolution, pd *primitive, weights []argument, y *buffer) error {
	args, err := c.operands(pd, []wanted{{C.WB_ARG_SRC, s.In[0], C.WB_SRC, 0, v.x}})
	if err != nil {
		return err
	}
	if y == nil {
		y = c.define(s.Out[0], pd.mdOf(C.WB_DST, 0, v.y))
	}
	c.home[s.Out[0]] = y
	c.add(v.step("conv", pd, append(append(args, weights...), out(C.WB_ARG_DST, y))))
	return nil
}

// chooseConvWeights keeps trained weights in the layout that their gradient is written in, so that the update is a flat
// loop; others in the layout that the forward pass reads.
func (c *compiler) chooseConvWeights(w *plan.Value, v *convolution, forward *md) error {
	if w.Kind != plan.State || c.memory.states[w.Name].md != nil {
		return nil
	}
	if c.grad[w] == nil {
		if !forward.half() {
			c.choose(w, forward)
		} else {
			c.choose(w, v.mdw.plain())
		}
		return nil
	}
	gradient := c.convolution(algorithms.BackwardWeights, v.Conv, v.x, v.w, v.y)
	switch gradient.ours {
	case byWinograd, byProduct, bySum:
		c.choose(w, blockedWeights(v.wDims))
		return nil
	case byChannel:
		c.choose(w, v.depthwiseWeights())
		return nil
	case byTiles:
		c.choose(w, v.amxWeights())
		return nil
	}
	pd, err := gradient.backwardWeights(false)
	if err != nil {
		return err
	}
	defer pd.free()
	c.choose(w, pd.mdOf(C.WB_DIFF_WEIGHTS, 0, v.wDims))
	return nil
}

// wanted is an operand in the layout that the primitive chose.
type wanted struct {
	arg          C.int
	v            *plan.Value
	which, index C.int
	dims         []int
}

func (c *compiler) operands(pd *primitive, ws []wanted) ([]argument, error) {
	var args []argument
	for _, w := range ws {
		b, err := c.layoutAs(w.v, pd.mdOf(w.which, w.index, w.dims))
		if err != nil {
			return nil, err
		}
		args = append(args, in(w.arg, b))
	}
	return args, nil
}

func (c *compiler) convBwdData(s *plan.Step, spec op.Conv) error {
	w, dy, dx := s.In[0], s.In[1], s.Out[0]
	v := c.convolution(algorithms.BackwardData, spec, dx.Shape, w.Shape, dy.Shape)
	switch v.ours {
	case byWinograd:
		return c.winogradBwdData(s, v)
	case byProduct:
		return c.productBwdData(s, v)
	case byChannel:
		return c.depthwiseBwdData(s, v)
	}
	pd, err := v.backwardData()
	if err != nil {
		return err
	}
	args, err := c.operands(pd, []wanted{{C.WB_ARG_WEIGHTS, w, C.WB_WEIGHTS, 0, v.wDims}, {C.WB_ARG_DIFF_DST, dy, C.WB_DIFF_DST, 0, dy.Shape}})
	if err != nil {
		return err
	}
	args = append(args, out(C.WB_ARG_DIFF_SRC, c.define(dx, pd.mdOf(C.WB_DIFF_SRC, 0, dx.Shape))))
	c.add(v.step("conv_bwd_data", pd, args))
	return nil
}

// convBwdDataSum adds the other gradient in our kernels, whose results pass through registers anyway; the library has no such thing.
func (c *compiler) convBwdDataSum(s *plan.Step, spec plan.ConvBwdData) error {
	v := c.convolution(algorithms.BackwardData, spec.Conv, s.Out[0].Shape, s.In[0].Shape, s.In[1].Shape)
	switch {
	case v.ours == byWinograd:
		return c.winogradBwdData(s, v)
	case v.ours == byProduct && v.Stride == [2]int{1, 1}:
		return c.productBwdData(s, v)
	}
	return c.apart(spec.Apart(s))
}

func (c *compiler) convBwdWeights(s *plan.Step, spec op.Conv) error {
	x, dy, dw := s.In[0], s.In[1], s.Out[0]
	bias := len(s.Out) > 1
	v := c.convolution(algorithms.BackwardWeights, spec, x.Shape, dw.Shape, dy.Shape)
	switch v.ours {
	case byWinograd:
		return c.winogradBwdWeights(s, v)
	case byProduct:
		return c.productBwdWeights(s, v)
	case bySum:
		return c.directBwdWeights(s, v)
	case byChannel:
		return c.depthwiseBwdWeights(s, v)
	case byTiles:
		return c.amxBwdWeights(s, v)
	}
	pd, err := v.backwardWeights(bias)
	if err != nil {
		return err
	}
	args, err := c.operands(pd, []wanted{{C.WB_ARG_SRC, x, C.WB_SRC, 0, x.Shape}, {C.WB_ARG_DIFF_DST, dy, C.WB_DIFF_DST, 0, dy.Shape}})
	if err != nil {
		return err
	}
	args = append(args, out(C.WB_ARG_DIFF_WEIGHTS, c.define(dw, pd.mdOf(C.WB_DIFF_WEIGHTS, 0, v.wDims))))
	if bias {
		args = append(args, out(C.WB_ARG_DIFF_BIAS, c.define(s.Out[1], plainMD(s.Out[1].Shape))))
	}
	c.add(v.step("conv_bwd_weights", pd, args))
	return nil
}
