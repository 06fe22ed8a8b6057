package onnx

import (
	"fmt"
	"strings"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// names counts how often each name was asked for, so that every value and node gets one of its own.
type names map[string]int

// unique returns the name, with a number if it is taken.
func (u names) unique(name string) string {
	if u[name] == 0 {
		u[name] = 1
		return name
	}
	return u.numbered(name)
}

// numbered returns the name with the next number.
func (u names) numbered(name string) string {
	for {
		u[name]++
		if numbered := fmt.Sprintf("%s_%d", name, u[name]); u[numbered] == 0 {
			u[numbered] = 1
			return numbered
		}
	}
}

// layer names an operator by the path of the layer whose weights it reads. An operator without weights is named by what
// it does, with a number.
func (t *tracer) layer(s op.Spec, operands []*G.Node) string {
	switch s.(type) {
	case op.Conv, op.Linear, op.BNInfer, op.RowNorm:
		for _, n := range operands[1:] {
			if p := t.leaves[n]; p != nil {
				if end := strings.LastIndexByte(p.Path, '.'); end > 0 {
					return t.names.unique(p.Path[:end])
				}
			}
		}
	}
	return t.names.numbered(s.Name())
}
