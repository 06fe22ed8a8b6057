package plan

import (
	"fmt"
	"slices"

	"workbench/nn/nearest"
	"workbench/nn/op"
)

// Recomputation says which activations a training program computes again in the backward pass, right before they
// are needed, instead of keeping them (activation recomputation, also called activation or gradient
// checkpointing). It trades time for memory and changes no bit of any result. Statistics, workspaces and the
// values that the end of the program reads are always kept.
type Recomputation string

const (
	// RecomputeNone keeps every activation that the backward pass reads. The empty Recomputation is the same.
	RecomputeNone Recomputation = "none"
	// RecomputeCheap keeps the results of convolutions and linear layers. It computes again what lies
	// between them: normalisation, activations, sums, pooling, concatenation (Pleiss et al. 2017,
	// "Memory-Efficient Implementation of DenseNets").
	RecomputeCheap Recomputation = "cheap"
	// RecomputeSegments cuts the forward pass into segments and keeps the values that pass from one
	// to the next, so that everything but the last segment is computed twice (Chen et al. 2016,
	// "Training Deep Nets with Sublinear Memory Cost").
	RecomputeSegments Recomputation = "segments"
)

// Recomputations lists the values of Recomputation.
func Recomputations() []string {
	return []string{string(RecomputeNone), string(RecomputeCheap), string(RecomputeSegments)}
}

// Check refuses a Recomputation that does not exist.
func (r Recomputation) Check() error {
	if r != "" && !slices.Contains(Recomputations(), string(r)) {
		return fmt.Errorf("unknown recomputation %q%s", string(r), nearest.Hint(string(r), Recomputations()))
	}
	return nil
}

// Recompute changes the program as p.Recompute says. A backend that fuses does so first, because Fuse could not tell
// the repeated steps from the original ones.
func Recompute(p *Program) error {
	if err := p.Recompute.Check(); err != nil {
		return err
	}
	r := newRecomputing(p)
	if r.first == len(p.Steps) {
		return nil // no gradient, nothing waits for it
	}
	switch p.Recompute {
	case RecomputeCheap:
		*p = *r.rewrite(r.cheap())
	case RecomputeSegments:
		*p = *r.segments()
	}
	return nil
}

// recomputing knows which steps of a program are its forward pass and which its backward pass.
type recomputing struct {
	*Program
	first int             // the first step of the backward pass
	maker map[*Value]int  // value of the forward pass → the step that makes it
	reads map[*Value]bool // values of the forward pass that the backward pass or the end reads
	ends  map[*Value]bool
}

func newRecomputing(p *Program) *recomputing {
	r := &recomputing{Program: p, maker: map[*Value]int{}, reads: map[*Value]bool{}, ends: map[*Value]bool{}}
	r.first = slices.IndexFunc(p.Steps, func(s *Step) bool {
		return slices.ContainsFunc(s.In, func(v *Value) bool { return v.Kind == Constant })
	})
	if r.first < 0 {
		r.first = len(p.Steps)
	}
	for i, s := range p.Steps[:r.first] {
		for _, v := range s.Out {
			if v != nil {
				r.maker[v] = i
			}
		}
	}
	for _, v := range p.Ends() {
		r.ends[v] = true
	}
	for _, s := range p.Steps[r.first:] {
		for _, v := range s.In {
			if _, forward := r.maker[v]; forward {
				r.reads[v] = true
			}
		}
	}
	return r
}

// repeatable reports whether a step can be made that repeats the value. Three kinds of values cannot be repeated:
// values that no step of the forward pass makes, values that are small and slow to compute (statistics, workspaces),
// and values that are kept for the end anyway.
func (r *recomputing) repeatable(v *Value) bool {
	i, forward := r.maker[v]
	if !forward || r.ends[v] || r.Steps[i].Out[0] != v {
		return false
	}
	switch r.Steps[i].Spec.(type) {
	case op.BNStats, op.RowStats:
		return false
	}
	return true
}

// rewrite is the program in which the backward pass repeats the chosen values.
func (r *recomputing) rewrite(again map[*Value]bool) *Program {
	p := *r.Program
	p.Values = slices.Clip(slices.Clone(r.Values))
	p.Steps = slices.Clone(r.Steps[:r.first])
	w := &rewriting{recomputing: r, to: &p, again: again, made: map[*Value]*Value{}}
	for _, s := range r.Steps[r.first:] {
		w.repeat(s.In)
		changed := *s
		changed.In = w.repeated(s.In)
		p.Steps = append(p.Steps, &changed)
	}
	return &p
}

// rewriting adds repeated steps to a program.
type rewriting struct {
	*recomputing
	to    *Program
	again map[*Value]bool
	made  map[*Value]*Value // value → its repetition
}

// repeat adds the steps that the values need, in the order of the forward pass.
func (w *rewriting) repeat(values []*Value) {
	missing := map[int]bool{}
	var want func(*Value)
	want = func(v *Value) {
		if i := w.maker[v]; w.again[v] && w.made[v] == nil && !missing[i] {
			missing[i] = true
			for _, operand := range w.operands(v) {
				want(operand)
			}
		}
	}
	for _, v := range values {
		want(v)
	}
	order := make([]int, 0, len(missing))
	for i := range missing {
		order = append(order, i)
	}
	slices.Sort(order)
	for _, i := range order {
		s := w.Steps[i]
		v := s.Out[0]
		in := w.repeated(w.operands(v))
		w.made[v] = w.to.NewValue(Temporary, "", v.Shape)
		w.to.Steps = append(w.to.Steps, &Step{Spec: repeatSpec(s, len(in)), In: in, Out: []*Value{w.made[v]}, Again: v})
	}
}

// operands are the values that the repetition of the value reads. If a concatenation joined other concatenations, its
// repetition joins their parts directly, so that they need not be repeated before.
func (w *rewriting) operands(v *Value) []*Value {
	s := w.Steps[w.maker[v]]
	switch s.Spec.(type) {
	case op.Concat:
		return w.parts(s)
	case BatchNorm:
		return append([]*Value{s.In[0], s.Out[1]}, s.In[1:]...)
	}
	return s.In
}

func (w *rewriting) parts(s *Step) []*Value {
	var parts []*Value
	for _, v := range s.In {
		if w.again[v] && w.made[v] == nil {
			if inner := w.Steps[w.maker[v]]; isConcat(inner) {
				parts = append(parts, w.parts(inner)...)
				continue
			}
		}
		parts = append(parts, v)
	}
	return parts
}

// repeated replaces each value by its repetition where there is one.
func (w *rewriting) repeated(values []*Value) []*Value {
	values = slices.Clone(values)
	for i, v := range values {
		if again := w.made[v]; again != nil {
			values[i] = again
		}
	}
	return values
}

func isConcat(s *Step) bool {
	_, ok := s.Spec.(op.Concat)
	return ok
}

// repeatSpec is the operator that computes the step's first result and nothing else.
func repeatSpec(s *Step, operands int) any {
	switch spec := s.Spec.(type) {
	case op.Concat:
		return op.Concat{N: operands}
	case BatchNorm:
		return BatchNormApply(spec)
	case MaxPool:
		return spec.MaxPool
	}
	return s.Spec
}
