//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"fmt"

	"workbench/nn/op"
	"workbench/nn/plan/algorithms"
)

// window describes a kernel of kh×kw pixels for the library.
func window(w op.Window, kh, kw int) *C.wb_window {
	two := func(a [2]int) [C.WB_DIMS]C.int64_t { return [C.WB_DIMS]C.int64_t{C.int64_t(a[0]), C.int64_t(a[1])} }
	return &C.wb_window{stride: two(w.Stride), dilation: two(w.Dilation), begin: two(w.Begin), end: two(w.End), kernel: two([2]int{kh, kw})}
}

// pairOf is a pair of numbers for our kernels.
func pairOf(a [2]int) [2]C.int64_t { return [2]C.int64_t{C.int64_t(a[0]), C.int64_t(a[1])} }

// groupedDims are the axes of convolution weights as the library wants them. With
// groups they are [g, o/g, i/g, kh, kw].
func groupedDims(w op.Shape, groups int) []int {
	if groups == 1 {
		return w
	}
	return []int{groups, w[0] / groups, w[1], w[2], w[3]}
}

// convolution is the geometry of one convolution. Primitives choose its layouts.
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

// layer is what rules see of the convolution.
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

// forward asks for the direct algorithm where the library has no Winograd for the shape. For
// Winograd it always asks for the training kind, because that takes ordinary weights; the inference
// kind wants weights that a slow reorder transforms.
func (v *convolution) forward(training bool, after C.wb_after) (*primitive, error) {
	if v.kind == C.WB_WINOGRAD {
		if pd := C.wb_conv_fwd(v.kind, 1, v.mx.c, v.mw.c, v.bias(), v.my.c, v.window, after); pd != nil {
			return newPrimitive(pd)
		}
		v.kind = C.WB_DIRECT
	}
	return newPrimitive(C.wb_conv_fwd(v.kind, flag(training), v.mx.c, v.mw.c, v.bias(), v.my.c, v.window, after))
}

// backward makes the primitive of a gradient, with the forward primitive as its hint. It is a direct one where
// the library has no Winograd for the gradient.
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
