package plan

import "workbench/nn/op"

// finish does what follows the steps: assignments, and, once the last micro-batch of
// the update was run, moves and averages.
func (r *reference) finish() {
	for _, a := range r.Assigns {
		copyBuffer(r.buffers[a.State.ID], r.buffers[a.Value.ID])
	}
	if r.Optimizer == nil {
		return
	}
	u := Update{Program: r.Program, Buffer: func(v *Value) op.Buffer { return r.buffers[v.ID] },
		Rate: float64(r.floats[r.Rate.Name][0]), Step: int(r.buffers[r.UpdateCount.ID].I32[0])}
	if r.Momentum != nil {
		u.Momentum = float64(r.floats[r.Momentum.Name][0])
	}
	if r.MicroBatch != nil {
		u.Run = int(r.buffers[r.MicroBatch.ID].I32[0])
	}
	if !u.Apply() {
		return
	}
	for _, a := range r.Averages {
		e, s, d := r.buffers[a.Average.ID], r.buffers[a.State.ID], r.Averaging.At(u.Step)
		blend(e.F32, s.F32, d)
		blend(e.F64, s.F64, d)
	}
}

func copyBuffer(to, from op.Buffer) {
	copy(to.F32, from.F32)
	copy(to.F64, from.F64)
}

// blend is e ← d·e + (1 − d)·x.
func blend[T op.Real](e, x []T, d float64) {
	for i := range e {
		e[i] = T(T(d)*e[i]) + T(T(1-d)*x[i])
	}
}
