package plan

import (
	"math"

	"workbench/nn/op"
)

// Update is what happens to the parameters of a program once their gradients are there, by the optimizer's own Apply.
// It is the definition: the reference executor runs it, and a backend runs it for an optimizer that it has no kernel
// for.
type Update struct {
	*Program
	Buffer   func(*Value) op.Buffer // where a parameter, a gradient, a slot or a sum is, in row-major order
	Rate     float64                // learning rate
	OwnRate  func(*Value) float64   // of a parameter that has one
	Momentum float64                // in place of the optimizer's own, where Program.Momentum is an input
	Step     int                    // updates made before
	Run      int                    // runs of this update made before, where Program.MicroBatch is an input
}

// Apply adds the gradients to their sums and, once the last micro-batch of the update was run, moves the parameters.
// It tells whether it has moved them.
func (u Update) Apply() bool {
	if !u.gather() {
		return false
	}
	u.move()
	return true
}

// gather adds the gradients to the sums and tells whether the update is complete.
func (u Update) gather() bool {
	if u.MicroBatch == nil {
		return true
	}
	for _, m := range u.Moves {
		sum, g := u.Buffer(m.Sum), u.Buffer(m.Grad)
		if u.Run == 0 {
			copyBuffer(sum, g)
			continue
		}
		add(sum.F32, g.F32)
		add(sum.F64, g.F64)
	}
	return u.Run+1 >= u.Gradients.MicroBatches
}

// move applies the optimizer to every parameter. It copies the gradients first, because two parameters may share one.
func (u Update) move() {
	optimizer := u.Optimizer
	if u.Program.Momentum != nil {
		optimizer = optimizer.WithMomentum(u.Momentum)
	}
	grads := make([]op.Buffer, len(u.Moves))
	for i, m := range u.Moves {
		from := m.Grad
		if m.Sum != nil {
			from = m.Sum
		}
		grads[i] = op.Allocate(from.Shape, u.Double)
		copyBuffer(grads[i], u.Buffer(from))
		scale(grads[i], 1/float64(max(u.Gradients.MicroBatches, 1)))
	}
	if ascent, up := optimizer.(Ascent); up {
		u.ascend(ascent, grads)
	}
	u.clip(grads)
	for i, m := range u.Moves {
		var slots []op.Buffer
		for _, v := range m.Slots {
			slots = append(slots, u.Buffer(v))
		}
		rate := u.Rate
		if m.Rate != nil {
			rate = u.OwnRate(m.Rate)
		}
		at := At{Rate: rate * m.Scale, Decay: m.Decay, Step: u.Step}
		optimizer.Apply(u.Buffer(m.Param), grads[i], slots, at)
	}
}

func (u Update) clip(grads []op.Buffer) {
	if u.Gradients.ClipNorm > 0 {
		sum := 0.0
		for _, g := range grads {
			sum += squares(g.F32) + squares(g.F64)
		}
		for _, g := range grads {
			scale(g, u.Gradients.ClipFactor(math.Sqrt(sum)))
		}
	}
	if limit := u.Gradients.ClipValue; limit > 0 {
		for _, g := range grads {
			bound(g.F32, float32(limit))
			bound(g.F64, limit)
		}
	}
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
