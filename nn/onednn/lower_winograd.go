//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "winograd.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// suitsOwnWinograd tells whether F(4×4, 3×3) can compute the convolution without wasting most of
// its tiles on results outside of the image.
func (v *convolution) suitsOwnWinograd() bool {
	const fewest = 3 // pixels a side
	one := [2]int{1, 1}
	return v.wholeGroups() && v.w[2] == 3 && v.w[3] == 3 && v.Stride == one && v.Dilation == one && min(v.y[2], v.y[3]) >= fewest &&
		max(v.Begin[0], v.Begin[1], v.End[0], v.End[1]) <= 2
}

// wholeGroups tells whether the channels of every group fill whole blocks. Without groups
// they need not, because they can be padded.
func (v *convolution) wholeGroups() bool {
	b := vectorBlock()
	return v.Groups == 1 || v.w[1]%b == 0 && v.y[1]/v.Groups%b == 0
}

// winogradShape describes the convolution for our kernels, with whole blocks of channels. For the
// gradient of images, x and y change places.
func winogradShape(x, y op.Shape, begin [2]int, groups int) C.wb_winograd_shape {
	n := func(i int) C.int64_t { return C.int64_t(i) }
	return C.wb_winograd_shape{n: n(x[0]), c: wholeBlocks(x[1] / groups), h: n(x[2]), w: n(x[3]),
		oc: wholeBlocks(y[1] / groups), oh: n(y[2]), ow: n(y[3]), top: n(begin[0]), left: n(begin[1]),
		groups: n(groups), threads: C.wb_threads()}
}

func (v *convolution) winogradShape() C.wb_winograd_shape {
	return winogradShape(v.x, v.y, v.Begin, v.Groups)
}

// scratch is memory that one instruction needs while it runs.
func (c *compiler) scratch(elements C.int64_t) *buffer {
	return c.define(nil, plainMD(op.Shape{int(elements)}))
}

// transformed returns the weights and the bias (nil: none) transformed to Winograd's points.
type transformed struct {
	weights, bias *buffer
	shape         C.wb_winograd_shape
	flip          bool // for the gradient of images
	once          bool // until a state changes, not in each run
}

func (c *compiler) transform(t transformed) *buffer {
	to := c.scratch(t.shape.groups * C.wb_winograd_weight_floats(&t.shape))
	reads, biases := []*buffer{t.weights}, 0
	if t.bias != nil {
		reads, biases = append(reads, t.bias), t.bias.md.size()/floatBytes
	}
	s := &step{name: "conv_weights", impl: ownWinograd, reads: reads, writes: []*buffer{to}, kernel: func() *C.wb_op {
		arg := C.wb_winograd_weights_arg{s: t.shape, weights: float(t.weights), bias: float(t.bias), biases: C.int64_t(biases),
			out: float(to), flip: flag(t.flip)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_winograd_weights), unsafe.Pointer(&arg), C.sizeof_wb_winograd_weights_arg)
	}}
	if t.once {
		to.at.fixed = true
		c.prologue = append(c.prologue, s)
	} else {
		c.add(s)
	}
	return to
}

// ownWinograd is the name of the implementation in profiles.
const ownWinograd = "workbench:winograd_4x3"

// winograd lowers a convolution and what follows it, of which the kernel can do the sum and ReLU.
func (c *compiler) winograd(s *plan.Step, v *convolution, spec plan.Conv) error {
	_, relu := spec.Then.(op.ReLU)
	if spec.Then != nil && !relu {
		return c.apart(spec.Apart(s))
	}
	weights, bias, err := c.ownWeights(s, v, spec)
	if err != nil {
		return err
	}
	t := transformed{weights: weights, bias: bias, shape: v.winogradShape(), once: !c.training && s.In[1].Kind == plan.State}
	p := winogradPass{name: "conv", shape: t.shape, x: s.In[0], y: s.Out[0], weights: c.transform(t), relu: relu}
	if spec.Sum {
		p.shortcut = s.In[len(s.In)-1]
	}
	return c.winogradPass(v, p)
}

func (c *compiler) winogradBwdData(s *plan.Step, v *convolution) error {
	w, dy, dx := s.In[0], s.In[1], s.Out[0]
	from, err := c.layoutAs(w, turnedWeights(v.wDims))
	if err != nil {
		return err
	}
	weights := c.transform(transformed{weights: from, shape: v.winogradShape(), flip: true})
	begin := [2]int{2 - v.Begin[0], 2 - v.Begin[1]}
	p := winogradPass{name: "conv_bwd_data", shape: winogradShape(dy.Shape, dx.Shape, begin, v.Groups), x: dy, y: dx, weights: weights}
	if len(s.In) > 2 {
		p.shortcut = s.In[2]
	}
	return c.winogradPass(v, p)
}

// winogradPass is a convolution of x with transformed weights.
type winogradPass struct {
	name     string
	shape    C.wb_winograd_shape
	x, y     *plan.Value
	weights  *buffer
	shortcut *plan.Value // added to the result; nil: none
	relu     bool
}

func (c *compiler) winogradPass(v *convolution, p winogradPass) error {
	x, err := c.layoutAs(p.x, blockedImage(p.x.Shape))
	if err != nil {
		return err
	}
	reads := []*buffer{x, p.weights}
	var shortcut *buffer
	if p.shortcut != nil {
		if shortcut, err = c.layoutAs(p.shortcut, blockedImage(p.y.Shape)); err != nil {
			return err
		}
		reads = append(reads, shortcut)
	}
	y, work := c.define(p.y, blockedImage(p.y.Shape)), c.scratch(C.wb_winograd_work_floats(&p.shape))
	s := v.ownStep(p.name, ownWinograd, reads, []*buffer{y, work}, func() *C.wb_op {
		arg := C.wb_winograd_arg{s: p.shape, x: float(x), weights: float(p.weights), shortcut: float(shortcut), y: float(y), work: float(work),
			relu: flag(p.relu)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_winograd), unsafe.Pointer(&arg), C.sizeof_wb_winograd_arg)
	})
	if shortcut != nil && shortcut.at != x.at {
		s.over = shortcut
	}
	c.add(s)
	return nil
}

func (c *compiler) winogradBwdWeights(s *plan.Step, v *convolution) error {
	x, dy, err := c.gradientImages(s, blockedImage(v.x), blockedImage(v.y))
	if err != nil {
		return err
	}
	shape := v.winogradShape()
	dw, work := c.define(s.Out[0], blockedWeights(v.wDims)), c.scratch(C.wb_winograd_gradient_floats(&shape))
	c.add(v.ownStep("conv_bwd_weights", ownWinograd, []*buffer{x, dy}, []*buffer{dw, work}, func() *C.wb_op {
		arg := C.wb_winograd_gradient_arg{s: shape, x: float(x), dy: float(dy), dw: float(dw), work: float(work)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_winograd_gradient), unsafe.Pointer(&arg), C.sizeof_wb_winograd_gradient_arg)
	}))
	return c.gradientOfBias(s, v, dy)
}
