package plan

import "workbench/nn/op"

// BatchNorm is BNStats and BNApply in one, perhaps with what follows them: y = activation(norm(x) +
// shortcut). In: x, scale, shift, and with Sum the shortcut, an image of y's shape. Out: y, statistics
// [2, c], and with Then a workspace that tells the backward pass what the activation was given. Only the
// backend knows the workspace's size, so its shape is nil.
type BatchNorm struct {
	Epsilon float64
	Sum     bool
	Then    op.Spec // op.ReLU, an op.Activation of normActivations, or nil; with Sum op.ReLU or nil
}

// BatchNormBwd is BNReduce, BNBwdData and their Rows in one, perhaps with the activation's gradient. With Sum the
// activation is the ReLU of a sum with a shortcut. With Plus another gradient of x is added to dx; Plus and Sum exclude
// each other. In: x, statistics, scale, dy; with Then the workspace, or with Sum y; with Plus the other gradient. Out:
// dx, dscale, dshift, and with Sum the shortcut's gradient.
type BatchNormBwd struct {
	Epsilon float64
	Sum     bool
	Then    op.Spec
	Plus    bool
}

// BatchNormInfer is BNInfer, perhaps followed by ReLU. In: x, mean, variance, scale, shift. Out: y.
type BatchNormInfer struct {
	Epsilon float64
	ReLU    bool
}

// BatchNormApply is BatchNorm with statistics that an earlier BatchNorm computed; its y is the same bit for bit. In: x,
// statistics [2, c], scale, shift, and with Sum the shortcut. Out: y.
type BatchNormApply BatchNorm

func (BatchNorm) Name() string      { return "batch_norm" }
func (BatchNormBwd) Name() string   { return "batch_norm_bwd" }
func (BatchNormInfer) Name() string { return "batch_norm_infer" }
func (BatchNormApply) Name() string { return "batch_norm_apply" }

// Apart takes the step of a BatchNorm apart: batch norm, the sum and the activation, each a step of its own.
// The values between them belong to no program.
func (n BatchNorm) Apart(s *Step) []*Step {
	first := &Step{Spec: BatchNorm{Epsilon: n.Epsilon}, In: s.In[:3], Out: []*Value{nil, s.Out[1], nil}}
	return n.follow(s, first, s.In[3:])
}

// Kept is the value that replaces the workspace of a BatchNorm which was taken apart: the one that the activation's
// gradient reads. steps are what Apart returned.
func (n BatchNorm) Kept(apart []*Step) *Value {
	last := apart[len(apart)-1]
	if then, ok := n.Then.(op.Activation); ok && !then.UsesResult() {
		return last.In[0]
	}
	return last.Out[0]
}

// Apart is BatchNorm.Apart for a BatchNormApply.
func (n BatchNormApply) Apart(s *Step) []*Step {
	first := &Step{Spec: BatchNormApply{Epsilon: n.Epsilon}, In: s.In[:4], Out: []*Value{nil}}
	return BatchNorm(n).follow(s, first, s.In[4:])
}

// follow appends to the first of the steps that s stands for the others.
func (n BatchNorm) follow(s, first *Step, shortcut []*Value) []*Step {
	steps := []*Step{first}
	after := func(spec op.Spec, in ...*Value) {
		last := steps[len(steps)-1]
		last.Out[0] = &Value{Kind: Temporary, Shape: s.Out[0].Shape}
		steps = append(steps, &Step{Spec: spec, In: append([]*Value{last.Out[0]}, in...), Out: []*Value{nil}})
	}
	if n.Sum {
		after(op.Sum{N: 2}, shortcut...)
	}
	if n.Then != nil {
		after(n.Then)
	}
	steps[len(steps)-1].Out[0] = s.Out[0]
	return steps
}

// Apart takes the step of a BatchNormBwd apart in two. With Plus the sum comes after the rest;
// otherwise the activation's gradient comes before it. The workspace is then the value that the
// activation's gradient reads; see BatchNorm.Kept.
func (n BatchNormBwd) Apart(s *Step) []*Step {
	between := &Value{Kind: Temporary, Shape: s.In[3].Shape}
	if n.Plus {
		n.Plus = false
		in, plus := s.In[:len(s.In)-1], s.In[len(s.In)-1]
		return []*Step{{Spec: n, In: in, Out: append([]*Value{between}, s.Out[1:]...)},
			{Spec: op.Sum{N: 2}, In: []*Value{between, plus}, Out: s.Out[:1]}}
	}
	if n.Sum && s.Out[3] != nil {
		between = s.Out[3]
	}
	var slope op.Spec = op.ReLUBwd{}
	if then, ok := n.Then.(op.Activation); ok {
		slope = op.ActivationBwd{Activation: then}
	}
	return []*Step{{Spec: slope, In: []*Value{s.In[4], s.In[3]}, Out: []*Value{between}},
		{Spec: BatchNormBwd{Epsilon: n.Epsilon}, In: []*Value{s.In[0], s.In[1], s.In[2], between}, Out: s.Out[:3]}}
}

