package optim_test

import (
	"fmt"
	"slices"
	"testing"

	"workbench/nn/optim"
	"workbench/nn/option"
)

// declared are the options of each optimizer and schedule in their order: the values that they take, whether they must
// be given, and whether a zero stands for the default.
var declared = map[string][]string{
	"sgd":        {"momentum [0, 1)", "nesterov", "dampening [0, 1)"},
	"adam":       {"momentum [0, 1)", "beta2 [0, 1), 0 is the default", "epsilon [0, …), 0 is the default"},
	"adamw":      {"momentum [0, 1)", "beta2 [0, 1), 0 is the default", "epsilon [0, …), 0 is the default"},
	"rmsprop":    {"momentum [0, 1)", "beta2 [0, 1), 0 is the default", "epsilon [0, …), 0 is the default", "centered"},
	"rmsprop_tf": {"momentum [0, 1)", "beta2 [0, 1), 0 is the default", "epsilon [0, …), 0 is the default", "centered"},
	"lars":       {"momentum [0, 1)", "trust [0, …), 0 is the default"},
	"lamb":       {"momentum [0, 1)", "beta2 [0, 1), 0 is the default", "epsilon [0, …), 0 is the default"},
	"every optimizer": {"lr (0, …), required", "weight_decay [0, …)", "decay_all", "clip_norm [0, …)", "clip_value [0, …)",
		"ema [0, 1)", "ema_warmup", "layer_decay (0, 1], later", "layer_spread [1, …), later", "unfreeze_every, later",
		"sam [0, 1000], later", "sam_adaptive, later", "swa [0, 1), later", "swa_lr [0, …), later",
		"groups, want a list of groups such as [{match: layer1.**, lr_scale: 0.1}]"},
	"groups": {"match, required, want a pattern of paths such as layer1.**",
		"lr_scale (0, …), want a number > 0 (frozen: true keeps parameters as they are)", "weight_decay [0, …)", "frozen"},

	"constant":    nil,
	"step":        {"milestones, required, want the epochs at which the rate falls, such as [80, 120]", "gamma [0, …), 0 is the default"},
	"cosine":      {"floor [0, 1)"},
	"restarts":    {"period (0, …), required, 0 is the default", "growth [1, …), 0 is the default", "floor [0, 1)"},
	"polynomial":  {"power [0, …), 0 is the default", "floor [0, 1)"},
	"exponential": {"gamma (0, …), required, 0 is the default", "period [0, …), 0 is the default", "staircase"},
	"one_cycle": {"pct_start [0, 1), 0 is the default", "div_factor [1, …), 0 is the default",
		"final_div_factor [1, …), 0 is the default", "base_momentum [0, 1)", "linear", "fastai, later"},
	"bit":            nil,
	"every schedule": {"warmup_epochs [0, …)"},
}

func TestOptionsTakeWhatTheyDeclare(t *testing.T) {
	got := map[string][]option.Option{"every optimizer": optim.Common, "every schedule": optim.CommonSchedule}
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil || o.Name != name {
			t.Fatalf("%s is the optimizer %q, error %v", name, o.Name, err)
		}
		got[name] = o.Options
		if want := slices.Concat(option.Names(optim.Common), option.Names(o.Options)); !slices.Equal(option.Names(o.All()), want) {
			t.Errorf("%s has the options %v, want %v", name, option.Names(o.All()), want)
		}
	}
	for _, name := range optim.ScheduleNames() {
		s := schedule(t, name)
		got[name] = s.Options
		if want := slices.Concat(option.Names(optim.CommonSchedule), option.Names(s.Options)); s.Name != name ||
			!slices.Equal(option.Names(s.All()), want) {
			t.Errorf("%s has the name %s and the options %v, want %v", name, s.Name, option.Names(s.All()), want)
		}
	}
	groups, _ := option.Find(optim.Common, "groups")
	got["groups"] = groups.Fields
	for name, options := range got {
		var lines []string
		for _, o := range options {
			lines = append(lines, line(o))
		}
		if want, known := declared[name]; known && !slices.Equal(lines, want) { // others may have been added
			t.Errorf("%s declares\n%q, want\n%q", name, lines, want)
		}
	}
	for name := range declared {
		if _, is := got[name]; !is {
			t.Errorf("there is no %s", name)
		}
	}
	for _, o := range groups.Fields {
		if want := map[string]any{"match": "", "lr_scale": 1.0, "weight_decay": 0.0, "frozen": false}[o.Name]; o.Default != want {
			t.Errorf("%s of a group has the default %v, want %v", o.Name, o.Default, want)
		}
	}
}

// line writes a declaration without its text and its default.
func line(o option.Option) string {
	s := o.Name
	if _, number := o.Default.(float64); number {
		from, to := "[", "…)"
		if o.Above {
			from = "("
		}
		if o.Max != 0 || o.Below {
			to = fmt.Sprint(o.Max, map[bool]string{true: ")", false: "]"}[o.Below])
		}
		s += fmt.Sprintf(" %s%v, %s", from, o.Min, to)
	}
	if o.Required {
		s += ", required"
	}
	if o.ZeroIsDefault {
		s += ", 0 is the default"
	}
	if o.Want != "" {
		s += ", want " + o.Want
	}
	if o.Later {
		s += ", later"
	}
	return s
}

// A name is registered once, and with what it makes.
func TestUnknownNamesGiveNothing(t *testing.T) {
	if o, err := optim.Lookup("newton"); err == nil || o.Name != "" || o.New != nil {
		t.Errorf("newton is %+v, error %v", o, err)
	}
	if s, err := optim.LookupSchedule("newton"); err == nil || s.Name != "" || s.Rate != nil {
		t.Errorf("newton is %+v, error %v", s, err)
	}
}

// The momentum of settings is there for the optimizers that declare it.
func TestMomentumOfSettings(t *testing.T) {
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if m, has := optim.Momentum(o.Resolve(map[string]any{"momentum": 0.25})); m != 0.25 || !has {
			t.Errorf("%s has the momentum %v: %v, want 0.25", name, m, has)
		}
	}
	if m, has := optim.Momentum(option.Settings{"lr": 0.1}); m != 0 || has {
		t.Errorf("settings without a momentum have %v: %v", m, has)
	}
}
