package plan

import "workbench/nn/op"

// deepest is how many steps in a row are repeated for one value. The sums of a residual network would otherwise lead
// back to its start. With this bound every eighth sum is kept.
const deepest = 8

// cheap reports whether a step costs little beside a convolution.
func cheap(s *Step) bool {
	switch s.Spec.(type) {
	case op.BNApply, BatchNorm, op.BNInfer, BatchNormInfer, op.RowNorm, op.ReLU, op.Activation, op.Sum, SumReLU, op.Mul, op.Scale,
		op.Concat, op.Channels, op.ChannelShuffle, op.Reshape, op.Transpose, op.Subsample, op.StopGradient, op.ScaleGradient,
		op.MaxPool, MaxPool, op.AvgPool, op.AdaptiveAvgPool, op.Dropout, op.DropPath:
		return true
	}
	return false
}

// cheap chooses the values that cheap steps make, unless keeping the operands would
// take as much memory as keeping the value.
func (r *recomputing) cheap() map[*Value]bool {
	c := &choosing{recomputing: r, again: map[*Value]bool{}, depth: map[*Value]int{}, held: map[*Value]bool{}}
	for v := range r.reads { // what no step can repeat is there in any case
		if !r.repeatable(v) || !cheap(r.Steps[r.maker[v]]) {
			c.held[v] = true
		}
	}
	for _, s := range r.Steps[:r.first] {
		if v := s.Out[0]; v != nil && r.repeatable(v) && cheap(s) {
			c.consider(v, s)
		}
	}
	return c.again
}

// choosing decides about the values in the order in which they are made.
type choosing struct {
	*recomputing
	again map[*Value]bool
	depth map[*Value]int  // steps in a row that repeat the value; 0: it is kept
	held  map[*Value]bool // kept until the backward pass for some reader
}

func (c *choosing) consider(v *Value, s *Step) {
	depth := 1 + c.below(s)
	if depth > deepest {
		c.keep(v)
		return
	}
	if !c.reads[v] { // it may serve to repeat others
		c.again[v], c.depth[v] = true, depth
		return
	}
	sources, size := c.sources(s), 0
	for _, source := range sources {
		if !c.held[source] {
			size += source.Shape.Size()
		}
	}
	// A concatenation is as large as its parts together, and the parts serve the next concatenation as well.
	if own := v.Shape.Size(); size > own || size == own && !isConcat(s) {
		c.keep(v)
		return
	}
	c.again[v], c.depth[v] = true, depth
	for _, source := range sources {
		c.held[source] = true
	}
}

func (c *choosing) keep(v *Value) {
	if c.reads[v] {
		c.held[v] = true
	}
}

// below is the largest depth of the operands. A concatenation counts as joining the
// parts of its concatenations directly.
func (c *choosing) below(s *Step) int {
	most := 0
	for _, v := range s.In {
		if inner := c.maker[v]; isConcat(s) && c.again[v] && isConcat(c.Steps[inner]) {
			most = max(most, c.depth[v]-1)
			continue
		}
		most = max(most, c.depth[v])
	}
	return most
}

// sources are the kept values of the forward pass that a repetition of the step reads.
func (c *choosing) sources(s *Step) (kept []*Value) {
	seen := map[*Value]bool{}
	var visit func(*Step)
	visit = func(s *Step) {
		for _, v := range s.In {
			i, forward := c.maker[v]
			if !forward || seen[v] {
				continue
			}
			seen[v] = true
			if c.again[v] {
				visit(c.Steps[i])
			} else {
				kept = append(kept, v)
			}
		}
	}
	visit(s)
	return kept
}
