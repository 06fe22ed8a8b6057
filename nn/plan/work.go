package plan

import "workbench/nn/op"

// MultiplyAdds is the work of one run of a program: the multiply-adds of its convolutions, linear layers and matrix
// products, forward and backward, as far as the program computes them, and for each parameter that it moves one for the
// gradient and one for each slot of the optimizer. It reads the program as it was lowered, before Fuse.
func (p *Program) MultiplyAdds() float64 {
	sum := 0.0
	for _, s := range p.Steps {
		sum += s.multiplyAdds()
	}
	for _, m := range p.Moves {
		sum += float64(m.Param.Shape.Size()) * float64(1+len(m.Slots))
	}
	return sum
}

func (s *Step) multiplyAdds() float64 {
	if len(s.Out) == 0 || s.Out[0] == nil {
		return 0
	}
	each := func(results, terms op.Shape) float64 { return float64(results.Size()) * float64(terms.Size()) }
	switch spec := s.Spec.(type) {
	case op.Conv, op.Linear:
		return each(s.Out[0].Shape, s.In[1].Shape[1:])
	case op.ConvBwdData, op.LinearBwdData:
		return each(s.In[1].Shape, s.In[0].Shape[1:])
	case op.ConvBwdWeights, op.LinearBwdWeights:
		return each(s.In[1].Shape, s.Out[0].Shape[1:])
	case op.MatMul:
		inner := s.In[0].Shape
		if spec.TransA {
			return each(s.Out[0].Shape, inner[len(inner)-2:len(inner)-1])
		}
		return each(s.Out[0].Shape, inner[len(inner)-1:])
	}
	return 0
}
