package nn

import (
	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// Receptive fields follow Araujo, Norris and Sim (Computing Receptive Fields of Convolutional Neural Networks,
// Distill 2019). The field of a map's pixel is the pixels of the image that it depends on, as if the image had
// no end. Where paths meet, the field is the smallest interval that contains the fields of all paths. If the
// fields are aligned, it is the largest of them.

// sight is what a map sees of the image along one axis, in pixels.
type sight struct {
	first, last           int // what pixel 0 of the map depends on, both inclusive
	jump                  int // from a pixel of the map to the next; 0: the map has no pixels in a row
	firstOfAll, lastOfAll int // what the whole map depends on
}

// view is what a map sees along both axes.
type view struct {
	axes  [2]sight
	gated bool // see Layer.Gated
}

// through is what a kernel of k taps sees of the map, if the kernel has `out` positions.
func (s sight) through(w op.Window, d, k, out int) sight {
	y := s
	if s.jump == 0 {
		if k > 1 {
			y.first, y.last = s.firstOfAll, s.lastOfAll
		}
		return y
	}
	y.first = s.first - s.jump*w.Begin[d]
	y.last = y.first + s.last - s.first + s.jump*w.Dilation[d]*(k-1)
	y.jump = s.jump * w.Stride[d]
	y.firstOfAll, y.lastOfAll = y.first, y.last+y.jump*(out-1)
	return y
}

// flat is the sight of a value that is computed from the whole map.
func (s sight) flat() sight {
	return sight{first: s.firstOfAll, last: s.lastOfAll, firstOfAll: s.firstOfAll, lastOfAll: s.lastOfAll}
}

// with is the sight of a map that is computed from two maps, pixel by pixel.
func (s sight) with(t sight) sight {
	return sight{min(s.first, t.first), max(s.last, t.last), max(s.jump, t.jump),
		min(s.firstOfAll, t.firstOfAll), max(s.lastOfAll, t.lastOfAll)}
}

func (v view) flat() view {
	for d := range v.axes {
		v.axes[d] = v.axes[d].flat()
	}
	return v
}

func (v view) with(u view) view {
	for d := range v.axes {
		v.axes[d] = v.axes[d].with(u.axes[d])
	}
	v.gated = v.gated || u.gated
	return v
}

// through is what a kernel of kh×kw taps sees that computes a map of shape y.
func (v view) through(w op.Window, kh, kw int, y op.Shape) view {
	for d, k := range [2]int{kh, kw} {
		v.axes[d] = v.axes[d].through(w, d, k, y[2+d])
	}
	return v
}

// adaptive is the view of fields of different sizes. The largest counts. The fields are not equally
// far from one another, so they have no jump.
func (v view) adaptive(x, y op.Shape) view {
	for d, s := range v.axes {
		v.axes[d].last = s.last + s.jump*(op.WidestField(x[2+d], y[2+d])-1)
		v.axes[d].jump = 0
	}
	return v
}

// fields fills in what each layer sees of the image.
func (a *anatomy) fields() {
	views := map[*G.Node]view{}
	for _, n := range a.order {
		shape := op.Shape(n.Shape())
		switch {
		case n.Op() != nil:
			views[n] = a.view(n, views)
		case a.param[n] == nil && len(shape) == 4:
			var v view
			for d := range v.axes {
				v.axes[d] = sight{jump: 1, lastOfAll: shape[2+d] - 1}
			}
			views[n] = v
		}
	}
	for i := range a.layers {
		l := &a.layers[i]
		v := views[a.network.layers[i].result]
		for d, s := range v.axes {
			l.Field[d], l.Jump[d] = s.last-s.first+1, s.jump
		}
		l.Gated = v.gated
	}
}

// view returns the view of the value that an operator computes.
func (a *anatomy) view(n *G.Node, views map[*G.Node]view) view {
	in, y := a.in[n], op.Shape(n.Shape())
	x := op.Shape(in[0].Shape())
	v := views[in[0]]
	switch s := spec(n).(type) {
	case op.Conv:
		w := in[1].Shape()
		return v.through(s.Window, w[2], w[3], y)
	case op.MaxPool:
		return v.through(s.Window, s.K, s.Width(), y)
	case op.AvgPool:
		return v.through(s.Window, s.KH, s.KW, y)
	case op.Subsample:
		return v.through(op.Square(s.Stride, 0), 1, 1, y)
	case op.AdaptiveAvgPool:
		return v.adaptive(x, y)
	case op.RowNorm:
		v.gated = v.gated || len(x) == 4 && x[2]*x[3] > 1
		return v
	case op.BNStats, op.BNApply, op.BNInfer:
		return v // over the images of a batch there is no field
	case op.Reshape, op.Transpose:
		if !sameGrid(x, y) || movesPixels(s) {
			return v.flat()
		}
		return v
	}
	return a.meeting(in, y, views)
}

// sameGrid tells whether both are maps with as many pixels in both directions.
func sameGrid(x, y op.Shape) bool {
	return len(x) == 4 && len(y) == 4 && x[2] == y[2] && x[3] == y[3]
}

func movesPixels(s op.Spec) bool {
	t, transposed := s.(op.Transpose)
	return transposed && (t.Axes[2] != 2 || t.Axes[3] != 3)
}

// meeting is the view of a value that is computed pixel by pixel from maps of one size. A smaller map
// is a gate, whose own view is not followed.
func (a *anatomy) meeting(in []*G.Node, y op.Shape, views map[*G.Node]view) (v view) {
	met, gated := false, false
	for _, n := range in {
		u, seen := views[n]
		switch x := op.Shape(n.Shape()); {
		case !seen:
		case len(y) == 4 && !sameGrid(x, y):
			gated = true
		case len(y) != 4:
			u = u.flat()
			fallthrough
		default:
			if met {
				u = v.with(u)
			}
			v, met = u, true
		}
	}
	v.gated = v.gated || gated
	return v
}