// normActivations are the activations beside ReLU that a batch norm takes in. Each maps 0 to 0.
var normActivations = map[op.ActivationKind]bool{op.ReLU6: true, op.LeakyReLU: true, op.SiLU: true, op.HardSwish: true}

func (f *fusion) batchNorm(s *Step, spec op.BNApply) {
	x, st, scale, shift := s.In[0], s.In[1], s.In[2], s.In[3]
	f.gone[f.maker[st]] = true
	s.In = []*Value{x, scale, shift}
	fused := BatchNorm{Epsilon: spec.Epsilon, Sum: f.takeSum(s)}
	switch {
	case !fused.Sum:
		fused.Then = f.takeNormActivation(s, st)
	case f.takeReLU(s):
		fused.Then = op.ReLU{}
	}
	s.Spec = fused
	s.Out = []*Value{s.Out[0], st, nil}
	if fused.Then != nil {
		s.Out[2] = f.NewValue(Temporary, "", nil)
	}
	f.maker[st] = s
}

// takeNormActivation makes the batch norm s, whose statistics are st, compute the activation of its result.
// That needs a result which nothing reads but the activation and the activation's gradient, and a gradient
// which goes to this batch norm's gradient alone.
func (f *fusion) takeNormActivation(s *Step, st *Value) op.Spec {
	if f.takeReLU(s) {
		return op.ReLU{}
	}
	z := s.Out[0]
	var forward, backward *Step
	for _, r := range f.readers[z] {
		switch spec := r.Spec.(type) {
		case op.Activation:
			if normActivations[spec.Kind] && forward == nil {
				forward = r
			}
		case op.ActivationBwd:
			backward = r
		}
	}
	wanted := 1
	if backward != nil {
		wanted = 2
	}
	if forward == nil || f.uses[z] != wanted || backward != nil && !f.onlyForNorm(backward.Out[0], st) {
		return nil
	}
	f.absorb(s, forward)
	f.inner[z] = s
	return forward.Spec.(op.Activation)
}

// onlyForNorm tells whether nothing reads dz but the gradient of the batch norm with the statistics.
func (f *fusion) onlyForNorm(dz, st *Value) bool {
	for _, r := range f.readers[dz] {
		switch r.Spec.(type) {
		case op.BNReduce, op.BNBwdData:
			if r.In[1] != st {
				return false
			}
		default:
			return false
		}
	}
	return len(f.readers[dz]) > 0 && f.uses[dz] == len(f.readers[dz])
}

// batchNormBwd starts from the reduction, because the input's gradient may be missing if nothing reads it.
func (f *fusion) batchNormBwd(s *Step, spec op.BNReduce) {
	x, st, dz, red := s.In[0], s.In[1], s.In[2], s.Out[0]
	forward := f.maker[st]
	fused, in, dzUses := BatchNormBwd{Epsilon: spec.Epsilon}, []*Value{x, st, forward.In[1], dz}, 1
	out := []*Value{nil, nil, nil}
	for _, r := range f.readers[red] {
		switch reader := r.Spec.(type) {
		case op.Row:
			out[1+reader.Index] = r.Out[0]
		case op.BNBwdData:
			out[0], dzUses = r.Out[0], 2
		}
		f.gone[r] = true
	}
	norm := forward.Spec.(BatchNorm)
	if slope := f.slopeOf(dz, forward); slope != nil && (norm.Sum || f.uses[dz] == dzUses) {
		fused.Sum, fused.Then = norm.Sum, norm.Then
		in[3] = slope.In[1]
		if norm.Sum {
			in, out = append(in, forward.Out[0]), append(out, nil)
			if f.uses[dz] > dzUses {
				out[3] = dz
			}
		} else {
			in = append(in, forward.Out[2])
		}
		f.gone[slope] = true
	}
	s.In, s.Out = in, out
	fused.Plus = !fused.Sum && out[0] != nil && f.takePlus(s)
	s.Spec = fused
}

// takePlus makes s add another gradient of the same image to its first result.
func (f *fusion) takePlus(s *Step) bool {
	others := s.Out[1:]
	taken := f.takeSum(s)
	s.Out = append(s.Out[:1:1], others...)
	return taken
}

// slopeOf is the step that makes dz if it is the gradient of the activation that the batch norm took in; else nil.
func (f *fusion) slopeOf(dz *Value, norm *Step) *Step {
	slope := f.maker[dz]
	if slope == nil || f.gone[slope] || norm.Spec.(BatchNorm).Then == nil {
		return nil
	}
	switch slope.Spec.(type) {
	case op.ReLUBwd, op.ActivationBwd:
		if slope.In[0] == norm.Out[0] || f.inner[slope.In[0]] == norm {
			return slope
		}
	}
	return nil
}
