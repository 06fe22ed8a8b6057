package strategy_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// tiny is a phase with a stream of each kind.
func tiny() *strategy.Phase {
	return &strategy.Phase{Name: "p", Streams: []strategy.Stream{
		{Views: []strategy.View{{}, {View: data.View{Emit: "rotation"}}, {View: data.View{Emit: "original"}}}},
		{Name: "more", Ratio: 3, Candidates: &data.Candidates{Rate: 0.5}, Views: []strategy.View{{View: data.View{Emit: "rotation"}}}},
		{Name: "pictures", Views: []strategy.View{{View: data.View{Emit: "original"}}}},
	}, Scalars: map[string]func(strategy.At) float64{
		"tau": func(at strategy.At) float64 { return at.Epoch }, "weight": func(at strategy.At) float64 { return float64(at.Step) },
	}}
}

// lending starts a graph of tiny: two images of a step of 3 channels, 4 high and 5 wide, in 6 classes.
func lending() *strategy.Graph {
	shape := strategy.Shape{Batch: 2, Channels: 3, Height: 4, Width: 5, Classes: 6, Images: map[string]int{"": 70, "more": 80}}
	return strategy.NewGraph(nn.NewBuilder(nn.Train, false), tiny(), shape, func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor {
		x = b.In("layer1").Conv(x, 7, 1, 1)
		if x = b.GlobalAvgPool(b.In("layer2").Conv(x, 8, 1, 1)); classes > 0 {
			x = b.In("fc").Linear(x, classes)
		}
		return x
	})
}

// What a strategy reads has a name, a shape and something that fills it; what is read twice is lent once.
func TestGraphLendsWhatAStrategyReads(t *testing.T) {
	g := lending()
	for range 2 {
		for _, c := range []struct {
			got  nn.Tensor
			want string
		}{
			{g.View("", 0), "image (2, 3, 4, 5)"}, {g.View("", 1), "image/1 (2, 3, 4, 5)"}, {g.View("", 2), "image/2 (2, 3, 4, 5)"},
			{g.View("more", 0), "more/image (6, 3, 4, 5)"}, {g.Labels(""), "label (2)"}, {g.Labels("more"), "more/label (6)"},
			{g.Rows(""), "row (2)"}, {g.Rows("more"), "more/row (6)"}, {g.Target("", 1), "target/1 (2)"},
			{g.Original("", 2), "original/2 (2, 3, 4, 5)"}, {g.Candidates("more"), "more/candidates (6, 6)"},
			{g.Target("more", 0), "more/target (6)"}, {g.Original("pictures", 0), "pictures/original (2, 3, 4, 5)"},
			{g.Scalar("tau"), "scalar/tau (1)"}, {g.Ring(2, 5), "ring/2/5 (2)"}, {g.Zeros(4), "zeros/4 (4)"},
			{g.Uniform("u", 2, 3), "random/u (2, 3)"}, {g.Normal("n", 4), "random/n (4)"},
			{g.Constant("c", []float32{1, 2}, 2, 1), "constant/c (2, 1)"}, {g.Numbers("n", []int32{3, 1, 2}), "numbers/n (3)"},
		} {
			if c.got.Node() == nil {
				t.Fatalf("%s: %v", c.want, g.Err())
			}
			if got := fmt.Sprintf("%s (%s)", c.got.Node().Name(), sizes(c.got)); got != c.want {
				t.Errorf("lent is %s, want %s", got, c.want)
			}
		}
	}
	order, back := g.Shuffle(4)
	if got := order.Node().Name() + ", " + back.Node().Name(); got != "order/4, order back/4" {
		t.Errorf("a shuffle is %s", got)
	}
	var got []string
	for _, in := range g.Inputs() {
		got = append(got, fmt.Sprintf("%s of %q %d %d %v %v", in.Name, in.Stream, in.View, in.What, in.Floats != nil, in.Ints != nil))
	}
	want := []string{`image of "" 0 1 false false`, `image/1 of "" 1 1 false false`, `image/2 of "" 2 1 false false`,
		`more/image of "more" 0 1 false false`, `label of "" 0 2 false false`, `more/label of "more" 0 2 false false`,
		`row of "" 0 7 false false`, `more/row of "more" 0 7 false false`, `target/1 of "" 1 3 false false`, `original/2 of "" 2 4 false false`,
		`more/candidates of "more" 0 5 false false`, `more/target of "more" 0 3 false false`,
		`pictures/original of "pictures" 0 4 false false`, `scalar/tau of "" 0 0 true false`, `ring/2/5 of "" 0 0 false true`,
		`zeros/4 of "" 0 0 false true`, `random/u of "" 0 0 true false`, `random/n of "" 0 0 true false`, `constant/c of "" 0 0 true false`,
		`numbers/n of "" 0 0 false true`, `order/4 of "" 0 0 false true`, `order back/4 of "" 0 0 false true`}
	if !slices.Equal(got, want) {
		t.Errorf("inputs are\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if g.Classes() != 6 || g.Images("") != 70 || g.Images("more") != 80 || g.Err() != nil {
		t.Errorf("%d classes, %d and %d images (%v)", g.Classes(), g.Images(""), g.Images("more"), g.Err())
	}
}

func sizes(x nn.Tensor) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint([]int(x.Shape())), " ", ", "), "[]")
}

