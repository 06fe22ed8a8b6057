//go:build !noonednn

// Here are the kernels by themselves, for the tests of this package. A program has some kernels only on processors with
// bfloat16 or with tiles, so the tests call each kernel directly. They cannot do so in their own files, because Go
// allows no cgo in _test.go files. Another package could not either: it would have no access to the shapes and layouts
// that the lowerings pass to the kernels. The program refers to nothing in kernels_for_tests.go and
// kernels_for_tests_norm.go, so the linker leaves these functions out of it.

package onednn

/*
#include <stdlib.h>
#include "bridge.h"
#include "amx.h"
#include "depthwise.h"
#include "last.h"
#include "pool.h"
*/
import "C"

import (
	"math"
	"unsafe"

	"workbench/nn/op"
)

// kernelOperands are what most kernels are tested on. Memory that a kernel is to write is filled with NaN before.
type kernelOperands struct {
	half   bool      // images are bfloat16 in memory; x and dy are then numbers that bfloat16 holds
	x, dy  []float32 // in the order of the layout
	memory []unsafe.Pointer
}

// free gives back all memory that floats and image took.
func (o *kernelOperands) free() {
	for _, p := range o.memory {
		C.free(p)
	}
}

// floats is memory for count float32 elements, of which from are the first.
func (o *kernelOperands) floats(count int, from []float32) *C.float {
	p, err := allocate(floatBytes * count)
	if err != nil {
		panic(err)
	}
	o.memory = append(o.memory, p)
	for i := range floats(p, count) {
		floats(p, count)[i] = float32(math.NaN())
	}
	copy(floats(p, count), from)
	return (*C.float)(p)
}

// image is memory for count elements. If half, it takes the upper 16 bits of each.
func (o *kernelOperands) image(count int, from []float32) unsafe.Pointer {
	p := unsafe.Pointer(o.floats(count, from))
	if o.half {
		for i, v := range from {
			unsafe.Slice((*uint16)(p), count)[i] = uint16(math.Float32bits(v) >> 16)
		}
	}
	return p
}

// read copies count elements of an image.
func (o *kernelOperands) read(p unsafe.Pointer, count int) []float32 {
	all := append([]float32(nil), floats(p, count)...)
	if o.half {
		for i, h := range unsafe.Slice((*uint16)(p), count) {
			all[i] = math.Float32frombits(uint32(h) << 16)
		}
	}
	return all
}

// lastKernels runs the kernels for images with channels last: x, dy [n, pixels, channels],
// gate [n, channels] if own, else [1, channels].
type lastKernels struct {
	kernelOperands
	n, pixels, channels int
	own                 bool
	gate                []float32
}

func (l *lastKernels) sizes() (n, pixels, channels C.int64_t) {
	return C.int64_t(l.n), C.int64_t(l.pixels), C.int64_t(l.channels)
}

// gates computes x times the gate, and the gate's gradient.
func (l *lastKernels) gates() (y, dgate []float32) {
	n, p, c := l.sizes()
	a := C.wb_last_gate_arg{n: n, pixels: p, channels: c, half: flag(l.half), own: flag(l.own), x: l.image(len(l.x), l.x),
		gate: l.floats(len(l.gate), l.gate), y: l.image(len(l.x), nil)}
	C.wb_last_gate(unsafe.Pointer(&a))
	b := C.wb_last_gate_reduce_arg{n: n, pixels: p, channels: c, half: a.half, own: a.own, x: a.x, dy: l.image(len(l.dy), l.dy),
		dgate: l.floats(len(l.gate), nil), work: l.floats(int(C.wb_last_gate_floats(n, c)), nil)}
	C.wb_last_gate_reduce(unsafe.Pointer(&b))
	return l.read(a.y, len(l.x)), append([]float32(nil), floats(unsafe.Pointer(b.dgate), len(l.gate))...)
}

