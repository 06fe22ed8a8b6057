package quantity_test

import (
	"fmt"
	"strings"
	"testing"

	"workbench/experiments/claim/quantity"
)

// of computes a quantity as an expression does.
func of(t *testing.T, name string, arguments ...any) any {
	t.Helper()
	q, known := quantity.Lookup(name)
	if !known {
		t.Fatalf("no quantity is called %s", name)
	}
	var networks quantity.Networks
	value, err := q.Of(&networks, arguments)
	if err != nil {
		t.Fatalf("%s%v: %v", name, arguments, err)
	}
	return value
}

type options = map[string]any

const tiny = "3x16x16"

// What shows when a network runs goes by the network: beside each case stands a network that lacks the property.
func TestBehavioursGoByTheNetwork(t *testing.T) {
	for _, c := range []struct {
		name      string
		arguments []any
		instead   []any // of a network without the property
		has       func(value float64) bool
	}{
		{"zero_branch", []any{"resnet20_cifar", "layer1.1", options{"input": tiny}},
			[]any{"plain20_cifar", "layer1.1", options{"input": tiny}}, zero},
		{"zero_branch", []any{"resnet20_cifar", "layer1.1", options{"input": tiny, "preactivation": true}},
			[]any{"resnet20_cifar", "layer1.1", options{"input": tiny, "preactivation": true, "shortcut": "projection_all"}}, zero},
		{"residual_sum", []any{"resnet20_cifar", "layer1.1", options{"input": tiny}},
			[]any{"plain20_cifar", "layer1.1", options{"input": tiny}}, below(1e-12)},
		{"extension", []any{"resnet_cifar", options{"depth": 8, "input": tiny}, options{"depth": 14, "input": tiny}},
			[]any{"resnet_cifar", options{"depth": 8, "input": tiny, "shortcut": "none"},
				options{"depth": 14, "input": tiny, "shortcut": "none"}}, zero},
		{"gradient_ratio", []any{"resnet_cifar", "layer1.0", "layer1.2", options{"input": "3x4x4", "preactivation": true}},
			[]any{"plain20_cifar", "layer1.0", "layer1.2", options{"input": "3x4x4"}}, one},
		{"heads_removed", []any{"googlenet_aux", options{"width": 0.05, "dropout": 0.0, "auxiliary_dropout": 0.0}},
			[]any{"googlenet_aux", options{"width": 0.05, "dropout": 0.0, "auxiliary_dropout": 0.0, "norm": "batch"}}, zero},
		{"channel_by_channel", []any{"shufflenet_v1_1x_g3", "stage2.1.conv2", options{"input": "3x32x32"}}, nil, below(1e-12)},
		{"three_forms", []any{"resnext50_32x4d", "layer1.1", options{"input": tiny}},
			[]any{"resnext50_32x4d", "layer1.1", options{"input": tiny, "norm": "layer"}}, below(1e-10)},
		{"gate_shift", []any{"seresnet18", "layer1.0.se", options{"input": "3x32x32"}}, nil, below(1e-12)},
		{"gates_at_one", []any{"seresnet18", "layer1.0.se", options{"input": "3x32x32"}}, nil, zero},
		{"smallest_gate", []any{"seresnet18", "layer1.0.se", options{"input": "3x32x32"}},
			[]any{"mobilenet_v3_small", "features.1.block.1", options{"input": "3x32x32"}}, func(v float64) bool { return v > 0 && v < 0.5 }},
		{"attention_sum", []any{"resnest14d", "layer1.0.conv2", options{"input": "3x32x32"}},
			[]any{"resnest14d", "layer1.0.conv2", options{"input": "3x32x32", "radix": 1}}, one},
		{"inputs_reached", []any{"shufflenet_v1_1x_g3", "stage2.1.conv1", "stage2.1.conv3", options{"input": "3x32x32"}},
			[]any{"shufflenet_v1_1x_g3", "stage2.1.conv1", "stage2.1.conv3", options{"input": "3x32x32", "shuffle": false}},
			func(v float64) bool { return v == 240 }},
	} {
		if v := number(of(t, c.name, c.arguments...)); !c.has(v) {
			t.Errorf("%s%v is %v", c.name, c.arguments, v)
		}
		if c.instead == nil {
			continue
		}
		if v := number(of(t, c.name, c.instead...)); c.has(v) {
			t.Errorf("%s%v is %v, too", c.name, c.instead, v)
		}
	}
}

func zero(v float64) bool { return v == 0 }
func one(v float64) bool  { return v > 1-1e-9 && v < 1+1e-9 }
func below(limit float64) func(float64) bool {
	return func(v float64) bool { return v <= limit }
}

