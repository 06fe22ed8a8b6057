package plan

import "workbench/nn/op"

// BatchNorm is BNStats, BNApply and perhaps ReLU in one. In: x, scale, shift. Out: y, statistics [2, c], and a workspace whose
// size the backend knows (shape nil) that tells the backward pass where ReLU was active.
type BatchNorm struct {
	Epsilon float64
	ReLU    bool
}

func (BatchNorm) Name() string { return "batch_norm" }

// BatchNormBwd is BNReduce, BNBwdData, their Rows and perhaps ReLUBwd in one.
// In: x, statistics, scale, dy, and with ReLU the workspace. Out: dx, dscale, dshift.
type BatchNormBwd struct {
	Epsilon float64
	ReLU    bool
}

func (BatchNormBwd) Name() string { return "batch_norm_bwd" }

// BatchNormInfer is BNInfer and perhaps ReLU. In: x, mean, variance, scale, shift. Out: y.
type BatchNormInfer struct {
	Epsilon float64
	ReLU    bool
}

func (BatchNormInfer) Name() string { return "batch_norm_infer" }

// SumReLU is a sum and the ReLU of it. In: the terms. Out: y.
type SumReLU struct{ N int }

func (SumReLU) Name() string { return "sum_relu" }

// BatchNormApply is BNApply and perhaps ReLU with statistics that an earlier BatchNorm took: its y again, bit for bit.
// In: x, statistics [2, c], scale, shift. Out: y.
type BatchNormApply struct {
	Epsilon float64
	ReLU    bool
}

func (BatchNormApply) Name() string { return "batch_norm_apply" }

// MaxPool is op.MaxPool that leaves a workspace, whose size the backend knows (shape nil), for its gradient. In: x. Out: y,
// workspace.
type MaxPool struct{ op.MaxPool }

// MaxPoolBwd is op.MaxPoolBwd from the workspace, so that x need not be kept. In: workspace, dy. Out: dx.
type MaxPoolBwd struct{ op.MaxPoolBwd }

// ConvBwdWeights is op.ConvBwdWeights with the bias's gradient. In: x, dy. Out: dw, db.
type ConvBwdWeights struct{ op.ConvBwdWeights }

func (ConvBwdWeights) Name() string { return "conv_bwd_weights" }

// LinearBwdWeights is op.LinearBwdWeights with the bias's gradient. In: x, dy. Out: dw, db.
type LinearBwdWeights struct{}

func (LinearBwdWeights) Name() string { return "linear_bwd_weights" }

// fusion holds who makes and who reads each value while patterns are replaced.
type fusion struct {
	*Program
	maker   map[*Value]*Step
	readers map[*Value][]*Step
	uses    map[*Value]int
	gone    map[*Step]bool
	work    map[*Value]*Value // y of a BatchNorm with ReLU → its workspace
}

// Fuse replaces patterns by the fused kinds of this package. The program computes the same values; a backend must
// know every kind.
func Fuse(p *Program) {
	f := &fusion{Program: p, gone: map[*Step]bool{}, work: map[*Value]*Value{}}
	f.index()
	for _, s := range p.Steps {
		if f.gone[s] {
			continue
		}
		switch spec := s.Spec.(type) {
		case op.BNApply:
			f.batchNorm(s, spec)
		case op.BNInfer:
			relu := f.takeReLU(s)
			s.Spec = BatchNormInfer{Epsilon: spec.Epsilon, ReLU: relu}
		case op.Sum:
			if f.takeReLU(s) {
				s.Spec = SumReLU{N: spec.N}
			}
		case op.Conv:
			f.conv(s, spec)
		case op.Linear:
			f.linear(s, spec)
		case op.BNReduce:
			f.batchNormBwd(s, spec)
		case op.MaxPoolBwd:
			f.maxPoolBwd(s, spec)
		case op.ConvBwdWeights:
			if spec.Bias {
				f.takeBias(s, ConvBwdWeights{spec})
			}
		case op.LinearBwdWeights:
			f.takeBias(s, LinearBwdWeights{})
		}
	}
	p.remove(f.gone)
	p.sort()
}

