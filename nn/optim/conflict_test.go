package optim_test

import (
	"fmt"
	"slices"
	"testing"

	"workbench/nn/optim"
)

// Settings of a schedule that go against each other, against the run's length or against the optimizer's momentum are
// told at the option that should change. A length of 0 is one that is not known.
func TestSchedulesThatDoNotFitTheirRun(t *testing.T) {
	const (
		late = "milestones: want epochs below epochs = 10, got "
		rise = "milestones: want epochs that rise and lie after the warm-up, got "
		own  = "warmup_epochs: one_cycle has its own rise (schedule.pct_start), got "
	)
	for _, c := range []struct {
		name             string
		given            map[string]any
		epochs, momentum float64
		want             []string
	}{
		{"cosine", map[string]any{"warmup_epochs": 9.5}, 10, 0, nil},
		{"cosine", map[string]any{"warmup_epochs": 10.0}, 10, 0, []string{"warmup_epochs: want less than epochs = 10, got 10"}},
		{"cosine", map[string]any{"warmup_epochs": 11.0}, 10, 0, []string{"warmup_epochs: want less than epochs = 10, got 11"}},
		{"cosine", map[string]any{"warmup_epochs": 1.0}, 1, 0, []string{"warmup_epochs: want less than epochs = 1, got 1"}},
		{"cosine", map[string]any{"warmup_epochs": 11.0}, 0, 0, nil},

		{"step", map[string]any{"milestones": []float64{4, 7, 9.5}}, 10, 0, nil},
		{"step", map[string]any{"milestones": []float64{4, 7, 10}}, 10, 0, []string{late + "10"}},
		{"step", map[string]any{"milestones": []float64{11, 12}}, 10, 0, []string{late + "11", late + "12"}},
		{"step", map[string]any{"milestones": []float64{1}}, 1, 0, []string{"milestones: want epochs below epochs = 1, got 1"}},
		{"step", map[string]any{"milestones": []float64{11}}, 0, 0, nil},
		{"step", map[string]any{"milestones": []float64{4, 4, 3}}, 10, 0, []string{rise + "4 after 4", rise + "3 after 4"}},
		{"step", map[string]any{"milestones": []float64{0, 5}}, 10, 0, []string{rise + "0 after 0"}},
		{"step", map[string]any{"milestones": []float64{2, 5}, "warmup_epochs": 2.0}, 10, 0, []string{rise + "2 after 2"}},
		{"step", map[string]any{"milestones": []float64{2, 5}, "warmup_epochs": 12.0}, 10, 0,
			[]string{"warmup_epochs: want less than epochs = 10, got 12", rise + "2 after 12"}},

		{"one_cycle", nil, 10, 0.9, nil},
		{"one_cycle", nil, 10, 0, nil},
		{"one_cycle", map[string]any{"warmup_epochs": 0.5}, 10, 0.9, []string{own + "0.5"}},
		{"one_cycle", map[string]any{"base_momentum": 0.85}, 10, 0.9, nil},
		{"one_cycle", map[string]any{"base_momentum": 0.85}, 10, 0.85,
			[]string{"base_momentum: want less than optim.momentum = 0.85, got 0.85"}},
		{"one_cycle", map[string]any{"base_momentum": 0.85, "warmup_epochs": 10.0}, 10, 0.5, []string{
			"warmup_epochs: want less than epochs = 10, got 10", own + "10",
			"base_momentum: want less than optim.momentum = 0.5, got 0.85"}},
		{"one_cycle", map[string]any{"base_momentum": 0.85}, 10, 0, []string{"base_momentum: the optimizer has no momentum to cycle"}},
	} {
		s := schedule(t, c.name)
		var got []string
		for _, conflict := range s.Conflicts(s.Resolve(c.given), c.epochs, c.momentum) {
			got = append(got, conflict.Option+": "+conflict.Message)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s with %v over %v epochs, momentum %v: got %q, want %q", c.name, c.given, c.epochs, c.momentum, got, c.want)
		}
	}
}

// Each schedule has a conflict only if it says so: with settings that work there is none.
func TestGoodSchedulesHaveNoConflict(t *testing.T) {
	for _, name := range optim.ScheduleNames() {
		s := schedule(t, name)
		if got := s.Conflicts(s.Resolve(good(t, name)), 10, 0.9); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Settings of each optimizer that look alike but go together.
func TestSettingsThatGoTogether(t *testing.T) {
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, given := range []map[string]any{
			nil, {"clip_norm": 1.0}, {"clip_value": 1.0}, {"ema": 0.5}, {"ema": 0.5, "ema_warmup": true}, {"momentum": 0.0},
			{"dampening": 0.5}, {"nesterov": true}, {"nesterov": true, "dampening": 0.0}, {"centered": true},
			{"groups": []any{map[string]any{"match": "fc.*", "lr_scale": 2, "weight_decay": 0}}},
			{"groups": []any{map[string]any{"match": "fc.*", "frozen": false, "lr_scale": 2}}},
			{"groups": []any{map[string]any{"match": "fc.*", "frozen": false, "weight_decay": 2}}},
		} {
			if got := o.Conflicts(o.Resolve(given)); len(got) > 0 {
				t.Errorf("%s with %v: %v", name, given, got)
			}
		}
		wrong := map[string]any{"clip_norm": 0.5, "clip_value": 0.5, "ema_warmup": true, "groups": []any{
			map[string]any{"match": "a"}, map[string]any{"match": "b", "frozen": true, "lr_scale": 2}}}
		var options []string
		for _, conflict := range o.Conflicts(o.Resolve(wrong)) {
			options = append(options, conflict.Option+" "+conflict.Message[:7])
		}
		if got, want := fmt.Sprint(options), "[clip_value want on ema_warmup needs o groups group 2]"; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
