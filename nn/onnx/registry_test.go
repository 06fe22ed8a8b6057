package onnx

import (
	"fmt"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/zoo"
)

func TestEveryVariantHasAGraph(t *testing.T) {
	for _, name := range zoo.Names() {
		v, err := zoo.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		checkGraph(t, v, nil)
	}
}

// Whatever a switch puts into a network, the network has a graph.
func TestSwitchesHaveGraphs(t *testing.T) {
	tests := []struct {
		variant string
		options map[string]any
	}{
		{"resnet_mini", map[string]any{"norm": "group"}},
		{"resnet_mini", map[string]any{"norm": "layer", "shortcut": "projection"}},
		{"resnet_mini", map[string]any{"norm": "none", "preactivation": true}},
		{"resnet_mini", map[string]any{"attention": "se", "se_reduction": 4, "drop_path": 0.2, "dropout": 0.3}},
		{"resnet_mini", map[string]any{"convolution": "separable", "downsample": "average", "shortcut": "projection"}},
		{"mobilenet_mini", map[string]any{"resolution": 25}},
		{"resnest14d", map[string]any{"radix": 4, "cardinality": 2}},
		{"resnest14d", map[string]any{"radix": 0}},
		{"googlenet", map[string]any{"auxiliary": true}},
	}
	for _, kind := range op.ActivationNames() {
		tests = append(tests, struct {
			variant string
			options map[string]any
		}{"vgg_mini", map[string]any{"activation": kind}})
	}
	for _, test := range OtherModules {
		tests = append(tests, struct {
			variant string
			options map[string]any
		}{test.Variant, test.Given})
	}
	for _, test := range tests {
		v, err := zoo.Lookup(test.variant)
		if err != nil {
			t.Fatal(err)
		}
		checkGraph(t, v, test.options)
	}
}

// checkGraph traces the variant and looks at the graph as a runtime would.
func checkGraph(t *testing.T, v zoo.Variant, given map[string]any) {
	t.Helper()
	s, err := v.Resolve(given)
	if err != nil {
		t.Fatal(err)
	}
	var last *nn.Builder
	g, err := Trace(func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		last = b
		return v.Build(b, x, v.Classes, s)
	}, v.Input)
	if err != nil {
		t.Errorf("%s %v: %v", v.Name, given, err)
		return
	}
	for _, problem := range g.problems() {
		t.Errorf("%s %v: %s", v.Name, given, problem)
	}
	if want := (op.Shape{batch, v.Input[0], v.Input[1], v.Input[2]}); !g.input.shape.Equal(want) {
		t.Errorf("%s: the input is %v, want %v", v.Name, g.input.shape, want)
	}
	if want := (op.Shape{batch, v.Classes}); !g.output.shape.Equal(want) {
		t.Errorf("%s: the output is %v, want %v", v.Name, g.output.shape, want)
	}
	if got, want := paths(g.Params()), paths(last.Params()); !slices.Equal(got, want) {
		t.Errorf("%s: the graph reads the parameters %v, the network has %v", v.Name, got, want)
	}
}

func paths(params []*nn.Param) []string {
	var all []string
	for _, p := range params {
		all = append(all, p.Path)
	}
	return all
}

// problems lists names that are there twice, are read before they are written, or are never read, and axes in which the
// batch is lost.
func (g *Graph) problems() (found []string) {
	written, read := map[string]bool{}, map[string]bool{}
	write := func(name string) {
		if written[name] || name == "" {
			found = append(found, fmt.Sprintf("%q is there twice or empty", name))
		}
		written[name] = true
	}
	write(g.input.name)
	for _, p := range g.params {
		write(p.Path)
	}
	for _, c := range g.constants {
		write(c.name)
		if c.shape.Size() != len(c.reals)+len(c.wholes) {
			found = append(found, fmt.Sprintf("constant %s %v has %d elements", c.name, c.shape, len(c.reals)+len(c.wholes)))
		}
	}
	layers := map[string]bool{}
	for _, n := range g.nodes {
		for _, name := range n.in {
			if read[name] = true; !written[name] {
				found = append(found, fmt.Sprintf("%s %s reads %q, which is not there yet", n.operator, n.name, name))
			}
		}
		write(n.out)
		if layers[n.name] {
			found = append(found, "two nodes are named "+n.name)
		}
		layers[n.name] = true
	}
	read[g.output.name] = true
	for name := range written {
		if !read[name] {
			found = append(found, name+" is never read")
		}
	}
	for _, v := range append(slices.Clone(g.between), g.output) {
		if !written[v.name] || slices.Contains(v.shape[min(1, len(v.shape)):], batch) {
			found = append(found, fmt.Sprintf("%s %v is not computed, or its batch is not the first axis", v.name, v.shape))
		}
	}
	return found
}
