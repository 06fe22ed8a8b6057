//go:build !race

package train

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// begunTrainer is a trainer at the beginning of a run. What it emits goes nowhere.
func begunTrainer(t *testing.T, job experiments.Job) *trainer {
	t.Helper()
	x, err := newTrainer(t.Context(), job, plan.Reference{}, func(experiments.Record) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.close)
	if err := x.start(); err != nil {
		t.Fatal(err)
	}
	return x
}

// emitting keeps what a trainer emits.
func emitting(x *trainer) *[]experiments.Record {
	var all []experiments.Record
	x.emit = func(r experiments.Record) error { all = append(all, r); return nil }
	return &all
}

// The key of a run of the network is the seed and the step, low half first.
func TestDropoutKey(t *testing.T) {
	job := smallJob()
	job.Run.Seed = 3 + 5<<32
	key := make([]int32, 4)
	begunTrainer(t, job).dropoutKey(key, 7+9<<32)
	if fmt.Sprint(key) != "[3 5 7 9]" {
		t.Errorf("got %v", key)
	}
}

// Only losses are looked at, whatever their phase and split; infinite ones count, and the first is named.
func TestWhichPointsDiverge(t *testing.T) {
	x := begunTrainer(t, smallJob())
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		points      []experiments.Point
		epoch, step int
		want        string
	}{
		{[]experiments.Point{{Metric: "train/loss", Value: 1}, {Metric: "train/lr", Value: nan}}, 0, 1, ""},
		{[]experiments.Point{{Metric: "test/probe_loss", Value: nan}}, 0, 1, ""},
		{[]experiments.Point{{Metric: "step/loss", Value: inf}}, 1, 2, "step/loss is +Inf at step 5 (epoch 2)"},
		{[]experiments.Point{{Metric: "a/val/loss", Value: -inf}, {Metric: "test/loss", Value: nan}}, 2, 0,
			"a/val/loss is -Inf at step 6 (epoch 2)"},
	} {
		x.state.Epoch, x.state.Step = c.epoch, c.step
		if got := errorText(x.diverged(c.points)); got != c.want {
			t.Errorf("%v: %q, want %q", c.points, got, c.want)
		}
	}
}

// A checkpoint with a parameter that is no number is kept back; running statistics and the optimizer's state may be so.
func TestUnsoundCheckpointsAreKeptBack(t *testing.T) {
	x := begunTrainer(t, smallJob())
	kept := emitting(x)
	emit := x.sound(x.emit)
	for name, want := range map[string]string{
		"model/conv1.weight": "model/conv1.weight is +Inf at step 0 (epoch 0)", "model/fc.bias": "model/fc.bias is +Inf at step 0 (epoch 0)",
		"model/bn1.running_var": "", "optim/momentum/conv1.weight": "", "model/other": "",
	} {
		*kept = nil
		tensor := experiments.Tensor{Name: name, Data: []float32{1, float32(math.Inf(1))}}
		err := emit(experiments.Record{Checkpoint: &experiments.Checkpoint{Tensors: []experiments.Tensor{tensor}}})
		if errorText(err) != want || len(*kept) == 1 != (want == "") {
			t.Errorf("%s: %v and %d records, want %q", name, err, len(*kept), want)
		}
	}
}

// The loss of a step is told at every fortieth of an epoch, and at every step of short ones.
func TestHowOftenTheLossOfAStepIsTold(t *testing.T) {
	for steps, want := range map[int]int{3: 1, 40: 1, 79: 1, 80: 2, 119: 2, 120: 3} {
		job := smallJob()
		job.Run.Config.Batch, job.Run.Config.Dataset.Options["train"] = 1, steps
		x := begunTrainer(t, job)
		all := emitting(x)
		var told []int64
		for i := range 6 {
			x.state.Step = i + 1
			*all = nil
			x.speed = meter{}
			if err := x.tell(0.5); err != nil {
				t.Fatal(err)
			}
			for _, r := range *all {
				for _, p := range r.Points {
					if p.Metric != metric.StepLoss || p.Value != 0.5 {
						t.Errorf("told is %+v", p)
					}
					told = append(told, p.Step)
				}
			}
		}
		var expected []int64
		for i := want; i <= 6; i += want {
			expected = append(expected, int64(i))
		}
		if !slices.Equal(told, expected) {
			t.Errorf("of %d steps %v are told, want %v", steps, told, expected)
		}
	}
}

