//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"slices"

	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// The library has slow kernels for groups that are narrower than the processor's vectors, and their layouts slow down
// the layers around them. Widening computes several groups as one, whose weights between channels of different groups
// are zero. That means more multiplications, but with whole vectors.

// widened lowers a convolution with wider groups if the rules say so. In inference, weights that
// batch norm is folded into keep their groups.
func (c *compiler) widened(s *plan.Step) (done bool, err error) {
	switch spec := s.Spec.(type) {
	case op.Conv:
		if g := c.widening(algorithms.Forward, spec, s.In[0].Shape, s.In[1].Shape, s.Out[0].Shape); g != nil {
			return true, g.forward(s)
		}
	case plan.Conv:
		if spec.Norm {
			return false, nil
		}
		if g := c.widening(algorithms.Forward, spec.Conv, s.In[0].Shape, s.In[1].Shape, s.Out[0].Shape); g != nil {
			return true, c.apart(spec.Apart(s))
		}
	case op.ConvBwdData:
		if g := c.widening(algorithms.BackwardData, spec.Conv, s.Out[0].Shape, s.In[0].Shape, s.In[1].Shape); g != nil {
			return true, g.backwardData(s)
		}
	case plan.ConvBwdData:
		if g := c.widening(algorithms.BackwardData, spec.Conv, s.Out[0].Shape, s.In[0].Shape, s.In[1].Shape); g != nil {
			return true, c.apart(spec.Apart(s))
		}
	case op.ConvBwdWeights:
		return c.widenedGradient(s, spec.Conv)
	case plan.ConvBwdWeights:
		return c.widenedGradient(s, spec.Conv)
	}
	return false, nil
}

func (c *compiler) widenedGradient(s *plan.Step, spec op.Conv) (done bool, err error) {
	if s.Out[0] == nil {
		return false, nil
	}
	g := c.widening(algorithms.BackwardWeights, spec, s.In[0].Shape, s.Out[0].Shape, s.In[1].Shape)
	if g == nil {
		return false, nil
	}
	return true, g.backwardWeights(s)
}

// widening is a grouped convolution that is computed with joined groups.
type widening struct {
	*compiler
	narrow, wide op.Conv
	w            op.Shape // of the narrow weights, [o, c/groups, kh, kw]
	joined       int
}

// joined is how many groups together have as many channels as a vector; 0 if no number of groups fills whole vectors.
func (v *convolution) joined() int {
	vector, in, out := vectorBlock(), v.w[1], v.w[0]/v.Groups
	n := vector / in
	if in == 1 || vector%in != 0 || n < 2 || v.Groups%n != 0 || v.Groups == n || n*out%vector != 0 {
		return 0
	}
	return n
}

// widening is nil if the rules choose something else.
func (c *compiler) widening(d algorithms.Direction, spec op.Conv, x, w, y op.Shape) *widening {
	v := convolution{Conv: spec, x: x, w: w, y: y}
	if c.Rules.Algorithm(d, v.layer(), v.has) != algorithmWidened {
		return nil
	}
	g := &widening{compiler: c, narrow: spec, wide: spec, w: w, joined: v.joined()}
	g.wide.Groups /= g.joined
	return g
}

func (g *widening) wideShape() op.Shape { return op.Shape{g.w[0], g.joined * g.w[1], g.w[2], g.w[3]} }

// wideMD is the row-major layout of the wide weights, by wide groups.
func (g *widening) wideMD() *md { return newMD(groupedDims(g.wideShape(), g.wide.Groups), C.WB_PLAIN) }

// narrowMD is the row-major layout of the narrow weights, by their own groups.
func (g *widening) narrowMD() *md { return newMD(groupedDims(g.w, g.narrow.Groups), C.WB_PLAIN) }

// parts pairs each narrow group's rows within a wide group with the place of the same weights among the wide ones.
func (g *widening) parts(narrow, wide *buffer) (pairs [][2]*buffer) {
	dims := groupedDims(g.w, g.wide.Groups)
	rows := g.w[0] / g.narrow.Groups
	view := newMD(dims, C.WB_PLAIN)
	for i := range g.joined {
		from := &buffer{md: view.part(1, i*rows, rows), at: narrow.at, offset: narrow.offset}
		to := &buffer{md: wide.md.part(1, i*rows, rows).part(2, i*g.w[1], g.w[1]), at: wide.at, offset: wide.offset}
		pairs = append(pairs, [2]*buffer{from, to})
	}
	return pairs
}

func (c *compiler) reorder(from, to *buffer) error {
	pd, err := newPrimitive(C.wb_reorder(from.md.c, to.md.c))
	if err != nil {
		return err
	}
	c.add(&step{name: "reorder", prim: pd, args: []argument{in(C.WB_ARG_SRC, from), out(C.WB_ARG_DST, to)}})
	return nil
}

// weights returns the wide weights, which are made once for all directions. Between the
// groups they are zero from the start and stay so.
func (g *widening) weights(w *plan.Value) (*plan.Value, error) {
	if v := g.wides[w]; v != nil {
		return v, nil
	}
	g.choose(w, g.narrowMD())
	narrow := g.get(w)
	if !narrow.md.isPlain() {
		var err error
		if narrow, err = g.layoutAs(w, g.narrowMD()); err != nil {
			return nil, err
		}
	}
	wide := &buffer{md: g.wideMD(), at: &storage{fixed: true}}
	wide.at.bytes = wide.md.size()
	for _, p := range g.parts(narrow, wide) {
		if err := g.reorder(p[0], p[1]); err != nil {
			return nil, err
		}
	}
	v := &plan.Value{Kind: plan.Temporary, Name: w.Name, Shape: g.wideShape()}
	g.home[v], g.wides[w] = wide, v
	return v, nil
}

func (g *widening) forward(s *plan.Step) error {
	w, err := g.weights(s.In[1])
	if err != nil {
		return err
	}
	in := slices.Clone(s.In)
	in[1] = w
	return g.conv(&plan.Step{Spec: g.wide, In: in, Out: s.Out}, g.wide)
}

func (g *widening) backwardData(s *plan.Step) error {
	w, err := g.weights(s.In[0])
	if err != nil {
		return err
	}
	return g.convBwdData(&plan.Step{Spec: s.Spec, In: []*plan.Value{w, s.In[1]}, Out: s.Out}, g.wide)
}

// backwardWeights computes the gradient of the wide weights and takes the gradients of the groups' own weights from it.
func (g *widening) backwardWeights(s *plan.Step) error {
	v := &plan.Value{Kind: plan.Temporary, Shape: g.wideShape()}
	out := slices.Clone(s.Out)
	out[0] = v
	if err := g.convBwdWeights(&plan.Step{Spec: s.Spec, In: s.In, Out: out}, g.wide); err != nil {
		return err
	}
	wide, err := g.layoutAs(v, g.wideMD())
	if err != nil {
		return err
	}
	for _, p := range g.parts(g.define(s.Out[0], g.narrowMD()), wide) {
		if err := g.reorder(p[1], p[0]); err != nil {
			return err
		}
	}
	return nil
}
