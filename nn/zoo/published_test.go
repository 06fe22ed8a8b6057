package zoo

import (
	"strings"
	"testing"

	"workbench/nn"
)

// costBelow adds up the multiply-adds of the layers at or below a path.
func costBelow(s nn.Summary, path string) int64 {
	var sum int64
	for _, l := range s.Layers {
		if l.Path == path || strings.HasPrefix(l.Path, path+".") {
			sum += l.MACs
		}
	}
	return sum
}

// The multiply-adds of the nine modules of GoogLeNet follow from the widths of table 1 of the paper. Those of 3b
// without reductions are the 854,196,224 of CS231n 2017, lecture 9, slide 48.
func TestInceptionModulesCostWhatIsPublished(t *testing.T) {
	v, err := Lookup("googlenet")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := build(t, v, nn.Infer, nil)
	for module, want := range map[string]int64{
		"3a": 128049152, "3b": 304267264, "4a": 73608192, "4b": 87908352, "4c": 99850240, "4d": 118515712, "4e": 169996288,
		"5a": 51079168, "5b": 70697984,
	} {
		if got := costBelow(b.Summary(), "inception"+module); want != got {
			t.Errorf("module %s: got %d multiply-adds, want %d", module, got, want)
		}
	}
	n := newInceptionNet(mustResolve(t, v, map[string]any{"reduction": false}))
	b = nn.NewBuilder(nn.Infer, false)
	n.inception(b, b.Input("maps", 1, 256, 28, 28), inceptionStages[0][1], place{stride: 1})
	if got := b.Summary().MACs; b.Err() != nil || got != 854196224 {
		t.Errorf("the naive module: got %d multiply-adds (%v), want 854196224", got, b.Err())
	}
}

func mustResolve(t *testing.T, v Variant, given map[string]any) Settings {
	t.Helper()
	s, err := v.Resolve(given)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Auxiliary classifiers are there in training alone, on 4a and 4d, with the weight of section 5.
func TestAuxiliaryClassifiersAreForTraining(t *testing.T) {
	v, err := Lookup("googlenet_aux")
	if err != nil {
		t.Fatal(err)
	}
	train, _ := build(t, v, nn.Train, nil)
	heads := train.Auxiliaries()
	if len(heads) != 2 || heads[0].Path != "aux1" || heads[1].Path != "aux2" || heads[0].Weight != 0.3 || heads[1].Weight != 0.3 {
		t.Errorf("auxiliary classifiers in training: %+v", heads)
	}
	infer, _ := build(t, v, nn.Infer, nil)
	if removed := train.Summary().Params - infer.Summary().Params; len(infer.Auxiliaries()) != 0 || removed != 3188840+3190888 {
		t.Errorf("inference has %d heads, lacks %d parameters", len(infer.Auxiliaries()), removed)
	}
}

// Networks that are equal by the papers are equal whichever way they are asked for.
func TestSettingsGiveTheVariants(t *testing.T) {
	for _, c := range []struct {
		variant string
		options map[string]any
		like    string
	}{
		{"resnet50", map[string]any{"cardinality": 32, "group_width": 4}, "resnext50_32x4d"},
		{"resnet50", map[string]any{"group_width": 128}, "wide_resnet50_2"},
		{"resnet50", map[string]any{"attention": "se"}, "seresnet50"},
		{"resnet34", map[string]any{"shortcut": "none"}, "plain34"},
		{"resnext50_1x64d", nil, "resnet50"},
		{"resnet110_cifar", map[string]any{"preactivation": true}, "preresnet110_cifar"},
		{"resnet_cifar", map[string]any{"depth": 1001, "block": "bottleneck", "preactivation": true,
			"shortcut": "projection"}, "preresnet1001_cifar"},
		{"vgg16", map[string]any{"norm": "batch"}, "vgg16_bn"},
		{"efficientnet_b0", map[string]any{"width": 1.4, "depth": 1.8}, "efficientnet_b4"},
		{"mobilenet_v2", map[string]any{"width": 1.4}, "mobilenet_v2_1.4"},
		{"mobilenet_v1_1.0_224", map[string]any{"width": 0.5}, "mobilenet_v1_0.50_224"},
		{"googlenet", map[string]any{"auxiliary": true}, "googlenet_aux"},
	} {
		var traces [2]string
		for i, name := range []string{c.variant, c.like} {
			v, err := Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			given := c.options
			if i == 1 {
				given = nil
			}
			b := nn.NewBuilder(nn.Train, false)
			v.Build(b, b.Input("image", 2, 3, 224, 224), 10, withoutChance(mustResolve(t, v, given)))
			if b.Err() != nil {
				t.Fatal(b.Err())
			}
			traces[i] = trace(b)
		}
		if traces[0] != traces[1] {
			t.Errorf("%s %v is not %s", c.variant, c.options, c.like)
		}
	}
}

// withoutChance sets to zero the probabilities in which networks of one shape differ.
func withoutChance(s Settings) Settings {
	for _, name := range []string{"dropout", "drop_path"} {
		if _, declared := s[name]; declared {
			s[name] = 0.0
		}
	}
	return s
}