// A logit for each class, or the features that the last layer reads, or the means of an inner place.
func TestNetworkBackboneAndInnerPlace(t *testing.T) {
	inner := func(place string) func(*strategy.Graph, nn.Tensor) nn.Tensor {
		return func(g *strategy.Graph, x nn.Tensor) nn.Tensor { return g.Inner(g.Builder, x, place) }
	}
	for i, c := range []struct {
		add  func(*strategy.Graph, nn.Tensor) nn.Tensor
		want string
	}{
		{func(g *strategy.Graph, x nn.Tensor) nn.Tensor { return g.Network(g.Builder, x) }, "2, 6"},
		{func(g *strategy.Graph, x nn.Tensor) nn.Tensor { return g.Backbone(g.Builder, x) }, "2, 8"},
		{inner(""), "2, 8"}, {inner("layer1"), "2, 7"}, {inner("layer2"), "2, 8"},
	} {
		g := lending()
		if got := c.add(g, g.View("", 0)); got.Node() == nil || sizes(got) != c.want {
			t.Errorf("%d: %v (%v), want %s", i, got, g.Err(), c.want)
		}
	}
}

// Where a strategy asks for what there is not, the error says what and where, and the graph is left as it was.
func TestGraphRefusesWhatThereIsNot(t *testing.T) {
	for want, ask := range map[string]func(*strategy.Graph) nn.Tensor{
		`phase "p" has no stream "mroe": did you mean more?`: func(g *strategy.Graph) nn.Tensor { return g.View("mroe", 0) },
		`phase "p" has no stream "x"`:                        func(g *strategy.Graph) nn.Tensor { return g.Labels("x") },
		`phase "p" has no stream "y"`:                        func(g *strategy.Graph) nn.Tensor { g.Images("y"); return nn.Tensor{} },
		`phase "p" has no stream "z"`:                        func(g *strategy.Graph) nn.Tensor { return g.Original("z", 0) },
		`phase "p" has no stream "w"`:                        func(g *strategy.Graph) nn.Tensor { return g.Target("w", 0) },
		`phase "p" has no stream "v"`:                        func(g *strategy.Graph) nn.Tensor { return g.Candidates("v") },
		`stream "" has no view 3, want 0 to 2`:               func(g *strategy.Graph) nn.Tensor { return g.View("", 3) },
		`stream "" has no view -1, want 0 to 2`:              func(g *strategy.Graph) nn.Tensor { return g.View("", -1) },
		`stream "more" has no view 1, want 0 to 0`:           func(g *strategy.Graph) nn.Tensor { return g.View("more", 1) },
		`view 0 of stream "" emits no class, which`:          func(g *strategy.Graph) nn.Tensor { return g.Target("", 0) },
		`view 2 of stream "" emits no class, which`:          func(g *strategy.Graph) nn.Tensor { return g.Target("", 2) },
		`view 3 of stream "" emits no class, which`:          func(g *strategy.Graph) nn.Tensor { return g.Target("", 3) },
		`view -1 of stream "" emits no class, which`:         func(g *strategy.Graph) nn.Tensor { return g.Target("", -1) },
		`view 1 of stream "" emits no picture, which`:        func(g *strategy.Graph) nn.Tensor { return g.Original("", 1) },
		`view 3 of stream "" emits no picture, which`:        func(g *strategy.Graph) nn.Tensor { return g.Original("", 3) },
		`view -1 of stream "" emits no picture, which`:       func(g *strategy.Graph) nn.Tensor { return g.Original("", -1) },
		`stream "" has no candidates, which`:                 func(g *strategy.Graph) nn.Tensor { return g.Candidates("") },
		`phase "p" has no scalar "tua": did you mean tau?`:   func(g *strategy.Graph) nn.Tensor { return g.Scalar("tua") },
		`6 new rows do not fit into a queue of 5`:            func(g *strategy.Graph) nn.Tensor { return g.Ring(6, 5) },
		`constant c: 3 values, want as many as (2, 2) has`: func(g *strategy.Graph) nn.Tensor {
			return g.Constant("c", []float32{1, 2, 3}, 2, 2)
		},
		`constant c has other values than before`: func(g *strategy.Graph) nn.Tensor {
			g.Constant("c", []float32{1, 2}, 2)
			g.Constant("c", []float32{1, 2}, 2)
			return g.Constant("c", []float32{1, 3}, 2)
		},
		`numbers n are others than before`: func(g *strategy.Graph) nn.Tensor {
			g.Numbers("n", []int32{1, 2})
			g.Numbers("n", []int32{1, 2})
			return g.Numbers("n", []int32{1, 3})
		},
		`has no place "layer9", want one such as layer1, layer2`: func(g *strategy.Graph) nn.Tensor {
			return g.Inner(g.Builder, g.View("", 0), "layer9")
		},
	} {
		g := lending()
		if got := ask(g); got.Node() != nil || g.Err() == nil || !strings.Contains(g.Err().Error(), want) {
			t.Errorf("%v, error %v, want %s", got, g.Err(), want)
		}
		before := len(g.Inputs())
		if g.View("", 0); len(g.Inputs()) != before {
			t.Error("after an error something more was lent")
		}
	}
	if g := lending(); g.Ring(5, 5).Node() == nil {
		t.Error("a queue of as many rows as come is refused")
	}
}

