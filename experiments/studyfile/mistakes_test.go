package studyfile

import (
	"regexp"
	"strings"
	"testing"
)

// shown are the lines with which an error shows where its problems stand.
var shown = regexp.MustCompile(`(?m)^ *\d* \| .*\n?`)

// problemsOf are the problems of a study, without the lines in which they stand.
func problemsOf(text string, overrides ...string) string {
	_, err := Parse("a.yaml", []byte(text), overrides)
	if err == nil {
		return ""
	}
	return strings.TrimSpace(shown.ReplaceAllString(err.Error()+"\n", ""))
}

// A mistake is one problem, said where it stands, and those after it are found too: what follows from it is no other.
func TestEachMistakeIsOneProblem(t *testing.T) {
	for _, c := range []struct{ add, want string }{
		{"seeds: x", `a.yaml:8:8: seeds: want a count (5), seeds (1,4,7) or a range (1-5) of whole numbers up to 2^53−1, got "x"`},
		{"seeds: [1, true, 1.5]", "a.yaml:8:12: seeds: want a whole number, got true"},
		{"seeds: 0", `a.yaml:8:8: seeds: want at least 1 seed, got the count 0 (a comma makes it a seed: "0,")`},
		{"seeds: ['1-3', 5, 5]", `a.yaml:8:8: seeds: seed 5 is given twice in "1-3,5,5,"`},
		{"factors: [{kay: batch}, {key: batch, lavels: [1, 2]}]",
			"a.yaml:8:12: factors[0]: unknown key \"kay\": did you mean key?\n" +
				"a.yaml:8:38: factors[1]: unknown key \"lavels\": did you mean levels?"},
		{"factors: [{key: {}, levels: [1]}, {key: ~, nam: x, levels: [1, 2]}]",
			"a.yaml:8:17: factors[0].key: want a name, got a group of keys\n" +
				"a.yaml:8:41: factors[1].key: want a name, got nothing\n" +
				"a.yaml:8:44: factors[1]: unknown key \"nam\": did you mean name?"},
		{"factors: [{key: batch, levels: [a, 5, 1.5, ~]}, {key: bath, levels: [1, 2]}, 3]",
			"a.yaml:8:33: batch: want a whole number from 1 to 1000000, got \"a\"\n" +
				"a.yaml:8:39: batch: want a whole number from 1 to 1000000, got 1.5\n" +
				"a.yaml:8:44: batch: has no value\n" +
				"a.yaml:8:55: factors[1].key: bath: unknown key \"bath\": did you mean batch?\n" +
				"a.yaml:8:78: factors[2]: want a group of keys, got a single value"},
		{"x-f: &f {key: batch}\nx-l: &l [5, x]\nfactors: [*f, {key: batch, levels: *l}]\ncells: [*l]\nbaseline: *l",
			"a.yaml:8:6: factors[0]: has no levels: want levels: [20, 56] with a key, or levels: {label: {path: value}}\n" +
				"a.yaml:9:6: baseline: want a group of keys, got a list\n" +
				"a.yaml:9:6: cells[0]: want a group of keys, got a list\n" +
				"a.yaml:9:13: batch: want a whole number from 1 to 1000000, got \"x\""},
		{"cells: [{a: {}}, {b: ~}, {c: [[1]]}]",
			"a.yaml:8:13: cells[0].a: want a name, got a group of keys\n" +
				"a.yaml:8:22: cells[1].b: want a name, got nothing\n" +
				"a.yaml:8:31: cells[2].c: want a list of single values, got a list in it"},
		{"baseline: {a: {}, b: 010}",
			"a.yaml:8:15: baseline.a: want a name, got a group of keys\n" +
				"a.yaml:8:22: baseline.b: want a number without leading zeros (YAML reads it in base 8), got 010"},
		{"title: !!int x", `a.yaml:8:8: title: want a value of the type !!int, got "x"`},
		{"title: !!float x", `a.yaml:8:8: title: want a value of the type !!float, got "x"`},
		{"search: {optim.lr: {min: a, max: [b], scale: 3, stap: 1}}",
			"a.yaml:8:26: search.optim.lr.min: want a number, got \"a\"\n" +
				"a.yaml:8:34: search.optim.lr.max: want a number, got [b]\n" +
				"a.yaml:8:46: search.optim.lr.scale: want a text, got 3: write it in quotes\n" +
				"a.yaml:8:49: search.optim.lr: unknown key \"stap\": want one of max, min, scale"},
		{"search: {optim.lr: {}}",
			"a.yaml:8:20: search.optim.lr: min is missing: want {min: 0.001, max: 0.1, scale: log}, or a list of levels\n" +
				"a.yaml:8:20: search.optim.lr: max is missing: want {min: 0.001, max: 0.1, scale: log}, or a list of levels"},
		{"tuned: {on: val/top1}", "a.yaml:8:8: tuned: want on: a metric of val, and arms: what was chosen for each cell"},
		{"tuned: {arms: []}", "a.yaml:8:8: tuned: want on: a metric of val, and arms: what was chosen for each cell"},
		{"x-a: {batch: 5, batch: 6}\nx-b: &b {<<: {k: 1, k: 2}}\nbaseline: {<<: {a: 1, a: 2}, b: 1, b: 2, [c]: 3}",
			"a.yaml:10:23: baseline: mapping key \"a\" already defined at line 10\n" +
				"a.yaml:10:36: baseline: mapping key \"b\" already defined at line 10\n" +
				"a.yaml:10:42: baseline: want a name as key, got a list"},
		{"baseline: {<<: {a: 1}, a: 2, a: 3}", `a.yaml:8:30: baseline: mapping key "a" already defined at line 8`},
		{"epochs: 3\noptim.lr: 1\nmodel: {}\nbaselin: 1",
			"a.yaml:8:1: unknown key \"epochs\": it belongs below base\na.yaml:9:1: unknown key \"optim.lr\": it belongs below base\n" +
				"a.yaml:10:1: unknown key \"model\": it belongs below base\na.yaml:11:1: unknown key \"baselin\": did you mean baseline?"},
	} {
		if got := problemsOf(tinyStudy + c.add + "\n"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.add, got, c.want)
		}
	}
}

