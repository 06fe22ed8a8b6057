package zoo

import (
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
)

// build adds the variant for a batch of two of its own images.
func build(t *testing.T, v Variant, mode nn.Mode, given map[string]any) (*nn.Builder, nn.Tensor) {
	t.Helper()
	s, err := v.Resolve(given)
	if err != nil {
		t.Fatal(err)
	}
	b := nn.NewBuilder(mode, false)
	logits := v.Build(b, b.Input("image", 2, v.Input[0], v.Input[1], v.Input[2]), v.Classes, s)
	return b, logits
}

func paths(b *nn.Builder) []string {
	var all []string
	for _, p := range b.Params() {
		all = append(all, p.Path)
	}
	return all
}

func TestEveryParameterGetsAGradient(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			v, err := Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			b, logits := build(t, v, nn.Train, nil)
			loss := b.ClassifierLoss(logits, b.Labels("label", 2), 0.1)
			if err := b.Err(); err != nil {
				t.Fatal(err)
			}
			if want := (op.Shape{2, v.Classes}); !logits.Shape().Equal(want) {
				t.Errorf("logits are %v, want %v", logits.Shape(), want)
			}
			checkGradients(t, b, loss)
		})
	}
}

func checkGradients(t *testing.T, b *nn.Builder, loss nn.Tensor) {
	t.Helper()
	var leaves []*G.Node
	var params []*nn.Param
	for _, p := range b.Params() {
		if p.Trainable() {
			leaves, params = append(leaves, p.Node), append(params, p)
		}
	}
	grads, err := b.Graph().Gradients(loss.Node(), leaves)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range params {
		if grads[i] == nil || !op.Shape(grads[i].Shape()).Equal(p.Shape) {
			t.Fatalf("%s %v: its gradient is %v", p.Path, p.Shape, grads[i])
		}
	}
}

// withoutAuxiliaries returns the paths without those of classifiers that inference does not have.
func withoutAuxiliaries(b *nn.Builder) []string {
	return slices.DeleteFunc(paths(b), func(path string) bool {
		return slices.ContainsFunc(b.Auxiliaries(), func(a nn.Auxiliary) bool { return strings.HasPrefix(path, a.Path+".") })
	})
}

// Training and inference share their weights by name, so both graphs must ask for the same ones.
func TestTrainingAndInferenceHaveTheSameParameters(t *testing.T) {
	for _, name := range Names() {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		train, _ := build(t, v, nn.Train, nil)
		infer, _ := build(t, v, nn.Infer, nil)
		if !slices.Equal(withoutAuxiliaries(train), paths(infer)) {
			t.Errorf("%s: parameters differ between training and inference", name)
		}
	}
}

func TestParametersAreNamedAsTorchvisionDoes(t *testing.T) {
	tests := []struct {
		variant string
		options map[string]any
		has     []string
		hasNot  []string
	}{
		{"resnet18", nil, []string{"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
			"layer2.0.downsample.1.running_mean", "layer4.1.bn2.bias", "fc.weight", "fc.bias"},
			[]string{"layer1.0.downsample.0.weight", "layer2.1.downsample.0.weight", "conv1.bias"}},
		{"resnet34_optA", nil, []string{"layer3.5.conv2.weight"}, []string{"layer2.0.downsample.0.weight"}},
		{"vgg16", nil, []string{"features.0.weight", "features.28.bias", "classifier.0.weight", "classifier.6.bias"},
			[]string{"features.1.weight"}},
		{"vgg16_bn", nil, []string{"features.1.running_mean", "features.40.weight", "features.41.bias", "classifier.3.weight"}, nil},
		{"resnet20_cifar", map[string]any{"shortcut": "projection"}, []string{"layer3.0.downsample.1.weight", "layer3.2.bn2.weight"},
			[]string{"layer1.0.downsample.0.weight", "layer3.3.conv1.weight", "layer4.0.conv1.weight"}},
	}
	for _, test := range tests {
		v, err := Lookup(test.variant)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := build(t, v, nn.Infer, test.options)
		have := paths(b)
		for _, p := range test.has {
			if !slices.Contains(have, p) {
				t.Errorf("%s has no parameter %s", test.variant, p)
			}
		}
		for _, p := range test.hasNot {
			if slices.Contains(have, p) {
				t.Errorf("%s has a parameter %s", test.variant, p)
			}
		}
	}
}

