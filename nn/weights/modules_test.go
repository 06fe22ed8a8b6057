package weights_test

import (
	"bytes"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// Layers that a switch puts into a network are saved from the training graph and loaded into the graph for inference
// like all others.
func TestNetworksWithOtherModulesAreSavedAndLoaded(t *testing.T) {
	for _, test := range []struct {
		variant string
		given   map[string]any
		has     string // a parameter that the published network lacks
	}{
		{"resnet18", map[string]any{"attention": "se", "se_position": "identity", "cardinality": 2}, "layer1.0.se.fc1.weight"},
		{"resnet_cifar", map[string]any{"block": "B(3,1,3)", "depth": 29, "se_squeeze": "max", "attention": "se"}, "layer3.2.conv3.weight"},
		{"alexnet", map[string]any{"stem": "deep", "hidden": 16}, "features.0.6.weight"},
		{"vgg_mini", map[string]any{"shortcut": "projection_all", "attention": "se", "se_position": "post"}, "stage1.1.downsample.0.weight"},
		{"googlenet", map[string]any{"shortcut": "projection", "convolution": "separable"}, "inception3a.downsample.0.bias"},
		{"densenet_mini", map[string]any{"attention": "se", "se_reduction": 4, "se_position": "post"},
			"features.denseblock1.denselayer1.se.fc2.bias"},
		{"mobilenet_mini", map[string]any{"shortcut": "projection", "stem": "deep"}, "features.1.downsample.1.running_var"},
		{"mobilenet_v2", map[string]any{"shortcut": "projection", "downsample": "average"}, "features.2.downsample.1.weight"},
		{"mobilenet_v3_small", map[string]any{"se_position": "post"}, "features.1.se.fc1.weight"},
		{"shufflenet_v1_1x_g3", map[string]any{"attention": "se", "se_position": "pre"}, "stage2.0.se.fc1.weight"},
	} {
		v, err := zoo.Lookup(test.variant)
		if err != nil {
			t.Fatal(err)
		}
		s, err := v.Resolve(test.given)
		if err != nil {
			t.Fatal(err)
		}
		params := func(mode nn.Mode) []*nn.Param {
			b := nn.NewBuilder(mode, false)
			v.Build(b, b.Input("image", 2, v.Input[0], v.Input[1], v.Input[2]), v.Classes, s)
			if b.Err() != nil {
				t.Fatal(b.Err())
			}
			return b.Params()
		}
		var tensors []weights.Tensor
		saved := map[string][]float32{}
		for _, p := range params(nn.Train) {
			values := make([]float32, p.Shape.Size())
			p.Fill(values, 1)
			tensors, saved[p.Path] = append(tensors, weights.Tensor{Name: p.Path, Shape: p.Shape, Data: values}), values
		}
		if saved[test.has] == nil {
			t.Errorf("%s %v has no parameter %s", test.variant, test.given, test.has)
		}
		var file bytes.Buffer
		if err := weights.Write(&file, nil, tensors); err != nil {
			t.Fatal(err)
		}
		f, err := read(file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		r, err := weights.Compare(f, weights.Network{Params: params(nn.Infer), Auxiliary: params(nn.Train)}, weights.Options{})
		if err != nil || r.Verdict != weights.Complete {
			t.Fatalf("%s %v: %v\n%s", test.variant, test.given, err, r)
		}
		err = r.Load(func(taken weights.Taken, values []float32) error {
			if !slices.Equal(values, saved[taken.Param.Path]) {
				t.Errorf("%s %v: %s has other values", test.variant, test.given, taken.Param.Path)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s %v: %v", test.variant, test.given, err)
		}
	}
}