func (f *fusion) index() {
	f.maker, f.readers, f.uses = map[*Value]*Step{}, map[*Value][]*Step{}, f.Program.uses()
	for _, s := range f.Steps {
		for _, v := range s.In {
			f.readers[v] = append(f.readers[v], s)
		}
		for _, v := range s.Out {
			f.maker[v] = s
		}
	}
}

// takeReLU makes s compute the ReLU of its result if nobody else wants the result itself.
func (f *fusion) takeReLU(s *Step) bool {
	r := f.next(s)
	if r == nil {
		return false
	}
	if _, ok := r.Spec.(op.ReLU); !ok {
		return false
	}
	f.absorb(s, r)
	return true
}

func (f *fusion) batchNorm(s *Step, spec op.BNApply) {
	x, st, scale, shift := s.In[0], s.In[1], s.In[2], s.In[3]
	relu := f.takeReLU(s)
	f.gone[f.maker[st]] = true
	s.Spec = BatchNorm{Epsilon: spec.Epsilon, ReLU: relu}
	s.In = []*Value{x, scale, shift}
	s.Out = []*Value{s.Out[0], st, nil}
	if relu {
		s.Out[2] = f.NewValue(Temporary, "", nil)
		f.work[s.Out[0]] = s.Out[2]
	}
	f.maker[st] = s
}

// batchNormBwd starts from the reduction, since the input's gradient may be wanted by nobody.
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
	if mask := f.maker[dz]; mask != nil && f.uses[dz] == dzUses {
		if _, ok := mask.Spec.(op.ReLUBwd); ok && f.maker[mask.In[0]] == forward && f.work[mask.In[0]] != nil {
			fused.ReLU = true
			in = append(in[:3], mask.In[1], f.work[mask.In[0]])
			f.gone[mask] = true
		}
	}
	s.Spec, s.In, s.Out = fused, in, out
}

// maxPoolBwd lets the pooling of the same x leave a workspace.
func (f *fusion) maxPoolBwd(s *Step, spec op.MaxPoolBwd) {
	for _, r := range f.readers[s.In[0]] {
		if forward, ok := r.Spec.(op.MaxPool); ok && forward == spec.MaxPool {
			r.Spec, r.Out = MaxPool{forward}, []*Value{r.Out[0], f.NewValue(Temporary, "", nil)}
		}
		if forward, ok := r.Spec.(MaxPool); ok && forward.MaxPool == spec.MaxPool {
			s.Spec, s.In = MaxPoolBwd{spec}, []*Value{r.Out[1], s.In[1]}
			return
		}
	}
}

// takeBias joins the bias's gradient that reads the same dy.
func (f *fusion) takeBias(s *Step, fused any) {
	for _, r := range f.readers[s.In[1]] {
		if _, ok := r.Spec.(op.BiasBwd); ok && !f.gone[r] {
			f.gone[r] = true
			s.Spec, s.Out = fused, []*Value{s.Out[0], r.Out[0]}
			return
		}
	}
}

// sort restores the order (operands before readers), which fusing a late step into an early one can break.
func (p *Program) sort() {
	made := map[*Value]bool{}
	for _, s := range p.Steps {
		for _, v := range s.Out {
			made[v] = false
		}
	}
	ready := func(s *Step) bool {
		for _, v := range s.In {
			if done, temporary := made[v]; temporary && !done {
				return false
			}
		}
		return true
	}
	var order []*Step
	waiting := p.Steps
	for len(waiting) > 0 {
		var later []*Step
		for _, s := range waiting {
			if !ready(s) {
				later = append(later, s)
				continue
			}
			order = append(order, s)
			for _, v := range s.Out {
				made[v] = true
			}
		}
		waiting = later
	}
	p.Steps = order
}
