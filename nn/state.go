package nn

import (
	"fmt"

	"workbench/nn/op"
)

// State adds a state of a method below the builder's path, such as a queue or a table with a row for each sample. It is
// in checkpoints, and Set and SetRows change it.
func (b *Builder) State(name string, init Init, shape ...int) Tensor {
	return b.Param(name, shape, Memory, init)
}

// Set makes the state take the value after the step. Layers that are added later and read Builder.Now of the state get
// the value.
func (b *Builder) Set(state, value Tensor) {
	p := b.state(state)
	if p == nil || value.node == nil {
		return
	}
	if !value.Shape().Equal(p.Shape) {
		b.Fail(fmt.Errorf("state %s %v: got a value %v", p.Path, p.Shape, value.Shape()))
		return
	}
	value = b.computed(value)
	b.now[state.node] = value
	for i, u := range b.updates {
		if u.Param == p && u.Rows != nil {
			b.Fail(fmt.Errorf("state %s changes by rows already in this step, it cannot change as a whole, too", p.Path))
			return
		}
		if u.Param == p {
			b.updates[i].Value = value.node // which was made from the value before it
			return
		}
	}
	b.updates = append(b.updates, Update{Param: p, Value: value.node})
}

// SetRows makes rows of a state [m, …] take those of the value [n, …] after the step: row i of the value goes to the
// row with number rows[i], nowhere if that is negative. If a number comes twice, the later row stays. It costs as much
// as the rows, not as much as the state.
func (b *Builder) SetRows(state, rows, value Tensor) {
	p := b.state(state)
	if p == nil || value.node == nil || rows.node == nil {
		return
	}
	at, v := rows.Shape(), value.Shape()
	if len(at) != 1 || len(v) != len(p.Shape) || v[0] != at[0] || !v[1:].Equal(p.Shape[1:]) {
		b.Fail(fmt.Errorf("state %s %v: rows %v with numbers %v do not fit", p.Path, p.Shape, v, at))
		return
	}
	for _, u := range b.updates {
		if u.Param == p {
			b.Fail(fmt.Errorf("state %s changes twice in a step, but rows can only once", p.Path))
			return
		}
	}
	b.updates = append(b.updates, Update{Param: p, Value: b.computed(value).node, Rows: rows.node})
}

// computed is the value as a result of its own: another state might change before it is copied.
func (b *Builder) computed(value Tensor) Tensor {
	if value.node.Op() != nil {
		return value
	}
	return b.Apply(op.Scale{By: 1}, value)
}

// Now is what a state is at this place of the graph: its value before the step, or what the last Set gave it.
func (b *Builder) Now(state Tensor) Tensor {
	if value, changed := b.now[state.node]; changed {
		return value
	}
	return state
}

// state is the parameter of a tensor that no optimizer moves.
func (b *Builder) state(t Tensor) *Param {
	if b.err != nil {
		return nil
	}
	for _, p := range b.params {
		if p.Node == t.node && p.Role >= Running {
			return p
		}
	}
	b.Fail(fmt.Errorf("set: want a state or a running statistic, got a value %v of another kind", op.Shape(t.Shape())))
	return nil
}
