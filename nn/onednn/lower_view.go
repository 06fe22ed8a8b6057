//go:build !noonednn

package onednn

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

// Concatenations and slices without copies, where whole blocks of channels stand for them and a batch norm writes or reads them: it is
// the only one whose kernel takes images that lie among the channels of larger ones. The library's want images without gaps.

// part is where a value lies among the channels of the concatenation that is all that reads it.
type part struct {
	of   *plan.Step
	from int
}

// partsOf finds the values that only one concatenation reads.
func partsOf(p *plan.Program) map[*plan.Value]part {
	uses, parts := map[*plan.Value]int{}, map[*plan.Value]part{}
	for _, s := range p.Steps {
		for _, v := range s.In {
			uses[v]++
		}
		if _, ok := s.Spec.(op.Concat); !ok || s.Again != nil || len(s.Out[0].Shape) != 4 {
			continue
		}
		from := 0
		for _, v := range s.In {
			parts[v] = part{s, from}
			from += v.Shape[1]
		}
	}
	for _, v := range p.Ends() {
		uses[v]++
	}
	for v := range parts {
		if uses[v] != 1 || v.Kind != plan.Temporary {
			delete(parts, v)
		}
	}
	return parts
}

// blockwise tells whether images of the layout are of float32 in the blocks of our kernels.
func blockwise(m *md) bool { return m.channelBlock() == vectorBlock() && !m.half() }

// wholeBlock tells whether a number of channels is whole blocks.
func wholeBlock(channels int) bool { return channels%vectorBlock() == 0 }

// within is the memory of channels, in the layout m, of larger images.
func within(whole *buffer, from int, m *md) (b *buffer, apart int) {
	shape := op.Shape(whole.md.dims)
	area := shape[2] * shape[3]
	return &buffer{md: m, at: whole.at, offset: whole.offset + from*area*floatBytes}, int(wholeBlocks(shape[1])) / vectorBlock() * area
}

// target is where a batch norm writes y in the layout m: memory of its own or, apart pixels of a block between images, some channels
// of the concatenation that alone reads it.
func (c *compiler) target(y *plan.Value, m *md) (b *buffer, apart int) {
	p, ok := c.parts[y]
	if !ok || !blockwise(m) || !wholeBlock(p.from) || !wholeBlock(y.Shape[1]) {
		return c.define(y, m), 0
	}
	whole := c.joined[p.of]
	if whole == nil {
		whole = c.define(nil, blockedImage(p.of.Out[0].Shape))
		c.joined[p.of] = whole
	}
	c.there[y] = true
	return within(whole, p.from, m)
}

// slice is channels of an image that are copied when somebody wants them alone.
type slice struct {
	step *plan.Step // that makes them
	x    *buffer
	from int
}

// sliced remembers a slice of a training program if a batch norm's gradient could read it where it is.
func (c *compiler) sliced(s *plan.Step, x *buffer, spec op.Channels) bool {
	if !c.training || s.Again != nil || !blockwise(x.md) || !wholeBlock(spec.From) || !wholeBlock(spec.Count) {
		return false
	}
	c.slices[s.Out[0]] = slice{s, x, spec.From}
	return true
}

// copied makes a slice a value of its own.
func (c *compiler) copied(v *plan.Value, s slice) *buffer {
	y := c.define(v, imagesLike(s.x.md, v.Shape))
	c.gather(s.step, []piece{{s.x, s.from, v.Shape[1]}}, y)
	return y
}

// gradientLike is dy in the layout of x, or where it lies among the channels of a larger image, apart pixels of a block between images.
func (c *compiler) gradientLike(v *plan.Value, mx *md) (dy *buffer, apart int, err error) {
	if s, ok := c.slices[v]; ok && c.home[v] == nil && blockwise(mx) {
		dy, apart = within(s.x, s.from, mx)
		return dy, apart, nil
	}
	dy, err = c.layoutAs(v, mx)
	return dy, 0, err
}
