//go:build !noonednn

package onednn

import (
	"unsafe"

	"workbench/nn/plan"
)

const cacheLine = 64

// own gives the storage memory of its own.
func (e *executable) own(s *storage) error {
	p, err := allocate(s.bytes)
	if err != nil {
		return err
	}
	s.data = p
	e.owned = append(e.owned, p)
	e.bytes += int64(s.bytes)
	return nil
}

// place decides the address of every storage.
func (c *compiler) place(e *executable, outputs map[string]*buffer) error {
	order := c.lifetimes(outputs)
	c.joinInPlace()
	var lives []plan.Life
	var temporaries []*storage
	for _, s := range order {
		switch {
		case s.same != nil:
		case s.state != nil:
			if err := s.state.allocate(); err != nil {
				return err
			}
			s.data = s.state.data
		case s.fixed:
			if err := e.own(s); err != nil {
				return err
			}
		default:
			size := (s.bytes + cacheLine - 1) / cacheLine
			lives = append(lives, plan.Life{Size: size, First: s.first, Last: s.last})
			temporaries = append(temporaries, s)
		}
	}
	offsets, total := plan.Pack(lives)
	arena := &storage{bytes: total * cacheLine}
	if err := e.own(arena); err != nil {
		return err
	}
	for i, s := range temporaries {
		s.data = unsafe.Add(arena.data, offsets[i]*cacheLine)
	}
	return nil
}

// lifetimes lists the storages, scratchpads included, with the first and the last step that touch each.
func (c *compiler) lifetimes(outputs map[string]*buffer) (order []*storage) {
	seen := map[*storage]bool{}
	touch := func(b *buffer, at int) {
		s := b.at
		if !seen[s] {
			seen[s], s.first, s.last = true, at, at
			order = append(order, s)
		}
		s.last = max(s.last, at)
	}
	visit := func(s *step, at int) {
		if s.scratch != nil && s.scratch.size() > 0 {
			s.pad = &storage{bytes: s.scratch.size(), first: at, last: at}
			order = append(order, s.pad)
		}
		for _, b := range s.reads {
			touch(b, at)
		}
		for _, b := range s.writes {
			touch(b, at)
		}
	}
	for i, s := range c.prologue {
		visit(s, i-len(c.prologue))
	}
	for i, s := range c.steps {
		visit(s, i)
	}
	for _, b := range outputs {
		touch(b, len(c.steps))
	}
	return order
}

// joinInPlace lets a result overwrite an operand that is read for the last time by the step that makes the result.
func (c *compiler) joinInPlace() {
	for i, s := range c.steps {
		if s.over == nil {
			continue
		}
		from, to := s.over.at.root(), s.writes[0].at.root()
		if from == to || from.fixed || to.fixed || from.last != i || to.first != i || from.bytes != to.bytes {
			continue
		}
		to.same = from
		from.last = to.last
	}
}

// allocate gives the state its zeroed memory.
func (s *state) allocate() error {
	if s.data != nil {
		return nil
	}
	var err error
	s.data, err = allocate(s.md.size())
	return err
}
