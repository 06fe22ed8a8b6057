//go:build !race

package train

import (
	"context"
	"math"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// timing is a backend with rules that looks at what is timed.
type timing struct {
	choosing
	program *plan.Program
	runs    int
	images  []float32
	weight  []float32
	memory  plan.Memory
}

func (b *timing) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	b.program, b.memory = p, m
	float := *p
	float.BFloat16 = false // the reference has no other precision
	exe, err := b.Reference.Compile(&float, m)
	return timedSteps{exe, b}, err
}

type timedSteps struct {
	plan.Executable
	backend *timing
}

func (e timedSteps) RunAll() error {
	b := e.backend
	if b.runs++; b.runs == 1 {
		b.images = append(b.images, e.Floats("image")...)
		b.weight = make([]float32, 4*3*3*3)
		if err := b.memory.Read("conv1.weight", b.weight); err != nil {
			return err
		}
	}
	return e.Executable.RunAll()
}

// What is timed are seven steps after one that is not, on random images, of a program as the run has it. Its batch has
// about so many multiply-adds, but two images or more, and no more than the run.s.
func TestWhatIsTimed(t *testing.T) {
	job := smallJob()
	set := opened(t, job)
	all, err := stages(job.Run.Config, set, 1)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := all[0].training(all[0].shape(), false)
	if err != nil {
		t.Fatal(err)
	}
	image := whole[0].MultiplyAdds() / 16
	rules := rulesThat(1)
	for _, c := range []struct {
		most                             float64
		precision, algorithms, recompute string
		batch                            int
	}{{5.5 * image, "float32", "auto", "none", 5}, {1e15, "bf16", "direct", "segments", 16}, {1, "float32", "direct", "", 2}} {
		config := job.Run.Config
		config.Precision, config.Algorithms, config.Recompute = c.precision, c.algorithms, c.recompute
		backend := &timing{choosing: choosing{rules: rules}}
		pace, err := Measure(t.Context(), config, set, backend, c.most)
		if err != nil {
			t.Fatal(err)
		}
		var want *algorithms.Table
		if c.algorithms == "auto" {
			want = rules
		}
		info := set.Info()
		p := backend.program
		if backend.runs != 8 || len(backend.images) != c.batch*info.Channels*info.Height*info.Width || p.Rules != want ||
			p.BFloat16 != (c.precision == "bf16") || p.Recompute != plan.Recomputation(c.recompute) {
			t.Errorf("%+v: %d runs of %d numbers; the program has the rules %v, bf16 %v and recomputes %s", c, backend.runs,
				len(backend.images), p.Rules, p.BFloat16, p.Recompute)
		}
		if mean, deviation := spread(backend.images); math.Abs(mean) > 0.1 || math.Abs(deviation-1) > 0.1 {
			t.Errorf("images have the mean %v and the deviation %v", mean, deviation)
		}
		if _, deviation := spread(backend.weight); !(deviation > 0.01) {
			t.Errorf("weights begin with %v", backend.weight)
		}
		if !(pace.Fastest > 0 && pace.Fastest <= pace.Middle && pace.Middle <= pace.Slowest) || pace.Slowest*image*2 > 60 {
			t.Errorf("the pace is %+v", pace)
		}
	}
}

func spread(all []float32) (mean, deviation float64) {
	squares := 0.0
	for _, v := range all {
		mean += float64(v) / float64(len(all))
		squares += float64(v) * float64(v) / float64(len(all))
	}
	return mean, math.Sqrt(squares - mean*mean)
}

// When the time is over one step has been timed, be it the one that would not be.
func TestTimingEndsWithItsTime(t *testing.T) {
	job := smallJob()
	over, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	backend := &timing{}
	pace, err := Measure(over, job.Run.Config, opened(t, job), backend, 1)
	if err != nil || backend.runs != 1 || pace.Fastest != pace.Slowest || pace.Middle != pace.Fastest || math.IsInf(pace.Fastest, 0) {
		t.Errorf("%d runs, a pace of %+v (%v)", backend.runs, pace, err)
	}
	if _, err := Measure(t.Context(), job.Run.Config, opened(t, job), &failing{compile: 1}, 1); err == nil {
		t.Error("a program that cannot be compiled is timed")
	}
	if _, err := Measure(t.Context(), job.Run.Config, opened(t, job), &failing{train: 3}, 1); err == nil {
		t.Error("a step that fails is timed")
	}
}

// Work is that of all phases, turns and parts, by steps or by a length; an evaluation fills its last batch up.
func TestWorkOfPhases(t *testing.T) {
	job := strategyJob(t, "relabelled") // 2 epochs of 3 steps of 8, then one of 2 steps of 12; 10 test images
	set := opened(t, job)
	all, err := stages(job.Run.Config, set, 1)
	if err != nil {
		t.Fatal(err)
	}
	var want Work
	for i, steps := range []float64{6, 2} {
		turns, err := all[i].training(all[i].shape(), false)
		if err != nil {
			t.Fatal(err)
		}
		p, err := all[i].inference(all[i].shape())
		if err != nil {
			t.Fatal(err)
		}
		want.Training += steps * turns[0].MultiplyAdds()
		want.Evaluation += []float64{2 * 2, 1}[i] * p.MultiplyAdds()
	}
	if got, err := WorkOf(job.Run.Config, set); err != nil || got != want || got.All() != want.Training+want.Evaluation {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	job.Run.Config.Strategy = experiments.Choice{Name: "none"}
	if _, err := WorkOf(job.Run.Config, set); err == nil {
		t.Error("a strategy that is not there has work")
	}
}
