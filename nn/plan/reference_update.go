package plan

import "workbench/nn/op"

// finish does what follows the steps: assignments, and, once the last micro-batch of
// the update was run, moves and averages.
func (r *reference) finish() {
	for _, a := range r.Assigns {
		if a.Rows != nil {
			copyRows(r.buffers[a.State.ID], r.buffers[a.Value.ID], r.buffers[a.Rows.ID].I32)
		} else {
			copyBuffer(r.buffers[a.State.ID], r.buffers[a.Value.ID])
		}
	}
	if r.Optimizer == nil {
		return
	}
	u := Update{Program: r.Program, Buffer: func(v *Value) op.Buffer { return r.buffers[v.ID] },
		Rate:    float64(r.floats[r.Rate.Name][0]),
		OwnRate: func(v *Value) float64 { return float64(r.floats[v.Name][0]) },
		Step:    int(r.buffers[r.UpdateCount.ID].I32[0])}
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
		if a.Decay != nil {
			d = float64(r.floats[a.Decay.Name][0])
		}
		blend(e.F32, s.F32, d)
		blend(e.F64, s.F64, d)
	}
}

func copyBuffer(to, from op.Buffer) {
	copy(to.F32, from.F32)
	copy(to.F64, from.F64)
}

// copyRows copies row i of from to the row of to with number rows[i], nowhere if that is negative.
func copyRows(to, from op.Buffer, rows []int32) {
	d := from.Shape.Size() / from.Shape[0]
	for i, row := range rows {
		if row < 0 {
			continue
		}
		at, here := int(row)*d, i*d
		if to.F32 != nil {
			copy(to.F32[at:at+d], from.F32[here:])
		} else {
			copy(to.F64[at:at+d], from.F64[here:])
		}
	}
}

// blend is e ← d·e + (1 − d)·x.
func blend[T op.Real](e, x []T, d float64) {
	for i := range e {
		e[i] = T(T(d)*e[i]) + T(T(1-d)*x[i])
	}
}
