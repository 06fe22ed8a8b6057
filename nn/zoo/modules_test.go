package zoo

import (
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// layersOf returns the layers of the variant in training.
func layersOf(t *testing.T, v Variant, given map[string]any) nn.Summary {
	t.Helper()
	s, err := Describe(v, mustResolve(t, v, given), v.Input, v.Classes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wide returns the convolutions with kernels larger than 1×1.
func wide(s nn.Summary) []nn.Layer {
	return slices.DeleteFunc(slices.Clone(s.Layers), func(l nn.Layer) bool { return l.Kind != "conv" || l.Kernel[0] == 1 })
}

// With a cardinality, every k×k convolution has that many times as many groups, except those of the stem, which come
// first, and of projections. A shuffle follows each convolution that has groups.
func TestCardinalityAndShuffleReachEveryConvolution(t *testing.T) {
	for _, v := range smallest(t) {
		given := map[string]any{"convolution": dense, "cardinality": 1}
		before := wide(layersOf(t, v, given))
		given["cardinality"], given["shuffle"] = 2, true
		s := layersOf(t, v, given)
		after, shuffled, behind := wide(s), map[string]bool{}, false
		for _, l := range s.Layers {
			if path, own := strings.CutSuffix(l.Path, ".shuffle"); own && l.Kind == "channel shuffle" {
				shuffled[path] = true
			}
		}
		if len(before) != len(after) {
			t.Errorf("%s: %d convolutions, and %d in groups", v.Name, len(before), len(after))
			continue
		}
		for i, l := range after {
			switch want := 2 * before[i].Groups; {
			case strings.Contains(l.Path, "downsample"):
			case l.Groups == want:
				behind = true
				if !shuffled[l.Path] {
					t.Errorf("%s: no shuffle follows %s", v.Name, l.Path)
				}
			case behind || l.Groups != before[i].Groups:
				t.Errorf("%s: %s has %d groups, want %d", v.Name, l.Path, l.Groups, want)
			}
		}
		if !behind {
			t.Errorf("%s: no convolution has groups", v.Name)
		}
	}
}

// The probability of drop-path rises from unit to unit to the one that is set. Networks of inverted residual blocks
// begin with 0 and stop a step short of it, as torchvision's do.
func TestDropPathRises(t *testing.T) {
	for _, v := range smallest(t) {
		o := v.Options[slices.IndexFunc(v.Options, func(o Option) bool { return o.Name == "drop_path" })]
		given := met(v, o)
		given["drop_path"] = 0.4
		b, _ := build(t, v, nn.Train, given)
		if b.Err() != nil {
			t.Errorf("%s %v: %v", v.Name, given, b.Err())
			continue
		}
		var all []float64
		for _, n := range b.Graph().Expr.AllNodes() {
			if o, ok := n.Op().(*op.Op); ok {
				if d, drops := o.Spec.(op.DropPath); drops {
					all = append(all, d.P)
				}
			}
		}
		slices.Sort(all)
		if len(all) < 2 || len(slices.Compact(slices.Clone(all))) != len(all) {
			t.Errorf("%s %v: branches are dropped with %v", v.Name, given, all)
			continue
		}
		last, step := 0.4, all[1]-all[0]
		for i := range all[1:] { // units without a branch make wider gaps
			step = min(step, all[i+1]-all[i])
		}
		if v.Family == "EfficientNet" || strings.HasPrefix(v.Name, "mobilenet_v2") || strings.HasPrefix(v.Name, "mobilenet_v3") {
			last -= step
		}
		if got := all[len(all)-1]; math.Abs(got-last) > 1e-9 {
			t.Errorf("%s %v: the last branch is dropped with %v, want %v; all: %v", v.Name, given, got, last, all)
		}
	}
}

// A shortcut without parameters adds none, and a projection does. Networks have as many parameters whether they halve
// by strides or by poolings.
func TestModulesKeepParameters(t *testing.T) {
	for _, name := range []string{"alexnet", "zfnet", "vgg11", "vgg11_bn", "vgg_mini", "googlenet", "mobilenet_mini"} {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		published := layersOf(t, v, nil).Params
		for _, test := range []struct {
			given map[string]any
			same  bool
		}{
			{map[string]any{"shortcut": identity}, true}, {map[string]any{"shortcut": identity, "drop_path": 0.1}, true},
			{map[string]any{"shortcut": projection}, false}, {map[string]any{"shortcut": projectionsAll}, false},
			{map[string]any{"downsample": byStride}, true}, {map[string]any{"downsample": byAverage}, true},
			{map[string]any{"downsample": byMax}, true},
		} {
			if got := layersOf(t, v, test.given).Params; (got == published) != test.same || got < published {
				t.Errorf("%s %v: %d parameters, published %d", name, test.given, got, published)
			}
		}
	}
}

// Without its shortcut a layer of a DenseNet reads only the k channels of the layer before it.
func TestPlainDenseNetReadsOneLayer(t *testing.T) {
	v, err := Lookup("densenet_40_12_cifar")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := build(t, v, nn.Infer, map[string]any{"shortcut": plain})
	for _, p := range b.Params() {
		if strings.HasSuffix(p.Path, "denselayer2.conv1.weight") && !p.Shape.Equal(op.Shape{12, 12, 3, 3}) {
			t.Errorf("%s is %v, want 12 channels of 12", p.Path, p.Shape)
		}
	}
}

// The position of the attention decides which channels it weighs: those that a unit reads, or those that it gives.
func TestPlacesOfTheAttention(t *testing.T) {
	for _, test := range []struct {
		variant, position, path string
		channels                int
		given                   map[string]any
	}{
		{"resnet50", seStandard, "layer2.0.se.fc2", 512, nil}, {"resnet50", sePre, "layer2.0.se.fc2", 256, nil},
		{"resnet50", sePost, "layer2.0.se.fc2", 512, nil}, {"resnet50", seIdentity, "layer2.0.se.fc2", 512, nil},
		{"vgg11_bn", seStandard, "features.4.se.fc2", 128, nil}, {"vgg11_bn", sePre, "features.4.se.fc2", 64, nil},
		{"vgg11_bn", seIdentity, "features.4.se.fc2", 128, map[string]any{"shortcut": identity}},
		{"googlenet", sePre, "inception3a.se.fc2", 192, nil},
		{"googlenet", sePost, "inception3a.se.fc2", 256, map[string]any{"shortcut": identity}},
		{"densenet121", seStandard, "features.denseblock1.denselayer2.se.fc2", 32, nil},
		{"densenet121", sePre, "features.denseblock1.denselayer2.se.fc2", 96, nil},
		{"densenet121", sePost, "features.denseblock1.denselayer2.se.fc2", 128, nil},
		{"densenet121", seIdentity, "features.denseblock1.denselayer2.se.fc2", 96, nil},
		{"mobilenet_v2", seStandard, "features.3.se.fc2", 144, nil}, {"mobilenet_v2", seIdentity, "features.3.se.fc2", 24, nil},
		{"efficientnet_b0", seStandard, "features.2.1.block.2.fc2", 144, nil}, {"efficientnet_b0", sePost, "features.2.1.se.fc2", 24, nil},
		{"mobilenet_v3_small", sePre, "features.4.se.fc2", 24, nil}, {"mobilenet_v3_small", sePost, "features.4.se.fc2", 40, nil},
		{"shufflenet_v1_1x_g3", seIdentity, "stage2.0.se.fc2", 24, nil}, {"shufflenet_v1_1x_g3", sePost, "stage2.0.se.fc2", 240, nil},
		{"shufflenet_v2_x1_0", seStandard, "stage2.1.branch2.se.fc2", 58, nil}, {"shufflenet_v2_x1_0", sePost, "stage2.1.se.fc2", 116, nil},
	} {
		v, err := Lookup(test.variant)
		if err != nil {
			t.Fatal(err)
		}
		given := map[string]any{"attention": squeezeExcite, "se_position": test.position}
		for name, value := range test.given {
			given[name] = value
		}
		b, _ := build(t, v, nn.Infer, given)
		i := slices.IndexFunc(b.Params(), func(p *nn.Param) bool { return p.Path == test.path+".weight" })
		if i < 0 {
			t.Errorf("%s %v: no %s, %v", test.variant, given, test.path, b.Err())
		} else if got := b.Params()[i].Shape[0]; got != test.channels {
			t.Errorf("%s %v: %s weighs %d channels, want %d", test.variant, given, test.path, got, test.channels)
		}
	}
}
