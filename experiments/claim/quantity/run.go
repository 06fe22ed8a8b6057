package quantity

import (
	"fmt"
	"math"
	"strings"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/rng"
)

// seed of the weights and images of networks that run. What is claimed of all weights is shown on these.
const seed = 1

// running is a network in float64 whose values are computed by the operators' own kernels, which are their definition.
// It computes only what is asked for, from any values that are given, so a block can be run alone.
type running struct {
	*nn.Builder
	of     Network
	image  nn.Tensor
	logits nn.Tensor
	layers []nn.Layer
	params map[*G.Node]*nn.Param
	leaves map[*G.Node]op.Buffer // what is given for good: images, parameters that are not as they start
}

// run builds a network on so many images, which are normal noise.
func run(of Network, mode nn.Mode, images int) (*running, error) {
	b := nn.NewBuilder(mode, true)
	r := &running{Builder: b, of: of, params: map[*G.Node]*nn.Param{}, leaves: map[*G.Node]op.Buffer{}}
	r.image = b.Input("image", images, of.images[0], of.images[1], of.images[2])
	r.logits = of.Build(b, r.image, of.classes, of.settings)
	r.layers = b.Summary().Layers
	if err := b.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", of.Name, err)
	}
	for _, p := range b.Params() {
		r.params[p.Node] = p
	}
	return r, nil
}

// noise is a tensor of independent standard normal numbers.
func noise(shape op.Shape, stream string) op.Buffer {
	y, r := op.Allocate(shape, true), rng.New(seed, stream)
	for i := range y.F64 {
		y.F64[i] = r.NormFloat64()
	}
	return y
}

// start is what a parameter begins with.
func start(p *nn.Param) op.Buffer {
	single := make([]float32, p.Shape.Size())
	p.Fill(single, seed)
	y := op.Allocate(p.Shape, true)
	for i, v := range single {
		y.F64[i] = float64(v)
	}
	return y
}

// result is the node that layer i computes.
func (r *running) result(i int) *G.Node {
	if i == nn.Image {
		return r.image.Node()
	}
	return r.Result(i).Node()
}

// within are the numbers of the layers at a place and below it.
func (r *running) within(place string) ([]int, error) {
	var inside []int
	var places []string
	for i, l := range r.layers {
		if l.Path == place || strings.HasPrefix(l.Path, place+".") {
			inside = append(inside, i)
		}
		places = append(places, above(l.Path)...)
	}
	if len(inside) == 0 {
		return nil, noPlace(r.of, place, places)
	}
	return inside, nil
}

// values computes nodes. What is given stands for what it would compute.
func (r *running) values(given map[*G.Node]op.Buffer, wanted ...*G.Node) ([]op.Buffer, error) {
	known := map[*G.Node]op.Buffer{}
	results := make([]op.Buffer, len(wanted))
	for i, w := range wanted {
		if err := r.compute(w, given, known); err != nil {
			return nil, fmt.Errorf("%s: %w", r.of.Name, err)
		}
		results[i] = known[w]
	}
	return results, nil
}

// leaf is the value of what is not computed.
func (r *running) leaf(n *G.Node) (value op.Buffer, is bool) {
	if value, is = r.leaves[n]; is {
		return value, true
	}
	if p := r.params[n]; p != nil {
		return start(p), true
	}
	if n == r.image.Node() {
		return noise(r.image.Shape(), "image"), true
	}
	return value, false
}

func (r *running) compute(n *G.Node, given, known map[*G.Node]op.Buffer) error {
	if _, done := known[n]; done {
		return nil
	}
	value, leaf := given[n]
	if !leaf {
		value, leaf = r.leaf(n)
	}
	if leaf {
		known[n] = value
		return nil
	}
	if v := n.Value(); v != nil && len(op.Children(n)) == 0 { // a constant of the gradient
		constant, err := op.FromValue(v)
		known[n] = constant
		return err
	}
	var call op.Call
	for _, child := range op.Children(n) {
		if err := r.compute(child, given, known); err != nil {
			return err
		}
		call.In = append(call.In, known[child])
	}
	call.Out = op.Allocate(op.Shape(n.Shape()), true)
	own, is := n.Op().(*op.Op)
	switch {
	case is:
		own.Run(call)
	case len(call.In) > 1: // the gradient of what several read, which Graph.Gradients has checked
		for _, term := range call.In {
			for i, v := range term.F64 {
				call.Out.F64[i] += v
			}
		}
	default:
		return fmt.Errorf("node %v cannot be computed", n)
	}
	known[n] = call.Out
	return nil
}

// clear sets the weights, scales and biases below a place to zero, but for those of the projection of a shortcut.
func (r *running) clear(place string) {
	for _, p := range r.Params() {
		if strings.HasPrefix(p.Path, place+".") && p.Trainable() && !projects(p.Path) {
			r.leaves[p.Node] = op.Allocate(p.Shape, true)
		}
	}
}

// projects tells whether a parameter is of a shortcut's projection, by the name that torchvision gives those.
func projects(path string) bool { return strings.Contains(path, ".downsample.") }

// difference is the largest absolute difference of two values of one size. It is not a number if one of them is not.
func difference(x, y op.Buffer) (float64, error) {
	if !x.Shape.Equal(y.Shape) {
		return 0, fmt.Errorf("values have the shapes %v and %v, want one shape", x.Shape, y.Shape)
	}
	most := 0.0
	for i := range x.F64 {
		d := math.Abs(x.F64[i] - y.F64[i])
		if math.IsNaN(d) {
			return d, nil
		}
		most = max(most, d)
	}
	return most, nil
}
