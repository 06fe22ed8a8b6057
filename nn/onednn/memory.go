//go:build !noonednn

package onednn

/*
#include <stdlib.h>
#include "bridge.h"

static void *wb_alloc(size_t n)
{
    void *p = NULL;
    n = (n + 63) / 64 * 64;
    if (n == 0)
        n = 64;
    if (posix_memalign(&p, n >= (2 << 20) ? (2 << 20) : 64, n))
        return NULL;
    __builtin_memset(p, 0, n);
    return p;
}
*/
import "C"

import (
	"fmt"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// allocate returns zeroed memory on a cache line, from C so that the library may keep the address.
func allocate(bytes int) (unsafe.Pointer, error) {
	p := C.wb_alloc(C.size_t(bytes))
	if p == nil {
		return nil, fmt.Errorf("no memory for %d bytes", bytes)
	}
	return p, nil
}

func floats(p unsafe.Pointer, n int) []float32 { return unsafe.Slice((*float32)(p), n) }

// state is a named tensor that lives between runs, in the layout that the first program to use it chose.
type state struct {
	shape op.Shape
	md    *md // nil until chosen
	data  unsafe.Pointer
}

// memory holds the states of programs that share parameters, and the thread that runs them.
type memory struct {
	worker  *worker
	states  map[string]*state
	version int // grows when any state changes
	err     error
}

var _ plan.Memory = (*memory)(nil)

// NewMemory starts the thread that its programs will run on.
func (b Backend) NewMemory() plan.Memory {
	w, err := newWorker(b.threads())
	return &memory{worker: w, states: map[string]*state{}, err: err}
}

func (m *memory) Shape(name string) (op.Shape, bool) {
	s, ok := m.states[name]
	if !ok {
		return nil, false
	}
	return s.shape, true
}

func (m *memory) Read(name string, dst []float32) error {
	return m.transfer(name, len(dst), func(s *state, plain *md, buffer unsafe.Pointer) error {
		if err := reorderNow(s.md, s.data, plain, buffer); err != nil {
			return err
		}
		copy(dst, floats(buffer, len(dst)))
		return nil
	})
}

func (m *memory) Write(name string, src []float32) error {
	m.version++
	return m.transfer(name, len(src), func(s *state, plain *md, buffer unsafe.Pointer) error {
		copy(floats(buffer, len(src)), src)
		return reorderNow(plain, buffer, s.md, s.data)
	})
}

// transfer runs f with a plain buffer for the state's elements.
func (m *memory) transfer(name string, n int, f func(*state, *md, unsafe.Pointer) error) error {
	s, ok := m.states[name]
	if !ok {
		return fmt.Errorf("there is no state %q", name)
	}
	if n != s.shape.Size() {
		return fmt.Errorf("state %s is %v with %d elements, got %d", name, s.shape, s.shape.Size(), n)
	}
	return m.worker.do(func() error {
		plain := s.md.plain()
		buffer, err := allocate(4 * n)
		if err != nil {
			return err
		}
		defer C.free(buffer)
		return f(s, plain, buffer)
	})
}

// reorderNow copies between layouts of one shape.
func reorderNow(from *md, src unsafe.Pointer, to *md, dst unsafe.Pointer) error {
	pd, err := newPrimitive(C.wb_reorder(from.c, to.c))
	if err != nil {
		return err
	}
	defer pd.free()
	operands := []operand{{C.WB_ARG_SRC, from, src}, {C.WB_ARG_DST, to, dst}}
	if scratch := pd.md(C.WB_SCRATCHPAD, 0); scratch != nil {
		p, err := allocate(scratch.size())
		if err != nil {
			return err
		}
		defer C.free(p)
		operands = append(operands, operand{C.WB_ARG_SCRATCHPAD, scratch, p})
	}
	i, err := pd.instruction(operands)
	if err != nil {
		return err
	}
	defer C.wb_op_free(i)
	if C.wb_run(&i, 1, nil) >= 0 {
		return lastError()
	}
	return nil
}

// Close frees the states. Programs of this memory must not run afterwards.
func (m *memory) Close() error {
	if m.err != nil || m.worker == nil {
		return nil
	}
	for _, s := range m.states {
		if s.data != nil {
			C.free(s.data)
		}
	}
	m.states = nil
	close(m.worker.calls)
	m.worker = nil
	return nil
}

// ensure adds the state if it is new.
func (m *memory) ensure(v *plan.Value) (*state, error) {
	s, ok := m.states[v.Name]
	if !ok {
		s = &state{shape: v.Shape}
		m.states[v.Name] = s
	}
	if !s.shape.Equal(v.Shape) {
		return nil, fmt.Errorf("state %s is %v in memory, the program wants %v", v.Name, s.shape, v.Shape)
	}
	return s, nil
}
