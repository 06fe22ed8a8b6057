//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "pool.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
)

// poolAlone runs the kernels of max pooling alone, for tests: x and dy are numbers in the order of the layout, which bfloat16 holds if
// half.
type poolAlone struct {
	lastAlone
	spec op.MaxPool
	md   *md // of x
	out  op.Shape
}

// newPoolAlone has images in blocks of channels or with channels last.
func newPoolAlone(spec op.MaxPool, shape op.Shape, half, last bool) *poolAlone {
	layout := imageLayout(vectorBlock())
	if last {
		layout = C.WB_CHANNELS_LAST
	}
	return &poolAlone{lastAlone: lastAlone{half: half}, spec: spec, md: newTypedMD(shape, layout, half)}
}

// pool is y, once with the choice for the gradient and once without, and dx.
func (p *poolAlone) pool() (y, alone, dx []float32) {
	count := p.out.Size()
	shape := poolShape(p.spec, p.md, p.out)
	a := C.wb_max_pool_arg{s: shape, x: p.image(len(p.x), p.x), y: p.image(count, nil), chosen: (*C.uint8_t)(unsafe.Pointer(p.floats(count, nil)))}
	C.wb_max_pool(unsafe.Pointer(&a))
	b := C.wb_max_pool_bwd_arg{s: shape, chosen: a.chosen, dy: p.image(count, p.dy), dx: p.image(len(p.x), nil)}
	C.wb_max_pool_bwd(unsafe.Pointer(&b))
	c := a
	c.chosen, c.y = nil, p.image(count, nil)
	C.wb_max_pool(unsafe.Pointer(&c))
	return p.read(a.y, count), p.read(c.y, count), p.read(b.dx, len(p.x))
}
