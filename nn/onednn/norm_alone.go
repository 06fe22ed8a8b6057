//go:build !noonednn

package onednn

/*
#include "bridge.h"
#include "norm.h"
*/
import "C"

import (
	"unsafe"

	"workbench/nn/op"
)

// normAlone runs the kernels of batch norm alone, for tests: x, dy and the shortcut (nil: none) are numbers in the order of the layout,
// which bfloat16 holds if half.
type normAlone struct {
	lastAlone
	md           *md
	then         op.Spec
	scale, shift []float32
	shortcut     []float32
}

// newNormAlone has images in blocks of channels or with channels last.
func newNormAlone(shape op.Shape, half, last bool, then op.Spec) *normAlone {
	layout := imageLayout(vectorBlock())
	if last {
		layout = C.WB_CHANNELS_LAST
	}
	return &normAlone{lastAlone: lastAlone{half: half}, md: newTypedMD(shape, layout, half), then: then}
}

// size is the number of elements, those that fill up blocks included.
func (n *normAlone) size() int { return n.md.size() / n.md.elementBytes() }

// at is where an element lies.
func (n *normAlone) at(image, channel, pixel int) int {
	channels, pixels := n.md.dims[1], n.md.dims[2]*n.md.dims[3]
	if n.md.pixelwise() {
		return (image*pixels+pixel)*channels + channel
	}
	b := vectorBlock()
	return ((image*((channels+b-1)/b)+channel/b)*pixels+pixel)*b + channel%b
}

// normResults are y, y again from the statistics, dx and the shortcut's gradient (nil without one), and for each channel the statistics
// and the gradients of scale and shift.
type normResults struct {
	y, again, dx, dshortcut        []float32
	mean, variance, dscale, dshift []float32
}

// run computes dx over dy, or without a shortcut's gradient the other way round.
func (n *normAlone) run(epsilon float64) normResults {
	s, channels, count := normShape(n.md, epsilon, n.then), n.md.dims[1], n.size()
	vector := func() *C.float { return n.floats(channels, nil) }
	work := n.floats(int(C.wb_batch_norm_floats(&s)), nil)
	a := C.wb_batch_norm_arg{s: s, x: n.image(count, n.x), scale: n.floats(channels, n.scale), shift: n.floats(channels, n.shift),
		y: n.image(count, nil), mean: vector(), variance: vector(), _map: n.floats(int(C.wb_batch_norm_map_floats(&s)), nil), work: work}
	if n.shortcut != nil {
		a.shortcut = n.image(count, n.shortcut)
	}
	C.wb_batch_norm(unsafe.Pointer(&a))
	again := a
	again.y, again._map = n.image(count, nil), n.floats(int(C.wb_batch_norm_map_floats(&s)), nil)
	C.wb_batch_norm_apply(unsafe.Pointer(&again))

	dy := n.image(count, n.dy)
	b := C.wb_batch_norm_bwd_arg{s: s, x: a.x, dy: dy, mean: a.mean, variance: a.variance, scale: a.scale, _map: a._map, dx: dy,
		dscale: vector(), dshift: vector(), work: work}
	if n.shortcut != nil {
		b.result, b._map, b.dshortcut, b.dx = a.y, nil, dy, n.image(count, nil)
	}
	C.wb_batch_norm_bwd(unsafe.Pointer(&b))
	of := func(v *C.float) []float32 { return append([]float32(nil), floats(unsafe.Pointer(v), channels)...) }
	r := normResults{y: n.read(a.y, count), again: n.read(again.y, count), dx: n.read(b.dx, count),
		mean: of(a.mean), variance: of(a.variance), dscale: of(b.dscale), dshift: of(b.dshift)}
	if n.shortcut != nil {
		r.dshortcut = n.read(b.dshortcut, count)
	}
	return r
}
