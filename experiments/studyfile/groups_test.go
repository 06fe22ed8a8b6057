package studyfile

import (
	"reflect"
	"strings"
	"testing"

	"workbench/nn/option"
)

const groupedStudy = `name: groups
seeds: 1
base:
  dataset: {name: shapes}
  model: {name: resnet_mini}
  optim:
    lr: 0.1
    weight_decay: 1e-4
    groups:
      - {match: layer1.**, lr_scale: 0.1, weight_decay: 0}
      - match: "**.bn*.**"
        frozen: true
  epochs: 4
factors:
  - name: head
    levels:
      slow: {optim.groups: [{match: fc.**, lr_scale: 0.5}]}
      free: {optim.groups: []}
      frozen:
        optim:
          groups: [{match: fc.**, frozen: true}]
`

func TestGroupsAreRead(t *testing.T) {
	s := mustLoad(t, groupedStudy)
	want := []option.Group{{{Key: "match", Value: "layer1.**"}, {Key: "lr_scale", Value: 0.1}, {Key: "weight_decay", Value: 0.0}},
		{{Key: "match", Value: "**.bn*.**"}, {Key: "frozen", Value: true}}}
	if got := s.Base.Optim.Options["groups"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := want[0].String(), "{match: layer1.**, lr_scale: 0.1, weight_decay: 0}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	cells, err := s.Cells()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]option.Group{{{{Key: "match", Value: "fc.**"}, {Key: "lr_scale", Value: 0.5}}}, nil,
		{{{Key: "match", Value: "fc.**"}, {Key: "frozen", Value: true}}}} {
		if got := cells[i].Config.Optim.Options["groups"]; !reflect.DeepEqual(got, want) {
			t.Errorf("cell %s: got %v, want %v", cells[i].Key, got, want)
		}
	}
	if ids := runIDs(t, groupedStudy); len(ids) != 3 || ids[0] == ids[1] || ids[1] == ids[2] || ids[0] == ids[2] {
		t.Errorf("identities %v, want three", ids)
	}
}

func TestGroupsWithMistakes(t *testing.T) {
	for _, c := range []struct{ groups, want string }{
		{"{match: fc.**}", "study.yaml:7:13: optim.groups: want a value, got a group of keys"},
		{"[fc]", `optim.groups: group 1: want a group with the keys match, lr_scale, weight_decay, frozen, got "fc"`},
		{"3", "optim.groups: want a list of groups such as [{match: layer1.**, lr_scale: 0.1}], got 3"},
		{"[{match: a, lrscale: 1}]", `optim.groups: group 1: unknown key "lrscale": did you mean lr_scale?`},
		{"[{match: 3}]", "optim.groups: group 1: match: want a pattern of paths such as layer1.**, got 3"},
		{"[{match: a}, {match: b, frozen: 1}]", "optim.groups: group 2: frozen: want true or false, got 1"},
		{"[{match: a, lr_scale: 0}]", "optim.groups: group 1: lr_scale: want a number > 0 (frozen: true keeps parameters as they are), got 0"},
		{"[{match: a, weight_decay: high}]", `optim.groups: group 1: weight_decay: want a number of at least 0, got "high"`},
		{"[{match: a, weight_decay: -1}]", "optim.groups: group 1: weight_decay: want a number of at least 0, got -1"},
		{"[{lr_scale: 2}]", `optim.groups: group 1: has no match, want a pattern of paths such as layer1.**`},
		{"[{match: [a]}]", "optim.groups: match: want a single value, got a list"},
		{"[[a]]", "optim.groups: want a list of single values, got a list in it"},
	} {
		text := "name: g\nbase:\n  dataset: {name: shapes}\n  model: {name: resnet_mini}\n" +
			"  optim:\n    lr: 0.1\n    groups: " + c.groups + "\n  epochs: 1\n"
		_, err := Parse("study.yaml", []byte(text), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.groups, err, c.want)
		}
	}
}

