package strategy_test

import (
	"maps"
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

// objectives are the phases of each strategy by what a step tells beside its loss, and by what is evaluated: whose
// logits are counted as hits, of which stream, which scalars are recorded, and of whose parameters the answers are.
// makesUp says what the loss is of the scalars.
var objectives = []struct {
	strategy, phase string
	settings        map[string]any
	logits          string // "": none
	of              string
	answers         string
	copied          string // prefix of the paths of the parameters that answer
	record          []string
	makesUp         func(map[string]float64) float64
}{
	{strategy: "supervised", logits: "2, 4"},
	{strategy: "byol", phase: "pretrain", answers: "features 2, 8"},
	{strategy: "byol", phase: "probe", logits: "2, 4", answers: "logits 2, 4"},
	{strategy: "byol", phase: "pretrain", settings: map[string]any{"features": "layer1"}, answers: "features 2, 7"},
	{strategy: "byol", phase: "probe", settings: map[string]any{"features": "layer1"}, logits: "2, 4", answers: "logits 2, 4"},
	{strategy: "moco_v2", phase: "pretrain", answers: "features 2, 8"},
	{strategy: "simsiam", phase: "pretrain", answers: "features 2, 8", record: []string{"projection_spread"}},
	{strategy: "rotation", phase: "pretrain", settings: map[string]any{"angles": 2}, answers: "features 2, 8",
		record: []string{"pretext_top1"}},
	{strategy: "rotation", phase: "pretrain", settings: map[string]any{"angles": 2, "every_angle": false}, answers: "features 2, 8",
		record: []string{"pretext_top1"}},
	{strategy: "random", phase: "pretrain", answers: "features 2, 8"},
	{strategy: "simclr", phase: "pretrain", answers: "features 2, 8"},
	{strategy: "simclr", phase: "pretrain", settings: map[string]any{"head_norm": true, "one_pass": false},
		answers: "features 2, 8"},
	{strategy: "barlow_twins", phase: "pretrain", settings: map[string]any{"lambda": 0.3, "scale": 0.5}, answers: "features 2, 8",
		record:  []string{"invariance", "redundancy"},
		makesUp: func(r map[string]float64) float64 { return 0.5 * (r["invariance"] + 0.3*r["redundancy"]) }},
	{strategy: "vicreg", phase: "pretrain", settings: map[string]any{"sim": 2.0, "std": 3.0, "cov": 0.5}, answers: "features 2, 8",
		record:  []string{"covariance", "invariance", "variance"},
		makesUp: func(r map[string]float64) float64 { return 2*r["invariance"] + 3*r["variance"] + 0.5*r["covariance"] }},
	{strategy: "supcon", phase: "pretrain", answers: "features 2, 8"},
	{strategy: "nnclr", phase: "pretrain", answers: "features 2, 8"},
	{strategy: "jigsaw", phase: "pretrain", answers: "features 2, 8", record: []string{"pretext_top1"}},
	{strategy: "jigsaw", phase: "pretrain", settings: map[string]any{"tile_by_tile": false}, answers: "features 2, 8",
		record: []string{"pretext_top1"}},
	{strategy: "inpainting", phase: "pretrain", settings: map[string]any{"resolution": 1}, answers: "features 2, 8"},
	{strategy: "dino", phase: "pretrain", settings: map[string]any{"prototypes": 7, "head_norm": false}, answers: "features 2, 8"},
	{strategy: "dino", phase: "pretrain", settings: map[string]any{"prototypes": 7}, answers: "features 2, 8"},
	{strategy: "swav", phase: "pretrain", settings: map[string]any{"prototypes": 7, "frozen_steps": 2}, answers: "features 2, 8"},
	{strategy: "elr", settings: map[string]any{"lambda": 2.5}, logits: "2, 4", record: []string{"cross_entropy", "regularizer"},
		makesUp: func(r map[string]float64) float64 { return r["cross_entropy"] + 2.5*r["regularizer"] }},
	{strategy: "distillation", settings: map[string]any{"alpha": 0.3}, logits: "2, 4", record: []string{"cross_entropy", "distillation"},
		makesUp: func(r map[string]float64) float64 { return 0.7*r["cross_entropy"] + 0.3*r["distillation"] }},
	{strategy: "distillation", settings: map[string]any{"hard": true, "teacher_normalisation": "half"}, logits: "2, 4",
		record:  []string{"cross_entropy", "distillation"},
		makesUp: func(r map[string]float64) float64 { return 0.1*r["cross_entropy"] + 0.9*r["distillation"] }},
	{strategy: "co_teaching", logits: "2, 4", record: []string{"first", "second"},
		makesUp: func(r map[string]float64) float64 { return r["first"] + r["second"] }},
	{strategy: "jocor", settings: map[string]any{"lambda": 0.3}, logits: "2, 4", record: []string{"cross_entropy", "disagreement"},
		makesUp: func(r map[string]float64) float64 { return 0.7*r["cross_entropy"] + 0.3*r["disagreement"] }},
	{strategy: "proden", logits: "2, 4", record: []string{"confidence"}},
	{strategy: "proden", settings: map[string]any{"update": false}, logits: "2, 4", record: []string{"confidence"}},
	{strategy: "pico", settings: map[string]any{"contrast_weight": 0.3}, logits: "2, 4", answers: "features 2, 82, 4",
		record:  []string{"confidence", "contrast", "cross_entropy"},
		makesUp: func(r map[string]float64) float64 { return r["cross_entropy"] + 0.3*r["contrast"] }},
	{strategy: "coarse_labels", phase: "pretrain", settings: map[string]any{"groups": "one = 0-2; other = 3"}, answers: "features 2, 8",
		record: []string{"group_top1"}},
	{strategy: "dividemix", phase: "warm_up", logits: "2, 4", answers: "logits 2, 4", record: []string{"first", "second"},
		makesUp: func(r map[string]float64) float64 { return r["first"] + r["second"] }},
	{strategy: "dividemix", phase: "divide", settings: map[string]any{"lambda_u": 0.0}, answers: "logits 2, 4",
		record:  []string{"consistency", "found_precision", "found_recall", "kept", "penalty", "supervised"},
		makesUp: func(r map[string]float64) float64 { return r["supervised"] + r["penalty"] }},
	{strategy: "complementary"},
	{strategy: "confident_learning", phase: "folds", settings: map[string]any{"folds": 3}, answers: "logits 2, 4",
		record: []string{"kept"}},
	{strategy: "confident_learning", phase: "retrain", logits: "2, 4", record: []string{"found_precision", "found_recall", "kept"}},
	{strategy: "fixmatch", settings: map[string]any{"threshold": 0.0, "lambda_u": 2.5}, logits: "2, 4", of: "labelled",
		record:  []string{"consistency", "supervised", "sure"},
		makesUp: func(r map[string]float64) float64 { return r["supervised"] + 2.5*r["consistency"] + 1 - r["sure"] }},
	{strategy: "flexmatch", settings: map[string]any{"lambda_u": 2.5}, logits: "2, 4", of: "labelled",
		record: []string{"consistency", "supervised", "sure", "threshold"},
		makesUp: func(r map[string]float64) float64 {
			return r["supervised"] + 2.5*r["consistency"] + 1 - r["sure"] + r["threshold"] // all are sure at first
		}},
	{strategy: "freematch", settings: map[string]any{"lambda_u": 2.5, "fairness_weight": 0.5}, logits: "2, 4", of: "labelled",
		record:  []string{"consistency", "fairness", "supervised", "sure", "threshold"},
		makesUp: func(r map[string]float64) float64 { return r["supervised"] + 2.5*r["consistency"] + 0.5*r["fairness"] }},
	{strategy: "pseudo_label", settings: map[string]any{"threshold": 0.0, "lambda_u": 2.5, "warm_up": 0.0}, logits: "2, 4", of: "labelled",
		record:  []string{"consistency", "supervised", "sure"},
		makesUp: func(r map[string]float64) float64 { return r["supervised"] + 2.5*r["consistency"] + 1 - r["sure"] }},
	{strategy: "pseudo_label", settings: map[string]any{"threshold": 1.0, "warm_up": 0.0}, logits: "2, 4", of: "labelled",
		record:  []string{"consistency", "supervised", "sure"},
		makesUp: func(r map[string]float64) float64 { return r["supervised"] + r["consistency"] + r["sure"] }}, // no one is
	{strategy: "pi_model", settings: map[string]any{"lambda_u": 2.5, "warm_up": 0.0}, logits: "2, 4", of: "labelled",
		record:  []string{"consistency", "supervised"},
		makesUp: func(r map[string]float64) float64 { return r["supervised"] + 2.5*r["consistency"] }},
	{strategy: "mixmatch", settings: map[string]any{"lambda_u": 2.5, "warm_up": 0.0, "views": 1, "temperature": 0.01},
		record:  []string{"consistency", "supervised"},
		makesUp: func(r map[string]float64) float64 { return r["supervised"] + 2.5*r["consistency"] }},
	{strategy: "mean_teacher", settings: map[string]any{"lambda_u": 2.5, "warm_up": 0.0}, logits: "2, 4", of: "labelled",
		answers: "logits 2, 4", copied: "teacher.", record: []string{"consistency", "supervised"},
		makesUp: func(r map[string]float64) float64 { return r["supervised"] + 2.5*r["consistency"] }},
}

func TestWhatAStepTells(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range objectives {
		tried[c.strategy] = true
		t.Run(c.strategy+"/"+c.phase, func(t *testing.T) {
			p := phaseOf(t, c.strategy, c.phase, c.settings)
			g := four(nn.Train, p)
			o := p.Objective(g)
			if g.Err() != nil {
				t.Fatal(g.Err())
			}
			if got := told(o.Logits); got != c.logits || o.Of != c.of {
				t.Errorf("logits are %q of %q, want %q of %q", got, o.Of, c.logits, c.of)
			}
			if got := slices.Sorted(maps.Keys(o.Record)); !slices.Equal(got, c.record) {
				t.Errorf("recorded are %v, want %v", got, c.record)
			}
			if c.makesUp != nil {
				scalars := stepped(t, g, o)
				if got, want := scalars["loss"], c.makesUp(scalars); math.Abs(got-want) > 1e-5 || scalars["supervised"] < 0 {
					t.Errorf("the loss of %v should be %v", scalars, want)
				}
			}
			answers, copied := answered(t, p)
			if answers != c.answers || copied != (c.copied != "") {
				t.Errorf("evaluated are %q, of a copy %v, want %q of %q", answers, copied, c.answers, c.copied)
			}
		})
	}
	for _, name := range strategy.Names() {
		if !tried[name] {
			t.Errorf("nothing says here what a step of %s tells", name)
		}
	}
}

// The loss on shares is that on labels where every share is whole, smoothed alike, and no answer counts as a hit.
func TestSupervisedOnMixedImages(t *testing.T) {
	seen := map[float64]bool{}
	for _, smoothing := range []float64{0, 0.2} {
		p := phaseOf(t, "supervised", "", map[string]any{"label_smoothing": smoothing})
		g := four(nn.Train, p, "")
		o := p.Objective(g)
		if g.Err() != nil || told(o.Logits) != "" {
			t.Fatalf("logits %q, error %v", told(o.Logits), g.Err())
		}
		logits := g.Network(g.Shared(), g.View("", 0))
		o.Record = map[string]nn.Tensor{"labels": g.CrossEntropy(logits, g.Labels(""), smoothing)}
		got := stepped(t, g, o)
		if seen[got["loss"]] = true; math.Abs(got["loss"]-got["labels"]) > 1e-6 {
			t.Errorf("smoothing %v: the loss on whole shares is %v, on labels %v", smoothing, got["loss"], got["labels"])
		}
	}
	if len(seen) != 2 {
		t.Errorf("smoothing changes nothing: %v", seen)
	}
	g := four(nn.Train, phaseOf(t, "supervised", "", nil))
	if g.Shares("", 0); g.Err() == nil || !strings.Contains(g.Err().Error(), "are not mixed") {
		t.Errorf("shares of images that are not mixed: %v", g.Err())
	}
}

// The middle of images of 4×6 is missing by half of the shorter side.
func TestInpaintingRefusesAResolutionThatDoesNotDivide(t *testing.T) {
	for resolution, want := range map[int]string{1: "", 2: "",
		3: "strategy.resolution: 3 pixels a side do not divide the missing square of 2, which is 0.5 of images of 4×6"} {
		p := phaseOf(t, "inpainting", "pretrain", map[string]any{"resolution": resolution})
		g := four(nn.Train, p)
		p.Objective(g)
		if got := message(g.Err()); got != want {
			t.Errorf("at a resolution of %d: %q, want %q", resolution, got, want)
		}
	}
}

func told(x nn.Tensor) string {
	if x.Node() == nil {
		return ""
	}
	return sizes(x)
}

// phaseOf is a phase of a strategy, for four classes and a batch of two.
func phaseOf(t *testing.T, name, phase string, given map[string]any) *strategy.Phase {
	t.Helper()
	settings := map[string]any{"hidden": 6, "projection": 5, "bottleneck": 3, "queue": 4, "norm_groups": 1, "labels": 4, "mu": 2,
		"then": "probe", "groups": "classes"}
	maps.Copy(settings, given)
	s := found(t, name)
	phases, err := s.Phases(s.Resolve(settings), strategy.About{Info: data.Info{Channels: 3, Classes: make([]string, 4)}, Batch: 2, Epochs: 1})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(phases, func(p strategy.Phase) bool { return p.Name == phase })
	if i < 0 {
		t.Fatalf("%s has no phase %q", name, phase)
	}
	return &phases[i]
}

func four(mode nn.Mode, p *strategy.Phase, mixed ...string) *strategy.Graph {
	shape := strategy.Shape{Batch: 2, Channels: 3, Height: 4, Width: 6, Classes: 4,
		Images: map[string]int{"": 9, "labelled": 4, "unlabelled": 9}, Mixed: map[string]bool{}}
	for _, stream := range mixed {
		shape.Mixed[stream] = true
	}
	return strategy.NewGraph(nn.NewBuilder(mode, false), p, shape, func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor {
		x = b.In("layer1").Conv(x, 7, 1, 1)
		if x = b.GlobalAvgPool(b.In("layer2").Conv(x, 8, 1, 1)); classes > 0 {
			x = b.In("fc").Linear(x, classes)
		}
		return x
	})
}

// answered says what a phase evaluates, and whether it is of a copy's parameters.
func answered(t *testing.T, p *strategy.Phase) (what string, copied bool) {
	t.Helper()
	if p.Answers == nil {
		return "", false
	}
	g := four(nn.Infer, p)
	a := p.Answers(g, g.Input("image", 2, 3, 4, 6))
	if g.Err() != nil {
		t.Fatal(g.Err())
	}
	for _, param := range g.Params() {
		copied = copied || strings.HasPrefix(param.Path, "teacher.")
	}
	if a.Features.Node() != nil {
		return "features " + sizes(a.Features) + told(a.Logits), copied
	}
	return "logits " + told(a.Logits), copied
}

// stepped are the loss and the recorded scalars of a step on random images.
func stepped(t *testing.T, g *strategy.Graph, o strategy.Objective) map[string]float64 {
	t.Helper()
	outputs := map[string]nn.Tensor{"loss": o.Loss}
	maps.Copy(outputs, o.Record)
	program, err := plan.Lower(g.Builder, outputs)
	if err != nil {
		t.Fatal(err)
	}
	memory := plan.Reference{}.NewMemory()
	defer memory.Close()
	exe, err := plan.Reference{}.Compile(program, memory)
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	for _, p := range g.Params() {
		if _, read := memory.Shape(p.Path); !read {
			continue // running statistics
		}
		start := make([]float32, p.Shape.Size())
		p.Fill(start, 5)
		if err := memory.Write(p.Path, start); err != nil {
			t.Fatal(err)
		}
	}
	random := rng.New(6, "images")
	for _, in := range g.Inputs() {
		switch {
		case exe.Floats(in.Name) == nil && exe.Ints(in.Name) == nil: // what only copies read that follow
		case in.Floats != nil:
			in.Floats(strategy.At{Step: 3, Steps: 10}, func(name string) uint64 { return rng.Key(1, name) }, exe.Floats(in.Name))
		case in.What == strategy.SoftOf: // all of one class
			for i := range len(exe.Floats(in.Name)) / 4 {
				exe.Floats(in.Name)[4*i+i%4] = 1
			}
		case in.What == strategy.Images:
			for i := range exe.Floats(in.Name) {
				exe.Floats(in.Name)[i] = float32(random.NormFloat64())
			}
		default:
			for i := range exe.Ints(in.Name) {
				exe.Ints(in.Name)[i] = int32(i % 4)
			}
		}
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for name := range outputs {
		got[name] = float64(exe.Output(name)[0])
		if math.IsNaN(got[name]) {
			t.Fatalf("%s is no number", name)
		}
	}
	return got
}
