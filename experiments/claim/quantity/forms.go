package quantity

import (
	"fmt"
	"slices"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
)

func init() {
	Register(ofPlace("three_forms", "largest difference of three forms of the bottleneck at a place, before its last norm: its "+
		"grouped convolution, separate paths that are concatenated before one 1×1, and separate paths that are added "+
		"(Xie et al. 2016, figure 3)", threeForms))
}

// bottleneckParts are the nodes of a bottleneck's three convolutions and of what its block reads.
type bottleneckParts struct {
	reads  *G.Node
	convs  [3]*G.Node
	groups int
}

func (r *running) bottleneck(place string) (bottleneckParts, error) {
	inside, err := r.within(place)
	if err != nil {
		return bottleneckParts{}, err
	}
	p := bottleneckParts{reads: r.result(r.layers[inside[0]].From[0])}
	found := 0
	for _, i := range inside {
		l := r.layers[i]
		if l.Kind != "conv" || projects(l.Path+".") {
			continue
		}
		if found < 3 {
			p.convs[found] = r.result(i)
		}
		if found == 1 {
			p.groups = l.Groups
		}
		found++
	}
	if found != 3 {
		return p, fmt.Errorf("%s of %s has %d convolutions on its path, want the three of a bottleneck", place, r.of.Name, found)
	}
	return p, nil
}

// threeForms reads the weights from the network. Between the convolutions stands whatever the network has there: a
// path takes its channels of it, because norms of inference and activations treat every channel alone.
func threeForms(_ *Networks, of Network, place string) (float64, error) {
	r, err := run(of, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	p, err := r.bottleneck(place)
	if err != nil {
		return 0, err
	}
	values, err := r.values(nil, p.reads, p.convs[2])
	if err != nil {
		return 0, err
	}
	reads, grouped := values[0], values[1]
	width := p.convs[0].Shape()[1]
	if width%p.groups != 0 {
		return 0, fmt.Errorf("%s of %s: %d groups do not divide %d channels", place, of.Name, p.groups, width)
	}
	added := op.Allocate(grouped.Shape, true)
	concatenated := op.Allocate(op.Shape(op.Children(p.convs[2])[0].Shape()), true)
	for g := range p.groups {
		path, err := r.path(p, g, reads)
		if err != nil {
			return 0, err
		}
		for i, v := range path.gives.F64 {
			added.F64[i] += v
		}
		put(concatenated, path.inner, g*width/p.groups)
	}
	joined, err := r.values(map[*G.Node]op.Buffer{op.Children(p.convs[2])[0]: concatenated}, p.convs[2])
	if err != nil {
		return 0, err
	}
	one, err := difference(grouped, added)
	if err != nil {
		return 0, err
	}
	two, err := difference(grouped, joined[0])
	return max(one, two), err
}

// onePath is what one of the C paths computes.
type onePath struct{ inner, gives op.Buffer } // before the last 1×1 convolution, and behind it

// path runs the d-wide path number g alone: its d rows of the first 1×1, its own 3×3, its d columns of the last 1×1.
func (r *running) path(p bottleneckParts, g int, reads op.Buffer) (onePath, error) {
	operands := func(i int) (x *G.Node, w op.Buffer) {
		in := op.Children(p.convs[i])
		w, _ = r.leaf(in[1])
		return in[0], w
	}
	_, first := operands(0)
	inner, middle := operands(1)
	last, final := operands(2)
	d := first.Shape[0] / p.groups
	narrow, err := convolved(p.convs[0], reads, rows(first, g*d, d), 1)
	if err != nil {
		return onePath{}, err
	}
	x, err := r.channelwise(p.convs[0], inner, narrow, g*d)
	if err != nil {
		return onePath{}, err
	}
	own := middle.Shape[0] / p.groups
	y, err := convolved(p.convs[1], x, rows(middle, g*own, own), 1)
	if err != nil {
		return onePath{}, err
	}
	if x, err = r.channelwise(p.convs[1], last, y, g*own); err != nil {
		return onePath{}, err
	}
	gives, err := convolved(p.convs[2], x, taken(final, g*own, own), 1)
	return onePath{x, gives}, err
}

// channelwise computes `to` from some channels of `from`, the first of them number at; the others are zeros.
func (r *running) channelwise(from, to *G.Node, x op.Buffer, at int) (op.Buffer, error) {
	whole := op.Allocate(op.Shape(from.Shape()), true)
	put(whole, x, at)
	values, err := r.values(map[*G.Node]op.Buffer{from: whole}, to)
	if err != nil {
		return op.Buffer{}, err
	}
	return taken(values[0], at, x.Shape[1]), nil
}

// convolved runs a convolution of the network with other weights and groups.
func convolved(like *G.Node, x, w op.Buffer, groups int) (op.Buffer, error) {
	spec := like.Op().(*op.Op).Spec.(op.Conv)
	if spec.Bias {
		return op.Buffer{}, fmt.Errorf("a convolution has biases, want a network whose norms shift")
	}
	spec.Groups = groups
	shape, err := spec.Infer([]op.Shape{x.Shape, w.Shape})
	if err != nil {
		return op.Buffer{}, err
	}
	y := op.Allocate(shape, true)
	spec.Run(op.Call{In: []op.Buffer{x, w}, Out: y})
	return y, nil
}

// rows are some rows [n, …] of weights.
func rows(w op.Buffer, from, n int) op.Buffer {
	size := w.Shape.Size() / w.Shape[0]
	return op.Buffer{Shape: append(op.Shape{n}, w.Shape[1:]...), F64: slices.Clone(w.F64[from*size : (from+n)*size])}
}

// taken are n channels of a map [i, c, h, w], or n columns of weights [o, c, kh, kw].
func taken(x op.Buffer, from, n int) op.Buffer {
	y := op.Allocate(op.Shape{x.Shape[0], n, x.Shape[2], x.Shape[3]}, true)
	pixels := x.Shape[2] * x.Shape[3]
	for i := range x.Shape[0] {
		copy(y.F64[i*n*pixels:(i+1)*n*pixels], x.F64[(i*x.Shape[1]+from)*pixels:])
	}
	return y
}

// put writes the channels of x into those of y from number `at` on.
func put(y, x op.Buffer, at int) {
	pixels, n := x.Shape[2]*x.Shape[3], x.Shape[1]
	for i := range x.Shape[0] {
		copy(y.F64[(i*y.Shape[1]+at)*pixels:(i*y.Shape[1]+at+n)*pixels], x.F64[i*n*pixels:(i+1)*n*pixels])
	}
}
