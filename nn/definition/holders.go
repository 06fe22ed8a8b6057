package definition

import (
	"fmt"
	"maps"

	"workbench/nn"
	"workbench/nn/option"
)

// use adds the layers of a block with the parameters that a layer gives it.
func (m *maker) use(s *sequence, x nn.Tensor, l *layer, outer scope) nn.Tensor {
	b := m.network.blocks[l.block]
	in := maps.Clone(m.everywhere)
	for _, p := range b.parameters {
		v, said := l.given[p.name]
		if !said {
			v = p.standard
		}
		var err error
		if in[p.name], _, err = computed(v, outer); err != nil {
			return s.b.Fail(fmt.Errorf("%s: %w", p.name, err))
		}
	}
	return m.list(s, x, b.layers, in)
}

// residual adds layers and what goes around them. The layers stand at the residual's own path, the shortcut's at
// "downsample", as torchvision has them.
func (m *maker) residual(s *sequence, x nn.Tensor, l *layer, in scope, given option.Settings) nn.Tensor {
	y := m.list(s, x, l.inner[0], in)
	if s.b.Err() != nil {
		return y
	}
	down, short := s.in("downsample"), x
	if l.short != nil {
		short = m.list(down, x, l.short, in)
	} else {
		var err error
		if short, err = around(down.b, x, y, given.String("shortcut")); err != nil {
			s.b.Fail(fmt.Errorf("residual: %w", err))
		}
	}
	switch {
	case s.b.Err() != nil:
		return y
	case !short.Shape().Equal(y.Shape()):
		return s.b.Fail(fmt.Errorf("residual: the layers make %s, the shortcut %s: want one size", size(y), size(short)))
	}
	return s.b.Add(s.in("drop_path").b.DropPath(y, given.Float("drop_path")), short)
}

// branches adds lists of layers on one input, at "branch1", "branch2" and so on, and joins their results.
func (m *maker) branches(s *sequence, x nn.Tensor, l *layer, in scope) nn.Tensor {
	ys := make([]nn.Tensor, len(l.inner))
	for i, layers := range l.inner {
		ys[i] = m.list(s.in(fmt.Sprintf("branch%d", i+1)), x, layers, in)
		if s.b.Err() != nil {
			return ys[i]
		}
		if i > 0 && !meets(ys[0], ys[i], l.kind.Name) {
			return s.b.Fail(fmt.Errorf("%s: branch %d makes %s and branch 1 %s: want %s", l.kind.Name, i+1, size(ys[i]), size(ys[0]),
				joined[l.kind.Name]))
		}
	}
	switch {
	case l.kind.Name == addition:
		return s.b.Add(ys...)
	case len(ys[0].Shape()) == 2:
		return s.b.ConcatColumns(ys...)
	}
	return s.b.Concat(ys...)
}

// Kinds that join branches.
const (
	addition      = "add"
	concatenation = "concat"
)

// joined is what branches must have in common to be joined.
var joined = map[string]string{addition: "one size", concatenation: "as many pixels"}

func meets(x, y nn.Tensor, how string) bool {
	from, to := x.Shape(), y.Shape()
	if how == addition || len(from) != len(to) {
		return from.Equal(to)
	}
	return from[2:].Equal(to[2:])
}
