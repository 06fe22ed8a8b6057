package optim_test

import (
	"testing"

	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/option"
)

// small are the parameters of a small network, in its order.
var small = []*nn.Param{
	{Path: "conv1.weight", Role: nn.Weight}, {Path: "bn1.weight", Role: nn.Scale}, {Path: "bn1.bias", Role: nn.Shift},
	{Path: "bn1.running_mean", Role: nn.Running}, {Path: "fc.weight", Role: nn.Weight}, {Path: "fc.bias", Role: nn.Bias},
}

// settings resolves settings of SGD.
func settings(t *testing.T, given map[string]any) option.Settings {
	t.Helper()
	o, err := optim.Lookup("sgd")
	if err != nil {
		t.Fatal(err)
	}
	return o.Resolve(given)
}

// A parameter belongs to the first group that matches it. What its group does not say is as without the group: weights
// decay, at the full rate.
func TestTheFirstGroupDecides(t *testing.T) {
	s := settings(t, map[string]any{"weight_decay": 0.01, "groups": []any{
		map[string]any{"match": "bn1.bias", "frozen": true},
		map[string]any{"match": "bn1.*", "weight_decay": 0.5},
		map[string]any{"match": "fc.bias", "lr_scale": 3},
		map[string]any{"match": "fc.*", "lr_scale": 2, "weight_decay": 0},
	}})
	groups, err := optim.Members(s.Groups("groups"), small)
	if err != nil {
		t.Fatal(err)
	}
	frozen := optim.Frozen(s.Groups("groups"))
	for _, c := range []struct {
		path         string
		decay, scale float64
		frozen       bool
	}{
		{"conv1.weight", 0.01, 1, false}, {"bn1.weight", 0.5, 1, false}, {"bn1.bias", 0, 1, true},
		{"fc.weight", 0, 2, false}, {"fc.bias", 0, 3, false},
	} {
		for _, p := range small {
			if p.Path != c.path {
				continue
			}
			if decay, scale := optim.Decay(s, p, groups[p.Path]), optim.Scale(groups[p.Path]); decay != c.decay || scale != c.scale {
				t.Errorf("%s decays by %v at %v times the rate, want %v and %v", p.Path, decay, scale, c.decay, c.scale)
			}
			if frozen(p.Path) != c.frozen {
				t.Errorf("%s is frozen: %v, want %v", p.Path, frozen(p.Path), c.frozen)
			}
		}
	}
	if _, there := groups["bn1.running_mean"]; there {
		t.Error("a running statistic belongs to a group")
	}
}

// What a group says of a parameter it says also where a later group, which is frozen or not, matches the parameter.
func TestFreezingIsUpToTheFirstGroup(t *testing.T) {
	for name, groups := range map[string][]any{
		"frozen later": {map[string]any{"match": "fc.*", "lr_scale": 2}, map[string]any{"match": "**", "frozen": true}},
		"frozen first": {map[string]any{"match": "fc.*", "frozen": true}, map[string]any{"match": "**", "lr_scale": 2}},
		"frozen in the middle": {map[string]any{"match": "fc.bias", "weight_decay": 0}, map[string]any{"match": "fc.*", "frozen": true},
			map[string]any{"match": "**", "lr_scale": 2}},
	} {
		s := settings(t, map[string]any{"groups": groups})
		members, err := optim.Members(s.Groups("groups"), small)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range small {
			if got, want := optim.Frozen(s.Groups("groups"))(p.Path), members[p.Path].Bool("frozen"); p.Trainable() && got != want {
				t.Errorf("%s: %s is frozen: %v, its group says %v", name, p.Path, got, want)
			}
		}
	}
}

