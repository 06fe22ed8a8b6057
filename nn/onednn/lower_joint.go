//go:build !noonednn

package onednn

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

// A joint is the memory of a concatenation or, in DenseNet, of several: each but the first begins with the one before it, to which it
// adds channels that batch norms alone read. The last has all channels, and the others are its first ones.
type joint struct {
	steps  []*plan.Step
	whole  *view // nil: not yet there
	closed bool  // each concatenation has memory of its own, in another layout
}

// open makes the memory and tells whether there is some.
func (j *joint) open(c *compiler) bool {
	if j.whole == nil && !j.closed {
		j.whole = &view{buffer: c.define(nil, blockedImage(j.steps[len(j.steps)-1].Out[0].Shape))}
	}
	return j.whole != nil
}

// joined is where the concatenation lies if it is in memory with others or parts of it are there already; else nil.
func (c *compiler) joined(s *plan.Step) *view {
	j := c.memories[s]
	if j == nil {
		return nil
	}
	if j.whole == nil && len(j.steps) > 1 && !j.closed {
		j.closed = !blockwise(imagesLike(c.concatLike(s), s.Out[0].Shape))
		j.open(c)
	}
	if j.whole == nil || s == j.steps[len(j.steps)-1] {
		return j.whole
	}
	c.there[s.Out[0]] = true
	return j.whole.part(0, blockedImage(s.Out[0].Shape))
}

// part is where a value lies among the channels of the concatenation that is all that reads it.
type part struct {
	of   *plan.Step
	from int
}

// joins tells the steps that a joint is made of: concatenations of images.
func joins(s *plan.Step) bool {
	_, ok := s.Spec.(op.Concat)
	return ok && s.Again == nil && len(s.Out[0].Shape) == 4
}

// readers are the steps that read each value, as often as they do; the end of the program is a nil one.
type readers map[*plan.Value][]*plan.Step

// partsOf finds the values that only one concatenation reads.
func partsOf(p *plan.Program, read readers) map[*plan.Value]part {
	parts := map[*plan.Value]part{}
	for _, s := range p.Steps {
		if !joins(s) {
			continue
		}
		from := 0
		for _, v := range s.In {
			if v.Kind == plan.Temporary && len(read[v]) == 1 {
				parts[v] = part{s, from}
			}
			from += v.Shape[1]
		}
	}
	return parts
}

func readersOf(p *plan.Program) readers {
	read := readers{}
	for _, s := range p.Steps {
		for _, v := range s.In {
			read[v] = append(read[v], s)
		}
		if s.Again != nil {
			read[s.Again] = append(read[s.Again], s)
		}
	}
	for _, v := range p.Ends() {
		read[v] = append(read[v], nil)
	}
	return read
}

// jointsOf finds which concatenations share memory.
func jointsOf(p *plan.Program, read readers) map[*plan.Step]*joint {
	joints := map[*plan.Step]*joint{}
	for _, s := range p.Steps {
		if !joins(s) {
			continue
		}
		if joints[s] == nil {
			joints[s] = &joint{steps: []*plan.Step{s}}
		}
		if next := grows(s.Out[0], read[s.Out[0]]); next != nil {
			joints[s].steps = append(joints[s].steps, next)
			joints[next] = joints[s]
		}
	}
	return joints
}

// grows is the concatenation that begins with v if all others that read v are batch norms of it; else nil.
func grows(v *plan.Value, readers []*plan.Step) (next *plan.Step) {
	for _, s := range readers {
		switch {
		case s == nil || s.Again != nil || s.In[0] != v:
			return nil
		case normsAlone(s):
		default:
			if _, ok := s.Spec.(op.Concat); !ok || next != nil {
				return nil
			}
			next = s
		}
	}
	return next
}

// normsAlone tells whether the step is a batch norm, or its gradient, without a shortcut.
func normsAlone(s *plan.Step) bool {
	switch spec := s.Spec.(type) {
	case plan.BatchNorm:
		return !spec.Sum
	case plan.BatchNormApply:
		return !spec.Sum
	case plan.BatchNormBwd:
		return !spec.Sum
	case plan.BatchNormInfer:
		return true
	}
	return false
}

// yieldsOf finds the slices from the first channel on whose memory may become the sum of them and a batch norm's gradient, which
// alone reads them: of gradients that nobody reads but by slices that have no channel in common.
func yieldsOf(p *plan.Program, read readers) map[*plan.Value]bool {
	yields := map[*plan.Value]bool{}
	for _, s := range p.Steps {
		if _, ok := s.Spec.(plan.BatchNormBwd); !ok || s.Out[0] == nil {
			continue
		}
		for _, slice := range disjoint(read[s.Out[0]]) {
			v := slice.Out[0]
			if slice.Spec.(op.Channels).From == 0 && len(read[v]) == 1 && addsTo(read[v][0], v) {
				yields[v] = true
			}
		}
	}
	return yields
}

// addsTo tells whether the step is a batch norm's gradient that is added to v.
func addsTo(s *plan.Step, v *plan.Value) bool {
	if s == nil {
		return false
	}
	spec, ok := s.Spec.(plan.BatchNormBwd)
	return ok && spec.Plus && s.In[len(s.In)-1] == v
}

// disjoint are the readers of a value if they are slices that have no channel in common; else none.
func disjoint(readers []*plan.Step) []*plan.Step {
	taken := map[int]bool{}
	for _, s := range readers {
		if s == nil || s.Again != nil {
			return nil
		}
		spec, ok := s.Spec.(op.Channels)
		if !ok {
			return nil
		}
		for c := spec.From; c < spec.From+spec.Count; c++ {
			if taken[c] {
				return nil
			}
			taken[c] = true
		}
	}
	return readers
}
