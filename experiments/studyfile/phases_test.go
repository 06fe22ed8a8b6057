package studyfile

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/strategy"
)

// whatAPhaseHas are the keys that a phase may have of its own, as errors list them.
const whatAPhaseHas = "augment, optim, schedule, batch, epochs, length, micro_batch"

// Paths below phases are keys, groups of keys, or neither, and an error says which.
func TestPathsBelowPhases(t *testing.T) {
	for _, c := range []struct {
		path    string
		section bool // a group of keys
		own     bool // names a phase and something of it
		err     string
	}{
		{"phases", true, false, "is a section, want the name of a phase and a key, such as phases.probe.optim.lr"},
		{"phases.probe", true, false, "is a section, want one of its keys: " + whatAPhaseHas},
		{"phases.probe.schedule", true, true, "is a section, want one of its keys: "},
		{"phases.probe.model", false, true, "model is of the whole run, want one of " + whatAPhaseHas},
		{"phases.probe.strategy.then", false, true, "strategy is of the whole run, want one of " + whatAPhaseHas},
		{"phases.probe.evaluate.every", false, true, "evaluate is of the whole run, want one of " + whatAPhaseHas},
		{"phases.probe.until", false, true, "until is of the whole run, want one of " + whatAPhaseHas},
		{"phases.probe.epoch", false, true, `unknown key "epoch": did you mean epochs?`},
		{"phases.probe.optim.lrr", false, true, `unknown key "lrr": did you mean lr?`},
		{"phases.probe.batch.size", false, true, `batch is a value, it has no key "size"`},
		{"phases.probe.batch", false, true, ""},
		{"phases.probe.length", false, true, ""},
		{"phases.probe.micro_batch", false, true, ""},
		{"phases.probe.optim.name", false, true, ""},
		{"phases.probe.augment.pad", false, true, ""},
		{"optim.lr", false, false, ""},
		{"optim", true, false, "is a section, want one of its keys: "},
		{"evaluate", true, false, "is a section, want one of its keys: every, corruption, portrait"},
	} {
		got := ""
		if err := experiments.Check(c.path); err != nil {
			got = err.Error()
		}
		if got != c.err && !(strings.HasSuffix(c.err, ": ") && strings.HasPrefix(got, c.err)) {
			t.Errorf("%s: got %q, want %q", c.path, got, c.err)
		}
		if section, own := experiments.IsSection(c.path), experiments.OfPhase(c.path); section != c.section || own != c.own {
			t.Errorf("%s: a section %v, of a phase %v; want %v and %v", c.path, section, own, c.section, c.own)
		}
		if experiments.IsOpen(c.path) {
			t.Errorf("%s: only data sets and networks have options that nobody else knows", c.path)
		}
	}
}