func number(value any) float64 {
	if whole, is := value.(int); is {
		return float64(whole)
	}
	return value.(float64)
}

// Figures that need no network to be known.
func TestQuantitiesOfKnownValue(t *testing.T) {
	for _, c := range []struct {
		name      string
		arguments []any
		want      string
	}{
		{"params", []any{"vgg16"}, "138357544"},
		{"params", []any{"resnet50", options{"classes": 10}}, fmt.Sprint(25557032 - 990*2049)},
		{"macs", []any{"alexnet_2012"}, "724406816"},
		{"weight_layers", []any{"seresnet50"}, "50"},
		{"linear_layers", []any{"googlenet_aux"}, "1"}, // inference leaves its two others out
		{"conv_layers", []any{"googlenet"}, "57"},
		{"input", []any{"efficientnet_b3"}, "[3 300 300]"},
		{"input", []any{"efficientnet_b3", options{"input": "1x8x9"}}, "[1 8 9]"},
		{"setting", []any{"efficientnet_b3", "width"}, "1.2"},
		{"setting", []any{"resnet50", "width", options{"width": 32}}, "32"},
		{"receptive_field", []any{"vgg16", "conv2"}, "5"},
		{"receptive_field", []any{"vgg16", "features.4"}, "6"},
		{"field_between", []any{"vgg16", "conv5", "conv7"}, "7"},
		{"field_between", []any{"vgg16", "conv7", "conv7"}, "3"},
		{"field_between", []any{"alexnet_2012", "conv1", "conv2"}, "51"}, // 11 + 2·4 of the pooling + 4·8
		{"largest_slope", []any{"sigmoid"}, "0.25"},
		{"largest_slope", []any{"relu"}, "1"},
		{"largest_slope", []any{"tanh"}, "1"},
		{"dependency", []any{"mobilenet_v1_0.25_224", "features.1.depthwise.0", options{"input": "3x8x8"}}, "identity"},
		{"dependency", []any{"mobilenet_v1_0.25_224", "features.1.pointwise.0", options{"input": "3x8x8"}}, "full"},
		{"dependency", []any{"shufflenet_v1_1x_g2", "stage2.1.conv1", options{"input": "3x32x32", "width": 0.12, "stem_width": 12}},
			"groups of 12"},
		{"shuffle_order", []any{"shufflenet_v1_1x_g2", "stage2.1.shuffle", options{"input": "3x32x32", "width": 0.12, "stem_width": 12}},
			"[0 3 1 4 2 5]"},
		{"combination", []any{"resnet18", "layer1.0"}, "add"},
		{"combination", []any{"densenet_mini", "features.denseblock1"}, "concatenate"},
		{"combination", []any{"plain18", "layer1.0"}, "none"},
		{"auxiliary_weights", []any{"googlenet_aux", options{"auxiliary_weight": 0.5}}, "[0.5 0.5]"},
		{"auxiliary_weights", []any{"googlenet"}, "[]"},
		{"auxiliary_params", []any{"googlenet_aux"}, "6379728"},
		{"log2", []any{8.0}, "3"},
	} {
		if got := fmt.Sprint(of(t, c.name, c.arguments...)); got != c.want {
			t.Errorf("%s%v is %s, want %s", c.name, c.arguments, got, c.want)
		}
	}
}

