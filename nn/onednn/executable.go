//go:build !noonednn

package onednn

/*
#include <stdlib.h>
#include "bridge.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"workbench/nn/plan"
)

// executable is a list of instructions over one arena.
type executable struct {
	memory   *memory
	steps    []*step
	ops      []*C.wb_op
	prologue []*C.wb_op
	version  int // of the memory when the prologue last ran
	moves    bool
	defined  *definedMoves // nil: the optimizer has a kernel
	owned    []unsafe.Pointer
	floatsOf map[string][]float32
	intsOf   map[string][]int32
	results  map[string][]float32
	bytes    int64
	labels   []plan.LabelRange // checked before each run
	once     func() error      // runs the instructions; made once, so that a run leaves nothing to collect
}

var _ plan.Executable = (*executable)(nil)

// finish places every buffer and makes the instructions.
func (c *compiler) finish() (*executable, error) {
	e := &executable{memory: c.memory, labels: plan.LabelRanges(c.Program), steps: c.steps, version: -1, moves: c.Optimizer != nil,
		floatsOf: map[string][]float32{}, intsOf: map[string][]int32{}, results: map[string][]float32{}}
	e.once = func() error { return e.run(nil) }
	outputs := map[string]*buffer{}
	for name, v := range c.Outputs {
		b, err := c.plain(v)
		if err != nil {
			return nil, err
		}
		outputs[name] = b
	}
	e.steps = c.steps
	if err := c.place(e, c.defined.held(outputs)); err != nil {
		return nil, err
	}
	for _, v := range c.Values {
		if err := c.expose(e, v); err != nil {
			return nil, err
		}
	}
	for name, b := range outputs {
		e.results[name] = floats(b.data(), c.Outputs[name].Shape.Size())
	}
	var err error
	if e.ops, err = instructions(c.steps); err != nil {
		return nil, err
	}
	if e.prologue, err = instructions(c.prologue); err != nil || c.defined == nil {
		return e, err
	}
	e.defined = c.defined
	return e, e.defined.start(e)
}

// expose makes inputs writable by name and fills constants.
func (c *compiler) expose(e *executable, v *plan.Value) error {
	if v.Kind == plan.State {
		return c.get(v).at.state.allocate()
	}
	if v.Kind != plan.Input && v.Kind != plan.Constant {
		return nil
	}
	b := c.home[v]
	if b == nil { // nobody reads it, but the caller may write it
		b = c.get(v)
		if err := e.own(b.at); err != nil {
			return err
		}
	}
	n := v.Shape.Size()
	switch {
	case v.Kind == plan.Constant:
		for i := range floats(b.data(), n) {
			floats(b.data(), n)[i] = 1
		}
	case v.Ints:
		e.intsOf[v.Name] = unsafe.Slice((*int32)(b.data()), n)
	default:
		e.floatsOf[v.Name] = floats(b.data(), n)
	}
	return nil
}

// data is the address of the buffer once its storage is placed.
func (b *buffer) data() unsafe.Pointer { return unsafe.Add(b.at.root().data, b.offset) }

func instructions(steps []*step) ([]*C.wb_op, error) {
	var ops []*C.wb_op
	for _, s := range steps {
		if s.kernel != nil {
			ops = append(ops, s.kernel())
			continue
		}
		var operands []operand
		for _, a := range s.args {
			operands = append(operands, operand{a.arg, a.b.md, a.b.data()})
		}
		if s.pad != nil {
			operands = append(operands, operand{C.WB_ARG_SCRATCHPAD, s.scratch, s.pad.data})
		}
		o, err := s.prim.instruction(operands)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		s.prim.free()
		s.prim = nil
		ops = append(ops, o)
	}
	return ops, nil
}

// RunAll runs the program once on the memory's thread.
func (e *executable) RunAll() error {
	return e.memory.worker.do(e.once)
}

func (e *executable) run(seconds *C.double) error {
	for _, l := range e.labels {
		if err := l.Check(e.intsOf[l.Input.Name]); err != nil {
			return err
		}
	}
	if e.version != e.memory.version {
		if _, err := runOps(e.prologue, nil); err != nil {
			return fmt.Errorf("weights: %w", err)
		}
		e.version = e.memory.version
	}
	if err := e.runSteps(seconds); err != nil {
		return err
	}
	if e.moves {
		e.memory.version++
	}
	return nil
}

// runSteps runs all instructions, with the update in between where it is run by its definition.
func (e *executable) runSteps(seconds *C.double) error {
	end := len(e.ops)
	if e.defined != nil {
		end = e.defined.before
	}
	if err := e.runPart(0, end, seconds); err != nil || e.defined == nil {
		return err
	}
	if err := e.defined.run(); err != nil {
		return fmt.Errorf("optimizer %s: %w", e.defined.program.Optimizer.Name(), err)
	}
	return e.runPart(end, len(e.ops), seconds)
}

// runPart runs the instructions from one to before another.
func (e *executable) runPart(from, to int, seconds *C.double) error {
	if seconds != nil && from > 0 {
		seconds = (*C.double)(unsafe.Add(unsafe.Pointer(seconds), from*C.sizeof_double))
	}
	if i, err := runOps(e.ops[from:to], seconds); err != nil {
		return fmt.Errorf("instruction %d, %s (%s): %w", from+i, e.steps[from+i].name, e.steps[from+i].impl, err)
	}
	return nil
}

// runOps returns the index of the instruction that failed.
func runOps(ops []*C.wb_op, seconds *C.double) (int, error) {
	if len(ops) == 0 {
		return 0, nil
	}
	if i := int(C.wb_run(&ops[0], C.int(len(ops)), seconds)); i >= 0 {
		return i, lastError()
	}
	return 0, nil
}

func (e *executable) Reset() {}

func (e *executable) Close() error {
	for _, o := range append(e.ops, e.prologue...) {
		C.wb_op_free(o)
	}
	for _, p := range e.owned {
		C.free(p)
	}
	e.ops, e.prologue, e.owned = nil, nil, nil
	return nil
}

func (e *executable) Floats(input string) []float32 { return e.floatsOf[input] }
func (e *executable) Ints(input string) []int32     { return e.intsOf[input] }
func (e *executable) Output(name string) []float32  { return e.results[name] }
func (e *executable) Bytes() int64                  { return e.bytes }
