package nn_test

import (
	"testing"

	"workbench/nn"
)

// A copy follows the network and is not trained. A twin is trained, be it made from the network or from a copy.
func TestCopiesFollowAndTwinsTrain(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	x := b.Input("image", 2, 3, 4, 4)
	decay := b.Input("decay", 1)
	teacher := b.Follow("teacher", nn.Follow{Decay: decay})
	builders := map[string]*nn.Builder{
		"": b, "teacher.": teacher, "mean.": b.Follow("mean", nn.Follow{Decay: decay, Statistics: true}),
		"second.": b.Twin("second"), "third.": teacher.Twin("third"), "fourth.": b.Twin("second").Follow("fourth", nn.Follow{Decay: decay}),
	}
	for _, of := range builders {
		of.In("bn").BatchNorm(x)
	}
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	params := map[string]*nn.Param{}
	for _, p := range b.Params() {
		params[p.Path] = p
	}
	if want := 4 * len(builders); len(params) != want {
		t.Fatalf("%d parameters, want %d", len(params), want)
	}
	for _, c := range []struct {
		prefix                   string
		copied, weights, running bool // is a copy, whose weights and running statistics follow
	}{
		{"", false, false, false}, {"second.", false, false, false}, {"third.", false, false, false},
		{"teacher.", true, true, false}, {"fourth.", true, true, false}, {"mean.", true, true, true},
	} {
		for _, name := range []string{"bn.weight", "bn.running_mean"} {
			p, follows := params[c.prefix+name], c.weights
			if p.Role == nn.Running {
				follows = c.running
			}
			original := map[bool]string{true: name}[c.copied]
			if p.Original != original || (p.Follow != nil) != follows || p.Trainable() != (p.Role == nn.Scale && !c.copied) {
				t.Errorf("%s has original %q, follows: %v, is trained: %v", p.Path, p.Original, p.Follow != nil, p.Trainable())
			}
		}
	}
}
