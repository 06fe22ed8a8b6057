package studyfile

import (
	"fmt"
	"strings"
	"testing"
)

// A factor that an override makes is called as the last part of its path, as the section of what a section names, and
// as the whole path where another factor has that name; one that is there keeps its own.
func TestWhatOverridesCallFactors(t *testing.T) {
	for _, c := range []struct {
		factors   string
		overrides []string
		want      string
	}{
		{"", []string{"optim.lr=1,2"}, "lr: 1 2"},
		{"", []string{"batch=5,10"}, "batch: 5 10"},
		{"", []string{"optim.name=sgd,adam"}, "name: sgd adam"},
		{"", []string{"schedule.name=constant,cosine"}, "name: constant cosine"},
		{"", []string{"optim.name=sgd,adam", "schedule.name=constant,cosine"}, "name: sgd adam; schedule.name: constant cosine"},
		{"", []string{"model.name=resnet_mini,resnet20_cifar", "~model.width", "~model.depth"}, "model: resnet_mini resnet20_cifar"},
		{"", []string{"strategy.name=supervised,rotation"}, "strategy: supervised rotation"},
		{"", []string{"strategy.name=rotation", "strategy.then=probe", "phases.probe.optim.name=sgd,adam"}, "optim: sgd adam"},
		{"", []string{"strategy.name=rotation", "strategy.then=probe", "phases.probe.optim.lr=1,2", "optim.lr=0.5,0.6"},
			"lr: 1 2; optim.lr: 0.5 0.6"},
		{"{name: momentum, levels: {a: {batch: 5}, b: {batch: 10}}}", []string{"optim.momentum=0,0.5"},
			"momentum: a b; optim.momentum: 0 0.5"},
		{"{name: name, key: batch, levels: [5, 10]}", []string{"optim.name=sgd,adam"}, "name: 5 10; optim.name: sgd adam"},
		{"{name: rate, key: optim.lr, levels: [1, 2]}", []string{"optim.lr=3,4"}, "rate: 3 4"},
		{"{name: rate, key: optim.lr, levels: [1, 2]}", []string{"rate=2,1"}, "rate: 2 1"},
		{"{key: optim.name, levels: [sgd, adam]}", []string{"optim.name=adam,rmsprop"}, "optim: adam rmsprop"},
		// A key of the study and a path come before a factor that is called so.
		{"{name: batch, key: epochs, levels: [1, 2]}", []string{"batch=5"}, "batch: 1 2"},
		{"{name: title, key: epochs, levels: [1, 2]}", []string{"title=2"},
			`override "title=2", column 7: want a text, got 2: write it in quotes`},
		{"{name: seeds, key: epochs, levels: [1, 2]}", []string{"seeds=2"}, "seeds: 1 2"},
	} {
		text := tinyStudy
		if c.factors != "" {
			text += "factors: [" + c.factors + "]\n"
		}
		s, err := Parse("study.yaml", []byte(text), c.overrides)
		got := outline(s)
		if err != nil {
			got, _, _ = strings.Cut(err.Error(), "\n")
		}
		if got != c.want {
			t.Errorf("%s %q:\n got %s\nwant %s", c.factors, c.overrides, got, c.want)
		}
	}
}

// The old word name in baseline and cells is read where one factor alone can be meant, and its place goes with it.
func TestWhatNameMeans(t *testing.T) {
	const batch = "{key: batch, levels: [5, 10]}"
	for _, c := range []struct{ factors, rest, want string }{
		{batch + ", {key: optim.name, levels: [sgd, adam]}", "baseline: {name: adam}", "map[optim:adam] []"},
		{batch + ", {key: optim.name, levels: [sgd, adam]}", "baseline: {name: adam, batch: 10}", "map[batch:10 optim:adam] []"},
		{batch + ", {key: optim.name, levels: [sgd, adam]}", "design: list\ncells: [{name: adam}, {batch: 10}, {name: adam, batch: 10}]",
			"map[] [map[optim:adam] map[batch:10] map[batch:10 optim:adam]]"},
		{"{name: optim, levels: {a: {optim.name: sgd}, b: {optim.name: adam}}}", "baseline: {name: b}", "map[optim:b] []"},
		{"{name: opt, key: optim.name, levels: [sgd, adam]}", "baseline: {name: adam}",
			`9:18: baseline: unknown factor "name": want one of opt`},
		{"{name: optim, levels: {a: {optim.name: sgd}, b: {optim.name: adam, batch: 5}}}", "baseline: {name: b}",
			`9:18: baseline: unknown factor "name": want one of optim`},
		{"{key: model.depth, levels: [8, 14]}", "baseline: {name: 14}", `9:18: baseline: unknown factor "name": want one of depth`},
		{"{key: optim.name, levels: [sgd, adam]}", "baseline: {name: nine}",
			`9:18: baseline.optim: factor optim has no level "nine": want one of adam, sgd`},
	} {
		s, err := Parse("study.yaml", []byte(tinyStudy+"factors: ["+c.factors+"]\n"+c.rest+"\n"), nil)
		got := fmt.Sprint(s.Baseline, " ", s.List)
		if err != nil {
			got, _, _ = strings.Cut(strings.TrimPrefix(err.Error(), "study.yaml:"), "\n")
		}
		if got != c.want {
			t.Errorf("%s\n%s:\n got %s\nwant %s", c.factors, c.rest, got, c.want)
		}
	}
}

