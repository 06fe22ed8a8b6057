package plan

import "workbench/nn/op"

// SumReLU is a sum followed by ReLU. In: the terms. Out: y.
type SumReLU struct{ N int }

func (SumReLU) Name() string { return "sum_relu" }

// MaxPool is op.MaxPool that also leaves a workspace for its gradient. Only the backend knows the workspace's size, so
// its shape is nil. In: x. Out: y, workspace.
type MaxPool struct{ op.MaxPool }

// MaxPoolBwd is op.MaxPoolBwd that reads the workspace in place of x, which then need
// not be kept. In: workspace, dy. Out: dx.
type MaxPoolBwd struct{ op.MaxPoolBwd }

// ConvBwdWeights is op.ConvBwdWeights together with the bias's gradient. In: x, dy. Out: dw, db.
type ConvBwdWeights struct{ op.ConvBwdWeights }

func (ConvBwdWeights) Name() string { return "conv_bwd_weights" }

// LinearBwdWeights is op.LinearBwdWeights together with the bias's gradient. In: x, dy. Out: dw, db.
type LinearBwdWeights struct{}

func (LinearBwdWeights) Name() string { return "linear_bwd_weights" }

// fusion knows which step makes each value and which steps read it, while patterns are replaced.
type fusion struct {
	*Program
	maker   map[*Value]*Step
	readers map[*Value][]*Step
	uses    map[*Value]int
	gone    map[*Step]bool
	inner   map[*Value]*Step // what the activation within a BatchNorm is given → that BatchNorm
}

// Fuse replaces patterns of steps by the fused kinds of this package. The program still computes the same values. A
// backend that fuses must know every fused kind.
func Fuse(p *Program) {
	f := &fusion{Program: p, gone: map[*Step]bool{}, inner: map[*Value]*Step{}}
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
		case op.ConvBwdData:
			if f.takeSum(s) {
				s.Spec = ConvBwdData{spec}
			}
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

// takeReLU makes s compute ReLU of its result, provided that no other step reads the result itself.
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

// maxPoolBwd makes the pooling of the same x leave a workspace, and the gradient read it.
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

// takeBias joins the bias's gradient that reads the same dy to the weights' gradient.
func (f *fusion) takeBias(s *Step, fused any) {
	for _, r := range f.readers[s.In[1]] {
		if _, ok := r.Spec.(op.BiasBwd); ok && !f.gone[r] {
			f.gone[r] = true
			s.Spec, s.Out = fused, []*Value{s.Out[0], r.Out[0]}
			return
		}
	}
}

// sort restores the order in which operands come before their readers. Fusing a late
// step into an early one can break it.
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