// A setting that no run looks at is refused where it stands; one that some run looks at may stand beside others.
func TestUnusedSettings(t *testing.T) {
	for _, c := range []struct {
		overrides []string
		want      string // "" is no problem
	}{
		{[]string{"optim.beta2=0.99"},
			`override "optim.beta2=0.99", column 13: optim.beta2: optimizer sgd does not use it, only adam, adamw, lamb, rmsprop, rmsprop_tf (optim.beta2=0 removes it)`},
		{[]string{"optim.name=adam", "optim.nesterov=true"},
			"optim.nesterov: optimizer adam does not use it, only sgd (optim.nesterov=false removes it)"},
		{[]string{"optim.name=adam", "optim.beta2=0.99"}, ""},
		{[]string{"optim.name=sgd,adam", "optim.nesterov=true", "optim.beta2=0.99"}, ""},
		{[]string{"optim.name=sgd,adam", "optim.trust=0.1"}, "optim.trust: optimizer adam does not use it, only lars"},
		{[]string{"optim.name=sgd", "optim.beta2=0.9,0.99"}, "optim.beta2: optimizer sgd does not use it"},
		{[]string{"schedule.power=2"}, "schedule.power: schedule constant does not use it, only polynomial (schedule.power=0 removes it)"},
		{[]string{"schedule.name=polynomial", "schedule.power=2"}, ""},
		{[]string{"schedule.name=one_cycle", "schedule.linear=true", "schedule.base_momentum=0.85"}, ""},
	} {
		_, err := Parse("study.yaml", []byte(oneRun), c.overrides)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v:\n got %v\nwant %s", c.overrides, err, c.want)
		}
	}
}

// A configuration is the same run whether it writes the defaults of the optimizer and the schedule out or not.
func TestIdentityFillsInTheOptimizersOwn(t *testing.T) {
	for _, c := range []struct{ brief, full []string }{
		{[]string{"optim.name=adam"}, []string{"optim.name=adam", "optim.beta2=0.999", "optim.epsilon=1e-8"}},
		{[]string{"optim.name=lars"}, []string{"optim.name=lars", "optim.trust=0.001"}},
		{[]string{"schedule.name=one_cycle"},
			[]string{"schedule.name=one_cycle", "schedule.pct_start=0.3", "schedule.div_factor=25", "schedule.final_div_factor=1e4"}},
		{[]string{"schedule.name=step", "schedule.milestones=[2]"},
			[]string{"schedule.name=step", "schedule.milestones=[2]", "schedule.gamma=0.1"}},
		{[]string{"schedule.name=restarts", "schedule.period=2"},
			[]string{"schedule.name=restarts", "schedule.period=2", "schedule.growth=1"}},
		{nil, []string{"micro_batch=64"}},
	} {
		if a, b := runIDs(t, oneRun, c.brief...)[0], runIDs(t, oneRun, c.full...)[0]; a != b {
			t.Errorf("%v is %s, %v is %s", c.brief, a, c.full, b)
		}
	}
}

// What a study writes itself holds against what << brings, however either is spelled and wherever it stands.
func TestOwnPathsWinOverMergedOnes(t *testing.T) {
	const begin = "name: m\nx-a: &a {lr: 0.3, momentum: 0.5}\nx-b: &b {optim: {lr: 0.3, momentum: 0.5}}\nbase:\n" +
		"  dataset: {name: shapes}\n  model: {name: resnet_mini}\n  epochs: 1\n"
	for _, base := range []string{
		"  optim: {<<: *a, lr: 0.1}\n",
		"  optim: {lr: 0.1, <<: *a}\n",
		"  optim.lr: 0.1\n  optim: {<<: *a}\n",
		"  optim: {<<: *a}\n  optim.lr: 0.1\n",
		"  <<: *b\n  optim.lr: 0.1\n  optim.momentum: 0.5\n",
		"  optim.lr: 0.1\n  optim.momentum: 0.5\n  <<: *b\n",
	} {
		s := mustLoad(t, begin+base)
		if got := s.Base.Optim.Options; got["lr"] != 0.1 || got["momentum"] != 0.5 {
			t.Errorf("%s: got %v, want the study's own lr 0.1 and the merged momentum 0.5", base, got)
		}
	}
	if _, err := Parse("study.yaml", []byte(begin+"  optim.lr: 0.1\n  optim: {lr: 0.2}\n"), nil); err == nil ||
		!strings.Contains(err.Error(), "in another spelling: write it once") {
		t.Errorf("a path of its own in two spellings: %v", err)
	}
}
