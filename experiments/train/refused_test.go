//go:build !race

package train

import (
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
	"workbench/nn"
)

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// What keeps a run from being trained is said before it begins, with the phase and the stream that it is about. What
// just fits is not refused.
func TestRunsThatCannotBeTrained(t *testing.T) {
	then := map[string]any{"hidden": 6, "projection": 4, "then": "probe"}
	for _, c := range []struct {
		name, strategy string
		options        map[string]any
		change         func(*experiments.Config)
		want           string
	}{
		{"nothing wrong", "supervised", nil, nil, ""},
		{"no such strategy", "supervized", nil, nil, `strategy.name: unknown strategy "supervized": did you mean supervised?`},
		{"settings that do not fit", "fixmatch", map[string]any{"labels": 21}, nil,
			"strategy fixmatch: strategy.labels: 21 labels cannot be as many of each of 10 classes; want a multiple"},
		{"a phase that is not there", "byol", map[string]any{"hidden": 6, "projection": 4},
			func(c *experiments.Config) { c.Phases = map[string]any{"probe.optim.lr": 0.2} },
			"phases.probe.optim.lr: has no effect: with these settings byol has no phase probe"},
		{"a phase that is there", "byol", then, func(c *experiments.Config) { c.Phases = map[string]any{"probe.optim.lr": 0.2} }, ""},
		{"a phase with a bad value", "byol", then, func(c *experiments.Config) { c.Phases = map[string]any{"probe.batch": 0} },
			"phases.probe.batch: "},
		{"a phase whose batch is too large", "byol", then, func(c *experiments.Config) { c.Phases = map[string]any{"probe.batch": 25} },
			"phase probe: batch 25 is larger than the 24 training images of shapes"},
		{"a batch of all images", "supervised", nil, func(c *experiments.Config) { c.Batch = 24 }, ""},
		{"a batch of more", "supervised", nil, func(c *experiments.Config) { c.Batch = 25 },
			"batch 25 is larger than the 24 training images of shapes"},
		{"a batch of more in a phase", "byol", then, func(c *experiments.Config) { c.Batch = 25 },
			"phase pretrain: batch 25 is larger than the 24 training images of shapes"},
		{"too few of a class", "fixmatch", map[string]any{"labels": 100}, nil, "stream labelled: subset: "},
		{"parts of a coupled loss", "byol", then, func(c *experiments.Config) { c.MicroBatch = 4 }, "phase pretrain: micro_batch: the loss of " +
			"byol relates the images of a whole batch, so it cannot be taken part by part; want 0"},
		{"a coupled loss in one part", "byol", then, func(c *experiments.Config) { c.MicroBatch = 8 }, ""},
		{"no such length", "supervised", nil, func(c *experiments.Config) { c.Length = "3 days" }, "length: want a number and steps"},
		{"the longest length", "supervised", nil, func(c *experiments.Config) { c.Length = "2147483647 steps" }, ""},
		{"too long", "supervised", nil, func(c *experiments.Config) { c.Length = "2147483648 steps" },
			"length: 2147483648 steps are 2.15e+09 steps, want at most 2.147483647e+09"},
		{"no such place", "byol", map[string]any{"hidden": 6, "projection": 4, "features": "layer9", "then": "probe"}, nil,
			`phase probe: `},
	} {
		job := strategyJob(t, "supervised")
		config := job.Run.Config
		config.Strategy = experiments.Choice{Name: c.strategy, Options: c.options}
		if c.change != nil {
			c.change(&config)
		}
		got := errorText(Check(config, opened(t, job), 1))
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// prepared is a phase as the only stage of a small run.
func prepared(t *testing.T, p strategy.Phase, change func(*stage)) (*stage, error) {
	t.Helper()
	job := strategyJob(t, "supervised")
	set := opened(t, job)
	s := &stage{Phase: p, count: 1, config: job.Run.Config, set: set, train: data.Part{Set: set, Split: data.Train}}
	if change != nil {
		change(s)
	}
	return s, s.prepare(7)
}

func classifying(g *strategy.Graph) strategy.Objective {
	logits := g.Network(g.Builder, g.View("", 0))
	return strategy.Objective{Loss: g.CrossEntropy(logits, g.Labels(""), 0), Logits: logits}
}

// A stream has the part that its split, its subset and its labels choose, in the run's seed.
func TestStreamsOfAPhase(t *testing.T) {
	relabel := func(label int32) func(data.Part, uint64) (data.Part, error) {
		return func(p data.Part, seed uint64) (data.Part, error) {
			p.Labels = make([]int32, p.Len())
			for i := range p.Labels {
				p.Labels[i] = int32(seed)
			}
			p.Labels[len(p.Labels)-1] = label
			return p, nil
		}
	}
	p := strategy.Phase{Objective: classifying, Streams: []strategy.Stream{
		{Split: data.Train, Labels: relabel(9)}, {Name: "held", Split: data.Val, Ratio: 2}, {Name: "tested", Split: data.Test},
		{Name: "few", Split: data.Train, Subset: data.Subset{PerClass: 1}, Candidates: &data.Candidates{Rate: 0.25}},
	}}
	s, err := prepared(t, p, func(s *stage) { s.val = data.Part{Set: s.set, Split: data.Train, Index: []int32{3, 1, 2}} })
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []data.Loader{
		{Part: data.Part{Set: s.set, Split: data.Train, Labels: s.streams[0].Part.Labels}, Batch: 8},
		{Part: s.val, Name: "held", Batch: 16},
		{Part: data.Part{Set: s.set, Split: data.Test}, Name: "tested", Batch: 8},
		{Part: s.streams[3].Part, Name: "few", Batch: 8},
	} {
		got := s.streams[i]
		if got.Part.Digest() != want.Part.Digest() || got.Name != want.Name || got.Batch != want.Batch || got.Seed != 7 || !got.Shuffle ||
			got.KeepLast || len(got.Views) != 1 || (got.Candidates != nil) != (i == 3) {
			t.Errorf("stream %d is %+v, want %+v", i, got, want)
		}
	}
	few, err := data.Subset{PerClass: 1, Seed: 7}.Of(s.train)
	if err != nil || few.Digest() != s.streams[3].Part.Digest() || *s.streams[3].Candidates != (data.Candidates{Rate: 0.25, Seed: 7}) {
		t.Errorf("the few are %v, want %v (%v); candidates %v", s.streams[3].Part.Index, few.Index, err, s.streams[3].Candidates)
	}
	if labels := s.streams[0].Part.Labels; labels[0] != 7 || labels[23] != 9 {
		t.Errorf("labels are %v", labels)
	}
	shape := s.shape()
	if shape.Images[""] != 24 || shape.Images["held"] != 3 || shape.Images["tested"] != 10 || shape.Images["few"] != 10 {
		t.Errorf("streams have %v images", shape.Images)
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
	p.Streams[0].Labels = relabel(-1)
	if _, err = prepared(t, p, nil); err == nil || !strings.HasPrefix(err.Error(), "stream held: ") {
		t.Errorf("a split without images: %v", err)
	}
	p.Streams = p.Streams[:1]
	if s, err = prepared(t, p, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := errorText(s.check()), "image 23 of the train split of shapes has no label, which the loss reads"; got != want {
		t.Errorf("a label that nobody knows: %q, want %q", got, want)
	}
	unread := strategy.Phase{Streams: p.Streams, Objective: func(g *strategy.Graph) strategy.Objective {
		return strategy.Objective{Loss: g.Mean(g.Network(g.Builder, g.View("", 0)))}
	}}
	if s, err = prepared(t, unread, nil); err != nil || s.check() != nil {
		t.Errorf("labels that nothing reads are refused: %v, %v", err, s.check())
	}
}

// A graph that cannot be built is refused with its phase, be it the first turn's or a later one's, and so is a copy of
// what is not there.
func TestGraphsThatCannotBeBuilt(t *testing.T) {
	wrong := func(g *strategy.Graph) strategy.Objective { return strategy.Objective{Loss: g.Scalar("none")} }
	follows := func(g *strategy.Graph) strategy.Objective {
		o := classifying(g)
		g.Network(g.Follow("teacher", nn.Follow{Decay: g.Constant("decay", []float32{0.5}, 1)}).In("elsewhere"), g.View("", 0))
		return o
	}
	streams := []strategy.Stream{{Split: data.Train}}
	for want, p := range map[string]strategy.Phase{
		`phase "" has no scalar "none"`: {Streams: streams, Objective: wrong},
		`phase "x" has no scalar "none"`: {Name: "x", Streams: streams, Objective: classifying,
			Turns: []func(*strategy.Graph) strategy.Objective{wrong}},
		`teacher.elsewhere.`: {Streams: streams, Objective: follows},
	} {
		s, err := prepared(t, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

// An evaluator that needs images that no phase lends is an error, and so is one whose options are wrong.
func TestEvaluatorsThatCannotBeUsed(t *testing.T) {
	job := strategyJob(t, "byol")
	x := begunTrainer(t, job)
	for want, use := range map[string]evaluate.Use{
		"evaluator knn: option k: ":     {Name: "knn", Options: map[string]any{"k": 0}},
		`unknown evaluator "ccollapse"`: {Name: "ccollapse"},
	} {
		x.stage.Measure = []evaluate.Use{use}
		if _, err := x.evaluate(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	x = begunTrainer(t, strategyJob(t, "supervised"))
	x.stage.Measure = []evaluate.Use{{Name: "temperature"}}
	_, err := x.meters()
	if want := "evaluator temperature wants pictures that are neither trained on nor tested, which no phase lends"; errorText(err) != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
