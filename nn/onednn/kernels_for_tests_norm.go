//go:build !noonednn

// See kernels_for_tests.go.

package onednn

/*
#include "bridge.h"
#include "norm.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"workbench/nn/op"
)

// normKernels runs the kernels of batch norm. The shortcut and plus, which is added to dx, are in the
// order of the layout as x and dy are; nil: none.
type normKernels struct {
	kernelOperands
	md             *md
	then           op.Spec
	scale, shift   []float32
	shortcut, plus []float32
	// among puts x, dy and dx among the channels of larger images. It needs images in
	// blocks, and plus, which is then added in place.
	among bool
}

// newNormKernels takes images in blocks of channels, or with channels last.
func newNormKernels(shape op.Shape, half, last bool, then op.Spec) *normKernels {
	layout := imageLayout(vectorBlock())
	if last {
		layout = C.WB_CHANNELS_LAST
	}
	return &normKernels{kernelOperands: kernelOperands{half: half}, md: newTypedMD(shape, layout, half), then: then}
}

// size is the number of elements, including those that fill up blocks.
func (n *normKernels) size() int { return n.md.size() / n.md.elementBytes() }

// at is the position of an element.
func (n *normKernels) at(image, channel, pixel int) int {
	channels, pixels := n.md.dims[1], n.md.dims[2]*n.md.dims[3]
	if n.md.pixelwise() {
		return (image*pixels+pixel)*channels + channel
	}
	b := vectorBlock()
	return ((image*((channels+b-1)/b)+channel/b)*pixels+pixel)*b + channel%b
}

// normResults are y, y again from the statistics, dx and the shortcut's gradient (nil without one), and for each
// channel the statistics and the gradients of scale and shift.
type normResults struct {
	y, again, dx, dshortcut        []float32
	mean, variance, dscale, dshift []float32
	err                            error
}

// run calls the kernels one after another. dx takes the place of dy; with a shortcut, the shortcut's gradient does.
func (n *normKernels) run(epsilon float64) normResults {
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
	if n.plus != nil {
		b.plus = n.image(count, n.plus)
		b.dx = unsafe.Pointer(b.plus)
	}
	if n.among {
		return n.runAmong(a, b)
	}
	C.wb_batch_norm_bwd(unsafe.Pointer(&b))
	return n.results(a, again, b)
}

func (n *normKernels) results(a, again C.wb_batch_norm_arg, b C.wb_batch_norm_bwd_arg) normResults {
	channels, count := n.md.dims[1], n.size()
	of := func(v *C.float) []float32 { return append([]float32(nil), floats(unsafe.Pointer(v), channels)...) }
	r := normResults{y: n.read(a.y, count), again: n.read(again.y, count), dx: n.read(b.dx, count),
		mean: of(a.mean), variance: of(a.variance), dscale: of(b.dscale), dshift: of(b.dshift)}
	if n.shortcut != nil {
		r.dshortcut = n.read(b.dshortcut, count)
	}
	return r
}

// beyond is the number that other channels hold.
const beyond = 7

// spread is memory for images each of which is followed by `more` blocks of other channels. If shared, the lanes of its
// last block that are beyond its own channels are other channels too.
func (n *normKernels) spread(from []float32, more int, shared bool) unsafe.Pointer {
	own, block := n.size()/n.md.dims[0], vectorBlock()*n.md.dims[2]*n.md.dims[3]
	all := make([]float32, n.md.dims[0]*(own+more*block))
	for i := range all {
		all[i] = beyond
	}
	for image := range n.md.dims[0] {
		for i, v := range from[image*own : (image+1)*own] {
			if lane := i%vectorBlock() + i/block*vectorBlock(); lane < n.md.dims[1] || !shared {
				all[image*(own+more*block)+i] = v
			}
		}
	}
	return n.image(len(all), all)
}

// joined takes the images out of memory that spread made, with zeros in the lanes beyond their channels. It
// is an error if another channel has changed.
func (n *normKernels) joined(p unsafe.Pointer, more int) ([]float32, error) {
	own, block := n.size()/n.md.dims[0], vectorBlock()*n.md.dims[2]*n.md.dims[3]
	var joined []float32
	for i, v := range n.read(p, n.md.dims[0]*(own+more*block)) {
		at := i % (own + more*block)
		lane := at%vectorBlock() + at/block*vectorBlock()
		if lane >= n.md.dims[1] {
			if v != beyond {
				return nil, fmt.Errorf("element %d, of another channel, became %v", i, v)
			}
			v = 0
		}
		if at < own {
			joined = append(joined, v)
		}
	}
	return joined, nil
}

// runAmong is run for images that lie among other channels.
func (n *normKernels) runAmong(a C.wb_batch_norm_arg, b C.wb_batch_norm_bwd_arg) normResults {
	pixels := func(more int) C.int64_t {
		return C.int64_t((n.size()/n.md.dims[0]/(vectorBlock()*n.md.dims[2]*n.md.dims[3]) + more) * n.md.dims[2] * n.md.dims[3])
	}
	x := n.spread(n.x, 2, true)
	a.s.apart.x, a.x = pixels(2), x
	C.wb_batch_norm(unsafe.Pointer(&a))
	again := a
	again.y = n.image(n.size(), nil)
	C.wb_batch_norm_apply(unsafe.Pointer(&again))
	dx := n.spread(n.plus, 3, true)
	b.s.apart.x, b.s.apart.dy, b.s.apart.y = pixels(2), pixels(1), pixels(3)
	b.x, b.dy, b.plus, b.dx = x, n.spread(n.dy, 1, false), dx, dx
	C.wb_batch_norm_bwd(unsafe.Pointer(&b))
	compact := b
	compact.dx = n.image(n.size(), nil)
	r := n.results(a, again, compact)
	r.dx, r.err = n.joined(dx, 3)
	return r
}
