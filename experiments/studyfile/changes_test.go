package studyfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// linesOf are the lines of a study as it is written.
func linesOf(t *testing.T, text string, overrides ...string) []string {
	t.Helper()
	written, err := Marshal(mustLoad(t, text, overrides...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(written)), "\n")
}

// An override changes what it says and nothing else of the study.
func TestOverridesChangeNothingElse(t *testing.T) {
	text := tinyStudy + `factors:
  - {key: batch, levels: [50, 100]}
  - {name: net, levels: {res: {}, plain: {model.shortcut: none, optim.momentum: 0.5}}}
  - {key: epochs, levels: [1, 2, 3]}
baseline: {batch: 100, epochs: 2}
search: {optim.lr: {min: 0.1, max: 0.5, scale: log}, optim.weight_decay: [0.5, 0.9]}
`
	before := linesOf(t, text)
	for _, c := range []struct{ override, gone, come string }{
		{"batch=7", "baseline: {batch: '100', epochs: '2'}|  batch: 50|- name: batch|    '50': {batch: 50}|    '100': {batch: 100}",
			"baseline: {epochs: '2'}|  batch: 7"},
		{"batch=100,7", "    '50': {batch: 50}", "    '7': {batch: 7}"},
		{"batch=7,8", "baseline: {batch: '100', epochs: '2'}|    '50': {batch: 50}|    '100': {batch: 100}",
			"baseline: {epochs: '2'}|    '7': {batch: 7}|    '8': {batch: 8}"},
		{"epochs=3,1", "baseline: {batch: '100', epochs: '2'}|    '2': {epochs: 2}", "baseline: {batch: '100'}"},
		{"net=plain", "    momentum: 0.9|- name: net|    res: {}|    plain: {model.shortcut: none, optim.momentum: 0.5}",
			"    shortcut: none|    momentum: 0.5"},
		{"net=plain,res", "", ""},
		{"baseline.net=plain", "baseline: {batch: '100', epochs: '2'}", "baseline: {batch: '100', epochs: '2', net: plain}"},
		{"baseline.epochs=3", "baseline: {batch: '100', epochs: '2'}", "baseline: {batch: '100', epochs: '3', net: res}"},
		{"optim.lr=0.25", "    lr: 0.001|  optim.lr: {min: 0.1, max: 0.5, scale: log}", "    lr: 0.25"},
		{"optim.weight_decay=0,1", "  optim.weight_decay: [0.5, 0.9]",
			"- name: weight_decay|    '0': {optim.weight_decay: 0}|    '1': {optim.weight_decay: 1}"},
		{"search.optim.lr=1,2", "  optim.lr: {min: 0.1, max: 0.5, scale: log}", "  optim.lr: [1, 2]"},
		{"search.optim.weight_decay=interval(0, 1)", "  optim.weight_decay: [0.5, 0.9]",
			"  optim.weight_decay: {min: 0, max: 1, scale: linear}"},
		{"search.augment.pad=1,2", "", "  augment.pad: [1, 2]"},
		{"~dataset.train", "    train: 200", ""},
		{"+dataset.noise=0.5", "", "    noise: 0.5"},
		{"seeds=4-5,9", "seeds: [1, 2, 3]", "seeds: [4, 5, 9]"},
		{"title=x y", "", "title: x y"},
		{"name=x", "name: tiny", "name: x"},
		{"metric=train/loss", "metric: test/top1", "metric: train/loss"},
		{"schedule.name=cosine,constant", "",
			"- name: name|    cosine: {schedule.name: cosine}|    constant: {schedule.name: constant}"},
		{"optim.name=sgd,lars", "", "- name: name|    sgd: {optim.name: sgd}|    lars: {optim.name: lars}"},
		{"precision=bf16", "  precision: float32", "  precision: bf16"},
		{"evaluate.every=2", "", "    every: 2"},
	} {
		after := linesOf(t, text, c.override)
		gone := slices.DeleteFunc(slices.Clone(before), func(l string) bool { return slices.Contains(after, l) })
		come := slices.DeleteFunc(slices.Clone(after), func(l string) bool { return slices.Contains(before, l) })
		if strings.Join(gone, "|") != c.gone || strings.Join(come, "|") != c.come {
			t.Errorf("%s: gone is\n%s\nwant\n%s\nnew is\n%s\nwant\n%s", c.override, strings.Join(gone, "|"), c.gone,
				strings.Join(come, "|"), c.come)
		}
	}
}

// A path that ends as the unknown key does is what was meant, said once.
func TestUnknownKeysOfOverridesAreSaidWhole(t *testing.T) {
	text := tinyStudy + "factors:\n  - {key: epochs, levels: [1, 2]}\n  - {name: net, levels: {a: {}, b: {model.shortcut: none}}}\n"
	for override, want := range map[string]string{
		"a.epochs=1":      `column 1: unknown key "a.epochs": did you mean epochs?`,
		"x.net=1":         `column 1: unknown key "x.net": did you mean net?`,
		"lr=1":            `column 1: unknown key "lr": did you mean optim.lr?`,
		"noise=1":         `column 1: unknown key "noise": did you mean dataset.noise?`,
		"nett=1":          `column 1: unknown key "nett": did you mean net?`,
		"baseline.nett=a": `column 15: baseline: unknown factor "nett": did you mean net?`,
		"a.shortcut=none": `column 1: unknown key "a.shortcut": did you mean model.shortcut?`,
		"titel=x":         `column 1: unknown key "titel": did you mean title?`,
		"model=x":         `column 1: model is a section, want one of its keys: name`,
		"x.name=1": `column 1: unknown key "x.name": did you mean dataset.name or model.name` +
			` or strategy.name or optim.name or schedule.name or name?`,
		"~model.widht": `column 2: model.widht is not set: did you mean width?`,
	} {
		_, err := Parse("a.yaml", []byte(text), []string{override})
		got := "nothing"
		if err != nil {
			got, _, _ = strings.Cut(strings.TrimPrefix(err.Error(), fmt.Sprintf("override %q, ", override)), "\n")
		}
		if got != want {
			t.Errorf("%s: got %s\nwant %s", override, got, want)
		}
	}
}