// Images of any size that leaves a pixel for the classifier are averaged to the 7×7 or 6×6 maps that it reads, whether
// they are larger or smaller, and its weights are the same.
func TestClassifiersReadMapsOfAnySize(t *testing.T) {
	for _, c := range []struct {
		variant string
		inputs  [][2]int
	}{{"vgg16", [][2]int{{32, 32}, {64, 80}, {97, 131}, {230, 250}}}, {"alexnet", [][2]int{{63, 63}, {64, 80}, {97, 131}, {230, 250}}}} {
		v, err := Lookup(c.variant)
		if err != nil {
			t.Fatal(err)
		}
		want := describe(t, c.variant).Params
		for _, side := range c.inputs {
			s, err := Describe(v, mustResolve(t, v, nil), [3]int{3, side[0], side[1]}, v.Classes)
			if err != nil || s.Params != want {
				t.Errorf("%s on %v: %d parameters, want %d, error %v", c.variant, side, s.Params, want, err)
			}
		}
	}
}

// A network that takes a resolution runs at any, below and above the size of its images.
func TestResolutionsBelowAndAboveTheImages(t *testing.T) {
	scaled := 0
	for _, name := range Names() {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if !v.has("resolution") {
			continue
		}
		scaled++
		for _, side := range []int{v.Input[1] / 2, v.Input[1], v.Input[1] + 32, 300} {
			s, err := Describe(v, mustResolve(t, v, map[string]any{"resolution": side}), v.Input, v.Classes)
			if err != nil {
				t.Error(err)
				continue
			}
			if first := s.Layers[0]; side != v.Input[1] && (first.Path != "resize" || first.Out[1] != side || first.Out[2] != side) {
				t.Errorf("%s at %d pixels begins with %s %v", name, side, first.Path, first.Out)
			}
		}
		const want = "want a whole number from 0 to 4096, got 5000"
		if _, err := v.Resolve(map[string]any{"resolution": 5000}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: resolution 5000: got error %v, want %s", name, err, want)
		}
	}
	if scaled < 10 {
		t.Errorf("%d networks take a resolution", scaled)
	}
}

