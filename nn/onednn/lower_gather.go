//go:build !noonednn

package onednn

// #include <stdlib.h>
// #include "bridge.h"
// #include "kernels_gather.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	registerPlain[op.Concat]((*compiler).concat)
	register((*compiler).channels)
	register((*compiler).channelsBwd)
}

// piece is some channels of an image. If the image is nil, the channels become zero
// or, if from is −1, keep what is there.
type piece struct {
	x           *view
	from, count int
}

// gather puts the pieces together. It takes any number of channels in blocks. The library's concatenation is slow if a
// part does not fill its blocks; it then leaves row-major images, for which batch norm is slow as well.
func (c *compiler) gather(s *plan.Step, pieces []piece, y *view) {
	shape := s.Out[0].Shape
	var reads []*buffer
	for _, p := range pieces {
		if p.x != nil {
			reads = append(reads, p.x.buffer)
		}
	}
	c.own(s.Name(), reads, []*buffer{y.buffer}, func() *C.wb_op {
		size := C.size_t(C.sizeof_wb_gather_channels_arg + len(pieces)*C.sizeof_wb_piece)
		arg := (*C.wb_gather_channels_arg)(C.calloc(1, size))
		defer C.free(unsafe.Pointer(arg))
		*arg = C.wb_gather_channels_arg{y: (*C.char)(y.data()), n: C.int64_t(shape[0]), c: C.int64_t(shape[1]),
			of: C.int64_t(y.of()), area: C.int64_t(shape[2:].Size()),
			block: C.int64_t(y.md.channelBlock()), size: C.int64_t(y.md.elementBytes()), count: C.int(len(pieces))}
		if y.md.channelsLast() { // as many images of one pixel
			arg.n, arg.area, arg.block = arg.n*arg.area, 1, 1
		}
		list := unsafe.Slice((*C.wb_piece)(unsafe.Add(unsafe.Pointer(arg), C.sizeof_wb_gather_channels_arg)), len(pieces))
		for i, p := range pieces {
			list[i] = C.wb_piece{from: C.int64_t(p.from), count: C.int64_t(p.count)}
			if p.x != nil {
				list[i].x, list[i].c = (*C.char)(p.x.data()), C.int64_t(p.x.of())
			}
		}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_gather_channels), unsafe.Pointer(arg), size)
	})
}

// imagesLike is the layout for images of the shape that is most like m: in m's blocks, or
// with channels last, and with m's elements.
func imagesLike(m *md, shape op.Shape) *md {
	if m.channelsLast() {
		return newTypedMD(shape, C.WB_CHANNELS_LAST, m.half())
	}
	return blockedMD(shape, m.channelBlock()).typed(m.half())
}

// images returns the value in a layout that gather takes.
func (c *compiler) images(v *plan.Value) (*view, error) {
	if x := c.placed(v); x.md.channelsLast() || x.apart > 0 {
		return x, nil
	}
	b, _, err := c.blocked(v)
	return &view{buffer: b}, err
}

// concat puts the result where parts of it already are; else into the layout of the value that it repeats, or of the
// first operand that is in blocks or has channels last.
func (c *compiler) concat(s *plan.Step) error {
	y := c.joined(s)
	if y == nil {
		y = &view{buffer: c.define(s.Out[0], imagesLike(c.concatLike(s), s.Out[0].Shape))}
	}
	c.put(s, y)
	var pieces []piece
	missing := false
	for _, v := range s.In {
		if c.there[v] {
			pieces = append(pieces, piece{from: -1, count: v.Shape[1]})
			continue
		}
		b, err := c.layoutAs(v, imagesLike(y.md, v.Shape))
		if err != nil {
			return err
		}
		pieces, missing = append(pieces, piece{x: &view{buffer: b}, count: v.Shape[1]}), true
	}
	if missing {
		c.gather(s, pieces, y)
	}
	return nil
}

func (c *compiler) concatLike(s *plan.Step) *md {
	if s.Again != nil {
		return c.get(s.Again).md
	}
	for _, v := range s.In {
		if m := c.get(v).md; m.channelBlock() > 1 || m.channelsLast() {
			return m
		}
	}
	return c.get(s.In[0]).md
}

func (c *compiler) channels(s *plan.Step, spec op.Channels) error {
	x, err := c.images(s.In[0])
	if err != nil {
		return err
	}
	if c.sliced(s, x, spec) {
		return nil
	}
	c.gather(s, []piece{{x, spec.From, spec.Count}}, &view{buffer: c.define(s.Out[0], imagesLike(x.md, s.Out[0].Shape))})
	return nil
}

func (c *compiler) channelsBwd(s *plan.Step, spec op.ChannelsBwd) error {
	dy, err := c.images(s.In[0])
	if err != nil {
		return err
	}
	count := s.In[0].Shape[1]
	pieces := []piece{{count: spec.From}, {x: dy, count: count}, {count: spec.Of - spec.From - count}}
	c.gather(s, pieces, &view{buffer: c.define(s.Out[0], imagesLike(dy.md, s.Out[0].Shape))})
	return nil
}
