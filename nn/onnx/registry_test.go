package onnx

import (
	"testing"

	"workbench/nn"
	"workbench/nn/zoo"
)

// variant traces a network of the zoo on images of its own size.
func variant(t *testing.T, name string, given map[string]any) *Graph {
	t.Helper()
	v, err := zoo.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Resolve(given)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Trace(func(b *nn.Builder, x nn.Tensor) nn.Tensor { return v.Build(b, x, v.Classes, s) }, v.Input)
	if err != nil {
		t.Fatalf("%s %v: %v", name, given, err)
	}
	return g
}

func TestEveryVariantHasAGraph(t *testing.T) {
	for _, name := range zoo.Names() {
		variant(t, name, nil)
	}
}
