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
	b := nn.NewBuilder(nn.Train, false)
	b.Still(func(path string) bool { return path == "conv" })
	encoder(b, b.Input("image", 2, 3, 4, 4))
	if len(b.Updates()) != 2 || b.In("conv").Training() || !b.In("bn").Training() || !b.Training() {
		t.Errorf("beside a still layer %d states change, want 2", len(b.Updates()))
	}
}

func TestStatesThatCannotBe(t *testing.T) {
	for want, build := range map[string]func(b *nn.Builder, x nn.Tensor){
		"other: parameter other.weight exists already": func(b *nn.Builder, x nn.Tensor) {
			b.In("other").Linear(x, 2)
			b.In("other").Linear(x, 2)
		},
		"o: parameter o.weight is shared, but has shape (2, 6), want (3, 6) for this input": func(b *nn.Builder, x nn.Tensor) {
			b.In("o").Linear(x, 2)
			b.Shared().In("o").Linear(x, 3)
		},
		"state s (9, 6): rows (2, 6) with numbers (3) do not fit": func(b *nn.Builder, x nn.Tensor) {
			b.SetRows(b.State("s", nn.Init{}, 9, 6), b.Labels("at", 3), x)
		},
		"set: want a state or a running statistic, got a value (2, 6) of another kind": func(b *nn.Builder, x nn.Tensor) { b.Set(x, x) },
		"state s (9, 6): got a value (2, 6)": func(b *nn.Builder, x nn.Tensor) {
			b.Set(b.State("s", nn.Init{}, 9, 6), x)
		},
		"state s changes by rows already in this step, it cannot change as a whole, too": rowsFirst,
		"state s changes twice in a step, but rows can only once":                        twice,
		"batch norm: 2 images cannot be divided into 3 groups": func(b *nn.Builder, x nn.Tensor) {
			b.InGroups(3).BatchNorm(x)
		},
		`the network has no place "no", want one such as a`: func(b *nn.Builder, x nn.Tensor) {
			b.In("a").ReLU(x)
			b.Inner("no")
		},
	} {
		b := nn.NewBuilder(nn.Train, false)
		build(b, b.Input("x", 2, 6))
		if err := b.Err(); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	b := nn.NewBuilder(nn.Train, false)
	b.Follow("teacher", nn.Follow{Decay: b.Input("decay", 1)}).In("fc").Linear(b.Input("x", 2, 6), 2)
	if err := b.Originals(); err == nil || err.Error() != "teacher.fc.weight follows fc.weight, which the graph does not have" {
		t.Errorf("a copy of nothing: %v", err)
	}
	b.In("fc").Linear(b.Input("y", 2, 5), 2)
	if err := b.Originals(); err == nil || err.Error() != "teacher.fc.weight (2, 6) follows fc.weight, which has another shape, (2, 5)" {
		t.Errorf("a copy of another shape: %v", err)
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

// Heads are at the root of the network or of the copy, behind the prefix if there is one.
func TestHeadsAreBehindTheirPrefix(t *testing.T) {
	for prefix, want := range map[string][]string{
		"":   {"head.weight", "head.bias", "own.head.weight", "own.head.bias"},
		"p2": {"p2.head.weight", "p2.head.bias", "own.p2.head.weight", "own.p2.head.bias"},
	} {
		b := nn.NewBuilder(nn.Train, false)
		x := b.Input("x", 2, 3)
		b.Heads(prefix)
		b.In("deep").In("er").Head("head").Linear(x, 2)
		b.Follow("own", nn.Follow{Decay: b.Input("decay", 1)}).In("deep").Head("head").Linear(x, 2)
		if got := pathsOf(b); b.Err() != nil || !slices.Equal(got, want) {
			t.Errorf("prefix %q: %v: got %v, want %v", prefix, b.Err(), got, want)
		}
	}
}

// The value inside a network is that of the last layer at a place or below it, whose names are whole.
func TestInnerIsTheLastLayerOfAPlace(t *testing.T) {
	b := nn.NewBuilder(nn.Infer, false)
	x := b.Input("x", 2, 3)
	first := b.In("layer1").In("0").Exp(x)
	second := b.In("layer1").Log(first)
	third := b.In("layer10").Sqrt(second)
	fourth := b.In("copy").In("layer1").Abs(third)
	for path, want := range map[string]nn.Tensor{
		"layer1": second, "layer1.0": first, "layer10": third, "copy": fourth, "copy.layer1": fourth,
	} {
		if got := b.Inner(path); got != want {
			t.Errorf("%s is %s, want %s", path, tree(got.Node()), tree(want.Node()))
		}
	}
	if got := b.In("copy").Inner("layer1"); got != fourth {
		t.Errorf("layer1 of copy is %s, want %s", tree(got.Node()), tree(fourth.Node()))
	}
	b.Inner("layer2")
	if err := b.Err(); err == nil || err.Error() != `the network has no place "layer2", want one such as layer1, layer10, copy` {
		t.Errorf("got error %v", err)
	}
}
