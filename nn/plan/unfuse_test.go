package plan_test

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

// unfuse undoes Fuse, so that the reference executor can run a fused program.
func unfuse(p *plan.Program) {
	made := map[*plan.Value]*plan.Value{} // workspace → what it stands for
	var steps []*plan.Step
	step := func(spec op.Spec, out *plan.Value, in ...*plan.Value) {
		steps = append(steps, &plan.Step{Spec: spec, In: in, Out: []*plan.Value{out}})
	}
	// masked adds the step that makes out, and ReLU as a second step if it has one.
	masked := func(relu bool, spec op.Spec, out *plan.Value, in ...*plan.Value) {
		if !relu {
			step(spec, out, in...)
			return
		}
		sum := p.NewValue(plan.Temporary, "", out.Shape)
		step(spec, sum, in...)
		step(op.ReLU{}, out, sum)
	}
	for _, s := range parted(p) {
		in, out := s.In, s.Out
		switch spec := s.Spec.(type) {
		case plan.BatchNorm:
			step(op.BNStats{}, out[1], in[0])
			parts := known(p, out[0], spec.Apart(s))
			step(op.BNApply{Epsilon: spec.Epsilon}, parts[0].Out[0], in[0], out[1], in[1], in[2])
			steps = append(steps, parts[1:]...)
			made[out[2]] = spec.Kept(parts)
		case plan.BatchNormBwd:
			dz := in[3]
			if spec.Then != nil {
				if !spec.Sum {
					in[4] = made[in[4]]
				}
				slope := spec.Apart(s)[0]
				dz = slope.Out[0]
				if !spec.Sum || out[3] == nil {
					known(p, nil, []*plan.Step{slope})
				}
				steps = append(steps, slope)
			}
			red := p.NewValue(plan.Temporary, "", in[1].Shape)
			step(op.BNReduce{Epsilon: spec.Epsilon}, red, in[0], in[1], dz)
			if out[0] != nil {
				step(op.BNBwdData{Epsilon: spec.Epsilon}, out[0], in[0], in[1], in[2], red, dz)
			}
			for row, v := range out[1:3] {
				if v != nil {
					step(op.Row{Index: row}, v, red)
				}
			}
		case plan.BatchNormApply:
			parts := known(p, out[0], spec.Apart(s))
			step(op.BNApply{Epsilon: spec.Epsilon}, parts[0].Out[0], in[:4]...)
			steps = append(steps, parts[1:]...)
		case plan.MaxPool:
			step(spec.MaxPool, out[0], in[0])
			made[out[1]] = in[0]
		case plan.MaxPoolBwd:
			step(spec.MaxPoolBwd, out[0], made[in[0]], in[1])
		case plan.BatchNormInfer:
			masked(spec.ReLU, op.BNInfer{Epsilon: spec.Epsilon}, out[0], in...)
		case plan.SumReLU:
			masked(true, op.Sum{N: spec.N}, out[0], in...)
		case plan.Conv:
			for _, one := range known(p, s.Out[0], spec.Apart(s)) {
				normed, ok := one.Spec.(plan.Conv)
				if !ok {
					steps = append(steps, one)
					continue
				}
				y, operands := p.NewValue(plan.Temporary, "", one.Out[0].Shape), len(one.In)-4
				step(normed.Conv, y, one.In[:operands]...)
				step(op.BNInfer{Epsilon: normed.Epsilon}, one.Out[0], append([]*plan.Value{y}, normed.NormIn(one)...)...)
			}
		case plan.Linear:
			steps = append(steps, known(p, s.Out[0], spec.Apart(s))...)
		case plan.ConvBwdData:
			steps = append(steps, known(p, s.Out[0], spec.Apart(s))...)
		case plan.ConvBwdWeights:
			step(spec.ConvBwdWeights, out[0], in...)
			step(op.BiasBwd{}, out[1], in[1])
		case plan.LinearBwdWeights:
			step(op.LinearBwdWeights{}, out[0], in...)
			step(op.BiasBwd{}, out[1], in[1])
		default:
			steps = append(steps, s)
		}
	}
	p.Steps = steps
}

// parted are the program's steps, in which each sum of gradients is a step of its own.
func parted(p *plan.Program) (steps []*plan.Step) {
	for _, s := range p.Steps {
		if spec, ok := s.Spec.(plan.BatchNormBwd); ok && spec.Plus {
			steps = append(steps, known(p, s.Out[0], spec.Apart(s))...)
			continue
		}
		steps = append(steps, s)
	}
	return steps
}

// known adds the values between the steps of a fused one to the program's values.
func known(p *plan.Program, result *plan.Value, steps []*plan.Step) []*plan.Step {
	for _, s := range steps {
		if v := s.Out[0]; v != result {
			v.ID = len(p.Values)
			p.Values = append(p.Values, v)
		}
	}
	return steps
}