func TestImpossibleNetworksAreErrors(t *testing.T) {
	tests := []struct {
		variant string
		options map[string]any
		input   [3]int
		want    []string // parts of the message
	}{
		{"vgg16", nil, [3]int{3, 16, 16}, []string{"vgg16 on 3×16×16 images: features.30: max_pool", "2×2", "1×1"}},
		{"resnet_cifar", map[string]any{"depth": 21}, [3]int{3, 32, 32}, []string{"depth 21", "6n+2", "20 and 26"}},
		{"resnet_mini", map[string]any{"zero_init_last": true, "shortcut": "none"}, [3]int{3, 32, 32},
			[]string{"zero_init_last", "shortcut=none"}},
		{"resnet_mini", map[string]any{"drop_path": 0.2, "shortcut": "none"}, [3]int{3, 32, 32}, []string{"drop_path=0.2 needs shortcuts"}},
		{"resnet_mini", map[string]any{"zero_init_last": true, "norm": "group"}, [3]int{3, 32, 32},
			[]string{"zero_init_last=true", "norm=group"}},
		{"resnet_mini", map[string]any{"zero_init_last": true, "preactivation": true}, [3]int{3, 32, 32},
			[]string{"preactivation=true has none"}},
		{"resnet_mini", map[string]any{"downsample": "average"}, [3]int{3, 32, 32},
			[]string{"downsample=average needs projections, got shortcut=identity"}},
		{"resnet_mini", map[string]any{"se_position": "pre"}, [3]int{3, 32, 32}, []string{"se_position=pre needs attention=se"}},
		{"resnet_mini", map[string]any{"attention": "se"}, [3]int{3, 32, 32},
			[]string{"layer1.0.se", "se_reduction=16 leaves no hidden channel of 8"}},
		{"resnet_mini", map[string]any{"group_width": 4}, [3]int{3, 32, 32}, []string{"group_width", "block=basic"}},
		{"resnet_mini", map[string]any{"block": "bottleneck", "depth": 21}, [3]int{3, 32, 32}, []string{"9n+2", "20 and 29"}},
		{"resnext50_32x4d", map[string]any{"convolution": "separable"}, [3]int{3, 64, 64},
			[]string{"convolution=separable", "cardinality=32", "want convolution=dense"}},
		{"resnest50d", map[string]any{"stride_in": "1x1"}, [3]int{3, 64, 64}, []string{"block_pool=none, got block_pool=after"}},
		{"densenet_cifar", map[string]any{"depth": 41}, [3]int{3, 32, 32}, []string{"depth 41 is not 6n+4", "40 and 46"}},
		{"shufflenet_v1_1x_g3", map[string]any{"groups": 5}, [3]int{3, 64, 64}, []string{"groups=5", "1, 2, 3, 4 and 8"}},
		{"vgg_mini", map[string]any{"kernel": 4}, [3]int{3, 32, 32}, []string{"kernel=4 is even", "want 3 or 5"}},
		{"resnet18", nil, [3]int{0, 32, 32}, []string{"axis without elements"}},
		{"resnet_mini", map[string]any{"cardinality": 3}, [3]int{3, 32, 32},
			[]string{"layer1.0.conv1: cardinality=3", "3×3 convolution of 3 groups reads 8 channels and gives 8", "multiples of 3"}},
		{"mobilenet_v2", map[string]any{"cardinality": 2}, [3]int{3, 64, 64},
			[]string{"convolution=separable has a group for each channel", "cardinality=2"}},
		{"alexnet_2012", map[string]any{"convolution": "separable"}, [3]int{3, 67, 67}, []string{"features.4", "2 groups already"}},
		{"vgg_mini", map[string]any{"shuffle": true}, [3]int{3, 32, 32},
			[]string{"shuffle=true needs convolutions of groups, got cardinality=1"}},
		{"resnest14d", map[string]any{"shuffle": true, "radix": 1}, [3]int{3, 64, 64}, []string{"shuffle=true needs convolutions of groups"}},
		{"vgg_mini", map[string]any{"kernel": 1, "cardinality": 2}, [3]int{3, 32, 32}, []string{"cardinality=2", "got kernel=1"}},
		{"vgg11", map[string]any{"drop_path": 0.1}, [3]int{3, 224, 224}, []string{"drop_path=0.1 needs shortcuts, got shortcut=none"}},
		{"efficientnet_b0", map[string]any{"shortcut": "none"}, [3]int{3, 64, 64},
			[]string{"drop_path=0.2 needs shortcuts, got shortcut=none", "want drop_path=0"}},
		{"googlenet", map[string]any{"attention": "se", "se_position": "identity"}, [3]int{3, 64, 64},
			[]string{"se_position=identity needs shortcuts, got shortcut=none"}},
		{"mobilenet_mini", map[string]any{"attention": "se", "se_position": "post"}, [3]int{3, 32, 32},
			[]string{"se_position=post needs shortcuts", "standard position"}},
		{"mobilenet_v2", map[string]any{"attention": "se", "se_position": "identity", "se_stage": "1"}, [3]int{3, 64, 64},
			[]string{"se_position=identity: se_stage=1 has no unit with a shortcut"}},
		{"mobilenet_v3_large", map[string]any{"se_stage": "1"}, [3]int{3, 64, 64}, []string{"se_stage=1: no unit of this stage has attention"}},
		{"densenet_mini", map[string]any{"se_position": "pre"}, [3]int{3, 32, 32}, []string{"se_position=pre needs attention=se"}},
		{"shufflenet_v1_1x_g3", map[string]any{"shortcut": "none", "downsample": "max"}, [3]int{3, 64, 64},
			[]string{"downsample=max is of shortcuts, got shortcut=none"}},
		{"alexnet", map[string]any{"pooling": "disjoint", "downsample": "stride"}, [3]int{3, 224, 224},
			[]string{"pooling=disjoint", "downsample=stride has none"}},
	}
	for _, test := range tests {
		v, err := Lookup(test.variant)
		if err != nil {
			t.Fatal(err)
		}
		s, err := v.Resolve(test.options)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Describe(v, s, test.input, 10)
		if err == nil {
			t.Errorf("%s %v on %v: no error", test.variant, test.options, test.input)
			continue
		}
		for _, part := range test.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s %v on %v: error %q does not say %q", test.variant, test.options, test.input, err, part)
			}
		}
	}
}

