package plan

import "workbench/nn/op"

// Conv is a convolution with what follows it: y = activation(norm(conv(x)) + shortcut), where each part but the
// convolution is optional. In: x and weights; with Bias the bias; with Norm the running mean and variance, scale and
// shift; with Sum the shortcut, an image of y's shape. Out: y.
type Conv struct {
	op.Conv
	Norm    bool // batch norm with running statistics; everything but x is a state, and no step changes it
	Epsilon float64
	Sum     bool
	Then    op.Spec // op.ReLU, an op.Activation or nil
}

// Linear is op.Linear followed by an activation. In and Out are those of op.Linear.
type Linear struct {
	op.Linear
	Then op.Spec // op.ReLU or an op.Activation
}

// ConvBwdData is op.ConvBwdData whose result is added to another gradient of the same image.
// In: weights, dy, the other gradient. Out: dx.
type ConvBwdData struct{ op.ConvBwdData }

func (Conv) Name() string   { return "fused_conv" }
func (Linear) Name() string { return "fused_linear" }

// NormIn returns the operands of batch norm among the operands of the step.
func (c Conv) NormIn(s *Step) []*Value {
	if !c.Norm {
		return nil
	}
	from := 2
	if c.Bias {
		from = 3
	}
	return s.In[from : from+4]
}

// Apart takes the step of a Conv apart: the convolution with its batch norm, the sum and the activation, each a step of
// its own. The values between them belong to no program.
func (c Conv) Apart(s *Step) []*Step {
	in := s.In
	first := &Step{Spec: c.Conv, In: in}
	if c.Norm {
		first.Spec = Conv{Conv: c.Conv, Norm: true, Epsilon: c.Epsilon}
	}
	steps := []*Step{first}
	after := func(spec op.Spec, in ...*Value) {
		last := steps[len(steps)-1]
		last.Out = []*Value{{Kind: Temporary, Shape: s.Out[0].Shape}}
		steps = append(steps, &Step{Spec: spec, In: append(last.Out[:1:1], in...)})
	}
	if c.Sum {
		first.In = in[: len(in)-1 : len(in)-1]
		after(op.Sum{N: 2}, in[len(in)-1])
	}
	if c.Then != nil {
		after(c.Then)
	}
	steps[len(steps)-1].Out = s.Out
	return steps
}

// Apart is Conv.Apart for a Linear.
func (l Linear) Apart(s *Step) []*Step {
	between := []*Value{{Kind: Temporary, Shape: s.Out[0].Shape}}
	return []*Step{{Spec: l.Linear, In: s.In, Out: between}, {Spec: l.Then, In: between, Out: s.Out}}
}

// Apart is Conv.Apart for a ConvBwdData.
func (c ConvBwdData) Apart(s *Step) []*Step {
	between := []*Value{{Kind: Temporary, Shape: s.Out[0].Shape}}
	return []*Step{{Spec: c.ConvBwdData, In: s.In[:2], Out: between}, {Spec: op.Sum{N: 2}, In: []*Value{between[0], s.In[2]}, Out: s.Out}}
}

// inference tells whether no state changes while the program runs. What depends on
// states alone can then be computed once.
func (p *Program) inference() bool { return p.Optimizer == nil && len(p.Assigns) == 0 }

func (f *fusion) conv(s *Step, spec op.Conv) {
	fused := Conv{Conv: spec}
	if f.inference() {
		fused.Norm, fused.Epsilon = f.takeNorm(s)
		fused.Sum = f.takeSum(s)
	}
	fused.Then = f.takeActivation(s)
	if fused.Norm || fused.Sum || fused.Then != nil {
		s.Spec = fused
	}
}

func (f *fusion) linear(s *Step, spec op.Linear) {
	if then := f.takeActivation(s); then != nil {
		s.Spec = Linear{Linear: spec, Then: then}
	}
}

// next is the only step that reads the result of s; nil if something else reads it too.
func (f *fusion) next(s *Step) *Step {
	y := s.Out[0]
	if f.uses[y] != 1 || len(f.readers[y]) != 1 || f.gone[f.readers[y][0]] {
		return nil
	}
	return f.readers[y][0]
}

// absorb makes s compute what its reader r computes, and removes r.
func (f *fusion) absorb(s, r *Step) {
	for _, v := range r.In {
		if v != s.Out[0] {
			s.In = append(s.In[:len(s.In):len(s.In)], v)
			f.readers[v] = append(f.readers[v], s)
		}
	}
	f.gone[r] = true
	s.Out = r.Out
	f.maker[s.Out[0]] = s
}

// takeActivation makes s compute the activation of its result, provided that no other step reads the result itself.
func (f *fusion) takeActivation(s *Step) op.Spec {
	r := f.next(s)
	if r == nil {
		return nil
	}
	switch spec := r.Spec.(type) {
	case op.ReLU:
		f.absorb(s, r)
		return spec
	case op.Activation:
		f.absorb(s, r)
		return spec
	}
	return nil
}

// takeNorm makes the convolution s compute the batch norm of its result.
func (f *fusion) takeNorm(s *Step) (bool, float64) {
	r := f.next(s)
	if r == nil {
		return false, 0
	}
	spec, ok := r.Spec.(op.BNInfer)
	if !ok || r.In[0] != s.Out[0] {
		return false, 0
	}
	for _, v := range append(s.In[1:len(s.In):len(s.In)], r.In[1:]...) {
		if v.Kind != State {
			return false, 0
		}
	}
	f.absorb(s, r)
	return true, spec.Epsilon
}

// takeSum makes s add an image to its result.
func (f *fusion) takeSum(s *Step) bool {
	r := f.next(s)
	if r == nil {
		return false
	}
	if spec, ok := r.Spec.(op.Sum); !ok || spec.N != 2 {
		return false
	}
	f.absorb(s, r)
	return true
}
