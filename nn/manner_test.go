package nn_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/nn"
)

// encoder adds a layer with a norm and a head below the builder.
func encoder(b *nn.Builder, x nn.Tensor) nn.Tensor {
	return b.In("fc").Linear(b.GlobalAvgPool(b.In("bn").BatchNorm(b.In("conv").Conv(x, 4, 3, 1))), 3)
}

func pathsOf(b *nn.Builder) []string {
	var all []string
	for _, p := range b.Params() {
		all = append(all, p.Path)
	}
	return all
}

// Shared layers are there once, copies under their name with their originals, twins under theirs with starts of their
// own.
func TestCopiesOfLayers(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	x, decay := b.Input("image", 2, 3, 4, 4), b.Input("decay", 1)
	once := []string{"conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "fc.weight", "fc.bias"}
	encoder(b.Shared(), x)
	encoder(b.Shared(), x)
	if got := pathsOf(b); !slices.Equal(got, once) {
		t.Errorf("shared layers have %v, want %v", got, once)
	}
	encoder(b.Follow("own", nn.Follow{Decay: decay}), x)
	encoder(b.Follow("all", nn.Follow{Decay: decay, Statistics: true}), x)
	encoder(b.Twin("second"), x)
	b.Heads("phase")
	b.In("deep").Head("projector").Linear(b.Flatten(x), 2)
	b.Follow("own", nn.Follow{Decay: decay}).Head("projector").Linear(b.Flatten(x), 2)
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	if err := b.Originals(); err != nil {
		t.Error(err)
	}
	for _, p := range b.Params() {
		root, rest, _ := strings.Cut(p.Path, ".")
		running := p.Role == nn.Running
		copied := root == "own" || root == "all"
		follows := root == "all" || root == "own" && !running
		if want := map[bool]string{true: rest, false: ""}[copied]; p.Original != want || (p.Follow != nil) != follows ||
			p.Trainable() == (copied || running) {
			t.Errorf("%s: original %q, follows %v, trained %v", p.Path, p.Original, p.Follow != nil, p.Trainable())
		}
	}
	if got := pathsOf(b); !slices.Contains(got, "phase.projector.weight") || !slices.Contains(got, "own.phase.projector.weight") ||
		!slices.Contains(got, "second.bn.running_var") {
		t.Errorf("heads and twins are not where they belong: %v", got)
	}
	if summary := b.Summary(); summary.Params != int64(2*(4*3*9+4+4+12+3)+2*48+2) {
		t.Errorf("%d parameters, want those of two encoders and a head", summary.Params)
	}
}

// A norm of a still layer, or in a builder of inference, leaves its statistics as they are.
func TestLayersThatWorkAsInInference(t *testing.T) {
	for name, change := range map[string]func(b *nn.Builder) *nn.Builder{
		"still":     func(b *nn.Builder) *nn.Builder { b.Still(func(path string) bool { return path == "bn" }); return b },
		"inference": (*nn.Builder).Inference,
	} {
		b := nn.NewBuilder(nn.Train, false)
		encoder(change(b), b.Input("image", 2, 3, 4, 4))
		if len(b.Updates()) != 0 || b.Err() != nil {
			t.Errorf("%s: %d states change (%v), want none", name, len(b.Updates()), b.Err())
		}
	}
}

func TestStatesThatCannotBe(t *testing.T) {
	for want, build := range map[string]func(b *nn.Builder, x nn.Tensor){
		"other: parameter other.weight exists already": func(b *nn.Builder, x nn.Tensor) {
			b.In("other").Linear(x, 2)
			b.In("other").Linear(x, 2)
		},
		"is shared, but has shape (2, 6), want (3, 6)": func(b *nn.Builder, x nn.Tensor) {
			b.In("o").Linear(x, 2)
			b.Shared().In("o").Linear(x, 3)
		},
		"rows (2, 6) with numbers (3) do not fit": func(b *nn.Builder, x nn.Tensor) {
			b.SetRows(b.State("s", nn.Init{}, 9, 6), b.Labels("at", 3), x)
		},
		"want a state or a running statistic":               func(b *nn.Builder, x nn.Tensor) { b.Set(x, x) },
		"state s (9, 6): got a value (2, 6)":                func(b *nn.Builder, x nn.Tensor) { b.Set(b.State("s", nn.Init{}, 9, 6), x) },
		"changes by rows already in this step":              rowsFirst,
		"changes twice in a step, but rows can only once":   twice,
		"cannot be divided into 3 groups":                   func(b *nn.Builder, x nn.Tensor) { b.InGroups(3).BatchNorm(x) },
		`the network has no place "no", want one such as a`: func(b *nn.Builder, x nn.Tensor) { b.In("a").ReLU(x); b.Inner("no") },
	} {
		b := nn.NewBuilder(nn.Train, false)
		build(b, b.Input("x", 2, 6))
		if err := b.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	b := nn.NewBuilder(nn.Train, false)
	b.Follow("teacher", nn.Follow{Decay: b.Input("decay", 1)}).In("fc").Linear(b.Input("x", 2, 6), 2)
	if err := b.Originals(); err == nil || err.Error() != "teacher.fc.weight follows fc.weight, which the graph does not have" {
		t.Errorf("a copy of nothing: %v", err)
	}
}

func twice(b *nn.Builder, x nn.Tensor) {
	s, at := b.State("s", nn.Init{}, 9, 6), b.Labels("at", 2)
	b.SetRows(s, at, x)
	b.SetRows(s, at, x)
}

func rowsFirst(b *nn.Builder, x nn.Tensor) {
	s := b.State("s", nn.Init{}, 2, 6)
	b.SetRows(s, b.Labels("at", 2), x)
	b.Set(s, x)
}
