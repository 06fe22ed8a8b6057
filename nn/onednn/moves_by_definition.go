//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// definedMoves runs an optimizer that has no kernel by its definition in Go. States are copied to row-major order and
// back, so it is slower than a kernel, but an optimizer needs nothing in this package to work.
type definedMoves struct {
	program *plan.Program
	before  int                     // instructions of the program that come first
	states  map[*plan.Value]*state  // of parameters, slots and sums
	grads   map[*plan.Value]*buffer // in row-major order
	inputs  map[*plan.Value]*buffer
	scratch map[*plan.Value]op.Buffer
	seconds float64 // spent here since the profile began
}

// moveByDefinition makes the gradients readable in row-major order and remembers where the update belongs.
func (c *compiler) moveByDefinition() error {
	d := &definedMoves{program: c.Program, states: map[*plan.Value]*state{}, grads: map[*plan.Value]*buffer{},
		inputs: map[*plan.Value]*buffer{}, scratch: map[*plan.Value]op.Buffer{}}
	for _, m := range c.Moves {
		one, err := c.moving(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Param.Name, err)
		}
		if d.grads[m.Grad], err = c.plain(m.Grad); err != nil {
			return fmt.Errorf("%s: %w", m.Param.Name, err)
		}
		d.states[m.Param] = one.w.at.root().state
		for i, slot := range m.Slots {
			d.states[slot] = one.slots[i].at.root().state
		}
		if m.Sum != nil {
			d.states[m.Sum] = one.sum.at.root().state
		}
	}
	for _, v := range append(c.Program.OwnRates(), c.Rate, c.UpdateCount, c.Momentum, c.MicroBatch) {
		if v != nil {
			d.inputs[v] = c.get(v)
		}
	}
	for v := range d.states {
		d.scratch[v] = op.Buffer{Shape: v.Shape}
	}
	d.before = len(c.steps)
	c.defined = d
	return nil
}

// held are the buffers that must last until the update has read them.
func (d *definedMoves) held(outputs map[string]*buffer) map[string]*buffer {
	all := map[string]*buffer{}
	for name, b := range outputs {
		all[name] = b
	}
	if d != nil {
		for _, read := range []map[*plan.Value]*buffer{d.grads, d.inputs} {
			for v, b := range read {
				all[fmt.Sprintf("update's value %d", v.ID)] = b
			}
		}
	}
	return all
}

// start gives the states' copies their memory. It is C's, because the library reads and writes it.
func (d *definedMoves) start(e *executable) error {
	for v := range d.states {
		p, err := allocate(v.Shape.Size() * floatBytes)
		if err != nil {
			return err
		}
		e.owned = append(e.owned, p)
		d.scratch[v] = op.Buffer{Shape: v.Shape, F32: floats(p, v.Shape.Size())}
	}
	for v, b := range d.grads {
		d.scratch[v] = op.Buffer{Shape: v.Shape, F32: floats(b.data(), v.Shape.Size())}
	}
	return nil
}

// run makes the update on the memory's thread.
func (d *definedMoves) run() error {
	began := time.Now()
	defer func() { d.seconds += time.Since(began).Seconds() }()
	for v, s := range d.states {
		if err := reorderNow(s.md, s.data, s.md.plain(), unsafe.Pointer(&d.scratch[v].F32[0])); err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
	}
	p := d.program
	u := plan.Update{Program: p, Buffer: func(v *plan.Value) op.Buffer { return d.scratch[v] },
		Rate:    float64(floats(d.inputs[p.Rate].data(), 1)[0]),
		OwnRate: func(v *plan.Value) float64 { return float64(floats(d.inputs[v].data(), 1)[0]) },
		Step:    int(*ints(d.inputs[p.UpdateCount]))}
	if p.Momentum != nil {
		u.Momentum = float64(floats(d.inputs[p.Momentum].data(), 1)[0])
	}
	if p.MicroBatch != nil {
		u.Run = int(*ints(d.inputs[p.MicroBatch]))
	}
	u.Apply()
	for v, s := range d.states {
		if err := reorderNow(s.md.plain(), unsafe.Pointer(&d.scratch[v].F32[0]), s.md, s.data); err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
	}
	return nil
}

// WithoutKernel lists the registered optimizers that are run by their definitions in Go, sorted.
func (Backend) WithoutKernel() []string {
	var names []string
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil {
			continue // the name is from the registry
		}
		if _, found := kernelOf(o.New(o.Resolve(nil))); !found {
			names = append(names, name)
		}
	}
	return names
}
