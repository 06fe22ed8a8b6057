//go:build !race

package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// closing is a backend with rules that keeps the programs which it compiled, and counts what is made and not closed.
// From a program on it fails, if it is told so.
type closing struct {
	choosing
	programs []plan.Program
	fails    int // from 1; 0: never
	open     int
}

func (c *closing) NewMemory() plan.Memory {
	c.open++
	return closingMemory{c.Reference.NewMemory(), c}
}

func (c *closing) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	if c.programs = append(c.programs, *p); c.fails > 0 && len(c.programs) >= c.fails {
		return nil, errBroken
	}
	float := *p
	float.BFloat16 = false // the reference has no other precision
	exe, err := c.Reference.Compile(&float, m.(closingMemory).Memory)
	if err == nil {
		c.open++
	}
	return closingRuns{exe, c}, err
}

type closingMemory struct {
	plan.Memory
	backend *closing
}

func (c closingMemory) Close() error { c.backend.open--; return c.Memory.Close() }

type closingRuns struct {
	plan.Executable
	backend *closing
}

func (c closingRuns) Close() error { c.backend.open--; return c.Executable.Close() }

// set are the precision, the rules and the recomputation of each program.
func (c *closing) set() string {
	var all []string
	for _, p := range c.programs {
		all = append(all, fmt.Sprint(p.BFloat16, " ", p.Rules != nil, " ", p.Recompute))
	}
	return strings.Join(all, ", ")
}

// Every program of a run has the precision, the rules and the recomputation that the study asks for, and all that was
// made is closed, whatever the run ends with.
func TestProgramsOfARunAreAsTheStudySays(t *testing.T) {
	for _, c := range []struct {
		precision, algorithms, recompute string
		fails                            int
		want, err                        string
	}{
		{"float32", "direct", "none", 0, "false false none, false false none, false false none, false false none", ""},
		{"bf16", "auto", "segments", 0, "true true segments, true true segments, true true segments, true true segments", ""},
		{"bf16", "direct", "none", 1, "true false none", "resnet_mini: broken"},
		{"float32", "auto", "none", 2, "false true none, false true none", "resnet_mini: broken"},
		{"float32", "direct", "segments", 3, "false false segments, false false segments, false false segments",
			"phase probe: resnet_mini: broken"},
	} {
		job := strategyJob(t, "relabelled")
		config := &job.Run.Config
		config.Precision, config.Algorithms, config.Recompute = c.precision, c.algorithms, c.recompute
		b := &closing{choosing: choosing{rules: rulesThat(1), seen: new([]*algorithms.Table)}, fails: c.fails}
		err := Run(t.Context(), job, b, func(experiments.Record) error { return nil })
		if errorText(err) != c.err || b.set() != c.want {
			t.Errorf("%+v: the programs have %s (%v)", c, b.set(), err)
		}
		if b.open != 0 {
			t.Errorf("%+v: %d programs and memories are not closed", c, b.open)
		}
	}
}

// opensAll is an opening that fills a network with what seed 1 draws.
func opensAll(c experiments.Config, info data.Info, classes int) Opening {
	return Opening{Config: c, Info: info, Classes: classes, Batch: 4,
		Fill: func(params []*nn.Param, write func(string, []float32) error) error {
			for _, p := range params {
				values := make([]float32, p.Shape.Size())
				p.Fill(values, 1)
				if err := write(p.Path, values); err != nil {
					return err
				}
			}
			return nil
		}}
}

// What is opened is the phase with which a run ends, with the study's precision and rules, and all of it is closed.
func TestWhatIsOpened(t *testing.T) {
	set := opened(t, strategyJob(t, "byol"))
	for _, c := range []struct {
		strategy, then, until string
		features              bool
		precision, algorithms string
		phase                 string // its name, index and count
		answers               string // whether it has logits and features
		set                   string
	}{
		{"supervised", "", "", false, "float32", "direct", " 0 1", "true false", "false false "},
		{"supervised", "", "", true, "bf16", "auto", " 0 1", "true true", "true true "},
		{"byol", "nothing", "", false, "float32", "auto", "pretrain 0 1", "false true", "false true "},
		{"byol", "probe", "", false, "bf16", "direct", "probe 1 2", "true false", "true false "},
		{"byol", "lp_ft", "", true, "float32", "direct", "finetune 2 3", "true true", "false false "},
		{"byol", "lp_ft", "probe", false, "float32", "direct", "probe 1 3", "true false", "false false "},
		{"byol", "lp_ft", "pretrain", false, "float32", "direct", "pretrain 0 3", "false true", "false false "},
	} {
		config := strategyJob(t, c.strategy).Run.Config.Clone()
		config.Until, config.Precision, config.Algorithms = c.until, c.precision, c.algorithms
		if c.then != "" {
			config.Strategy.Options["then"] = c.then
		}
		b := &closing{choosing: choosing{rules: rulesThat(1), seen: new([]*algorithms.Table)}}
		o := opensAll(config, set.Info(), 7) // other classes than the set has
		o.Features = c.features
		n, err := Open(o, b)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		logits, features := n.Answers()
		got := fmt.Sprint(n.stage.Name, " ", n.stage.index, " ", n.stage.count)
		if got != c.phase || fmt.Sprint(logits, " ", features) != c.answers || b.set() != c.set {
			t.Errorf("%+v: opened is %s; logits %v, features %v; the programs have %q", c, got, logits, features, b.set())
		}
		if shape := n.Shape(); n.Batch != 4 || n.Classes != 7 || shape.Classes != 7 || logits && len(n.Logits()) != 4*7 ||
			features && shape.Features != 8 || !features && shape.Features != 0 || len(n.Images()) != 4*3*32*32 {
			t.Errorf("%+v: of %d images and %d classes, %+v, %d logits", c, n.Batch, n.Classes, shape, len(n.Logits()))
		}
		if err := n.Close(); err != nil || b.open != 0 {
			t.Errorf("%+v: %d programs and memories are not closed (%v)", c, b.open, err)
		}
	}
}