// The smallest images still pass through a residual network, and small forms of VGG take CIFAR's.
func TestNetworksTakeOtherSizes(t *testing.T) {
	tests := []struct {
		variant string
		options map[string]any
		input   [3]int
		params  int64
	}{
		{"resnet18", nil, [3]int{1, 1, 1}, 11175370}, // torchvision with 10 classes and 1 channel,
		{"resnet20_cifar", nil, [3]int{3, 33, 7}, 269722},
		{"resnet50", map[string]any{"stem": "small"}, [3]int{3, 32, 32}, 23520842},          // kuangliu/pytorch-cifar
		{"densenet121", map[string]any{"stem": "small"}, [3]int{3, 32, 32}, 6956298},        // the same
		{"vgg16_bn", map[string]any{"pool": 1, "hidden": 512}, [3]int{3, 32, 32}, 15253578}, // 15.25 M, chenyaofo/pytorch-cifar-models
	}
	for _, test := range tests {
		v, err := Lookup(test.variant)
		if err != nil {
			t.Fatal(err)
		}
		s, err := v.Resolve(test.options)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Describe(v, s, test.input, 10)
		if err != nil {
			t.Error(err)
			continue
		}
		if got.Params != test.params {
			t.Errorf("%s on %v: got %d parameters, want %d", test.variant, test.input, got.Params, test.params)
		}
	}
}

func TestZeroInitLastStartsBlocksAtZero(t *testing.T) {
	v, err := Lookup("resnet20_cifar")
	if err != nil {
		t.Fatal(err)
	}
	for _, zero := range []bool{false, true} {
		b, _ := build(t, v, nn.Train, map[string]any{"zero_init_last": zero})
		for _, p := range b.Params() {
			if !strings.HasSuffix(p.Path, "bn2.weight") && !strings.HasSuffix(p.Path, "bn1.weight") {
				continue
			}
			want := float32(1)
			if zero && strings.HasSuffix(p.Path, "bn2.weight") {
				want = 0
			}
			got := make([]float32, p.Shape.Size())
			if p.Fill(got, 1); got[0] != want {
				t.Errorf("zero_init_last=%v: %s starts at %v, want %v", zero, p.Path, got[0], want)
			}
		}
	}
}

func TestOptionsOfOtherFamiliesAreErrorsThatNameThem(t *testing.T) {
	v, err := Lookup("vgg16")
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Resolve(map[string]any{"stem": "deep"})
	if err == nil || !strings.Contains(err.Error(), `vgg16 has no option "stem"`) ||
		!strings.Contains(err.Error(), "EfficientNet, GoogLeNet, MobileNet") {
		t.Errorf("got %v, want an error that names the families with a stem", err)
	}
	if _, err = v.Resolve(map[string]any{"no_such": 1}); err == nil || strings.Contains(err.Error(), "is an option of") {
		t.Errorf("got %v, want an error that names no families", err)
	}
}

func TestLookupOfAWrongNameNamesTheNearest(t *testing.T) {
	_, err := Lookup("resnet_18")
	if err == nil || !strings.Contains(err.Error(), "resnet18") {
		t.Errorf("got %v, want an error that names resnet18", err)
	}
}
