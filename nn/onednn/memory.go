//go:build !noonednn

package onednn

/*
#include <stdlib.h>
#include <sys/mman.h>
#include "bridge.h"

enum { WB_LINE = 64, WB_PAGE = 2 << 20 };

// After MADV_DONTNEED the whole pages of a large block come back from the kernel as zeros when they are
// first touched. Until then they take no memory.
static void *wb_alloc(size_t n)
{
    void *p = NULL;
    size_t pages = 0;
    n = (n + WB_LINE - 1) / WB_LINE * WB_LINE;
    if (n == 0)
        n = WB_LINE;
    if (posix_memalign(&p, n >= WB_PAGE ? WB_PAGE : WB_LINE, n))
        return NULL;
#ifdef __linux__
    if (n >= WB_PAGE && madvise(p, n / WB_PAGE * WB_PAGE, MADV_DONTNEED) == 0)
        pages = n / WB_PAGE * WB_PAGE;
#endif
    __builtin_memset((char *)p + pages, 0, n - pages);
    return p;
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// allocate returns zeroed memory that begins on a cache line. It is C's memory, so
// that the library may keep the address.
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
	return m.transfer(name, dst, func(s *state, plain *md, at unsafe.Pointer) error { return reorderNow(s.md, s.data, plain, at) })
}

func (m *memory) Write(name string, src []float32) error {
	m.version++
	return m.transfer(name, src, func(s *state, plain *md, at unsafe.Pointer) error { return reorderNow(plain, at, s.md, s.data) })
}

// transfer runs f with the address of the state's elements in row-major order. The elements are pinned so that the
// library may use them in place, because a copy of the largest layer's weights would show in the peak of memory.
func (m *memory) transfer(name string, elements []float32, f func(s *state, plain *md, at unsafe.Pointer) error) error {
	s, ok := m.states[name]
	if !ok {
		return fmt.Errorf("there is no state %q", name)
	}
	if len(elements) != s.shape.Size() {
		return fmt.Errorf("state %s is %v with %d elements, got %d", name, s.shape, s.shape.Size(), len(elements))
	}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	pinner.Pin(&elements[0])
	return m.worker.do(func() error { return f(s, s.md.plain(), unsafe.Pointer(&elements[0])) })
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
