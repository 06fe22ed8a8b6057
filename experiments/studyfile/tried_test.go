package studyfile

import (
	"fmt"
	"strings"
	"testing"

	"workbench/experiments"
)

// Which paths a search may vary: of the whole run and of a later phase.
func TestPathsOfSearches(t *testing.T) {
	for _, path := range []string{"optim.lr", "batch", "patience", "schedule.warmup_epochs", "augment.pad", "strategy.label_smoothing",
		"model.depth", "model.name", "phases.probe.optim.lr", "phases.probe.batch", "phases.probe.schedule.name"} {
		if err := experiments.Searchable(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for path, top := range map[string]string{"dataset.name": "dataset", "dataset.val": "dataset", "start.from": "start", "epochs": "epochs",
		"length": "length", "until": "until", "evaluate.every": "evaluate", "checkpoint.every": "checkpoint", "recompute": "recompute",
		"micro_batch": "micro_batch", "algorithms": "algorithms", "precision": "precision", "phases.probe.epochs": "epochs",
		"phases.probe.length": "length", "phases.finetune.micro_batch": "micro_batch"} {
		want := "no search varies " + top + ": it is the same for everything that is compared; want a rate, a decay, a temperature or the like"
		if err := experiments.Searchable(path); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

// Which paths take numbers, and whole ones.
func TestPathsThatTakeNumbers(t *testing.T) {
	s := mustLoad(t, oneRun, "strategy.name=supervised,rotation", "strategy.then=probe")
	for path, want := range map[string]string{"optim.lr": "true false", "batch": "true true", "augment.pad": "true true",
		"augment.flip": "false false", "optim.name": "false false", "precision": "false false", "schedule.milestones": "false false",
		"model.depth": "true true", "model.shortcut": "false false", "phases.probe.optim.lr": "true false", "phases.probe.batch": "true true",
		"strategy.then": "false false", "strategy.label_share": "true false", "optim.rate": "false false"} {
		number, whole := s.Numeric(path)
		if got := fmt.Sprint(number, whole); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// Searches that can be, and both ends of ranges and every cell where they are tried.
func TestRangesOfSearches(t *testing.T) {
	for _, c := range []struct {
		search    string
		overrides []string
		want      string
	}{
		{"optim.lr: {min: 1e-9, max: 1, scale: log}", nil, ""},
		{"optim.weight_decay: {min: 0, max: 1}", nil, ""},
		{"batch: {min: 8, max: 16}", nil, ""},
		{"batch: {min: 8, max: 16, scale: log}", nil, ""},
		{"batch: {min: 8, max: 16.5}", nil, "search: batch: want whole numbers, got 8 to 16.5"},
		{"batch: {min: 0, max: 16}", nil, "batch: want a whole number from 1 to 1000000, got 0"},
		{"batch: {min: 8, max: 1000001}", nil, "batch: want a whole number from 1 to 1000000, got 1000001"},
		{"optim.momentum: {min: 0.5, max: 1}", nil, "optim.momentum: want a number from 0 to below 1, got 1"},
		{"optim.lr: {min: 2, max: 2}", nil, "search: optim.lr: want min below max, got 2 and 2"},
		{"batch: [16, 20]", []string{"micro_batch=1,8"}, "micro_batch: want a divisor of batch = 20, got 8"}, // in the last cell
		{"optim.beta2: [0.9, 0.99]", []string{"optim.name=sgd,adam"}, ""},                                    // of the second cell
		{"optim.trust: [0.1, 0.2]", []string{"optim.name=sgd,adam"}, "optim.trust: optimizer adam does not use it, only lars"},
	} {
		_, err := Parse("study.yaml", fmt.Appendf(nil, searched, c.search), c.overrides)
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && !strings.Contains(got, c.want) {
			t.Errorf("%s with %v: got\n%s\nwant %s", c.search, c.overrides, got, c.want)
		}
	}
}

// A search has chosen something for each arm that it notes, and every arm is a cell of the study.
func TestArmsOfTunedStudies(t *testing.T) {
	arm := func(cell string) experiments.Arm {
		return experiments.Arm{Levels: map[string]string{"shortcut": cell},
			Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.2}}}
	}
	const none = "no cell of the study is this one, or another arm is it too"
	for _, c := range []struct {
		arms []experiments.Arm
		want string
	}{
		{nil, "tuned.arms: want from 1 to 10000 arms, got 0"},
		{[]experiments.Arm{arm("none")}, ""},
		{[]experiments.Arm{arm("none"), arm("identity")}, ""},
		{[]experiments.Arm{arm("none"), arm("none")}, "tuned.arms[1]: " + none},
	} {
		s := mustLoad(t, fmt.Sprintf(searched, ""))
		s.Tuned = &experiments.Tuned{On: "val/top1", Seeds: []uint64{1001}, Arms: c.arms}
		var got []string
		for _, p := range s.Validate() {
			got = append(got, p.Path+": "+p.Message)
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%d arms: got %q, want %q", len(c.arms), got, c.want)
		}
	}
}

// What says nothing may stand where nothing reads it; of a later phase it may not, as it is part of the identity.
func TestWhatSaysNothingMayStand(t *testing.T) {
	for _, c := range []struct {
		overrides []string
		want      string
	}{
		{[]string{"strategy.name=rotation", "strategy.loss=cross_entropy"}, ""}, // the default
		{[]string{"strategy.name=rotation", "strategy.loss=focal"},
			"strategy.loss: strategy rotation does not use it, only supervised (strategy.loss=\"cross_entropy\" removes it)"},
		{[]string{"optim.name=adam", "optim.nesterov=false"}, ""},
		{[]string{"augment.mix_probability=1"}, ""},
		{[]string{"strategy.name=rotation", "strategy.then=probe", "phases.probe.optim.name=adam", "phases.probe.optim.nesterov=false"},
			"phases.probe.optim.nesterov: optimizer adam does not use it, only sgd (~phases.probe.optim.nesterov removes it)"},
	} {
		_, err := Parse("study.yaml", []byte(oneRun), c.overrides)
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && !strings.Contains(got, c.want) {
			t.Errorf("%v: got\n%s\nwant %s", c.overrides, got, c.want)
		}
	}
}
