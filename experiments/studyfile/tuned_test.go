package studyfile

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

// Everything that a search has noted is kept, each in its own place.
func TestTunedIsReadWhole(t *testing.T) {
	text := fmt.Sprintf(searched, "optim.lr: [0.1, 0.2]") + chosenHere
	want := &experiments.Tuned{On: "val/top1", Method: "random", Trials: 4, Seeds: []uint64{1001, 1002}, Runs: 16, Minutes: 1.5,
		MultiplyAdds: 1.5e9, Study: "searched.search@1", Of: "0123456789abcdef", Arms: []experiments.Arm{
			{Levels: map[string]string{"shortcut": "identity"}, Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.2}},
				Value: 0.5, Runs: 8, Minutes: 0.5, MultiplyAdds: 1e9},
			{Levels: map[string]string{}, Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.1}}},
		}}
	if got := mustLoad(t, text).Tuned; !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// Each key of what was tuned that has a value of another kind is a problem where that value stands.
func TestEveryKeyOfTunedIsChecked(t *testing.T) {
	text := fmt.Sprintf(searched, "optim.lr: [0.1, 0.2]") + chosenHere
	texts := [5]string{"want a text, got true: write it in quotes", "want a text, got -1: write it in quotes",
		"want a text, got 1.5: write it in quotes", "want a value, got a group of keys", "has no value"}
	number := [5]string{"want a number, got true", "", "", "want a value, got a group of keys", "has no value"}
	group := func(of string) (said [5]string) {
		for i := range said {
			said[i] = "want a " + of + ", got a single value"
		}
		said[4] = "want a " + of + ", got nothing"
		return said
	}
	count, list, keys := [5]string{}, group("list"), group("group of keys")
	for i := range count {
		count[i] = "want a whole number"
	}
	list[3] = "want a list, got a group of keys"
	keys[3] = ""
	for _, c := range []struct {
		line, place string
		said        [5]string
	}{
		{"on: val/top1", "14:7: tuned.on", texts},
		{"method: random", "15:11: tuned.method", texts},
		{"trials: 4", "16:11: tuned.trials", count},
		{"seeds: [1001, 1002]", "17:10: tuned.seeds", list},
		{"runs: 16", "18:9: tuned.runs", count},
		{"minutes: 1.5", "19:12: tuned.minutes", number},
		{"multiply_adds: 1.5e9", "20:18: tuned.multiply_adds", number},
		{"study: searched.search@1", "21:10: tuned.study", texts},
		{"of: 0123456789abcdef", "22:7: tuned.of", texts},
		{"set: {optim.lr: 0.2}", "24:39: tuned.arms[0].set", keys},
		{"value: 0.5", "24:63: tuned.arms[0].value", number},
		{"runs: 8", "24:74: tuned.arms[0].runs", count},
		{"minutes: 0.5", "24:86: tuned.arms[0].minutes", number},
		{"multiply_adds: 1e9", "24:106: tuned.arms[0].multiply_adds", number},
		{"cell: {}", "25:12: tuned.arms[1].cell", keys},
	} {
		key, _, _ := strings.Cut(c.line, ":")
		for i, wrong := range []string{"true", "-1", "1.5", "{}", "~"} {
			_, err := Parse("a.yaml", []byte(strings.Replace(text, c.line, key+": "+wrong, 1)), nil)
			got, want := "", c.said[i]
			if err != nil {
				got, _, _ = strings.Cut(err.Error(), "\n")
			}
			if want != "" {
				want = "a.yaml:" + c.place + ": " + want
			}
			if got != want {
				t.Errorf("%s: %s:\n got %s\nwant %s", key, wrong, got, want)
			}
		}
	}
}

// What was tuned is written to the letter, every key in its place; texts and seeds that a search has not noted are left
// out, and a cell without factors is an empty group.
func TestTunedIsWrittenWhole(t *testing.T) {
	s := mustLoad(t, fmt.Sprintf(searched, "")+chosenHere)
	const want = `tuned:
  on: val/top1
  method: random
  trials: 4
  seeds: [1001, 1002]
  runs: 16
  minutes: 1.5
  multiply_adds: 1.5e+09
  study: searched.search@1
  of: 0123456789abcdef
  arms:
  - cell: {shortcut: identity}
    set: {optim.lr: 0.2}
    value: 0.5
    runs: 8
    minutes: 0.5
    multiply_adds: 1e+09
  - cell: {}
    set: {optim.lr: 0.1}
    value: 0
    runs: 0
    minutes: 0
    multiply_adds: 0
`
	brief := &experiments.Tuned{On: "val/loss", Arms: []experiments.Arm{{Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.5}}}}}
	const wantBrief = `tuned:
  on: val/loss
  trials: 0
  runs: 0
  minutes: 0
  multiply_adds: 0
  arms:
  - cell: {}
    set: {optim.lr: 0.5}
    value: 0
    runs: 0
    minutes: 0
    multiply_adds: 0
`
	for _, c := range []struct {
		tuned *experiments.Tuned
		want  string
	}{{s.Tuned, want}, {brief, wantBrief}} {
		s.Tuned = c.tuned
		text, err := Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(string(text), "\ntuned:")
		if got = "tuned:" + got; got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}
