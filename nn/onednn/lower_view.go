//go:build !noonednn

package onednn

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

// Concatenations and slices without copies, where batch norms read or write them. Only the kernel of batch norm takes
// images that lie among the channels of larger images; the library's kernels want images without gaps.

// view is an image that may lie, in blocks of channels, among the channels of a larger image.
type view struct {
	*buffer
	apart int // how many pixels of a block lie between neighbouring images; 0: none but the image's own
}

// whole is the buffer if the image has all of it; nil otherwise.
func (v *view) whole() *buffer {
	if v.apart > 0 {
		return nil
	}
	return v.buffer
}

// of is how many channels the larger images have.
func (v *view) of() int {
	if v.apart == 0 {
		return v.md.dims[1]
	}
	return v.apart / (v.md.dims[2] * v.md.dims[3]) * vectorBlock()
}

// part is some of the view's channels, in the layout m. They begin at the first channel of a block.
func (v *view) part(from int, m *md) *view {
	area := v.md.dims[2] * v.md.dims[3]
	return &view{&buffer{md: m, at: v.at, offset: v.offset + from*area*floatBytes}, int(wholeBlocks(v.of())) / vectorBlock() * area}
}

// blockwise tells whether the layout is of float32 images in the blocks of our kernels.
func blockwise(m *md) bool {
	return vectorBlock() > 0 && m.channelBlock() == vectorBlock() && !m.half()
}

// wholeBlock tells whether so many channels are whole blocks.
func wholeBlock(channels int) bool { return channels%vectorBlock() == 0 }

// lying is a value that lies among the channels of others.
type lying struct {
	maker *plan.Step
	at    *view
}

// placed is the value where it lies, perhaps among other channels.
func (c *compiler) placed(v *plan.Value) *view {
	if l := c.views[v]; l != nil && c.home[v] == nil {
		return l.at
	}
	return &view{buffer: c.get(v)}
}

// placedAs is the value in the layout m, perhaps where it lies among other channels.
func (c *compiler) placedAs(v *plan.Value, m *md) (*view, error) {
	if l := c.views[v]; l != nil && c.home[v] == nil && blockwise(m) {
		return l.at, nil
	}
	b, err := c.layoutAs(v, m)
	return &view{buffer: b}, err
}

// copied gives memory of its own to a value that lies among other channels.
func (c *compiler) copied(v *plan.Value, l *lying) *buffer {
	y := c.define(v, imagesLike(l.at.md, v.Shape))
	c.gather(l.maker, []piece{{l.at, 0, v.Shape[1]}}, &view{buffer: y})
	return y
}

// put notes where the step's result lies.
func (c *compiler) put(s *plan.Step, at *view) {
	if at.apart == 0 {
		c.home[s.Out[0]] = at.buffer
		return
	}
	c.views[s.Out[0]] = &lying{s, at}
}

// target is where a batch norm writes y in the layout m: memory of its own, or some channels of the
// concatenation that is the only reader of y.
func (c *compiler) target(y *plan.Value, m *md) *view {
	p, ok := c.parts[y]
	if !ok || !blockwise(m) || !wholeBlock(p.from) || !wholeBlock(y.Shape[1]) {
		return &view{buffer: c.define(y, m)}
	}
	joint := c.memories[p.of]
	if !joint.open(c) {
		return &view{buffer: c.define(y, m)}
	}
	c.there[y] = true
	return joint.whole.part(p.from, m)
}

// sliced notes where a slice of a training program lies, if the gradient of a batch
// norm could read it there without a copy.
func (c *compiler) sliced(s *plan.Step, x *view, spec op.Channels) bool {
	if !c.training || s.Again != nil || !blockwise(x.md) || !c.yields[s.Out[0]] && !(wholeBlock(spec.From) && wholeBlock(spec.Count)) {
		return false
	}
	c.views[s.Out[0]] = &lying{s, x.part(spec.From, imagesLike(x.md, s.Out[0].Shape))}
	return true
}

// summed is where a batch norm writes dx in the layout m, and what is added to dx; nil: nothing. The sum takes the
// place of the slice if the slice's memory may be overwritten (see yieldsOf).
func (c *compiler) summed(s *plan.Step, spec plan.BatchNormBwd, m *md) (dx *view, plus *buffer, err error) {
	if spec.Plus {
		other := s.In[len(s.In)-1]
		if l := c.views[other]; l != nil && c.home[other] == nil && c.yields[other] && blockwise(m) {
			c.put(s, l.at)
			return l.at, l.at.buffer, nil
		}
		if plus, err = c.layoutAs(other, m); err != nil {
			return nil, nil, err
		}
	}
	return &view{buffer: c.define(s.Out[0], m)}, plus, nil
}
