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

	"workbench/nn/op"
	"workbench/nn/plan"
)

// storage is a piece of memory with a lifetime. Buffers view it in a layout.
type storage struct {
	bytes       int
	first, last int            // steps; see place
	fixed       bool           // has memory of its own: inputs, constants, states, what a prologue computes
	data        unsafe.Pointer // nil until placed
	state       *state         // of a state
	same        *storage       // the storage this one was joined with; see joinInPlace
}

// root is the storage that stands for all that were joined with it.
func (s *storage) root() *storage {
	for s.same != nil {
		s = s.same
	}
	return s
}

// buffer is a tensor in one layout.
type buffer struct {
	md     *md
	at     *storage
	offset int // bytes
}

// step is an instruction whose memories do not have addresses yet.
type step struct {
	name, impl string
	shape      string  // for profiles
	flops      float64 // of convolutions and linear layers
	prim       *primitive
	args       []argument
	scratch    *md
	pad        *storage        // of the scratchpad; nil: none is needed
	kernel     func() *C.wb_op // instead of prim; called when the buffers are placed
	reads      []*buffer
	writes     []*buffer
	over       *buffer // the operand that the first result may overwrite if nobody reads it later; nil: none
}

type argument struct {
	arg     C.int
	b       *buffer
	written bool
}

// compiler turns the steps of a program into instructions. Convolutions choose the layouts. Other steps take the layout
// of their first operand. Where two layouts meet, layoutAs adds a reorder, and remembers its result.
type compiler struct {
	*plan.Program
	memory   *memory
	steps    []*step // of each run
	prologue []*step // of each run after a state has changed
	home     map[*plan.Value]*buffer
	copies   map[*plan.Value][]*buffer
	maker    map[*plan.Value]*plan.Step
	grad     map[*plan.Value]*plan.Value // state → its gradient
	pooled   map[*plan.Value]*md         // workspace of a max pooling → the layout of what was pooled
	normed   map[*plan.Value]normed      // statistics of a batch norm → how it was computed
	parts    map[*plan.Value]part        // what a concatenation alone reads → where it lies
	memories map[*plan.Step]*joint       // concatenation → its memory, perhaps with others; see lower_joint.go
	there    map[*plan.Value]bool        // parts that are written there
	yields   map[*plan.Value]bool        // slices that what is added to them may take the place of
	views    map[*plan.Value]*lying      // values among the channels of others that nobody has wanted alone yet
	averaged map[avgKey]*md              // layouts that were average-pooled
	wides    map[*plan.Value]*plan.Value // weights of grouped convolutions → with wider groups; see lower_wide.go
	last     map[*plan.Value]int         // the last step of the program that reads a value; beyond all steps for its ends
	now      int                         // the step of the program that is being lowered
	defined  *definedMoves               // the update of an optimizer without a kernel; nil: it has one
	training bool
}

