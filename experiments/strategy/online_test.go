package strategy_test

import (
	"math"
	"strings"
	"testing"

	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// listens is the graph of the classifier beside a phase that hears features of these shapes, for four classes and a
// batch of two.
func listens(t *testing.T, shapes ...op.Shape) (*strategy.Graph, strategy.Objective) {
	t.Helper()
	p := phaseOf(t, "rotation", "pretrain", map[string]any{"online": true})
	g := four(nn.Train, p)
	return g, g.Listen(shapes)
}

// The classifier's loss is the mean cross-entropy of all features that are heard, whose images come again in blocks,
// and its accuracy the share of them that it tells right.
func TestWhatAnOnlineClassifierLearns(t *testing.T) {
	shapes := []op.Shape{{4, 3}, {2, 3}}
	g, o := listens(t, shapes...)
	if g.Err() != nil {
		t.Fatal(g.Err())
	}
	program, err := plan.Lower(g.Builder, map[string]nn.Tensor{"loss": o.Loss, "top1": o.Record["online_top1"]})
	if err != nil {
		t.Fatal(err)
	}
	memory := plan.Reference{}.NewMemory()
	exe, err := plan.Reference{}.Compile(program, memory)
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string][]float32{}
	for _, p := range g.Params() {
		weights[p.Path] = make([]float32, p.Shape.Size())
		p.Fill(weights[p.Path], 5)
		if err := memory.Write(p.Path, weights[p.Path]); err != nil {
			t.Fatal(err)
		}
	}
	labels := []int32{-1, 1} // the first is what the classifier says of the first image
	random, loss, right, rows := rng.New(1, "features"), 0.0, 0.0, 0.0
	for i, shape := range shapes {
		x := exe.Floats(strategy.HeardName(i))
		for row := range shape[0] {
			sum, best, logits := 0.0, 0, [4]float64{}
			for j := range 3 {
				x[row*3+j] = float32(random.NormFloat64())
			}
			for class := range 4 {
				logits[class] = float64(weights["pretrain.online.bias"][class])
				for j := range 3 {
					logits[class] += float64(weights["pretrain.online.weight"][class*3+j]) * float64(x[row*3+j])
				}
				if sum += math.Exp(logits[class]); logits[class] > logits[best] {
					best = class
				}
			}
			label := labels[row%2]
			if label < 0 {
				label, labels[0] = int32(best), int32(best)
			}
			if best == int(label) {
				right++
			}
			loss, rows = loss+math.Log(sum)-logits[label], rows+1
		}
	}
	copy(exe.Ints("label"), labels)
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	if got := float64(exe.Output("loss")[0]); !(math.Abs(got-loss/rows) <= 1e-5) {
		t.Errorf("the loss is %v, want %v", got, loss/rows)
	}
	if got := float64(exe.Output("top1")[0]); !(math.Abs(got-right/rows) <= 1e-6) || right == 0 {
		t.Errorf("right are %v, want %v", got, right/rows)
	}
}

// Features that are no whole number of batches belong to nobody; a phase without any has nothing to listen to.
func TestFeaturesThatAreNotHeard(t *testing.T) {
	for _, c := range []struct {
		shapes []op.Shape
		want   string
	}{{[]op.Shape{{3, 5}}, "features (3, 5) are not those of 2 images"}, {nil, "puts no images through the network"}} {
		if g, _ := listens(t, c.shapes...); g.Err() == nil || !strings.Contains(g.Err().Error(), c.want) {
			t.Errorf("%v: error %v, want %s", c.shapes, g.Err(), c.want)
		}
	}
}

// Only what the network itself makes of images is heard, every view of them; without a classifier nothing is, and none
// is measured.
func TestWhatIsHeard(t *testing.T) {
	for _, c := range []struct {
		strategy string
		given    map[string]any
		want     string
	}{
		{"byol", nil, "2, 8; 2, 8"}, {"moco_v2", nil, "2, 8"}, {"simclr", nil, "4, 8"}, {"rotation", nil, "8, 8"}, {"jigsaw", nil, "8, 8"},
		{"inpainting", map[string]any{"resolution": 1}, "2, 8"}, {"dino", map[string]any{"features": "layer1", "prototypes": 7}, "4, 7"},
	} {
		for _, on := range []bool{true, false} {
			given := map[string]any{"online": on}
			for k, v := range c.given {
				given[k] = v
			}
			p := phaseOf(t, c.strategy, "pretrain", given)
			g := four(nn.Train, p)
			p.Objective(g)
			var got []string
			for _, x := range g.Heard() {
				got = append(got, sizes(x))
			}
			want, measured := "", false
			if on {
				want = c.want
			}
			for _, use := range p.Measure {
				measured = measured || use.Name == "online"
			}
			if text := strings.Join(got, "; "); g.Err() != nil || text != want || measured != on {
				t.Errorf("%s, online %v: heard %q (%v), measured %v; want %q", c.strategy, on, text, g.Err(), measured, want)
			}
		}
	}
	s := found(t, "byol")
	_, err := s.Phases(s.Resolve(map[string]any{"online_lr": 0.2}), strategy.About{})
	if err == nil || !strings.Contains(err.Error(), "strategy.online_lr: there is no online classifier") {
		t.Errorf("a rate without a classifier: %v", err)
	}
}

// Runs may be compared by the online classifier where there is one.
func TestMetricsOfAnOnlineClassifier(t *testing.T) {
	s := found(t, "byol")
	for on, want := range map[bool]int{false: 0, true: 2} {
		got := 0
		for _, name := range s.Metrics(s.Resolve(map[string]any{"online": on}), true, "") {
			if strings.HasSuffix(name, "/online_top1") {
				got++
			}
		}
		if got != want {
			t.Errorf("online %v: %d metrics, want %d", on, got, want)
		}
	}
}