// bias computes the sum of dy over images and pixels.
func (l *lastKernels) bias() []float32 {
	n, p, c := l.sizes()
	a := C.wb_last_bias_arg{pixels: n * p, channels: c, half: flag(l.half), dy: l.image(len(l.dy), l.dy), db: l.floats(l.channels, nil),
		work: l.floats(int(C.wb_last_bias_floats(c)), nil)}
	C.wb_last_bias(unsafe.Pointer(&a))
	return append([]float32(nil), floats(unsafe.Pointer(a.db), l.channels)...)
}

// amxKernel runs the gradient of the weights by tiles: images [n, h, w, c] of bfloat16, the gradient in blocks of 16×16
// channels. All memory is filled with NaN before. emulated computes without the processor's tiles.
func (v *convolution) amxKernel(x, dy []uint16, threads int, emulated bool) ([]float32, error) {
	shape := v.amxShape()
	shape.threads = C.int(threads)
	up := func(channels int) int { return (channels + 15) / 16 * 16 }
	floatsOf := v.Groups * up(v.w[0]/v.Groups) * up(v.w[1]) * v.w[2] * v.w[3]
	var memory [4]unsafe.Pointer
	for i, bytes := range []int{2 * len(x), 2 * len(dy), floatBytes * floatsOf, int(C.wb_amx_work_bytes(&shape))} {
		p, err := allocate(bytes)
		if err != nil {
			return nil, err
		}
		defer C.free(p)
		memory[i] = p
		for k := range unsafe.Slice((*byte)(p), bytes) {
			unsafe.Slice((*byte)(p), bytes)[k] = 0xff
		}
	}
	copy(unsafe.Slice((*uint16)(memory[0]), len(x)), x)
	copy(unsafe.Slice((*uint16)(memory[1]), len(dy)), dy)
	arg := C.wb_amx_gradient_arg{s: shape, x: (*C.uint16_t)(memory[0]), dy: (*C.uint16_t)(memory[1]), dw: (*C.float)(memory[2]),
		work: memory[3], emulated: flag(emulated)}
	C.wb_amx_gradient(unsafe.Pointer(&arg))
	return append([]float32(nil), floats(memory[2], floatsOf)...), nil
}

// depthwiseKernels runs the kernels of depthwise convolutions. The weights are float32 in the
// order of their layout; channels fill blocks.
type depthwiseKernels struct {
	kernelOperands
	v       convolution
	last    bool // channels last instead of blocks
	weights []float32
	threads int
}

// pass computes y, dx and dw.
func (d *depthwiseKernels) pass() (y, dx, dw []float32) {
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

// poolKernels runs the kernels of max pooling.
type poolKernels struct {
	kernelOperands
	spec op.MaxPool
	md   *md // of x
	out  op.Shape
}

// newPoolKernels takes images in blocks of channels, or with channels last.
func newPoolKernels(spec op.MaxPool, shape op.Shape, half, last bool) *poolKernels {
	layout := imageLayout(vectorBlock())
	if last {
		layout = C.WB_CHANNELS_LAST
	}
	return &poolKernels{kernelOperands: kernelOperands{half: half}, spec: spec, md: newTypedMD(shape, layout, half)}
}

// pool computes y twice, with the choice that the gradient reads and without, and dx.
func (p *poolKernels) pool() (y, alone, dx []float32) {
	count := p.out.Size()
	shape := poolShape(p.spec, p.md, p.out)
	a := C.wb_max_pool_arg{s: shape, x: p.image(len(p.x), p.x), y: p.image(count, nil),
		chosen: (*C.uint8_t)(unsafe.Pointer(p.floats(count, nil)))}
	C.wb_max_pool(unsafe.Pointer(&a))
	b := C.wb_max_pool_bwd_arg{s: shape, chosen: a.chosen, dy: p.image(count, p.dy), dx: p.image(len(p.x), nil)}
	C.wb_max_pool_bwd(unsafe.Pointer(&b))
	c := a
	c.chosen, c.y = nil, p.image(count, nil)
	C.wb_max_pool(unsafe.Pointer(&c))
	return p.read(a.y, count), p.read(c.y, count), p.read(b.dx, len(p.x))
}
