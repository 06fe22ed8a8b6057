package onnx

import (
	"fmt"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
)

// Build adds a network on images x [n, c, h, w] and returns its logits [n, classes].
type Build func(b *nn.Builder, x nn.Tensor) nn.Tensor

// These are the sizes of the batches that a network is traced with.
const few, more = 2, 3

// Trace builds the network for inference on images [channels, height, width] and returns its graph for any number of
// them.
func Trace(build Build, images [3]int) (*Graph, error) {
	a, err := instantiate(build, images, few)
	if err != nil {
		return nil, err
	}
	b, err := instantiate(build, images, more)
	if err != nil {
		return nil, err
	}
	if len(a.order) != len(b.order) {
		return nil, fmt.Errorf("the network of %d images has %d operators and parameters, that of %d has %d: it depends on the batch",
			few, len(a.order), more, len(b.order))
	}
	t := &tracer{Graph: &Graph{}, instance: a, values: map[*G.Node]value{}, leaves: map[*G.Node]*nn.Param{},
		names: names{Input: 1, Output: 1}, known: map[string]string{}, statistics: map[string]statistics{}}
	for _, p := range a.Params() {
		t.leaves[p.Node] = p
		t.names[p.Path] = 1
	}
	for i, n := range a.order {
		if n.Op() == nil && b.order[i].Op() == nil {
			err = t.leaf(n, b.order[i])
		} else {
			err = t.step(n, b.order[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return t.finish()
}

// instance is the network for one size of batch.
type instance struct {
	*nn.Builder
	image, logits nn.Tensor
	order         []*G.Node // those that the logits need, operands first
}

func instantiate(build Build, images [3]int, n int) (instance, error) {
	b := nn.NewBuilder(nn.Infer, false)
	x := b.Input(Input, n, images[0], images[1], images[2])
	logits := build(b, x)
	if err := b.Err(); err != nil {
		return instance{}, err
	}
	return instance{b, x, logits, op.Reachable([]*G.Node{logits.Node()})}, nil
}

// tracer walks two instances of a network in step.
type tracer struct {
	*Graph
	instance   instance          // for few images
	values     map[*G.Node]value // by the instance's nodes
	leaves     map[*G.Node]*nn.Param
	names      names
	known      map[string]string     // names of constants by what they hold
	statistics map[string]statistics // by the name of the site that computes them
}

// site is an operator of the network whose nodes are to be added.
type site struct {
	name         string  // of the layer
	spec, larger op.Spec // for few and for more images
	in           []value
	out          value
}

// leaf adds an input or a parameter, which is a for few images and b for more.
func (t *tracer) leaf(a, b *G.Node) error {
	shape, err := symbolic(op.Shape(a.Shape()), op.Shape(b.Shape()))
	switch p := t.leaves[a]; {
	case err != nil || a.Name() != b.Name() || p != nil && shape[0] == batch:
		return fmt.Errorf("%s %v of the network for %d images is %s %v for %d: it depends on the batch",
			a.Name(), op.Shape(a.Shape()), few, b.Name(), op.Shape(b.Shape()), more)
	case p != nil:
		t.Graph.params = append(t.Graph.params, p)
	case a != t.instance.image.Node():
		return fmt.Errorf("the logits depend on %s, want images and parameters only", a.Name())
	default:
		t.input = value{a.Name(), shape}
	}
	t.values[a] = value{a.Name(), shape}
	return nil
}

// step adds an operator, which is a for few images and b for more.
func (t *tracer) step(a, b *G.Node) error {
	first, ours := a.Op().(*op.Op)
	second, too := b.Op().(*op.Op)
	if !ours || !too {
		return fmt.Errorf("node %d is %v for %d images and %v for %d, want an operator of the workbench", a.ID(), a.Op(), few, b.Op(), more)
	}
	operands := op.Children(a)
	s := site{name: t.layer(first.Spec, operands), spec: first.Spec, larger: second.Spec}
	for _, c := range operands {
		s.in = append(s.in, t.values[c])
	}
	if v, rows := s.spec.(op.RowStats); rows {
		t.statistics[s.name] = statistics{s.in[0].name, v.Rows}
		t.values[a] = value{name: s.name}
		return nil
	}
	if err := t.result(&s, a, b); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	t.values[a] = s.out
	return nil
}

// result names what the operator computes, and adds the nodes that compute it.
func (t *tracer) result(s *site, a, b *G.Node) error {
	shape, err := symbolic(op.Shape(a.Shape()), op.Shape(b.Shape()))
	if err != nil {
		return err
	}
	s.out = value{s.name, shape}
	if a == t.instance.logits.Node() {
		s.out.name = Output
	} else {
		t.between = append(t.between, s.out)
	}
	return t.translate(*s)
}

// symbolic returns the shape of a value that has shape a for few and b for more images.
func symbolic(a, b op.Shape) (op.Shape, error) {
	switch {
	case a.Equal(b):
		return a, nil
	case len(a) == len(b) && a[1:].Equal(b[1:]) && a[0] == few && b[0] == more:
		return append(op.Shape{batch}, a[1:]...), nil
	}
	return nil, fmt.Errorf("its result is %v for %d images and %v for %d; want only the first axis to differ, which then counts images",
		a, few, b, more)
}

// finish checks that the logits are a row for each image, computed by a layer from the images.
func (t *tracer) finish() (*Graph, error) {
	t.output = t.values[t.instance.logits.Node()]
	switch {
	case t.input.name == "":
		return nil, fmt.Errorf("the logits do not depend on the images")
	case t.output.name != Output:
		return nil, fmt.Errorf("the logits are no layer's result")
	case len(t.output.shape) == 0 || t.output.shape[0] != batch:
		return nil, fmt.Errorf("the logits are %v for every batch, want a row an image", t.output.shape)
	}
	return t.Graph, nil
}