// Without groups, weights alone decay, or all that is trained.
func TestWeightsAloneDecay(t *testing.T) {
	for all, want := range map[bool]map[nn.Role]float64{
		false: {nn.Weight: 0.01, nn.Bias: 0, nn.Scale: 0, nn.Shift: 0},
		true:  {nn.Weight: 0.01, nn.Bias: 0.01, nn.Scale: 0.01, nn.Shift: 0.01},
	} {
		s := settings(t, map[string]any{"weight_decay": 0.01, "decay_all": all})
		for role, decay := range want {
			if got := optim.Decay(s, &nn.Param{Role: role}, nil); got != decay {
				t.Errorf("decay_all %v: role %v decays by %v, want %v", all, role, got, decay)
			}
		}
	}
}

func TestWrongGroups(t *testing.T) {
	for want, groups := range map[string][]any{
		`optim.groups: group 2: all that "fc.b*" matches, such as fc.bias, belongs to groups before it`: {
			map[string]any{"match": "fc.*"}, map[string]any{"match": "fc.b*"}},
		`optim.groups: group 1: no parameter matches "fd.*": did you mean fc.**?`: {map[string]any{"match": "fd.*"}},
		`optim.groups: group 1: no parameter matches "bn1.running_mean": want one of bn1.**, bn1.bias, bn1.weight, conv1.**, conv1.weight, ` +
			`fc.**, fc.bias, fc.weight`: {map[string]any{"match": "bn1.running_mean"}},
		"optim.groups: every parameter is frozen, nothing would be trained": {
			map[string]any{"match": "**.weight", "frozen": true}, map[string]any{"match": "**.bias", "frozen": true}},
	} {
		if _, err := optim.Members(settings(t, map[string]any{"groups": groups}).Groups("groups"), small); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

// Settings of any optimizer that go against each other are told at the option that should change.
func TestSettingsThatContradictEachOther(t *testing.T) {
	group := func(pairs map[string]any) map[string]any { return map[string]any{"groups": []any{pairs}} }
	for _, c := range []struct {
		given map[string]any
		want  string
	}{
		{map[string]any{"clip_norm": 1.0, "ema": 0.9, "ema_warmup": true}, ""},
		{group(map[string]any{"match": "fc.*", "frozen": true}), ""},
		{map[string]any{"clip_norm": 1.0, "clip_value": 1.0}, "clip_value: want one of optim.clip_norm and optim.clip_value, got both"},
		{map[string]any{"sam": 0.05, "sam_adaptive": true}, ""},
		{map[string]any{"sam_adaptive": true}, "sam_adaptive: needs optim.sam > 0, got 0"},
		{map[string]any{"swa": 0.75, "swa_lr": 0.05}, ""},
		{map[string]any{"swa_lr": 0.05}, "swa_lr: needs optim.swa > 0, got 0"},
		{map[string]any{"swa": 0.75, "ema": 0.9}, "swa: want one of optim.swa and optim.ema, got both"},
		{map[string]any{"ema_warmup": true}, "ema_warmup: needs optim.ema > 0, got 0"},
		{group(map[string]any{"match": "a", "frozen": true, "lr_scale": 2}),
			"groups: group 1: is frozen: lr_scale and weight_decay have no effect"},
		{group(map[string]any{"match": "a", "frozen": true, "weight_decay": 0}),
			"groups: group 1: is frozen: lr_scale and weight_decay have no effect"},
		{group(map[string]any{"match": "a..b"}), `groups: group 1: match: pattern "a..b" has an empty name between its dots`},
		{map[string]any{"nesterov": true, "momentum": 0.0}, "nesterov: needs optim.momentum > 0, got 0"},
		{map[string]any{"nesterov": true, "dampening": 0.1}, "dampening: Nesterov momentum takes none, got 0.1"},
	} {
		o, err := optim.Lookup("sgd")
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, conflict := range o.Conflicts(o.Resolve(c.given)) {
			got += conflict.Option + ": " + conflict.Message
		}
		if got != c.want {
			t.Errorf("%v: got %q, want %q", c.given, got, c.want)
		}
	}
}
