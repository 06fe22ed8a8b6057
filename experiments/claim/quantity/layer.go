package quantity

import (
	"fmt"
	"slices"
	"strings"

	"workbench/nn"
	"workbench/nn/op"
)

// Layer is a layer, or a block of several, as expressions see it. Shapes and costs are those of one image, pairs are
// vertical and horizontal.
type Layer struct {
	Path  string `expr:"path"`
	Name  string `expr:"name"`  // "conv3", "fc6": weight layers counted as AlexNet's are; "" of others
	Kind  string `expr:"kind"`  // "conv", "linear", "relu", …; of several layers "block"
	Class string `expr:"class"` // see nn.Layer.Class
	Form  string `expr:"form"`  // of convolutions: "k×k", "1×1", "depthwise"

	In     []int `expr:"in"`  // [c, h, w] or [features]
	Out    []int `expr:"out"` // as In
	Kernel []int `expr:"kernel"`
	Stride []int `expr:"stride"`
	Groups int   `expr:"groups"`
	Field  []int `expr:"field"` // receptive field in pixels of the image
	Jump   []int `expr:"jump"`  // effective stride in pixels of the image

	Params  int `expr:"params"`
	Weights int `expr:"weights"` // of convolutions and linear layers, biases left out
	MACs    int `expr:"macs"`
	Values  int `expr:"values"` // of the result
	Kept    int `expr:"kept"`   // bytes that training keeps

	Training bool `expr:"training"` // inference leaves it out
}

func init() {
	Register(ofNetwork("layers", "all layers in their order, for filter, map, sum and count; fields: "+strings.Join(fields, ", "), layers))
	Register(ofPlace("layer", "the layer at a place: a path (\"layer1.0.conv1\"), or its number among the weight layers "+
		"(\"conv3\", \"fc6\"); fields as those of layers", layer))
	Register(ofPlace("block", "all layers at a path and below it, summed up: shapes and fields are those of the last", block))
}

// fields are the names of a layer's fields in expressions.
var fields = []string{"path", "name", "kind", "class", "form", "in", "out", "kernel", "stride", "groups", "field", "jump",
	"params", "weights", "macs", "values", "kept", "training"}

// Fields are the names of a layer's fields in expressions.
func Fields() []string { return slices.Clone(fields) }

func layers(n *Networks, of Network) ([]Layer, error) {
	s, err := n.summary(of)
	if err != nil {
		return nil, err
	}
	all, weighted := make([]Layer, len(s.Layers)), 0
	for i, l := range s.Layers {
		all[i] = seen(l)
		if kind := map[string]string{"conv": "conv", "linear": "fc"}[l.Kind]; kind != "" && !l.TrainingOnly {
			weighted++
			all[i].Name = fmt.Sprint(kind, weighted)
		}
	}
	return all, nil
}

func seen(l nn.Layer) Layer {
	y := Layer{Path: l.Path, Kind: l.Kind, Class: l.Class(), Form: l.Form(), In: list(l.In), Out: list(l.Out),
		Kernel: l.Kernel[:], Stride: l.Stride[:], Groups: l.Groups, Field: l.Field[:], Jump: l.Jump[:],
		Params: int(l.Params), MACs: int(l.MACs), Values: l.Out.Size(), Kept: int(l.KeptBytes), Training: l.TrainingOnly}
	switch l.Kind {
	case "conv":
		y.Weights = l.Out[0] * l.In[0] / l.Groups * l.Kernel[0] * l.Kernel[1]
	case "linear":
		y.Weights = l.Out.Size() * l.In.Size()
	}
	return y
}

func list(s op.Shape) []int { return append([]int{}, s...) }

// layer finds a layer by its path or else by its number among the weight layers. At a path that has several, such as a
// block's own activations, it is the first.
func layer(n *Networks, of Network, place string) (Layer, error) {
	all, err := layers(n, of)
	if err != nil {
		return Layer{}, err
	}
	var places []string
	for _, name := range []func(Layer) string{func(l Layer) string { return l.Path }, func(l Layer) string { return l.Name }} {
		for _, l := range all {
			switch name(l) {
			case place:
				return l, nil
			case "":
			default:
				places = append(places, name(l))
			}
		}
	}
	return Layer{}, noPlace(of, place, places)
}

func block(n *Networks, of Network, place string) (Layer, error) {
	all, err := layers(n, of)
	if err != nil {
		return Layer{}, err
	}
	var sum Layer
	size := 0
	var places []string
	for _, l := range all {
		places = append(places, above(l.Path)...)
		if l.Path != place && !strings.HasPrefix(l.Path, place+".") {
			continue
		}
		if size == 0 {
			sum.In = l.In
		}
		size++
		l.In, l.Params, l.Weights, l.MACs, l.Kept = sum.In, l.Params+sum.Params, l.Weights+sum.Weights, l.MACs+sum.MACs, l.Kept+sum.Kept
		sum = l
	}
	if size == 0 {
		return Layer{}, noPlace(of, place, places)
	}
	if size > 1 {
		sum.Kind, sum.Class, sum.Form, sum.Name, sum.Groups = nn.Block, nn.Other, "", "", 0
		sum.Kernel, sum.Stride = []int{0, 0}, []int{0, 0}
	}
	sum.Path = place
	return sum, nil
}

// above are a path and all that it lies in.
func above(path string) []string {
	all := []string{path}
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '.' {
			all = append(all, path[:i])
		}
	}
	return all
}