// pretraining is a configuration of a pretraining and what follows it.
func pretraining(t *testing.T, then string, phases map[string]any) experiments.Config {
	t.Helper()
	c := mustLoad(t, oneRun, "strategy.name=rotation", "strategy.then="+then).Base
	for path, value := range phases {
		if err := c.Set("phases."+path, value); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return c
}

// People see what later phases have other than the study: what is said, and the defaults of the phases that the run
// has. A length stands in place of the epochs.
func TestWhatLaterPhasesHave(t *testing.T) {
	standard := func(phase string, lr, decay float64) map[string]any {
		all := map[string]any{}
		for path, value := range map[string]any{"epochs": 10, "optim.name": "sgd", "optim.lr": lr, "optim.momentum": 0.9,
			"optim.weight_decay": decay, "schedule.name": "cosine", "schedule.warmup_epochs": 0.0} {
			all[phase+"."+path] = value
		}
		return all
	}
	with := func(all, more map[string]any) map[string]any { maps.Copy(all, more); return all }
	probe, finetune := standard("probe", 0.1, 0), standard("finetune", 0.01, 1e-4)
	long := with(standard("probe", 0.1, 0), map[string]any{"probe.length": "40 steps"})
	delete(long, "probe.epochs")
	for _, c := range []struct {
		then, until string
		said, want  map[string]any
	}{
		{"nothing", "", nil, nil},
		{"probe", "", nil, probe},
		{"finetune", "", nil, finetune},
		{"lp_ft", "", nil, with(maps.Clone(probe), finetune)},
		{"lp_ft", "probe", nil, probe},
		{"lp_ft", "pretrain", nil, nil},
		{"probe", "", map[string]any{"probe.length": "40 steps"}, long},
		{"probe", "", map[string]any{"probe.optim.lr": 0.5, "probe.batch": 8},
			with(maps.Clone(probe), map[string]any{"probe.optim.lr": 0.5, "probe.batch": 8})},
		{"nothing", "", map[string]any{"probe.batch": 8}, map[string]any{"probe.batch": 8}},
	} {
		config := pretraining(t, c.then, c.said)
		config.Until = c.until
		before := config.Clone()
		if got := config.WithPhases(); !reflect.DeepEqual(got.Phases, c.want) {
			t.Errorf("%s until %q with %v:\n got %v\nwant %v", c.then, c.until, c.said, got.Phases, c.want)
		}
		if !reflect.DeepEqual(config, before) {
			t.Errorf("%s until %q with %v: changed what it was asked of", c.then, c.until, c.said)
		}
	}
	other := pretraining(t, "probe", map[string]any{"probe.batch": 8})
	other.Strategy.Name = "telepathy"
	if got := other.WithPhases(); !reflect.DeepEqual(got, other) {
		t.Errorf("of another program: %v", got.Phases)
	}
}

// A phase has epochs or a length, whichever is said last: of the whole run, by the phase's defaults, of the phase.
func TestHowLongAPhaseIs(t *testing.T) {
	for _, c := range []struct {
		epochs   int
		length   string
		defaults map[string]any
		said     map[string]any
		want     string
	}{
		{4, "", nil, nil, `4 ""`},
		{0, "90 steps", nil, nil, `0 "90 steps"`},
		{4, "", map[string]any{"epochs": 10}, nil, `10 ""`},
		{0, "90 steps", map[string]any{"epochs": 10}, nil, `10 ""`},
		{4, "", map[string]any{"epochs": 10}, map[string]any{"probe.length": "40 steps"}, `0 "40 steps"`},
		{4, "", nil, map[string]any{"probe.length": "40 steps"}, `0 "40 steps"`},
		{0, "90 steps", nil, map[string]any{"probe.epochs": 2}, `2 ""`},
		{4, "", map[string]any{"length": "7 steps"}, nil, `0 "7 steps"`},
		{4, "", nil, map[string]any{"finetune.length": "40 steps"}, `4 ""`},
	} {
		config := pretraining(t, "lp_ft", c.said)
		config.Epochs, config.Length, config.Recompute = c.epochs, c.length, ""
		given := maps.Clone(c.defaults)
		own, err := config.In("probe", c.defaults)
		if got := fmt.Sprintf("%d %q", own.Epochs, own.Length); err != nil || got != c.want {
			t.Errorf("%d epochs, length %q, by default %v, said %v: got %s (%v), want %s", c.epochs, c.length, given, c.said, got, err, c.want)
		}
		if !reflect.DeepEqual(c.defaults, given) || own.Phases != nil || own.Recompute != "none" {
			t.Errorf("said %v: defaults %v, were %v; phases %v, recompute %q", c.said, c.defaults, given, own.Phases, own.Recompute)
		}
	}
}

// Phases that a run does not have are no part of its identity; the others are.
func TestPhasesOfOthersAreDropped(t *testing.T) {
	said := map[string]any{"probe.batch": 8, "finetune.batch": 16}
	for _, c := range []struct {
		then, until string
		want        map[string]any
	}{
		{"nothing", "", nil},
		{"probe", "", map[string]any{"probe.batch": 8}},
		{"finetune", "", map[string]any{"finetune.batch": 16}},
		{"lp_ft", "", said},
		{"lp_ft", "probe", map[string]any{"probe.batch": 8}},
		{"lp_ft", "pretrain", nil},
	} {
		config := pretraining(t, c.then, said)
		config.Until = c.until
		got, err := config.Resolved()
		if err != nil || !reflect.DeepEqual(got.Phases, c.want) || len(config.Phases) != 2 {
			t.Errorf("%s until %q: got %v (%v), want %v", c.then, c.until, got.Phases, err, c.want)
		}
	}
}

// What is wrong with phases, their ends and lengths, whole.
func TestProblemsOfPhases(t *testing.T) {
	const mixed = "no strategy rotation with mixup: its loss wants one class an image; want "
	want := mixed + strings.Join(strategy.Mixing(), " or ")
	for _, c := range []struct {
		set  map[string]any // beside a pretraining and a probe
		want []string
	}{
		{nil, nil},
		{map[string]any{"until": "pretrain"}, nil},
		{map[string]any{"until": "probe"},
			[]string{"until: with these settings rotation has the phases pretrain, probe, so none follows \"probe\""}},
		{map[string]any{"until": "finetune"},
			[]string{`until: with these settings rotation has the phases pretrain, probe, so none follows "finetune"`}},
		{map[string]any{"until": "pretran"},
			[]string{`until: strategy rotation has no phase "pretran" that others follow: did you mean pretrain?`}},
		{map[string]any{"strategy.name": "supervised", "until": "probe"},
			[]string{"until: strategy supervised has one phase, so nothing comes after it"}},
		{map[string]any{"phases.probe.batch": 0}, []string{"phases.probe.batch: want a whole number from 1 to 1000000, got 0"}},
		{map[string]any{"phases.probe.optim.name": "sdg"}, []string{`phases.probe.optim.name: unknown name "sdg": did you mean sgd?`}},
		{map[string]any{"augment.mixup": 0.2}, []string{"augment.mixup: " + want}},
		{map[string]any{"phases.probe.augment.mixup": 0.2}, []string{"phases.probe.augment.mixup: " + want}},
		{map[string]any{"length": "40 steps"}, []string{`length: want one of epochs and length, got 4 and "40 steps"`}},
	} {
		config := pretraining(t, "probe", nil)
		for path, value := range c.set {
			if err := config.Set(path, value); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		var got []string
		for _, p := range config.Validate() {
			got = append(got, p.Path+": "+p.Message)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v:\n got %q\nwant %q", c.set, got, c.want)
		}
	}
}

// What several runs begin with belongs to no cell: it ends with the longest phase that they have in common, has no
// level, and stands before the first of them.
func TestBeginningsBelongToNoCell(t *testing.T) {
	runs, err := mustLoad(t, oneRun, "strategy.name=rotation", "strategy.then=lp_ft", "phases.finetune.optim.lr=0.1,0.01",
		"phases.probe.batch=8").Runs(noData)
	if err != nil || len(runs) != 3 {
		t.Fatalf("%d runs, error %v", len(runs), err)
	}
	b := runs[0]
	if b.Levels != nil || b.Cell != "until=probe "+b.ID[:8] || !b.Shared || b.Needs != nil || b.Seed != 3 || b.Config.Until != "probe" {
		t.Errorf("the beginning: %+v", b)
	}
	if want := map[string]any{"probe.batch": 8}; !reflect.DeepEqual(b.Config.Phases, want) {
		t.Errorf("the beginning has of later phases %v, want %v", b.Config.Phases, want)
	}
	for i, rate := range []float64{0.1, 0.01} {
		r := runs[i+1]
		if !reflect.DeepEqual(r.Needs, []string{b.ID}) || r.Shared || len(r.Levels) != 1 || r.Config.Until != "" ||
			r.Config.Phases["finetune.optim.lr"] != rate {
			t.Errorf("run %d: %+v", i+1, r)
		}
	}
}
