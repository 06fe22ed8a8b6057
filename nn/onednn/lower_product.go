//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "product.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// ownProduct is the name of the implementation in profiles.
const ownProduct = "workbench:product"

// suitsOwnProduct tells whether the convolution is one product of its pixels (all of
// them or every stride-th) and the weights.
func (v *convolution) suitsOwnProduct() bool {
	for i := range 2 {
		if v.w[2+i] != 1 || v.Begin[i] != 0 || (v.y[2+i]-1)*v.Stride[i] >= v.x[2+i] {
			return false
		}
	}
	return v.Groups == 1
}

// productShape describes the convolution for our kernels, with whole blocks of channels.
func (v *convolution) productShape() C.wb_product_shape {
	s := v.winogradShape()
	return C.wb_product_shape{n: s.n, c: s.c, h: s.h, w: s.w, oc: s.oc, oh: s.oh, ow: s.ow,
		stride: pairOf(v.Stride), threads: s.threads}
}

// product lowers a convolution and what follows it, of which the kernel can do the sum and ReLU.
func (c *compiler) product(s *plan.Step, v *convolution, spec plan.Conv) error {
	_, relu := spec.Then.(op.ReLU)
	if spec.Then != nil && !relu {
		return c.apart(spec.Apart(s))
	}
	weights, bias, err := c.ownWeights(s, v, spec)
	if err != nil {
		return err
	}
	x, err := c.layoutAs(s.In[0], blockedImage(v.x))
	if err != nil {
		return err
	}
	reads, biases := []*buffer{x, weights}, 0
	if bias != nil {
		reads, biases = append(reads, bias), bias.md.size()/floatBytes
	}
	var shortcut *buffer
	if spec.Sum {
		if shortcut, err = c.layoutAs(s.In[len(s.In)-1], blockedImage(v.y)); err != nil {
			return err
		}
		reads = append(reads, shortcut)
	}
	if spec.Norm {
		weights.at.fixed = true // made by the prologue, read in every run
	}
	shape := v.productShape()
	y, work := c.define(s.Out[0], blockedImage(v.y)), c.scratch(C.wb_product_floats(&shape))
	one := v.ownStep("conv", ownProduct, reads, []*buffer{y, work}, func() *C.wb_op {
		arg := C.wb_product_arg{s: shape, x: float(x), weights: float(weights), bias: float(bias), biases: C.int64_t(biases),
			shortcut: float(shortcut), y: float(y), work: float(work), relu: flag(relu)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_product), unsafe.Pointer(&arg), C.sizeof_wb_product_arg)
	})
	if shortcut != nil && shortcut.at != x.at {
		one.over = shortcut
	}
	c.add(one)
	return nil
}

func (c *compiler) productBwdData(s *plan.Step, v *convolution) error {
	weights, err := c.layoutAs(s.In[0], blockedWeights(v.wDims))
	if err != nil {
		return err
	}
	dy, err := c.layoutAs(s.In[1], blockedImage(v.y))
	if err != nil {
		return err
	}
	reads, other := []*buffer{weights, dy}, (*buffer)(nil)
	if len(s.In) > 2 {
		if other, err = c.layoutAs(s.In[2], blockedImage(v.x)); err != nil {
			return err
		}
		reads = append(reads, other)
	}
	shape := v.productShape()
	dx, work := c.define(s.Out[0], blockedImage(v.x)), c.scratch(C.wb_product_bwd_data_floats(&shape))
	one := v.ownStep("conv_bwd_data", ownProduct, reads, []*buffer{dx, work}, func() *C.wb_op {
		arg := C.wb_product_bwd_data_arg{s: shape, dy: float(dy), weights: float(weights), other: float(other), dx: float(dx), work: float(work)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_product_bwd_data), unsafe.Pointer(&arg), C.sizeof_wb_product_bwd_data_arg)
	})
	if other != nil && other.at != dy.at {
		one.over = other
	}
	c.add(one)
	return nil
}

func (c *compiler) productBwdWeights(s *plan.Step, v *convolution) error {
	x, dy, err := c.gradientImages(s, blockedImage(v.x), blockedImage(v.y))
	if err != nil {
		return err
	}
	shape := v.productShape()
	dw, work := c.define(s.Out[0], blockedWeights(v.wDims)), c.scratch(C.wb_product_bwd_weights_floats(&shape))
	c.add(v.ownStep("conv_bwd_weights", ownProduct, []*buffer{x, dy}, []*buffer{dw, work}, func() *C.wb_op {
		arg := C.wb_product_bwd_weights_arg{s: shape, x: float(x), dy: float(dy), dw: float(dw), work: float(work)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_product_bwd_weights), unsafe.Pointer(&arg), C.sizeof_wb_product_bwd_weights_arg)
	}))
	return c.gradientOfBias(s, v, dy)
}
