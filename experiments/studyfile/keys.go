package studyfile

import (
	"strings"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// Key is a key of a study's file that is no path of its configuration.
type Key struct {
	Name    string
	Default string   // what holds where a study lacks it; "" is nothing
	Wanted  string   // which values are good
	Choices []string // all good values, where these are few
	Doc     string

	text func(*experiments.Study) *string               // where a key that is a text is kept
	read func(d *decoder, s *experiments.Study, p pair) // how another key is read
}

// IsTyped tells whether an override can set the key: a text, or the seeds.
func (k Key) IsTyped() bool { return k.text != nil || k.Name == "seeds" }

// anchors is how keys begin that hold anchors for aliases and mean nothing else.
const anchors = "x-"

// Keys are the keys of a study in the order in which they are read: factors are checked against the base, wherever it
// stands.
func Keys() []Key {
	return []Key{
		{Name: "name", Default: "the file's name", Wanted: "letters, digits, dots, dashes and underscores", Doc: "what the study is called",
			text: func(s *experiments.Study) *string { return &s.Name }},
		{Name: "title", Wanted: "a text", Doc: "what the study asks, in a line", text: func(s *experiments.Study) *string { return &s.Title }},
		{Name: "source", Wanted: "a text", Doc: "the paper and section that the study follows",
			text: func(s *experiments.Study) *string { return &s.Source }},
		{Name: "expect", Wanted: "a text", Doc: "what a reader should see when it is done",
			text: func(s *experiments.Study) *string { return &s.Expect }},
		chosen("metric", "what cells are compared by; strategies with phases have more, such as probe/test/top1, and "+
			metric.FinalOf(metric.TestTop1)+", which is that of each run's last phase that has it",
			metric.Comparable(), func(s *experiments.Study) *string { return &s.Metric }),
		chosen("report", "which evaluation speaks for a run", experiments.ReportNames,
			func(s *experiments.Study) *string { return &s.Report }),
		chosen("design", "which combinations of levels are trained. factorial: all; one_at_a_time: the baseline, and each other level alone; "+
			"leave_one_out: the same for factors of two levels, with and without; list: those in cells",
			experiments.DesignNames, func(s *experiments.Study) *string { return &s.Design }),
		{Name: "seeds", Default: "3", Wanted: "a count (5), a list ([1, 4, 7]) or a range (1-5)",
			Doc:  "each cell is trained once a seed; comparisons are paired by seed",
			read: func(d *decoder, s *experiments.Study, p pair) { d.seeds(s, p.value) }},
		{Name: "base", Wanted: "configuration keys (workbench options lists them)", Doc: "the configuration that the levels change",
			read: func(d *decoder, s *experiments.Study, p pair) { d.config(&s.Base, p.value) }},
		{Name: "factors", Wanted: "a list of factors (workbench options factors)", Doc: "what varies; without factors the base is trained alone",
			read: func(d *decoder, s *experiments.Study, p pair) { d.factors(s, p.value) }},
		{Name: "baseline", Default: "each factor's first level", Wanted: "factor: level, such as {depth: 20}",
			Doc:  "the cell that the others are compared with",
			read: func(d *decoder, s *experiments.Study, p pair) { s.Baseline = d.labels(p.value, "baseline") }},
		{Name: "cells", Wanted: "a list of factor: level, such as [{depth: 20}, {depth: 56, net: plain}]",
			Doc:  "what design list trains; a factor that a cell does not name has its baseline level",
			read: func(d *decoder, s *experiments.Study, p pair) { d.cells(s, p.value) }},
		{Name: "exclude", Wanted: "a list of factor: level or factor: [levels], such as [{net: plain, depth: [56, 110]}]",
			Doc: "combinations that design factorial leaves out: those that have one of these levels of every factor named; typed, " +
				"+exclude={net: plain} adds one and exclude=null leaves out none",
			read: func(d *decoder, s *experiments.Study, p pair) { d.exclude(s, p.value) }},
		{Name: "sample", Wanted: "{cells: 20, seed: 1}; seed is 1 unless given",
			Doc: "trains so many cells of the factorial, the baseline among them, which chance chooses by the seed: always the same ones, " +
				"and more cells are these and others; typed, sample.cells=20 and sample.seed=2, or sample=null for all",
			read: func(d *decoder, s *experiments.Study, p pair) { d.sample(s, p.value) }},
		{Name: "search", Wanted: "path: [levels] or path: {min: 0.001, max: 0.1, scale: log}",
			Doc:  "what workbench tune chooses for each cell by the validation part; it changes no run",
			read: func(d *decoder, s *experiments.Study, p pair) { d.search(s, p.value) }},
		{Name: "tuned", Wanted: "what workbench tune -o has written",
			Doc:  "the values that a search has chosen for each cell, how, and what that cost",
			read: func(d *decoder, s *experiments.Study, p pair) { d.tuned(s, p.value) }},
		{Name: "published", Wanted: "columns: [what the values are], rows: [{cell: {factor: level}, values: [91.25]}]; or file: a CSV file",
			Doc: "a table in print that the study repeats, or results from elsewhere, shown beside what is measured; a row that is no cell has " +
				"row: NAME; n, sd and source may stand in a row. A file of CSV has a column for each factor (or cell: depth=20 net=plain), " +
				"perhaps row, n, sd and source, or seed in place of n and sd, and columns of values. Where the first column of values is the " +
				"study's metric (test/top1 or value, in percent with \", %\" behind it), the difference of what is measured is given, unpaired (Welch)",
			read: func(d *decoder, s *experiments.Study, p pair) { d.published(s, p.value) }},
		{Name: "scales", Wanted: "NAME: [PATH=VALUE, ...], such as paper: [epochs=164, batch=128]",
			Doc:  "other sizes of the study, each as what would be typed after its name; workbench run --scale NAME trains one",
			read: func(d *decoder, _ *experiments.Study, p pair) { d.scales(p.value) }},
	}
}

// AnchorKey explains the keys that a study may have besides those of Keys.
func AnchorKey() Key {
	return Key{Name: anchors + "…", Wanted: "anything", Doc: "a place for anchors (&a) that aliases (*a) and merge keys (<<: *a) refer to"}
}

// FactorKeys are the keys of one factor.
func FactorKeys() []Key {
	return []Key{
		{Name: "name", Default: "the last part of key; of strategy.name: strategy",
			Wanted: "a name without spaces and =", Doc: "what the factor is called"},
		{Name: "key", Wanted: "a configuration path such as optim.lr", Doc: "what listed levels are values of; named levels say it themselves"},
		{Name: "when", Default: "it always applies", Wanted: "factor: level or factor: [levels], such as {optim: sgd}, of factors above it",
			Doc: "where the factor applies; elsewhere it sets nothing and cells are not multiplied by it"},
		{Name: "levels", Wanted: "[20, 56] with a key, or {label: {path: value}}",
			Doc: "two or more; a label names a level in tables and overrides"},
	}
}

func chosen(name, doc string, choices []string, at func(*experiments.Study) *string) Key {
	s := experiments.DefaultStudy()
	return Key{Name: name, Default: *at(&s), Wanted: "one of " + strings.Join(choices, ", "), Choices: choices, Doc: doc, text: at}
}

func keyOf(keys []Key, name string) (Key, bool) {
	for _, k := range keys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

func namesOf(keys []Key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	return names
}
