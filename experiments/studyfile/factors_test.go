package studyfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

func TestProblemsOfFactors(t *testing.T) {
	for text, want := range map[string]string{
		"factors: 3":   "study.yaml:8:10: factors: want a list, got a single value",
		"factors:":     "study.yaml:8:9: factors: want a list, got nothing",
		"factors: [3]": "study.yaml:8:11: factors[0]: want a group of keys, got a single value",
		"factors: [{key: batch}]": "study.yaml:8:11: factors[0]: has no levels: want levels: [20, 56] with a " +
			"key, or levels: {label: {path: value}}",
		"factors: [{levels: [1, 2]}]":              "study.yaml:8:11: factors[0]: has neither a key nor a name",
		"factors: [{levels: {a: {}}}]":             "study.yaml:8:11: factors[0]: has neither a key nor a name",
		"factors: [{key: batch, levels: {a: {}}}]": "study.yaml:8:32: factors[0]: its levels name what they set, so it takes no key",
		"factors: [{name: f, levels: [1, 2]}]": "study.yaml:8:29: factors[0]: has no key: want the configuration path that its levels are " +
			"values of",
		"factors: [{name: f, levels: 3, key: batch}]":     "study.yaml:8:29: levels of f: want a list, got a single value",
		"factors: [{name: {}, levels: [1, 2]}]":           "study.yaml:8:18: factors[0].name: want a name, got a group of keys",
		"factors: [{name: , key: batch, levels: [1, 2]}]": "study.yaml:8:18: factors[0].name: want a name, got nothing",
		"factors: [{name: [[1]], levels: [1, 2]}]": "study.yaml:8:19: factors[0].name: want a list of single " +
			"values, got a list in it",
		"factors: [{key: bath, levels: [1, 2]}]":               `study.yaml:8:17: factors[0].key: bath: unknown key "bath": did you mean batch?`,
		"factors: [{key: batch, levels: [5, x]}]":              `study.yaml:8:36: batch: want a whole number from 1 to 1000000, got "x"`,
		"factors: [{key: batch, levels: [5, {}]}]":             "study.yaml:8:36: batch: want a value, got a group of keys",
		"factors: [{name: f, levels: {a: 3, b: {}}}]":          "study.yaml:8:33: f=a: want a group of keys, got a single value",
		"factors: [{name: f, levels: {a: {bath: 3}, b: {}}}]":  `study.yaml:8:34: bath: unknown key "bath": did you mean batch?`,
		"factors: [{name: f, levels: {a: {batch: x}, b: {}}}]": `study.yaml:8:41: batch: want a whole number from 1 to 1000000, got "x"`,
		"cells: {}":              "study.yaml:8:8: cells: want a list, got a group of keys",
		"cells: [3]":             "study.yaml:8:9: cells[0]: want a group of keys, got a single value",
		"baseline: 3":            "study.yaml:8:11: baseline: want a group of keys, got a single value",
		"title: {a: 1}":          "study.yaml:8:8: title: want a value, got a group of keys",
		"title: [a]":             "study.yaml:8:8: title: want a text, got [a]: write it in quotes",
		"title:":                 "study.yaml:8:7: title: has no value",
		"title: [{a: 1, b: []}]": "study.yaml:8:19: title: b: want a single value, got a list",
		"seeds: {a: 1}":          "study.yaml:8:8: seeds: want a value, got a group of keys",
		"seeds: [" + strings.Repeat("1,", 1001) + "]": "study.yaml:8:8: seeds: want at most 1000 seeds, got 1001",
		"seeds: [1, true]":                            "study.yaml:8:12: seeds: want a whole number, got true",
		"seeds: [1, 2.0]":                             "study.yaml:8:12: seeds: want a whole number, got 2",
		"seeds: [1, ~]":                               "study.yaml:8:8: seeds: has no value",
		"epochs: 3":                                   `study.yaml:8:1: unknown key "epochs": it belongs below base`,
		"optim: 3":                                    `study.yaml:8:1: unknown key "optim": it belongs below base`,
	} {
		s, err := Parse("study.yaml", []byte(tinyStudy+text+"\n"), nil)
		said := strings.TrimSpace(shown.ReplaceAllString(fmt.Sprint(err, "\n"), ""))
		if said != want || !reflect.DeepEqual(s, experiments.Study{}) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}

// What a study may have at most it may have.
func TestStudiesMayReachTheirBounds(t *testing.T) {
	list := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	named := ""
	for i := range 1000 {
		named += fmt.Sprintf("l%d: {},", i)
	}
	for what, text := range map[string]string{
		"100 factors":       "factors: [" + list(100, "{name: f, levels: {a: {}}}") + "]",
		"1000 levels":       "factors: [{key: batch, levels: [" + list(1000, "5") + "]}]",
		"1000 named levels": "factors: [{name: f, levels: {" + named + "}}]",
		"10000 cells":       "cells: [" + list(10_000, "{}") + "]",
		"1000 seeds":        "seeds: 1-1000",
	} {
		s, d := decodeStudy("study.yaml", []byte(tinyStudy+text+"\n"))
		n := map[string]int{"100 factors": len(s.Factors), "10000 cells": len(s.List), "1000 seeds": len(s.Seeds)}
		if levels := strings.HasSuffix(what, "levels"); levels && len(s.Factors) == 1 {
			n[what] = len(s.Factors[0].Levels)
		}
		if len(d.problems) > 0 || !strings.HasPrefix(what, fmt.Sprint(n[what], " ")) {
			t.Errorf("%s: read %d, %v", what, n[what], d.problems)
		}
	}
	large := tinyStudy + "x-a: |\n  " + strings.Repeat("x", maxStudyBytes-len(tinyStudy)-len("x-a: |\n  \n")) + "\n"
	file := filepath.Join(t.TempDir(), "large.yaml")
	for text, good := range map[string]bool{large: true, large + "#": false} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file, nil); (err == nil) != good || !good && err.Error() != file+": want at most 262144 bytes: this is no study" {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

// The first factor of a study can be overridden as the others can.
func TestOverridesOfTheFirstFactor(t *testing.T) {
	study := tinyStudy + "factors: [{key: model.depth, levels: [8, 14]}, {key: batch, levels: [50, 100]}]\nbaseline: {depth: 14}\n"
	for override, want := range map[string]string{
		"model.depth=20":      "batch: 50 100 baseline map[] depth 20",
		"model.depth=20,26":   "depth: 20 26; batch: 50 100 baseline map[] depth 8",
		"model.depth=26,14":   "depth: 26 14; batch: 50 100 baseline map[depth:14] depth 8",
		"depth=14":            "batch: 50 100 baseline map[] depth 14",
		"depth=14,8":          "depth: 14 8; batch: 50 100 baseline map[depth:14] depth 8",
		"batch=20":            "depth: 8 14 baseline map[depth:14] depth 8",
		"dataset.train=5,6":   "depth: 8 14; batch: 50 100; train: 5 6 baseline map[depth:14] depth 8",
		"baseline.batch=100":  "depth: 8 14; batch: 50 100 baseline map[batch:100 depth:14] depth 8",
		"dataset.noise=0,0.5": "depth: 8 14; batch: 50 100; noise: 0 0.5 baseline map[depth:14] depth 8",
		"~model.width":        "depth: 8 14; batch: 50 100 baseline map[depth:14] depth 8",
	} {
		s := mustLoad(t, study, override)
		if got := fmt.Sprintf("%s baseline %v depth %v", outline(s), s.Baseline, s.Base.Model.Options["depth"]); got != want {
			t.Errorf("%s:\n got %s\nwant %s", override, got, want)
		}
		if _, width := s.Base.Model.Options["width"]; width == (override == "~model.width") {
			t.Errorf("%s: the width is given: %v", override, width)
		}
	}
	for override, want := range map[string]string{
		"model.depth=range(8,9)": `override "model.depth=range(8,9)", column 13: depth: want two levels or more, got 1: a single value belongs ` +
			`into base`,
		"schedule.name=step,'a b'": `override "schedule.name=step,'a b'", column 20: name: the label "a b" has a space or =: name the levels, ` +
			`as in levels: {short: {path: value}}`,
	} {
		_, err := Parse("study.yaml", []byte(study), []string{override})
		if first, _, _ := strings.Cut(fmt.Sprint(err), "\n"); first != want {
			t.Errorf("%s:\n got %v\nwant %s", override, err, want)
		}
	}
	before := mustLoad(t, study)
	if _, err := Change(before, []string{"model.depth=20,26", "batch=20", "baseline.depth=26", "~model.width", "epochs=5"}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, mustLoad(t, study)) {
		t.Errorf("a changed copy changed the study: %+v", before)
	}
	listed := strings.Replace(study, "baseline: {depth: 14}", "design: list\ncells: [{depth: 14}, {batch: 100}]", 1)
	for override, want := range map[string]string{
		"~depth":              `override "~depth", column 2: depth is a factor; to vary it no more, name the level that stays: depth=8 or depth=14`,
		"model.depth=20":      `override "model.depth=20", column 1: the study lists its cells one by one: its factors cannot be changed`,
		"depth=8":             `override "depth=8", column 1: the study lists its cells one by one: its factors cannot be changed`,
		"epochs=1,2":          `override "epochs=1,2", column 1: the study lists its cells one by one: its factors cannot be changed`,
		"+model.shortcut=1,2": `override "+model.shortcut=1,2", column 2: the study lists its cells one by one: its factors cannot be changed`,
		"~dataset.lr":         `override "~dataset.lr", column 2: dataset.lr is not set: want one of test, train`,
		"~bath":               `override "~bath", column 2: unknown key "bath": did you mean batch or base?`,
		"factors=3":           `override "factors=3", column 1: factors is a part of the study's file: change single paths of it`,
		"report=best,last":    `override "report=best,last", column 8: report takes one value, it is no configuration path`,
		"title=[a]":           `override "title=[a]", column 7: want a text, got [a]: write it in quotes`,
		"model.depth=a,b":     `override "model.depth=a,b", column 1: the study lists its cells one by one: its factors cannot be changed`,
		"optim.lr=1,x":        `override "optim.lr=1,x", column 12: optim.lr: want a number > 0, got "x"`,
		"seeds=1,1":           `override "seeds=1,1", column 7: seed 1 is given twice in "1,1"`,
		" seeds= x":           `override " seeds= x", column 8: want a count (5), seeds (1,4,7) or a range (1-5) of whole numbers up to 2^53−1, got "x"`,
	} {
		_, err := Parse("study.yaml", []byte(listed), []string{override})
		if first, _, _ := strings.Cut(fmt.Sprint(err), "\n"); first != want {
			t.Errorf("%s:\n got %v\nwant %s", override, err, want)
		}
	}
}

// An error that is no problem of a study stays as it is; a problem gets its place.
func TestLocateLeavesOtherErrorsAlone(t *testing.T) {
	l, err := Change(mustLoad(t, tinyStudy), []string{"epochs=9"})
	if err != nil || l.Base.Epochs != 9 {
		t.Fatalf("%d epochs, %v", l.Base.Epochs, err)
	}
	other := errors.New("no such folder")
	if got := l.Locate(other); got != other {
		t.Errorf("got %v", got)
	}
	if got := l.Locate(experiments.Problem{Path: "batch", Message: "odd"}).Error(); got != "study tiny: batch: odd" {
		t.Errorf("a problem of the study itself: got %s", got)
	}
	got := l.Locate(experiments.Problem{Path: "epochs", Message: "odd"}).Error()
	if want := "override \"epochs=9\", column 8: epochs: odd\n      | epochs=9\n      |        ^"; got != want {
		t.Errorf("a problem of an override: got\n%s\nwant\n%s", got, want)
	}
	_, err = Change(l.Study, []string{"epochs=0"})
	if err == nil || !strings.HasPrefix(err.Error(), `override "epochs=0", column 8: epochs: is missing or 0, want`) {
		t.Errorf("a change that is none: %v", err)
	}
	if l, err := Open("quickstrat", nil); err == nil || !reflect.DeepEqual(l, Located{}) {
		t.Errorf("an unknown study: %v, %v", l, err)
	}
}

// A factor that varies what a section names is called as the section; baseline and cells may say name, as it was called
// once. A name that is written stays, and so do those of
// overrides whose cells are pinned.
func TestFactorsOfNames(t *testing.T) {
	const factors = "factors:\n  - {key: optim.name, levels: [sgd, adam]}\n  - {key: batch, levels: [5, 10]}\n"
	both := "factors:\n  - {key: optim.name, levels: [sgd, adam]}\n  - {key: schedule.name, levels: [constant, cosine]}\n"
	for _, c := range []struct{ text, override, want string }{
		{factors, "", "optim=sgd batch=5, optim=adam batch=5, optim=sgd batch=10"},
		{factors + "baseline: {name: adam}\n", "", "optim=adam batch=5, optim=sgd batch=5, optim=adam batch=10"},
		{factors + "baseline: {optim: adam}\n", "", "optim=adam batch=5, optim=sgd batch=5, optim=adam batch=10"},
		{factors, "baseline.optim=adam", "optim=adam batch=5, optim=sgd batch=5, optim=adam batch=10"},
		{factors, "optim=adam", "batch=5, batch=10"},
		{factors, "optim.name=adam,rmsprop", "optim=adam batch=5, optim=rmsprop batch=5, optim=adam batch=10"},
		{both, "", "optim=sgd schedule=constant, optim=adam schedule=constant, optim=sgd schedule=cosine"},
		{both + "baseline: {name: adam}\n", "", `unknown factor "name"`}, // which is not known
		{strings.Replace(factors, "{key: optim", "{name: name, key: optim", 1), "", "name=sgd batch=5, name=adam batch=5, name=sgd batch=10"},
		{strings.Replace(both, "{key: optim", "{name: name, key: optim", 1) + "baseline: {name: adam}\n", "", // its own, not the schedule's
			"name=adam schedule=constant, name=sgd schedule=constant, name=adam schedule=cosine"},
		{strings.Replace(both, "{key: schedule", "{name: name, key: schedule", 1) + "baseline: {name: cosine}\n", "",
			"optim=sgd name=cosine, optim=adam name=cosine, optim=sgd name=constant"},
		{"", "optim.name=sgd,adam", "name=sgd, name=adam"},
		{"", "strategy.name=supervised,elr", "strategy=supervised, strategy=elr"},
	} {
		overrides := []string{"design=one_at_a_time"}
		if c.override != "" {
			overrides = append(overrides, c.override)
		}
		s, err := Parse("study.yaml", []byte(tinyStudy+c.text), overrides)
		got := fmt.Sprint(err)
		if err == nil {
			cells, err := s.Cells()
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, cell := range cells {
				keys = append(keys, cell.Key)
			}
			got = strings.Join(keys, ", ")
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("%s %s: %s, want %s", c.text, c.override, got, c.want)
		}
	}
	s, err := Parse("study.yaml", []byte(tinyStudy+factors+"design: list\ncells: [{name: adam}, {optim: sgd}, {batch: 10}]\n"), nil)
	if err != nil || s.List[0]["optim"] != "adam" || len(s.List[0]) != 1 {
		t.Errorf("%v, %v", s.List, err)
	}
}

// The names of levels that are numbers are the same however the numbers are written, in quotes what they are.
func TestLevelsNamedByNumbers(t *testing.T) {
	const factor = "factors: [{name: rate, levels: {" +
		"0.10: {optim.lr: 0.1}, 2e-1: {optim.lr: 0.2}, 0x10: {optim.lr: 16}, '1.0': {optim.lr: 1}}}]\n"
	for _, c := range []struct{ text, override, want string }{
		{"", "", "rate: 0.1 0.2 16 1.0 baseline map[]"},
		{"baseline: {rate: 0.20}\n", "", "rate: 0.1 0.2 16 1.0 baseline map[rate:0.2]"},
		{"", "rate=0.100,16", "rate: 0.1 16 baseline map[]"},
		{"", "baseline.rate='1.0'", "rate: 0.1 0.2 16 1.0 baseline map[rate:1.0]"},
	} {
		var overrides []string
		if c.override != "" {
			overrides = []string{c.override}
		}
		s := mustLoad(t, tinyStudy+factor+c.text, overrides...)
		if got := fmt.Sprintf("%s baseline %v", outline(s), s.Baseline); got != c.want {
			t.Errorf("%s%s: got %s, want %s", c.text, c.override, got, c.want)
		}
	}
}
