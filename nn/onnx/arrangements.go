package onnx

import "workbench/nn/op"

// target is a shape as ONNX's Reshape wants it. Zero keeps the first axis as it is if that is the batch.
func target(shape op.Shape) []int {
	axes := append([]int(nil), shape...)
	if len(axes) > 0 && axes[0] == batch {
		axes[0] = 0
	}
	return axes
}

// reshape keeps images apart, or has nothing to do with them: the tracer has seen that the batch is the first axis of
// both the operand and the result, or of neither.
func (t *tracer) reshape(s site) {
	if out := s.out.shape; len(out) == 2 && out[0] == batch {
		t.emit(s, "Flatten", s.names(), whole("axis", 1))
		return
	}
	t.emit(s, "Reshape", []string{s.in[0].name, t.wholes(target(s.out.shape)...)})
}

// slice returns the operands of ONNX's Slice. It takes every step-th element of each of the axes, at from or behind it
// and before to.
func (t *tracer) slice(s site, axes, from, to, step []int) []string {
	return []string{s.in[0].name, t.wholes(from...), t.wholes(to...), t.wholes(axes...), t.wholes(step...)}
}

func (t *tracer) channelShuffle(s site, v op.ChannelShuffle) {
	x := s.in[0].shape
	groups := t.inner(s, "Reshape", []string{s.in[0].name, t.wholes(0, v.Groups, x[1]/v.Groups, x[2], x[3])})
	turned := t.inner(s, "Transpose", []string{groups}, list("perm", 0, 2, 1, 3, 4))
	t.emit(s, "Reshape", []string{turned, t.wholes(target(x)...)})
}

// subsample takes every stride-th pixel and adds channels of zeros.
func (t *tracer) subsample(s site, v op.Subsample) {
	x := s.in[0].shape
	operands := t.slice(s, []int{2, 3}, []int{0, 0}, []int(x[2:]), []int{v.Stride, v.Stride})
	missing := v.Channels - x[1]
	if missing == 0 {
		t.emit(s, "Slice", operands)
		return
	}
	t.emit(s, "Pad", []string{t.inner(s, "Slice", operands), t.wholes(0, 0, 0, 0, 0, missing, 0, 0)})
}