// The speed is measured from report to report, over half a second or more, and the one before counts half.
func TestProgressIsToldEveryHalfSecond(t *testing.T) {
	job := smallJob() // batch 16
	x := begunTrainer(t, job)
	all := emitting(x)
	progress := func() *experiments.Progress {
		defer func() { *all = nil }()
		x.state.Step, x.state.Loss, x.state.Correct = x.state.Step+1, x.state.Loss+2, x.state.Correct+4
		if err := x.tell(2); err != nil {
			t.Fatal(err)
		}
		for _, r := range *all {
			if r.Progress != nil {
				return r.Progress
			}
		}
		return nil
	}
	if progress() != nil || x.speed.last.IsZero() || x.speed.images != 0 {
		t.Error("the first step, whose time is not known, is told of or counted")
	}
	x.speed.last = time.Now().Add(time.Hour) // however long the next step takes
	if progress() != nil || x.speed.images != 16 {
		t.Errorf("a step within half a second is told of, or not counted: %d images", x.speed.images)
	}
	x.speed.last = time.Now().Add(-1000 * time.Second)
	p := progress()
	if p == nil || !about(p.ImagesPerSec, 32.0/1000) || p.Run != "test" || p.Phase != "" || p.Top1 != 12.0/48 || p.Loss != 2 ||
		x.speed.images != 0 || x.speed.rate != p.ImagesPerSec {
		t.Fatalf("told is %+v, the meter is at %+v", p, x.speed)
	}
	x.state.Step, x.state.Loss, x.state.Correct = 0, 0, 0
	x.speed = meter{last: time.Now().Add(-1000 * time.Second), images: 16, rate: 1}
	if p := progress(); p == nil || !about(p.ImagesPerSec, 0.5*32.0/1000+0.5) {
		t.Errorf("told is %+v, want half the speed before", p)
	}
}

// about allows for a machine that takes a second or two between two looks at the clock.
func about(got, want float64) bool { return got <= want*1.0001 && got > want*0.9 }

// What was measured becomes points of the split and the phase, and notes lines of the log.
func TestResultsAreTold(t *testing.T) {
	x := begunTrainer(t, strategyJob(t, "byol"))
	x.state.Epoch = 1
	all := emitting(x)
	points, err := x.told("val", []evaluate.Result{
		{Values: []evaluate.Value{{Quantity: "a", Value: 1}, {Quantity: "b", Value: 2}}, Notes: []string{"one", "two"}},
		{Values: []evaluate.Value{{Quantity: "c", Value: 3}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range points {
		got = append(got, fmt.Sprint(p.Metric, " ", p.Value, " ", p.Step, " ", p.Epoch))
	}
	for _, r := range *all {
		got = append(got, logLine(r))
	}
	want := "pretrain/val/a 1 3 1, pretrain/val/b 2 3 1, pretrain/val/c 3 3 1, pretrain/val, epoch 2: one, pretrain/val, epoch 2: two"
	if strings.Join(got, ", ") != want {
		t.Errorf("told are %s, want %s", strings.Join(got, ", "), want)
	}
}

// What computes a run is recorded with it; what the backend says of itself comes beside.
func TestEnvironment(t *testing.T) {
	job := smallJob()
	job.Threads = 3
	x := begunTrainer(t, job)
	x.backend = saying{}
	e := x.environment()
	bytes := x.eval.Bytes()
	for _, turn := range x.turns {
		bytes += turn.Bytes()
	}
	for name, want := range map[string]string{"backend": "reference", "threads": "3", "steps_per_epoch": "3", "onednn": "none",
		"parameters": fmt.Sprint(x.cost.Params), "macs": fmt.Sprint(x.cost.MACs), "plan_bytes": fmt.Sprint(bytes)} {
		if e[name] != want {
			t.Errorf("%s is %q, want %q", name, e[name], want)
		}
	}
	if x.cost.Params == 0 || x.cost.MACs == 0 || bytes == 0 || e["cpu"] == "" {
		t.Errorf("the environment is %v", e)
	}
	_, parts := e["parts"]
	_, rules := e["rules"]
	if parts || rules {
		t.Errorf("parts %v and rules %v are told, where there are none", parts, rules)
	}
}

// saying is a backend that says something of itself.
type saying struct{ plan.Reference }

func (saying) Facts() map[string]string { return map[string]string{"onednn": "none"} }

// A parameter that an earlier phase left with another shape cannot go on.
func TestParametersOfAnotherShapeCannotGoOn(t *testing.T) {
	x := begunTrainer(t, smallJob())
	p := &nn.Param{Path: "fc.bias", Shape: op.Shape{10}, Init: nn.Init{Constant: 2}}
	for _, c := range []struct {
		before []int
		want   string
	}{{[]int{10}, ""}, {[]int{12}, "fc.bias is (10) in this phase, an earlier one left [12]"}} {
		data := make([]float32, c.before[0])
		data[0] = 5
		x.kept["fc.bias"] = experiments.Tensor{Name: "model/fc.bias", Shape: c.before, Data: data}
		got, err := x.first(p)
		if errorText(err) != c.want || err == nil && got[0] != 5 {
			t.Errorf("after %v it begins as %v (%v), want %q", c.before, got, err, c.want)
		}
	}
	delete(x.kept, "fc.bias")
	if got, err := x.first(p); err != nil || got[9] != 2 {
		t.Errorf("without an earlier phase it begins as %v (%v)", got, err)
	}
}
