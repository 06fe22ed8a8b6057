//go:build !noonednn

package onednn

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

// A joint is memory that one concatenation has or, in DenseNet, several share. Each concatenation but the first begins
// with the one before it and adds channels to it, and nothing but batch norms reads the one before. The last
// concatenation has all channels; the others are its first channels.
type joint struct {
	steps  []*plan.Step
	whole  *view // nil: not yet there
	closed bool  // each concatenation has memory of its own, in another layout
}

// open makes the memory if it may be shared, and tells whether there is some.
func (j *joint) open(c *compiler) bool {
	if j.whole == nil && !j.closed {
		j.whole = &view{buffer: c.define(nil, blockedImage(j.steps[len(j.steps)-1].Out[0].Shape))}
	}
	return j.whole != nil
}

// joined is where the concatenation lies if it shares memory with others, or if parts
// of it are in place already; else nil.
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

// part says where a value lies among the channels of the concatenation that is its only reader.
type part struct {
	of   *plan.Step
	from int
}

// joins tells whether a joint can be made of the step: whether it concatenates images.
func joins(s *plan.Step) bool {
	_, ok := s.Spec.(op.Concat)
	return ok && s.Again == nil && len(s.Out[0].Shape) == 4
}

// readers lists the steps that read each value, each as often as it reads it. A nil
// step stands for the end of the program.
type readers map[*plan.Value][]*plan.Step

// partsOf finds the values whose only reader is a concatenation.
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

// grows is the concatenation that begins with v, provided that all other readers of v are batch norms of v; else nil.
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

// yieldsOf finds slices whose memory may become a sum. Such a slice begins at the first channel, and its
// only reader is the gradient of a batch norm that is added to it. The sliced gradient itself must have no
// readers but slices without common channels.
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

// addsTo tells whether the step adds the gradient of a batch norm to v.
func addsTo(s *plan.Step, v *plan.Value) bool {
	if s == nil {
		return false
	}
	spec, ok := s.Spec.(plan.BatchNormBwd)
	return ok && spec.Plus && s.In[len(s.In)-1] == v
}

// disjoint returns the readers of a value if they are slices without common channels; else none.
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