// Keys that are spelled almost right are named, each of them: of factors, ranges, what was tuned, and its arms.
func TestKeysThatAreSpelledAlmostRight(t *testing.T) {
	for group, keys := range map[string]string{
		"factors: [{%s: 1}]": "name key levels", "search: {optim.lr: {%s: 1}}": "scale",
		"tuned: {%s: 1}":           "method trials seeds runs minutes multiply_adds study arms",
		"tuned: {arms: [{%s: 1}]}": "cell value runs minutes multiply_adds",
	} {
		for key := range strings.FieldsSeq(keys) {
			wrong := key[:1] + "x" + key[1:]
			text := tinyStudy + strings.Replace(group, "%s", wrong, 1) + "\n"
			if got, want := problemsOf(text), "unknown key \""+wrong+"\": did you mean "+key+"?"; !strings.Contains(got, want) {
				t.Errorf("%s: got %s, want %s", text, got, want)
			}
		}
	}
}

// Keys of a study may stand in any order: what varies is checked against the base, wherever that stands.
func TestKeysStandInAnyOrder(t *testing.T) {
	begin, base, _ := strings.Cut(smallStudy, "\nbase:")
	base, factors, _ := strings.Cut(base, "\nfactors:")
	written, err := Marshal(mustLoad(t, smallStudy))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"factors:" + factors + "\n" + begin + "\nbase:" + base + "\n",
		"base:" + base + "\nfactors:" + factors + "\n" + begin + "\n",
		begin + "\nfactors:" + factors + "\nbase:" + base + "\n",
	} {
		again, err := Marshal(mustLoad(t, text))
		if err != nil || string(again) != string(written) {
			t.Errorf("%s\nis read as\n%s%v", text, again, err)
		}
	}
}