// The parameters and the cost are those of the network, running statistics among them; auxiliary classifiers and what
// trains alone are not.
func TestParametersAndCostOfAnOpenedNetwork(t *testing.T) {
	job := strategyJob(t, "mean_teacher")
	job.Run.Config.Model.Options["width"] = 4
	n, err := Open(opensAll(job.Run.Config, opened(t, job).Info(), 10), plan.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	want := paramsOf(t, job)
	moving, macs := 0, int64(n.Cost().MACs)
	for i, p := range n.Params() {
		if i >= len(want) || p.Path != "teacher."+want[i].Path && p.Path != want[i].Path || !p.Shape.Equal(want[i].Shape) {
			t.Fatalf("parameter %d is %s %v", i, p.Path, p.Shape)
		}
		if p.Trainable() || !strings.Contains(p.Path, "running") {
			moving += p.Shape.Size()
		}
	}
	// By hand: a convolution of 3 → 4 channels to 16×16 pixels, then 4 → 4 twice, 4 → 8 and 8 → 8 to 8×8, 8 → 16 and
	// 16 → 16 to 4×4, each of 3×3, and a classifier of 16 features.
	byHand := int64(9*(256*(3*4+2*4*4)+64*(4*8+8*8)+16*(8*16+16*16)) + 16*10)
	if len(n.Params()) != len(want) || int(n.Cost().Params) != moving || macs != byHand {
		t.Errorf("%d parameters of %d; %d numbers, want %d; %d multiply-adds, want %d", len(n.Params()), len(want), n.Cost().Params, moving,
			macs, byHand)
	}
}

// What is looked at is what the view makes of every image, in the order of the part, with rows and labels.
func TestLookingThroughAView(t *testing.T) {
	job := strategyJob(t, "supervised")
	set := opened(t, job)
	n, err := Open(opensAll(job.Run.Config, set.Info(), 10), plan.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	part := data.Part{Set: set, Split: data.Test, Index: []int32{7, 1, 5, 3, 2, 9}}
	view := data.View{Augment: map[string]any{"pad": 8}}
	var want, plain []float32
	var rows, labels []int32
	for b, err := range (data.Loader{Part: part, Batch: 6, Views: []data.View{view}, Workers: 1}).Epoch(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		for _, half := range []int{0, 2} { // images 0 to 3, and 2 to 5
			copy(n.Images(), b.Images[half*3*32*32:])
			if err := n.Pass(); err != nil {
				t.Fatal(err)
			}
			want = append(want, n.Logits()[(4-half)%4*10:]...)
		}
		rows, labels = b.Rows, b.Labels
	}
	var got []float32
	keep := func(into *[]float32, view data.View) error {
		return n.Look(t.Context(), part, view, func(seen strategy.Seen) error {
			if first := len(*into) / 10; !slices.Equal(seen.Rows, rows[first:first+len(seen.Rows)]) ||
				!slices.Equal(seen.Labels, labels[first:first+len(seen.Rows)]) {
				t.Errorf("seen are the rows %v with labels %v", seen.Rows, seen.Labels)
			}
			*into = append(*into, seen.Logits...)
			return nil
		})
	}
	if err := errors.Join(keep(&got, view), keep(&plain, data.View{})); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) || slices.Equal(plain, got) || len(plain) != 60 {
		t.Errorf("answers are\n%v, want\n%v", got, want)
	}
}

// What cannot be opened says why, and nothing stays open.
func TestNetworksThatCannotBeOpened(t *testing.T) {
	job := strategyJob(t, "supervised")
	info := opened(t, job).Info()
	for want, c := range map[string]struct {
		change func(*Opening)
		fails  int
	}{
		"resnet_mini: broken": {func(*Opening) {}, 1},
		"broken": {func(o *Opening) {
			o.Fill = func([]*nn.Param, func(string, []float32) error) error { return errBroken }
		}, 0},
		`strategy.name: unknown strategy "supervized": did you mean supervised?`: {func(o *Opening) { o.Config.Strategy.Name = "supervized" }, 0},
		"no rules": {func(o *Opening) { o.Config.Algorithms = "auto" }, 0},
	} {
		o := opensAll(job.Run.Config.Clone(), info, 10)
		c.change(&o)
		b := &closing{choosing: choosing{seen: new([]*algorithms.Table)}, fails: c.fails}
		var backend plan.Backend = b
		if want == "no rules" {
			backend = lawless{b}
		}
		if n, err := Open(o, backend); errorText(err) != want || n != nil || b.open != 0 {
			t.Errorf("got %v, want %s; %d programs and memories are not closed", err, want, b.open)
		}
	}
}

// lawless is a backend whose rules cannot be read.
type lawless struct{ *closing }

func (lawless) Rules() (*algorithms.Table, error) { return nil, errors.New("no rules") }
