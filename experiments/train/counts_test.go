//go:build !race

package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/data/raster"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
	"workbench/nn/plan"
)

// The updates of an optimizer that goes on are counted from its first phase, and end where 32 bits do.
func TestUpdatesOfAnOptimizerThatGoesOn(t *testing.T) {
	named := func(name string, total int64) stage {
		s := stage{Phase: strategy.Phase{Name: name}, total: total}
		s.config.Optim.Name = "adam"
		return s
	}
	for _, c := range []struct {
		before, own, updates int64
		want                 string
	}{
		{4, 5, 9, ""}, {mostSteps - 11, 6, mostSteps - 6, ""}, {mostSteps - 10, 6, mostSteps - 5,
			"phase b: its optimizer would make 2147483648 updates, want at most 2.147483647e+09"},
	} {
		last, s := named("a", c.before), named("b", c.own)
		last.slots, last.updates = "first", 5
		if err := s.keep(last); errorText(err) != c.want || s.slots != "first" || s.updates != c.updates {
			t.Errorf("%+v: %v; the optimizer of %q after %d updates", c, err, s.slots, s.updates)
		}
	}
	w := &watched{}
	if err := Run(t.Context(), goesOn(t), w, func(experiments.Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	var told []int32
	for _, run := range w.runs {
		told = append(told, run.step)
	}
	if want := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2}; !slices.Equal(told, want) {
		t.Errorf("the optimizers are told the steps %v, want %v", told, want)
	}
}

// A length in multiply-adds is that of whole steps, each with all its parts and turns.
func TestLengthsOfStepsInParts(t *testing.T) {
	for name, parts := range map[string]int{"supervised": 1, "in_turn": 1, "supervised ": 2, "in_turn ": 4} {
		job := strategyJob(t, strings.TrimSpace(name))
		config, set := job.Run.Config, opened(t, job)
		config.MicroBatch, config.Length = config.Batch/parts, "1 steps"
		one, err := WorkOf(config, set)
		if err != nil {
			t.Fatal(err)
		}
		for steps, want := range map[float64]int64{0.5: 1, 1: 1, 1.01: 2, 2.5: 3, 3: 3, 6.5: 7} {
			config.Length = fmt.Sprintf("%.0f multiply-adds", steps*one.Training)
			all, err := stages(config, set, 1)
			if err != nil || all[0].length() != want || all[0].config.Epochs != int(want+2)/3 {
				t.Errorf("%s: %v steps of work are %d steps in %d epochs (%v), want %d", name, steps, all[0].length(), all[0].config.Epochs, err, want)
			}
		}
	}
}

// Images are mixed in the streams that say so alone, and how is no matter of their views.
func TestWhichStreamsAreMixed(t *testing.T) {
	p := strategy.Phase{Objective: classifying, Streams: []strategy.Stream{{Split: data.Train, Mixed: true}, {Name: "b", Split: data.Train}}}
	s, err := prepared(t, p, func(s *stage) { s.config.Augment = map[string]any{"flip": true, "mixup": 0.5} })
	if err != nil {
		t.Fatal(err)
	}
	if got := s.shape().Mixed; !maps.Equal(got, map[string]bool{"": true, "b": false}) {
		t.Errorf("mixed are %v", got)
	}
	for _, l := range s.streams {
		if got := fmt.Sprint(l.Views[0].Augment); got != "map[flip:true]" || l.Mixing.On() != (l.Name == "") {
			t.Errorf("stream %q: its view has %s, mixed %v", l.Name, got, l.Mixing.On())
		}
	}
	s.config.MicroBatch = 2
	if shape := s.shape(); shape.Batch != 2 || shape.Channels != 3 || shape.Height != 32 || shape.Width != 32 || shape.Classes != 10 {
		t.Errorf("the shape of a part is %+v", shape)
	}
}

// What a loss reads of a later stream is looked at there; and several views of any stream must differ.
func TestLaterStreamsAreChecked(t *testing.T) {
	unknown := func(p data.Part, _ uint64) (data.Part, error) {
		p.Labels = slices.Repeat([]int32{1}, p.Len())
		p.Labels[4] = -1
		return p, nil
	}
	two := []strategy.View{{Plain: true}, {Plain: true}}
	turned := []strategy.View{{Plain: true}, {View: data.View{Emit: "rotation"}}}
	reads := func(stream string) func(*strategy.Graph) strategy.Objective {
		return func(g *strategy.Graph) strategy.Objective {
			logits := g.Network(g.Builder, g.View(stream, 0))
			return strategy.Objective{Loss: g.CrossEntropy(logits, g.Labels(stream), 0), Logits: logits, Of: stream}
		}
	}
	const lacks = "image 4 of the train split of shapes has no label, which the loss reads"
	const alike = "the loss compares 2 views of each image, and nothing makes them differ; want augmentations, such as " +
		"augment: {resized_crop: true, flip: true, jitter: 0.8}"
	for name, c := range map[string]struct {
		first, second strategy.Stream
		reads         string
		want          string
	}{
		"first is read":         {strategy.Stream{Labels: unknown}, strategy.Stream{}, "", lacks},
		"first is not read":     {strategy.Stream{Labels: unknown}, strategy.Stream{}, "b", ""},
		"second is read":        {strategy.Stream{}, strategy.Stream{Labels: unknown}, "b", lacks},
		"second is not read":    {strategy.Stream{}, strategy.Stream{Labels: unknown}, "", ""},
		"views of the second":   {strategy.Stream{}, strategy.Stream{Views: two}, "", alike},
		"views of the first":    {strategy.Stream{Views: two}, strategy.Stream{}, "", alike},
		"views that are turned": {strategy.Stream{}, strategy.Stream{Views: turned}, "", ""},
	} {
		c.second.Name = "b"
		s, err := prepared(t, strategy.Phase{Objective: reads(c.reads), Streams: []strategy.Stream{c.first, c.second}}, nil)
		if err == nil {
			err = s.check()
		}
		if errorText(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// What a run tells of its images: each stream that has not all of a split as they are, and what was held out.
func TestWhatIsSaidOfChosenImages(t *testing.T) {
	set := opened(t, smallJob())
	whole := data.Part{Set: set, Split: data.Train}
	some, relabelled := whole, whole
	some.Index = []int32{3, 1, 2}
	relabelled.Labels = make([]int32, whole.Len()) // of ten classes in turn
	held := data.Part{Set: set, Split: data.Train, Index: []int32{9, 8}}
	sum := func(p data.Part) string { return ", SHA-256 " + p.Digest()[:16] }
	for want, s := range map[string]stage{
		"": {streams: []data.Loader{{Part: whole}}, val: data.Part{Set: set, Split: data.Val}},
		"train: 3 images" + sum(some) + "; more: 48 images, 89.58 % of the labels wrong" + sum(relabelled) +
			"; held out as val: 2 images" + sum(held): {
			streams: []data.Loader{{Part: some}, {Name: "all", Part: whole}, {Name: "more", Part: relabelled}}, val: held},
	} {
		if got := s.chosen(); got != want {
			t.Errorf("said is %q, want %q", got, want)
		}
	}
}

// What all phases read is told in their order.
func TestStreamsOfARun(t *testing.T) {
	job := strategyJob(t, "fixmatch")
	relabelled := strategyJob(t, "relabelled")
	for name, c := range map[string]struct {
		config experiments.Config
		want   string
	}{
		"fixmatch":   {job.Run.Config, "/unlabelled of 24 images, 16 at a time; /labelled of 20 images, 8 at a time; "},
		"relabelled": {relabelled.Run.Config, "pretrain/ of 24 images, 8 at a time; probe/ of 24 images, 12 at a time; "},
	} {
		all, err := Streams(c.config, opened(t, job), 5)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range all {
			got += fmt.Sprintf("%s/%s of %d images, %d at a time; ", s.Phase, s.Name, s.Part.Len(), s.Batch)
			if s.Seed != 5 || !s.Shuffle {
				t.Errorf("%s: %+v", name, s)
			}
		}
		if got != c.want {
			t.Errorf("%s reads %s, want %s", name, got, c.want)
		}
	}
	job.Run.Config.Batch = 1000
	if all, err := Streams(job.Run.Config, opened(t, job), 5); err == nil || all != nil {
		t.Errorf("a run that cannot be trained reads %v (%v)", all, err)
	}
}

// looking counts how often a program runs.
type looking struct {
	plan.Executable
	runs *int
}

func (l looking) RunAll() error { *l.runs++; return l.Executable.RunAll() }

// The test split and what was held out are each measured against the images that are trained on, and no others.
func TestWhatMeasuresCompareWith(t *testing.T) {
	for name, c := range map[string]struct {
		val  float64
		runs int // 8 images at a time: 10 of the test split and 24 to train on, or 12 to train on and 12 held out
	}{"byol": {0, 2 + 3}, "byol ": {0.5, 2 + 2 + 2 + 2}, "supervised": {0.5, 2 + 2}} {
		job := strategyJob(t, strings.TrimSpace(name))
		if c.val > 0 {
			job.Run.Config.Dataset.Options["val"] = c.val
		}
		x, runs := begunTrainer(t, job), 0
		x.eval = looking{x.eval, &runs}
		points, err := x.evaluate(t.Context())
		if err != nil || runs != c.runs {
			t.Errorf("%s: %d runs (%v), want %d", name, runs, err, c.runs)
		}
		splits := map[string]int{}
		for _, p := range points {
			for _, split := range []string{"val", "test"} {
				if strings.Contains("/"+p.Metric, "/"+split+"/") {
					splits[split]++
				}
			}
			if time.Since(p.Time) > time.Minute || p.Time.After(time.Now()) {
				t.Errorf("%s: %s is of %v", name, p.Metric, p.Time)
			}
		}
		if (splits["val"] == splits["test"]) != (c.val > 0) || splits["test"] == 0 {
			t.Errorf("%s: measured are %v", name, splits)
		}
	}
}

// A run that goes on after its first phase's last state tells nothing of that phase; its speed is that of what it does.
func TestWhatAContinuedRunTells(t *testing.T) {
	job := strategyJob(t, "relabelled")
	pretraining := strategyJob(t, "relabelled")
	pretraining.Run.Config.Until = "pretrain"
	records, err := record(t, pretraining, 0)
	if err != nil {
		t.Fatal(err)
	}
	c := lastCheckpoint(t, records)
	job.Resume = &c
	if records, err = record(t, job, 0); err != nil {
		t.Fatal(err)
	}
	var phases []string
	for _, r := range records {
		if r.Phase != nil {
			phases = append(phases, r.Phase.Name)
		}
	}
	if !slices.Equal(phases, []string{"probe"}) {
		t.Errorf("told are the phases %v, want the probe alone", phases)
	}
	x := begunTrainer(t, smallJob())
	x.state.Step, x.state.Seen, x.state.Loss = 2, 32, 2
	began := time.Now()
	points, err := x.learn(t.Context())
	took := time.Since(began).Seconds()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, p := range points {
		got[p.Metric] = p.Value
	}
	if images := got[metric.TrainSpeed] * took; images < 16 || images > 32 {
		t.Errorf("the last 16 images took %v s, which is said to be %v a second", took, got[metric.TrainSpeed])
	}
	y := begunTrainer(t, smallJob())
	if points, err = y.learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(points, func(p experiments.Point) bool { return p.Metric == metric.TrainWait }); i < 0 ||
		!(points[i].Value > 0 && points[i].Value < 0.5) {
		t.Errorf("the share of time that waits for images is among %v", points)
	}
}

// photographs is a set whose pictures are decoded, and that tells something of itself.
type photographs struct{ data.Set }

func (photographs) Original(data.Split, int, *raster.Image) error { return nil }
func (photographs) Fit(*raster.Image) raster.Cut                  { return raster.Cut{} }
func (photographs) Facts() map[string]string                      { return map[string]string{"jpeg": "by hand"} }

// All processors decode pictures, one copies them; what a set tells of itself is recorded.
func TestSetsOfPhotographs(t *testing.T) {
	job := smallJob()
	for threads, want := range map[int]string{0: "1 1", 1: "1 1", 3: "3 1"} {
		job.Threads = threads
		x := begunTrainer(t, job)
		plain := x.workers()
		_, told := x.environment()["jpeg"]
		x.set = photographs{x.set}
		if got := fmt.Sprint(x.workers(), plain); got != want || told || x.environment()["jpeg"] != "by hand" {
			t.Errorf("with %d threads: %s workers, want %s; the environment says %v", threads, got, want, x.environment())
		}
	}
}

// What is only measured adds nothing to the cost of a network, and a report of a later phase has its name.
func TestCostAndReportOfPhases(t *testing.T) {
	job := strategyJob(t, "simsiam")
	job.Run.Config.Strategy.Options = map[string]any{"hidden": 6, "projection": 4, "bottleneck": 3, "then": "probe"}
	job.Run.Config.Phases = map[string]any{"probe.epochs": 1, "probe.batch": 12}
	x := begunTrainer(t, job)
	plain, err := x.stage.inference(x.stage.shape())
	if err != nil || x.cost != plain.cost || x.eval.Output("embeddings") == nil {
		t.Errorf("the cost is %+v, want %+v (%v)", x.cost, plain.cost, err)
	}
	x.state.Step, x.state.Loss = 2, 5
	p := x.progress(time.Now(), 4) // 4 steps of 8 images are left, then 2 of 12
	if p.Phase != "pretrain" || p.Steps != 8 || p.Step != 2 || p.Left != 14*time.Second || p.Top1 != 0 || p.Loss != 2.5 {
		t.Errorf("told is %+v", p)
	}
	if err := x.follow(1); err != nil {
		t.Fatal(err)
	}
	x.state.Step, x.state.Correct = 1, 3
	if p = x.progress(time.Now(), 4); p.Phase != "probe" || p.Steps != 8 || p.Step != 7 || p.Left != 3*time.Second || p.Top1 != 0.25 ||
		p.Epoch != 1 || p.Epochs != 1 {
		t.Errorf("told is %+v", p)
	}
}
