//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "depthwise.h"
import "C"

import "unsafe"

// depthwiseAlone runs the kernels of depthwise convolutions alone, for tests: x, dy and weights are numbers in the order of the layouts,
// the first two of which bfloat16 holds if half. Channels fill blocks.
type depthwiseAlone struct {
	lastAlone
	v       convolution
	last    bool // channels last instead of blocks
	weights []float32
	threads int
}

// pass is y, dx and dw.
func (d *depthwiseAlone) pass() (y, dx, dw []float32) {
	in, out, shape := len(d.x), len(d.dy), d.v.depthwiseShape(d.half, d.last)
	shape.threads = C.int(d.threads)
	weights := d.floats(len(d.weights), d.weights)
	a := C.wb_depthwise_arg{s: shape, x: d.image(in, d.x), weights: weights, y: d.image(out, nil)}
	C.wb_depthwise(unsafe.Pointer(&a))
	b := C.wb_depthwise_bwd_data_arg{s: shape, dy: d.image(out, d.dy), weights: weights, dx: d.image(in, nil)}
	C.wb_depthwise_bwd_data(unsafe.Pointer(&b))
	w := C.wb_depthwise_bwd_weights_arg{s: shape, x: a.x, dy: b.dy, dw: d.floats(len(d.weights), nil)}
	C.wb_depthwise_bwd_weights(unsafe.Pointer(&w))
	return d.read(a.y, out), d.read(b.dx, in), append([]float32(nil), floats(unsafe.Pointer(w.dw), len(d.weights))...)
}