// Compile lowers the fused program. Every step must have a lowering; there is no fallback.
func (b Backend) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	mem, ok := m.(*memory)
	if !ok {
		return nil, fmt.Errorf("the oneDNN backend got the memory of another, %T", m)
	}
	if mem.err != nil {
		return nil, mem.err
	}
	if p.Double {
		return nil, fmt.Errorf("oneDNN computes in float32, the program is float64")
	}
	if p.BFloat16 && !hasBFloat16() {
		return nil, errNoBFloat16
	}
	if err := p.Rules.Check(knownAlgorithms); err != nil {
		return nil, err
	}
	plan.Fuse(p)
	if err := plan.Recompute(p); err != nil {
		return nil, err
	}
	var e *executable
	err := mem.worker.do(func() error {
		c := newCompiler(p, mem)
		if err := c.lowerAll(); err != nil {
			return err
		}
		var err error
		e, err = c.finish()
		return err
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func newCompiler(p *plan.Program, m *memory) *compiler {
	read := readersOf(p)
	c := &compiler{Program: p, memory: m, home: map[*plan.Value]*buffer{}, copies: map[*plan.Value][]*buffer{},
		maker: map[*plan.Value]*plan.Step{}, grad: map[*plan.Value]*plan.Value{},
		pooled: map[*plan.Value]*md{}, normed: map[*plan.Value]normed{},
		parts: partsOf(p, read), memories: jointsOf(p, read), there: map[*plan.Value]bool{}, yields: yieldsOf(p, read),
		views: map[*plan.Value]*lying{}, averaged: map[avgKey]*md{}, wides: map[*plan.Value]*plan.Value{},
		last: map[*plan.Value]int{}, training: p.Optimizer != nil}
	for i, s := range p.Steps {
		for _, v := range s.Out {
			c.maker[v] = s
		}
		for _, v := range s.In {
			c.last[v] = i
		}
	}
	for _, v := range p.Ends() {
		c.last[v] = len(p.Steps)
	}
	for _, move := range p.Moves {
		c.grad[move.Param] = move.Grad
		if move.Near != nil {
			c.grad[move.Near] = move.Grad
		}
	}
	return c
}

func (c *compiler) lowerAll() error {
	for _, v := range c.Values {
		if v.Kind != plan.State {
			continue
		}
		if _, err := c.memory.ensure(v); err != nil {
			return err
		}
	}
	for _, a := range c.Assigns {
		if a.Rows != nil {
			c.choose(a.State, plainMD(a.State.Shape))
		}
	}
	for i, s := range c.Program.Steps {
		c.now = i
		err := c.lower(s)
		if err == nil && s.Again != nil {
			err = c.alignAgain(s)
		}
		if err != nil {
			return fmt.Errorf("%s %v: %w", s.Name(), shapesOf(s), err)
		}
	}
	if err := c.lowerAssigns(); err != nil {
		return err
	}
	return c.lowerMoves()
}

func shapesOf(s *plan.Step) []op.Shape {
	var shapes []op.Shape
	for _, v := range s.In {
		shapes = append(shapes, v.Shape)
	}
	return shapes
}

// get is the value's buffer in whatever layout it has. Inputs, constants and states
// get theirs when they are first used.
func (c *compiler) get(v *plan.Value) *buffer {
	if b := c.home[v]; b != nil {
		return b
	}
	if l := c.views[v]; l != nil {
		return c.copied(v, l)
	}
	b := &buffer{md: plainMD(v.Shape), at: &storage{fixed: true}}
	if v.Kind == plan.State {
		s := c.memory.states[v.Name]
		if s.md == nil {
			s.md = c.settled(v, b.md)
		}
		b.md = s.md
		b.at.state = s
	}
	b.at.bytes = b.md.size()
	c.home[v] = b
	return b
}

// choose sets the layout of a state that has none yet.
func (c *compiler) choose(v *plan.Value, m *md) {
	if s := c.memory.states[v.Name]; v.Kind == plan.State && s.md == nil {
		s.md = c.settled(v, m)
	}
}

// settled is the layout of a state for which m would do: that of the states which it follows, or which follow it, if
// they have one already.
func (c *compiler) settled(v *plan.Value, m *md) *md {
	for _, a := range c.Averages {
		for _, pair := range [][2]*plan.Value{{a.State, a.Average}, {a.Average, a.State}} {
			if other := c.memory.states[pair[1].Name]; pair[0] == v && other != nil && other.md != nil {
				return other.md
			}
		}
	}
	return m
}

// define gives a computed value its buffer.
func (c *compiler) define(v *plan.Value, m *md) *buffer {
	b := &buffer{md: m, at: &storage{bytes: m.size()}}
	if v != nil {
		c.home[v] = b
	}
	return b
}

// layoutAs is the value in the layout m. It is reordered at most once.
func (c *compiler) layoutAs(v *plan.Value, m *md) (*buffer, error) {
	b := c.get(v)
	if len(b.md.dims) == len(m.dims) && b.md.equal(m) {
		return b, nil
	}
	for _, other := range c.copies[v] {
		if len(other.md.dims) == len(m.dims) && other.md.equal(m) {
			return other, nil
		}
	}
	from, into := b.md, m
	if len(from.dims) != len(m.dims) { // grouped weights have a fifth axis, which row-major order does not know of
		switch {
		case from.isPlain():
			from = m.plain()
		case m.isPlain():
			into = from.plain()
		default:
			return nil, fmt.Errorf("%v has layout of %d axes, want %d", v, len(from.dims), len(m.dims))
		}
	}
	pd, err := newPrimitive(C.wb_reorder(from.c, into.c))
	if err != nil {
		return nil, err
	}
	to := &buffer{md: m, at: &storage{bytes: m.size()}}
	s := &step{name: "reorder", shape: fmt.Sprint(op.Shape(m.dims)), prim: pd,
		args: []argument{in(C.WB_ARG_SRC, &buffer{md: from, at: b.at, offset: b.offset}),
			out(C.WB_ARG_DST, &buffer{md: into, at: to.at})}}
	if v.Kind == plan.State && !c.training {
		to.at.fixed = true
		c.prologue = append(c.prologue, s.ready())
	} else {
		c.add(s)
	}
	c.copies[v] = append(c.copies[v], to)
	return to, nil
}

// alignAgain gives a repeated value the layout of the value that it repeats.
func (c *compiler) alignAgain(s *plan.Step) error {
	b, err := c.layoutAs(s.Out[0], c.get(s.Again).md)
	c.home[s.Out[0]] = b
	return err
}

// plain is the value in row-major order.
func (c *compiler) plain(v *plan.Value) (*buffer, error) { return c.layoutAs(v, plainMD(v.Shape)) }

// ready fills in what follows from the primitive: its name, its scratchpad, and what it reads and writes.
func (s *step) ready() *step {
	if s.prim == nil {
		return s
	}
	s.impl = s.prim.name()
	s.scratch = s.prim.md(C.WB_SCRATCHPAD, 0)
	for _, a := range s.args {
		if a.written {
			s.writes = append(s.writes, a.b)
		} else {
			s.reads = append(s.reads, a.b)
		}
	}
	return s
}

func (c *compiler) add(s *step) { c.steps = append(c.steps, s.ready()) }

func in(arg C.int, b *buffer) argument  { return argument{arg: arg, b: b} }
func out(arg C.int, b *buffer) argument { return argument{arg: arg, b: b, written: true} }
