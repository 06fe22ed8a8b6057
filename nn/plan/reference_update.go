package plan

import (
	"math"

	"workbench/nn/op"
)

// finish does what follows the steps: assignments, and, once the last micro-batch of
// the update was run, moves and averages.
func (r *reference) finish() {
	for _, a := range r.Assigns {
		copyBuffer(r.buffers[a.State.ID], r.buffers[a.Value.ID])
	}
	if r.Optimizer == nil || !r.gather() {
		return
	}
	r.move()
	for _, a := range r.Averages {
		e, s, d := r.buffers[a.Average.ID], r.buffers[a.State.ID], r.Averaging.At(r.step())
		blend(e.F32, s.F32, d)
		blend(e.F64, s.F64, d)
	}
}

func (r *reference) step() int { return int(r.buffers[r.UpdateCount.ID].I32[0]) }

// gather adds the gradients to the sums and tells whether the update is complete.
func (r *reference) gather() bool {
	if r.MicroBatch == nil {
		return true
	}
	microBatch := int(r.buffers[r.MicroBatch.ID].I32[0])
	for _, m := range r.Moves {
		sum, g := r.buffers[m.Sum.ID], r.buffers[m.Grad.ID]
		if microBatch == 0 {
			copyBuffer(sum, g)
			continue
		}
		add(sum.F32, g.F32)
		add(sum.F64, g.F64)
	}
	return microBatch+1 >= r.Gradients.MicroBatches
}

// move applies the optimizer to every parameter. It copies the gradients first, because two parameters may share one.
func (r *reference) move() {
	optimizer := r.Optimizer
	if r.Momentum != nil {
		optimizer = optimizer.WithMomentum(float64(r.floats[r.Momentum.Name][0]))
	}
	grads := make([]op.Buffer, len(r.Moves))
	for i, m := range r.Moves {
		from := m.Grad
		if m.Sum != nil {
			from = m.Sum
		}
		grads[i] = op.Allocate(from.Shape, r.Double)
		copyBuffer(grads[i], r.buffers[from.ID])
		scale(grads[i], 1/float64(max(r.Gradients.MicroBatches, 1)))
	}
	r.clip(grads)
	for i, m := range r.Moves {
		var slots []op.Buffer
		for _, v := range m.Slots {
			slots = append(slots, r.buffers[v.ID])
		}
		at := At{Rate: float64(r.floats[r.Rate.Name][0]) * m.Scale, Decay: m.Decay, Step: r.step()}
		optimizer.Apply(r.buffers[m.Param.ID], grads[i], slots, at)
	}
}

func (r *reference) clip(grads []op.Buffer) {
	if r.Gradients.ClipNorm > 0 {
		sum := 0.0
		for _, g := range grads {
			sum += squares(g.F32) + squares(g.F64)
		}
		for _, g := range grads {
			scale(g, r.Gradients.ClipFactor(math.Sqrt(sum)))
		}
	}
	if limit := r.Gradients.ClipValue; limit > 0 {
		for _, g := range grads {
			bound(g.F32, float32(limit))
			bound(g.F64, limit)
		}
	}
}

func copyBuffer(to, from op.Buffer) {
	copy(to.F32, from.F32)
	copy(to.F64, from.F64)
}

func add[T op.Real](to, from []T) {
	for i := range to {
		to[i] += from[i]
	}
}

func scale(b op.Buffer, by float64) {
	for i := range b.F32 {
		b.F32[i] *= float32(by)
	}
	for i := range b.F64 {
		b.F64[i] *= by
	}
}

func squares[T op.Real](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

func bound[T op.Real](x []T, limit T) {
	for i := range x {
		x[i] = max(-limit, min(limit, x[i]))
	}
}

// blend is e ← d·e + (1 − d)·x.
func blend[T op.Real](e, x []T, d float64) {
	for i := range e {
		e[i] = T(T(d)*e[i]) + T(T(1-d)*x[i])
	}
}
