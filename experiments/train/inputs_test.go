//go:build !race

package train

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/option"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

func init() {
	phases := func(option.Settings, strategy.About) ([]strategy.Phase, error) {
		return []strategy.Phase{allInputs()}, nil
	}
	strategy.Register(strategy.Strategy{Name: "all_inputs", Main: "main", Phases: phases})
	strategyJobs["all_inputs"] = nil
}

// allInputs is a phase that reads all that there is to read. Of its two turns the first always answers right, the
// second always with the first class.
func allInputs() strategy.Phase {
	return strategy.Phase{
		Name: "main",
		Streams: []strategy.Stream{
			{Split: data.Train, Views: []strategy.View{{View: data.View{Emit: "rotation"}}, {View: data.View{Emit: "original"}}}},
			{Name: "more", Split: data.Train, Ratio: 2, Subset: data.Subset{PerClass: 2}, Candidates: &data.Candidates{Rate: 0.5}},
		},
		Scalars: map[string]func(strategy.At) float64{"steps": func(at strategy.At) float64 { return float64(at.Step) }},
		Objective: func(g *strategy.Graph) strategy.Objective {
			logits := g.Network(g.Builder, g.ConcatRows(g.View("", 0), g.View("", 1), g.View("more", 0)))
			apart := g.Sub(g.View("", 1), g.Original("", 1))
			soft := g.RowSoftCrossEntropy(g.Builder.Rows(logits, 0, g.View("more", 0).Shape()[0]), g.Candidates("more"))
			turned := g.CrossEntropy(g.Builder.Rows(logits, 0, g.View("", 0).Shape()[0]), g.Target("", 0), 0)
			table := g.Head("table").State("rows", nn.Init{Constant: 1}, g.Images("more"), 1)
			weighted := g.Mean(g.Mul(soft, g.GatherRows(table, g.Rows("more"))))
			noise := g.Mean(g.Uniform("u", 4, 1))
			return strategy.Objective{
				Loss:   g.Add(turned, weighted, g.Mean(g.Mul(apart, apart)), g.Scale(noise, 0)),
				Logits: g.OneHot(g.Labels("more"), g.Classes()), Of: "more",
				Record: map[string]nn.Tensor{"steps": g.Mean(g.Reshape(g.Scalar("steps"), 1, 1)), "noise": noise},
			}
		},
		Turns: []func(*strategy.Graph) strategy.Objective{func(g *strategy.Graph) strategy.Objective {
			logits := g.Network(g.Builder, g.View("", 0))
			zeros := g.OneHot(g.Zeros(logits.Shape()[0]), g.Classes())
			return strategy.Objective{Loss: g.CrossEntropy(logits, g.Labels(""), 0), Logits: zeros}
		}},
	}
}

// inputsJob takes 24 images of a batch of 8 in three steps an epoch, in parts of 4.
func inputsJob(t *testing.T) experiments.Job {
	job := strategyJob(t, "all_inputs")
	job.Run.Config.MicroBatch = 4
	job.Run.Seed = 11
	return job
}

// reading keeps what the programs that train were given at each run.
type reading struct {
	plan.Reference
	runs *[]map[string]string
}

func (r reading) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	exe, err := r.Reference.Compile(p, m)
	if err != nil || p.Optimizer == nil {
		return exe, err
	}
	return readsAll{exe, r.runs}, nil
}

type readsAll struct {
	plan.Executable
	runs *[]map[string]string
}

func (r readsAll) RunAll() error {
	got := map[string]string{}
	for _, name := range []string{"image", "image/1", "original/1", "more/image", "more/candidates", "scalar/steps", "random/u"} {
		if values := r.Floats(name); values != nil {
			got[name] = fmt.Sprint(values)
		}
	}
	for _, name := range []string{"label", "target", "more/label", "more/row", "zeros/4"} {
		if values := r.Ints(name); values != nil {
			got[name] = fmt.Sprint(values)
		}
	}
	*r.runs = append(*r.runs, got)
	return r.Executable.RunAll()
}

