//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "vector_block.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

// ours names the kernel of ours that computes a convolution in one direction.
type ours int

const (
	none       ours = iota // the library does
	byWinograd             // F(4×4, 3×3)
	byProduct              // of the whole batch's pixels and the weights
	bySum                  // of the pixels' products, for the gradient of weights alone
	byChannel              // depthwise
	byTiles                // on AMX
)

// vectorBlock is how many channels are in a block of the images that our kernels work on: as many as a vector of this
// processor has floats. It is 0 if the vectors are too narrow; we have no kernels for such processors.
func vectorBlock() int { return int(C.wb_vector_block()) }

// wholeBlocks is the number of channels rounded up to whole blocks.
func wholeBlocks(channels int) C.int64_t {
	b := vectorBlock()
	return C.int64_t((channels + b - 1) / b * b)
}

// blockedImage is the layout of images that our kernels read and write.
func blockedImage(shape op.Shape) *md { return blockedMD(shape, vectorBlock()) }

// blockedWeights is the layout in which weights are kept and their gradient is written, by groups if there are any.
// Inside a block, the outer axis is the input channel.
func blockedWeights(dims []int) *md {
	if vectorBlock() == 16 {
		return newMD(dims, C.WB_WEIGHTS_IO16)
	}
	return newMD(dims, C.WB_WEIGHTS_IO8)
}

// turnedWeights is the layout that the gradient of images reads. Inside a block, the outer axis is the output channel.
func turnedWeights(dims []int) *md {
	if vectorBlock() == 16 {
		return newMD(dims, C.WB_WEIGHTS_OI16)
	}
	return newMD(dims, C.WB_WEIGHTS_OI8)
}

// ownWeights returns the weights that a kernel of ours reads, and the bias, which is nil if there is
// none. If batch norm is folded, it is in both.
func (c *compiler) ownWeights(s *plan.Step, v *convolution, spec plan.Conv) (weights, bias *buffer, err error) {
	w, layout := s.In[1], blockedWeights(v.wDims)
	c.choose(w, layout)
	if spec.Norm {
		if weights, bias, err = c.foldNorm(s, v); err == nil {
			weights, err = c.prepare(weights, layout)
		}
		return weights, bias, err
	}
	if v.Bias {
		bias = c.get(s.In[2])
	}
	weights, err = c.layoutAs(w, layout)
	return weights, bias, err
}

// ownStep is a step with a kernel of ours. Its shape and work are the convolution's.
func (v *convolution) ownStep(name, impl string, reads, writes []*buffer, kernel func() *C.wb_op) *step {
	s := v.step(name, nil, nil)
	s.impl, s.reads, s.writes, s.kernel = impl, reads, writes, kernel
	return s
}

// gradientImages returns x and dy, from which the gradient of weights is computed, in
// the layouts that a kernel of ours reads.
func (c *compiler) gradientImages(s *plan.Step, mx, my *md) (x, dy *buffer, err error) {
	if x, err = c.layoutAs(s.In[0], mx); err == nil {
		dy, err = c.layoutAs(s.In[1], my)
	}
	return x, dy, err
}

// gradientOfBias adds the bias's gradient, if it is wanted, where a kernel of ours
// computes the gradient of weights from dy.
func (c *compiler) gradientOfBias(s *plan.Step, v *convolution, dy *buffer) error {
	switch {
	case len(s.Out) == 1:
		return nil
	case dy.md.half():
		return c.lastBias(s.In[1], s.Out[1])
	}
	c.biasGradient(dy, v.y, s.Out[1])
	return nil
}
