//go:build !noonednn

package onednn

/*
#include <stdlib.h>
#include "bridge.h"
*/
import "C"

import (
	"unsafe"

	"workbench/nn/op"
)

// md describes a tensor's layout in memory.
type md struct {
	c    *C.wb_md
	dims []int
}

func newMD(dims []int, layout C.int) *md { return newTypedMD(dims, layout, false) }

// newTypedMD is newMD in bfloat16 if half.
func newTypedMD(dims []int, layout C.int, half bool) *md {
	d := make([]C.int64_t, len(dims))
	for i, n := range dims {
		d[i] = C.int64_t(n)
	}
	m := C.wb_md_new(C.int(len(dims)), &d[0], layout, flag(half))
	if m == nil {
		return nil
	}
	return &md{m, dims}
}

// anyMD is a layout that the primitive chooses.
func anyMD(dims []int) *md { return newMD(dims, C.WB_ANY) }

// plainMD is the row-major layout. A scalar becomes a vector of one element.
func plainMD(shape op.Shape) *md {
	if len(shape) == 0 {
		shape = op.Shape{1}
	}
	return newMD(shape, C.WB_PLAIN)
}

// open is a layout of other axes, which a primitive chooses, with m's element type.
func (m *md) open(dims []int) *md { return newTypedMD(dims, C.WB_ANY, m.half()) }

// typed is m's layout with other elements, if m is row-major, in blocks of channels or
// with channels last; otherwise it is row-major.
func (m *md) typed(half bool) *md {
	if m.channelsLast() {
		return newTypedMD(m.dims, C.WB_CHANNELS_LAST, half)
	}
	return newTypedMD(m.dims, imageLayout(m.channelBlock()), half)
}

// imageLayout is the layout of images in blocks of so many channels.
func imageLayout(block int) C.int {
	switch block {
	case 8:
		return C.WB_BLOCK8
	case 16:
		return C.WB_BLOCK16
	}
	return C.WB_PLAIN
}

func (m *md) elementBytes() int {
	if m.half() {
		return floatBytes / 2
	}
	return floatBytes
}

func (m *md) half() bool        { return C.wb_md_is_half(m.c) != 0 }
func (m *md) plain() *md        { return newMD(m.dims, C.WB_PLAIN) }
func (m *md) equal(o *md) bool  { return C.wb_md_equal(m.c, o.c) != 0 }
func (m *md) size() int         { return int(C.wb_md_size(m.c)) }
func (m *md) isPlain() bool     { return C.wb_md_is_plain(m.c) != 0 }
func (m *md) channelBlock() int { return int(C.wb_md_block(m.c)) }

// part is the slice [from, from+count) of an axis, or nil if the layout cannot be cut there.
func (m *md) part(axis, from, count int) *md {
	c := C.wb_md_part(m.c, C.int(axis), C.int64_t(from), C.int64_t(count))
	if c == nil {
		return nil
	}
	dims := append([]int(nil), m.dims...)
	dims[axis] = count
	return &md{c, dims}
}

// primitive is a descriptor from which an instruction can be made.
type primitive struct{ pd C.wb_pd }

// newPrimitive wraps the result of a wb_… function.
func newPrimitive(pd C.wb_pd) (*primitive, error) {
	if pd == nil {
		return nil, lastError()
	}
	return &primitive{pd}, nil
}

func (p *primitive) free()        { C.wb_pd_free(p.pd) }
func (p *primitive) name() string { return C.GoString(C.wb_pd_name(p.pd)) }

// md is the layout of one of the primitive's memories; nil if it has none.
func (p *primitive) md(which, index C.int) *md {
	c := C.wb_pd_md(p.pd, which, index)
	if c == nil {
		return nil
	}
	return &md{c: c}
}

// mdOf is md for a memory whose dimensions are known.
func (p *primitive) mdOf(which, index C.int, dims []int) *md {
	m := p.md(which, index)
	if m != nil {
		m.dims = dims
	}
	return m
}

// operand binds a memory to an argument of a primitive (one of C.WB_ARG_…, plus an index for WB_ARG_MULTIPLE).
type operand struct {
	arg  C.int
	md   *md
	data unsafe.Pointer
}

func (p *primitive) instruction(operands []operand) (*C.wb_op, error) {
	cs := (*[1 << 20]C.wb_operand)(C.calloc(C.size_t(len(operands)), C.sizeof_wb_operand))[:len(operands):len(operands)]
	defer C.free(unsafe.Pointer(&cs[0]))
	for i, o := range operands {
		arg := C.wb_arg(min(o.arg, C.WB_ARG_MULTIPLE))
		if o.arg > C.WB_ARG_MULTIPLE {
			arg += o.arg - C.WB_ARG_MULTIPLE
		}
		cs[i] = C.wb_operand{arg: arg, md: o.md.c, data: o.data}
	}
	i := C.wb_op_primitive(p.pd, C.int(len(cs)), &cs[0])
	if i == nil {
		return nil, lastError()
	}
	return i, nil
}