// Names and labels are the same however their letters are composed and their numbers are written, wherever they stand.
func TestNamesAndLabelsAreComposed(t *testing.T) {
	const apart, whole = "e\u0301", "\u00e9"
	const factor, rest, milestones = "f" + whole + ": ", "; milestones: [1,2] [0.5] ", " milestones:[0.5]]"
	text := tinyStudy + "factors:\n" +
		"  - {name: f" + apart + ", levels: {" + apart + ": {batch: 5}, 0.50: {batch: 10}, o: {batch: 25}}}\n" +
		"  - {key: schedule.milestones, levels: [[1.0, 2], [0.50]]}\n" +
		"baseline: {f" + apart + ": " + apart + ", milestones: [0.5]}\n"
	first, baseline := factor+whole+" 0.5 o"+rest, func(label string) string { return "map[f" + whole + ":" + label + milestones }
	for _, c := range []struct{ overrides, want string }{
		{"", first + baseline(whole)},
		{"f" + whole + "=o," + apart, factor + "o " + whole + rest + baseline(whole)},
		{"baseline.f" + whole + "=5e-1", first + baseline("0.5")},
		{"baseline.f" + whole + "=" + apart, first + baseline(whole)},
		{"milestones=[0.50],[1, 2.0]", factor + whole + " 0.5 o; milestones: [0.5] [1,2] " + baseline(whole)},
	} {
		overrides := []string{"schedule.name=step", "epochs=9"}
		if c.overrides != "" {
			overrides = append(overrides, c.overrides)
		}
		s, err := Parse("study.yaml", []byte(text), overrides)
		if got := fmt.Sprint(outline(s), " ", s.Baseline); err != nil || got != c.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", c.overrides, got, err, c.want)
		}
	}
	// What no data set can be called is a label all the same, so that the error names it as it is compared.
	listed := tinyStudy + "factors: [{key: dataset.name, levels: [" + apart + ", shapes]}]\ndesign: list\ncells: [{dataset: " + apart + "}]\n"
	s, d := decodeStudy("study.yaml", []byte(listed))
	if got := fmt.Sprint(outline(s), " ", s.List, d.problems.Err()); got != "dataset: "+whole+" shapes [map[dataset:"+whole+"]] <nil>" {
		t.Errorf("got %s", got)
	}
	for override, want := range map[string]string{"dataset.name=" + apart + ",shapes": "dataset: " + whole + " shapes",
		"search.model.name=" + apart + ",resnet_mini": "model.name: " + whole + " resnet_mini"} {
		s, d := decodeStudy("study.yaml", []byte(tinyStudy))
		d.override(&s, override)
		got := outline(s)
		for _, searched := range s.Search {
			got += searched.Path + ": " + searched.Levels[0].Label + " " + searched.Levels[1].Label
		}
		if got != want || len(d.problems) > 0 {
			t.Errorf("%s: got %s, %v, want %s", override, got, d.problems.Err(), want)
		}
	}
	// A label that is no value is taken as it is written.
	odd := tinyStudy + "factors: [{name: f, levels: {010: {}, ~: {}, !x y: {}, 0x10: {}, yes: {}, True: {}}}]\n"
	s, d = decodeStudy("study.yaml", []byte(odd))
	if got := outline(s); got != "f: 010 ~ y 16 yes true" || len(d.problems) > 0 {
		t.Errorf("got %s, %v", got, d.problems.Err())
	}
}
