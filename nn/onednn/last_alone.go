//go:build !noonednn

package onednn

/*
#include <stdlib.h>
#include "last.h"
*/
import "C"

import (
	"math"
	"unsafe"
)

// lastAlone runs the kernels for images with channels last alone, for tests, which cannot call C: no processor without bfloat16 has
// a plan with them. x, dy [n, pixels, channels] are numbers that bfloat16 holds if half. Memory is filled with what is no number.
type lastAlone struct {
	n, pixels, channels int
	half, own           bool
	x, dy               []float32
	gate                []float32
	memory              []unsafe.Pointer
}

func (l *lastAlone) free() {
	for _, p := range l.memory {
		C.free(p)
	}
}

func (l *lastAlone) floats(count int, from []float32) *C.float {
	p, err := allocate(floatBytes * count)
	if err != nil {
		panic(err)
	}
	l.memory = append(l.memory, p)
	for i := range floats(p, count) {
		floats(p, count)[i] = float32(math.NaN())
	}
	copy(floats(p, count), from)
	return (*C.float)(p)
}

// image is memory for count elements; half takes the upper 16 bits of each.
func (l *lastAlone) image(count int, from []float32) unsafe.Pointer {
	p := unsafe.Pointer(l.floats(count, from))
	if l.half {
		for i, v := range from {
			unsafe.Slice((*uint16)(p), count)[i] = uint16(math.Float32bits(v) >> 16)
		}
	}
	return p
}

func (l *lastAlone) read(p unsafe.Pointer, count int) []float32 {
	all := append([]float32(nil), floats(p, count)...)
	if l.half {
		for i, h := range unsafe.Slice((*uint16)(p), count) {
			all[i] = math.Float32frombits(uint32(h) << 16)
		}
	}
	return all
}

func (l *lastAlone) sizes() (n, pixels, channels C.int64_t) {
	return C.int64_t(l.n), C.int64_t(l.pixels), C.int64_t(l.channels)
}

// gates is x times the gate, and the gate's gradient.
func (l *lastAlone) gates() (y, dgate []float32) {
	n, p, c := l.sizes()
	a := C.wb_last_gate_arg{n: n, pixels: p, channels: c, half: flag(l.half), own: flag(l.own), x: l.image(len(l.x), l.x),
		gate: l.floats(len(l.gate), l.gate), y: l.image(len(l.x), nil)}
	C.wb_last_gate(unsafe.Pointer(&a))
	b := C.wb_last_gate_reduce_arg{n: n, pixels: p, channels: c, half: a.half, own: a.own, x: a.x, dy: l.image(len(l.dy), l.dy),
		dgate: l.floats(len(l.gate), nil), work: l.floats(int(C.wb_last_gate_floats(n, c)), nil)}
	C.wb_last_gate_reduce(unsafe.Pointer(&b))
	return l.read(a.y, len(l.x)), append([]float32(nil), floats(unsafe.Pointer(b.dgate), len(l.gate))...)
}

// bias is the sum of dy over images and pixels.
func (l *lastAlone) bias() []float32 {
	n, p, c := l.sizes()
	a := C.wb_last_bias_arg{pixels: n * p, channels: c, half: flag(l.half), dy: l.image(len(l.dy), l.dy), db: l.floats(l.channels, nil),
		work: l.floats(int(C.wb_last_bias_floats(c)), nil)}
	C.wb_last_bias(unsafe.Pointer(&a))
	return append([]float32(nil), floats(unsafe.Pointer(a.db), l.channels)...)
}
