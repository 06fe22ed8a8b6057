package zoo

import (
	"fmt"
	"math"
	"testing"

	"workbench/nn"
)

// wideStack are the settings of a Wide ResNet with k = 2, n blocks of a kind in each stage.
func wideStack(kind string, n int) map[string]any {
	layers := 2
	if kind != basicKind {
		layers = len(kernelsOf(kind))
	}
	return map[string]any{"block": kind, "depth": 3*layers*n + 2, "width": 16, "widen": 2, "preactivation": true, "shortcut": projection}
}

// The networks of Zagoruyko and Komodakis's tables 2 and 3 have as many parameters as in print, to its digits, and as
// PyTorch counts in nn/weights/testdata/papers.py, to the last. Table 2's counts are those of (depth-4)/6 blocks a
// stage whatever a block's layers are, as the authors' code has it; those of three layers have 58 then and not 40.
func TestStacksHaveThePublishedParameters(t *testing.T) {
	v, err := Lookup("resnet_cifar")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind    string
		n       int
		params  int64
		million float64 // in print
	}{
		{"B(1,3,1)", 6, 1429082, 1.4}, {"B(3,1)", 6, 1211354, 1.2}, {"B(1,3)", 6, 1297370, 1.3}, {"B(3,1,1)", 6, 1343066, 1.3},
		{basicKind, 4, 1467610, 1.5}, {"B(3,1,3)", 3, 1145498, 1.1},
		{"B(3)", 12, 2243546, 2.2}, {basicKind, 6, 2243546, 2.2}, {"B(3,3,3)", 4, 2243546, 2.2}, {"B(3,3,3,3)", 3, 2243546, 2.2},
	} {
		got := layersOf(t, v, wideStack(c.kind, c.n)).Params
		if got != c.params || math.Round(float64(got)/1e5)/10 != c.million {
			t.Errorf("%s: %d parameters, want %d, %.1f million in print", c.kind, got, c.params, c.million)
		}
	}
}

// A resnet_cifar with the settings of a Wide ResNet is that of the name, operator by operator.
func TestWideSettingsAreTheWideNetworks(t *testing.T) {
	family, err := Lookup("resnet_cifar")
	if err != nil {
		t.Fatal(err)
	}
	for _, depth := range []int{28, 40} {
		named, err := Lookup(fmt.Sprintf("wrn_%d_2", depth))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := build(t, named, nn.Train, map[string]any{"dropout": 0.3})
		given := wideStack(basicKind, (depth-4)/6)
		given["dropout"] = 0.3
		got, _ := build(t, family, nn.Train, given)
		if got.Err() != nil || trace(got) != trace(want) {
			t.Errorf("%v is not %s: %v", given, named.Name, got.Err())
		}
	}
}

// A block of l convolutions drops values l-1 times.
func TestStacksDropBetweenConvolutions(t *testing.T) {
	v, err := Lookup("resnet_mini")
	if err != nil {
		t.Fatal(err)
	}
	for _, pre := range []bool{false, true} {
		got := 0
		for _, l := range layersOf(t, v, map[string]any{"block": "B(3,1,3)", "depth": 11, "dropout": 0.1, "preactivation": pre}).Layers {
			if l.Kind == "dropout" {
				got++
			}
		}
		if got != 3*2 {
			t.Errorf("preactivation=%v: %d dropouts, want 6", pre, got)
		}
	}
}

// What an SE would do has no meaning in a network that has none.
func TestGatesOfNoAttentionAreRefused(t *testing.T) {
	for variant, tests := range map[string]map[string]string{
		"resnet18":           {"se_squeeze": squeezeMax, "se_excitation": "tanh"},
		"mobilenet_v3_small": {"se_excitation": sigmoid},
	} {
		v, err := Lookup(variant)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range tests {
			b, _ := build(t, v, nn.Infer, map[string]any{"attention": noAttention, name: value})
			want := fmt.Sprintf("%s=%s needs attention=se, got attention=none", name, value)
			if b.Err() == nil || b.Err().Error() != want {
				t.Errorf("%s: %v, want %s", variant, b.Err(), want)
			}
			if b, _ := build(t, v, nn.Infer, map[string]any{"attention": squeezeExcite, name: value}); b.Err() != nil {
				t.Errorf("%s %s=%s: %v", variant, name, value, b.Err())
			}
		}
	}
}
