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
	half, relu, own     bool
	x, dy               []float32
	scale, shift, gate  []float32
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

// norm is y and, over it dy's memory, dx; the statistics; the gradients of scale and shift.
func (l *lastAlone) norm(epsilon float64) (y, dx, mean, variance, dscale, dshift []float32) {
	n, p, c := l.sizes()
	count, vector := len(l.x), func() *C.float { return l.floats(l.channels, nil) }
	a := C.wb_last_norm_arg{pixels: n * p, channels: c, half: flag(l.half), relu: flag(l.relu), epsilon: C.double(epsilon), x: l.image(count, l.x),
		scale: l.floats(l.channels, l.scale), shift: l.floats(l.channels, l.shift), y: l.image(count, nil), mean: vector(), variance: vector(),
		_map: l.floats(2*l.channels, nil), work: l.floats(int(C.wb_last_norm_floats(c)), nil)}
	C.wb_last_norm(unsafe.Pointer(&a))
	over := l.image(count, l.dy)
	b := C.wb_last_norm_bwd_arg{pixels: n * p, channels: c, half: a.half, relu: a.relu, epsilon: a.epsilon, x: a.x, dy: over, mean: a.mean,
		variance: a.variance, scale: a.scale, _map: a._map, dx: over, dscale: vector(), dshift: vector(), work: a.work}
	C.wb_last_norm_bwd(unsafe.Pointer(&b))
	of := func(v *C.float) []float32 { return append([]float32(nil), floats(unsafe.Pointer(v), l.channels)...) }
	return l.read(a.y, count), l.read(over, count), of(a.mean), of(a.variance), of(b.dscale), of(b.dshift)
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
		work: l.floats(int(C.wb_last_norm_floats(c)), nil)}
	C.wb_last_bias(unsafe.Pointer(&a))
	return append([]float32(nil), floats(unsafe.Pointer(a.db), l.channels)...)
}