// Layers and blocks have the shapes and costs that can be worked out by hand.
func TestLayersOfKnownValue(t *testing.T) {
	conv := of(t, "conv", options{"channels": 6, "out": 4, "kernel": 5, "stride": 2, "padding": 1, "groups": 2, "side": 11,
		"bias": true}).(quantity.Layer)
	if got, want := line(conv.In, conv.Out, conv.Kernel, conv.Stride, conv.Groups, conv.Params, conv.Weights, conv.MACs, conv.Values),
		"[6 11 11] [4 5 5] [5 5] [2 2] 2 304 300 7500 100"; got != want {
		t.Errorf("conv: got %s, want %s", got, want)
	}
	pool := of(t, "pool", options{"channels": 2, "kernel": 3, "stride": 2, "side": 55}).(quantity.Layer)
	if got, want := line(pool.Kind, pool.Class, pool.Out, pool.Params, pool.MACs), "max pool pooling [2 27 27] 0 0"; got != want {
		t.Errorf("pool: got %s, want %s", got, want)
	}
	fc := of(t, "layer", "alexnet_2012", "fc6").(quantity.Layer)
	if got, want := line(fc.Path, fc.Kind, fc.In, fc.Out, fc.Params, fc.Weights, fc.MACs, fc.Values),
		"classifier.0 linear [9216] [4096] 37752832 37748736 37748736 4096"; got != want {
		t.Errorf("fc6: got %s, want %s", got, want)
	}
	unit := of(t, "block", "resnet18", "layer2.1").(quantity.Layer)
	if got, want := line(unit.Path, unit.Kind, unit.In, unit.Out, unit.Params, unit.Weights, unit.MACs, unit.Kernel),
		"layer2.1 block [128 28 28] [128 28 28] 295424 294912 231211008 [0 0]"; got != want {
		t.Errorf("layer2.1: got %s, want %s", got, want)
	}
	all := of(t, "layers", "googlenet_aux").([]quantity.Layer)
	training, convs := 0, 0
	for _, l := range all {
		if l.Training {
			training++
			if l.Name != "" {
				t.Errorf("%s, which inference leaves out, is called %s", l.Path, l.Name)
			}
		}
		if l.Kind == "conv" && l.Form == "1×1" && !l.Training {
			convs++
		}
	}
	if training != 17 || convs != 37 {
		t.Errorf("%d layers are of training alone, %d are 1×1 convolutions, want 17 and 37", training, convs)
	}
}

// line writes values with blanks between them.
func line(values ...any) string { return strings.TrimSuffix(fmt.Sprintln(values...), "\n") }

// What cannot be computed says why, and names what is near.
func TestWhatCannotBeComputedSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name      string
		arguments []any
		want      string
	}{
		{"params", []any{"resnt50"}, `unknown architecture "resnt50": did you mean resnet50?`},
		{"layer", []any{"vgg16", "conv"}, `vgg16 has no place "conv": did you mean conv1 or conv2 or conv3?`},
		{"block", []any{"resnet18", "layer9"}, `resnet18 has no place "layer9": did you mean layer1 or layer2 or layer3?`},
		{"zero_branch", []any{"resnet18", "layer9"}, `resnet18 has no place "layer9": did you mean layer1 or layer2 or layer3?`},
		{"setting", []any{"resnet18", "widht"}, `resnet18 has no option "widht": did you mean width?`},
		{"field_between", []any{"vgg16", "fc14", "fc15"}, "fc14 of vgg16 is no convolution or pooling of a map"},
		{"heads_removed", []any{"googlenet"}, "googlenet has no auxiliary classifier with these options"},
		{"smallest_gate", []any{"resnet18", "layer1.0"}, "layer1.0 of resnet18 has no gate"},
		{"three_forms", []any{"resnet18", "layer1.0"}, "layer1.0 of resnet18 has 2 convolutions on its path, want the three of a bottleneck"},
		{"channel_by_channel", []any{"resnet18", "bn1"}, "bn1 of resnet18 is of kind batch norm, want a convolution"},
		{"gradient_ratio", []any{"resnet20_cifar", "layer1.0", "layer1.2"},
			"layer1.0 of resnet20_cifar gives 16384 values, want at most 2048: take smaller images"},
		{"gradient_ratio", []any{"resnet20_cifar", "layer1.2", "layer1.0", options{"input": "3x4x4"}},
			"layer1.0 stands not behind layer1.2 in resnet20_cifar"},
		{"extension", []any{"resnet_cifar", options{}, options{}}, "resnet_cifar: the second network has no parameter that the first has not"},
		{"residual_sum", []any{"resnet20_cifar", "layer2.0", options{"input": "3x8x8"}},
			"layer2.0 of resnet20_cifar turns (2, 16, 8, 8) into (2, 32, 4, 4): want a block with an identity shortcut"},
		{"variants", []any{"ResNt"}, `no family is called "ResNt": did you mean ResNet or ResNeSt or ResNeXt?`},
		{"conv", []any{options{"kernl": 3}}, `conv has no option "kernl": did you mean kernel?`},
		{"conv", []any{options{"groups": 5}}, "conv: conv: 5 groups must divide the channels of input (1, 64, 56, 56) and the 64 of the output"},
		{"params", []any{"resnet18", options{"input": "3x1x1", "norm": "nrm"}},
			`resnet18: option norm: want one of batch, group, layer, none, got "nrm"`},
	} {
		q, _ := quantity.Lookup(c.name)
		var networks quantity.Networks
		if _, err := q.Of(&networks, c.arguments); fmt.Sprint(err) != c.want {
			t.Errorf("%s%v:\n got %v\nwant %s", c.name, c.arguments, err, c.want)
		}
	}
}