// Every input of every part of a batch is what the loaders give, or is computed of seed, phase and step.
func TestPartsOfABatchAreWhatTheLoadersGive(t *testing.T) {
	const parts = 2
	job := inputsJob(t)
	var runs []map[string]string
	if err := Run(t.Context(), job, reading{runs: &runs}, func(experiments.Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	set := opened(t, job)
	whole := data.Part{Set: set, Split: data.Train}
	few, err := data.Subset{PerClass: 2, Seed: 11}.Of(whole)
	if err != nil {
		t.Fatal(err)
	}
	augment := job.Run.Config.Augment
	first := data.Loader{Part: whole, Batch: 8, Seed: 11, Shuffle: true,
		Views: []data.View{{Augment: augment, Emit: "rotation"}, {Augment: augment, Emit: "original"}}}
	second := data.Loader{Name: "more", Part: few, Batch: 16, Seed: 11, Shuffle: true, Views: []data.View{{Augment: augment}},
		Candidates: &data.Candidates{Rate: 0.5, Seed: 11}}
	next, stop := iter.Pull2(second.Cycle(t.Context(), 0))
	defer stop()
	at := 0
	for epoch := range 2 {
		for a, err := range first.Epoch(t.Context(), epoch, 0) {
			if err != nil {
				t.Fatal(err)
			}
			b, err, _ := next()
			if err != nil {
				t.Fatal(err)
			}
			step := at / (2 * parts)
			uniform := make([]float32, 4)
			for i := range uniform {
				uniform[i] = rng.Uniform(rng.Key(11, "strategy/main/u", uint64(step)), uint64(i))
			}
			for k := range parts {
				compareInputs(t, step, k, runs[at+k], map[string]string{
					"image": cut(a.Views[0], k), "image/1": cut(a.Views[1], k), "original/1": cut(a.Targets[1].Picture, k),
					"more/image": cut(b.Views[0], k), "more/candidates": cut(b.Soft, k), "scalar/steps": fmt.Sprint([]int{step}),
					"random/u": fmt.Sprint(uniform), "target": cut(a.Targets[0].Classes, k), "more/label": cut(b.Labels, k),
					"more/row": cut(b.Rows, k),
				})
				compareInputs(t, step, k, runs[at+parts+k], map[string]string{
					"image": cut(a.Views[0], k), "label": cut(a.Labels, k), "zeros/4": "[0 0 0 0]",
				})
			}
			at += 2 * parts
		}
	}
	if at != len(runs) || at != 24 {
		t.Errorf("%d runs of programs, want %d", len(runs), at)
	}
}

// cut is half k of a batch.
func cut[T any](all []T, k int) string { return fmt.Sprint(all[k*len(all)/2 : (k+1)*len(all)/2]) }

func compareInputs(t *testing.T, step, k int, got, want map[string]string) {
	t.Helper()
	for name, values := range want {
		if got[name] != values {
			t.Errorf("step %d, part %d: %s is %.80s, want %.80s", step, k, name, got[name], values)
		}
	}
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("step %d, part %d: %s is read", step, k, name)
		}
	}
}

func opened(t *testing.T, job experiments.Job) data.Set {
	t.Helper()
	set, err := data.Open(t.Context(), job.Run.Config.Dataset.Name, "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What an objective records is its mean over the steps of an epoch, and hits are counted over the answers of all turns.
func TestMeansOverAnEpoch(t *testing.T) {
	job := inputsJob(t)
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := values(records)
	if want := []float64{1, 4}; !slices.Equal(got["main/train/steps"], want) {
		t.Errorf("the recorded steps are %v, want %v", got["main/train/steps"], want)
	}
	set, zeros := opened(t, job), 0
	for i := range 24 {
		if set.Label(data.Train, i) == 0 {
			zeros++
		}
	}
	// Of a step's answers 16 are the first turn's and right; of the 8 of the second those to images of the first class.
	want := float64(3*16+zeros) / (3 * 24)
	if top1 := got["main/train/top1"]; zeros == 0 || len(top1) != 2 || top1[0] != want || top1[1] != want {
		t.Errorf("%v of the answers are right, want %v", top1, want)
	}
	for epoch, noise := range got["main/train/noise"] {
		sum := 0.0
		for step := range 3 {
			for i := range uint64(4) {
				sum += float64(rng.Uniform(rng.Key(11, "strategy/main/u", uint64(3*epoch+step)), i))
			}
		}
		if !nearly(float32(noise), sum/12) {
			t.Errorf("the noise of epoch %d is %v, want %v", epoch+1, noise, sum/12)
		}
	}
}
