package zoo

import (
	"slices"
	"testing"

	"workbench/nn"
)

// Without classes every network gives what its last linear layer reads, and has all its parameters but that layer's.
func TestWithoutClassesANetworkGivesFeatures(t *testing.T) {
	for _, name := range Names() {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := v.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		build := func(mode nn.Mode, classes int) (*nn.Builder, nn.Tensor) {
			b := nn.NewBuilder(mode, false)
			y := v.Build(b, b.Input("image", 2, v.Input[0], v.Input[1], v.Input[2]), classes, s)
			if err := b.Err(); err != nil {
				t.Fatalf("%s with %d classes: %v", name, classes, err)
			}
			return b, y
		}
		whole, logits := build(nn.Infer, 7)
		without, features := build(nn.Infer, 0)
		all, some := paths(whole), paths(without)
		if got := logits.Shape(); len(got) != 2 || got[1] != 7 {
			t.Errorf("%s: logits %v, want [2, 7]", name, got)
		}
		if len(all) != len(some)+2 || !slices.Equal(all[:len(some)], some) {
			t.Errorf("%s without classes has %d of %d parameters, want all but the last weight and bias", name, len(some), len(all))
			continue
		}
		last := whole.Params()[len(some)]
		if got := features.Shape(); len(got) != 2 || got[0] != 2 || last.Shape[0] != 7 || last.Shape[1] != got[1] {
			t.Errorf("%s: features %v, want what %s %v reads", name, got, last.Path, last.Shape)
		}
		if training, _ := build(nn.Train, 0); len(training.Auxiliaries()) != 0 {
			t.Errorf("%s without classes has auxiliary classifiers", name)
		}
	}
}
