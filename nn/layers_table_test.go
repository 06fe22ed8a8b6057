package nn_test

import (
	"reflect"
	"strings"
	"testing"

	"workbench/nn"
)

// layerCase is a layer, what it is called in a summary (nothing: it is no layer of its own), its multiply-adds for one
// image, and the operators that it stands for.
type layerCase struct {
	name, kind string
	macs       int64
	build      func(b *nn.Builder, in inputs) nn.Tensor
	want       string
}

var layerCases []layerCase

// inputs are what the layers of the table read: images [2, 4, 6, 6], matrices [2, 3], a column [2, 1], scalars,
// weights of the images and the classes, labels and a share.
type inputs struct{ x, y, m, n, column, s, s2, images, classes, labels, share nn.Tensor }

func inputsOf(b *nn.Builder) inputs {
	in := inputs{x: b.Input("x", 2, 4, 6, 6), y: b.Input("y", 2, 4, 6, 6), m: b.Input("m", 2, 3), n: b.Input("n", 2, 3),
		column: b.Input("column", 2, 1), images: b.Input("images", 2), classes: b.Input("classes", 3), labels: b.Labels("labels", 2),
		share: b.Input("share", 1)}
	in.s, in.s2 = b.Mean(in.m), b.Mean(in.n)
	return in
}

func TestLayersAreMadeOfTheirOperators(t *testing.T) {
	for _, c := range layerCases {
		b := nn.NewBuilder(nn.Train, false)
		in := inputsOf(b)
		before := len(b.Summary().Layers)
		y := c.build(b.In("at"), in)
		if err := b.Err(); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := tree(y.Node()); got != c.want {
			t.Errorf("%s is\n%s, want\n%s", c.name, got, c.want)
		}
		layers := b.Summary().Layers[before:]
		kind, macs := "", int64(0)
		if len(layers) > 0 {
			last := layers[len(layers)-1]
			kind, macs = last.Kind, last.MACs
			if last.Path != "at" {
				t.Errorf("%s is at %q", c.name, last.Path)
			}
		}
		if kind != c.kind || macs != c.macs {
			t.Errorf("%s is noted as %q of %d multiply-adds, want %q of %d", c.name, kind, macs, c.kind, c.macs)
		}
	}
}

// notLayers are the methods of a builder that return a value of the graph but add no layer.
var notLayers = []string{"Apply", "Fail", "Inner", "Input", "Labels", "Now", "Param", "Result", "State",
	"ClassifierLoss", "SoftClassifierLoss", "EveryClassifierLoss"}

// A layer without a row in the table is not finished.
func TestEveryLayerIsInTheTable(t *testing.T) {
	builder, value := reflect.TypeFor[*nn.Builder](), reflect.TypeFor[nn.Tensor]()
	named := strings.Join(notLayers, " ") + " "
	for _, c := range layerCases {
		named += strings.Fields(c.name)[0] + " "
	}
	for i := range builder.NumMethod() {
		m := builder.Method(i)
		gives := m.Type.NumOut() == 1 && (m.Type.Out(0) == value || m.Type.Out(0) == reflect.SliceOf(value))
		if gives && !strings.Contains(" "+named, " "+m.Name+" ") {
			t.Errorf("%s has no row in layerCases", m.Name)
		}
	}
}