// What fills the inputs that are of no batch, at a step.
func TestComputedInputs(t *testing.T) {
	g := lending()
	g.Ring(2, 5)
	g.Zeros(2)
	g.Scalar("tau")
	g.Scalar("weight")
	g.Constant("c", []float32{3, 4}, 2)
	g.Numbers("n", []int32{6, 5})
	g.Shuffle(50)
	g.Uniform("u", 1000)
	g.Normal("n", 1000)
	random := func(name string) uint64 { return rng.Key(9, name) }
	at := strategy.At{Step: 4, Epoch: 1.5}
	floats, ints := map[string][]float32{}, map[string][]int32{}
	for _, in := range g.Inputs() {
		var n int
		if _, err := fmt.Sscanf(map[string]string{"random/u": "1000", "random/n": "1000", "order/50": "50", "order back/50": "50"}[in.Name],
			"%d", &n); err != nil {
			n = 2
		}
		if in.Floats != nil {
			floats[in.Name] = make([]float32, n)
			in.Floats(at, random, floats[in.Name])
		} else {
			ints[in.Name] = make([]int32, n)
			in.Ints(at, random, ints[in.Name])
		}
	}
	got := fmt.Sprint(ints["ring/2/5"], ints["zeros/2"], floats["scalar/tau"][:1], floats["scalar/weight"][:1], floats["constant/c"],
		ints["numbers/n"])
	if want := "[3 4] [0 0] [1.5] [4] [3 4] [6 5]"; got != want {
		t.Errorf("filled with %s, want %s", got, want)
	}
	order, back := ints["order/50"], ints["order back/50"]
	for i := range order {
		if back[order[i]] != int32(i) {
			t.Fatalf("%v is not undone by %v", order, back)
		}
	}
	if slices.IsSorted(order) || slices.Max(order) != 49 {
		t.Errorf("the order is %v, want another one of 50 rows", order)
	}
	even := floats["random/u"]
	mean, deviation := moments(even)
	if !near(mean, 0.5, 0.03) || !near(deviation, math.Sqrt(1.0/12), 0.02) || slices.Min(even) < 0 || slices.Max(even) >= 1 {
		t.Errorf("even numbers have the mean %v and the deviation %v", mean, deviation)
	}
	if mean, deviation := moments(floats["random/n"]); !near(mean, 0, 0.1) || !near(deviation, 1, 0.1) {
		t.Errorf("normal numbers have the mean %v and the deviation %v", mean, deviation)
	}
	for _, in := range g.Inputs() {
		if strings.HasPrefix(in.Name, "random/") {
			other := make([]float32, 1000)
			in.Floats(at, func(name string) uint64 { return rng.Key(10, name) }, other)
			if slices.Equal(other, floats[in.Name]) {
				t.Errorf("%s does not follow its key", in.Name)
			}
		}
	}
}

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

func moments(all []float32) (mean, deviation float64) {
	squares := 0.0
	for _, v := range all {
		mean += float64(v) / float64(len(all))
		squares += float64(v) * float64(v) / float64(len(all))
	}
	return mean, math.Sqrt(squares - mean*mean)
}

// The share of the steps that is done; a phase without steps has done none.
func TestDone(t *testing.T) {
	for at, want := range map[strategy.At]float64{{Step: 3, Steps: 4}: 0.75, {Steps: 4}: 0, {}: 0, {Step: 1, Steps: 1}: 1} {
		if got := at.Done(); got != want {
			t.Errorf("%+v: %v is done, want %v", at, got, want)
		}
	}
}

// A number added to every element, and the sum of all.
func TestPlusAndTotal(t *testing.T) {
	g := lending()
	x := g.Constant("x", []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	p, err := plan.Lower(g.Builder, map[string]nn.Tensor{"plus": g.Plus(x, -0.5), "total": g.Total(x)})
	if err != nil {
		t.Fatal(err)
	}
	memory := plan.Reference{}.NewMemory()
	defer memory.Close()
	exe, err := plan.Reference{}.Compile(p, memory)
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	for _, in := range g.Inputs() {
		in.Floats(strategy.At{}, nil, exe.Floats(in.Name))
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(exe.Output("plus"), exe.Output("total")); got != "[0.5 1.5 2.5 3.5 4.5 5.5] [21]" {
		t.Errorf("got %s", got)
	}
}
