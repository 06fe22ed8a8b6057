package start_test

import (
	"reflect"
	"strings"
	"testing"

	"workbench/experiments/start"
	"workbench/nn/option"
)

// A study says in few words where weights come from; each form has its meaning and its options.
func TestStartsAreReadAsTheyAreMeant(t *testing.T) {
	for _, c := range []struct {
		given  map[string]any
		want   start.Start
		from   string
		active string
	}{
		{nil, start.Start{Weights: "evaluated"}, "", ""},
		{map[string]any{"from": "none", "allow": "fc.**"}, start.Start{Weights: "evaluated", Allow: []string{"fc.**"}}, "", ""},
		{map[string]any{"from": "net.pt", "digest": "ab", "allow": " fc.** conv1.weight ", "skip": "bn1.*", "part": "ema",
			"bgr": true, "gray": true},
			start.Start{File: "net.pt", Digest: "ab", Allow: []string{"fc.**", "conv1.weight"}, Skip: []string{"bn1.*"},
				Weights: "evaluated", Part: "ema", BGR: true, Gray: true}, "net.pt", "from digest allow skip part bgr gray"},
		{map[string]any{"from": "run:3f2a", "weights": "trained"}, start.Start{Run: "3f2a", Weights: "trained"}, "run:3f2a",
			"from allow skip bgr gray weights"},
	} {
		got := start.Of(c.given)
		if len(got.Allow) == 0 {
			got.Allow = nil
		}
		if len(got.Skip) == 0 {
			got.Skip = nil
		}
		if !reflect.DeepEqual(got, c.want) || got.From() != c.from || got.Said() != (c.from != "") {
			t.Errorf("%v: %+v from %q, want %+v from %q", c.given, got, got.From(), c.want, c.from)
		}
		if active := strings.Join(option.Names(start.Active(c.given)), " "); active != c.active {
			t.Errorf("%v: options %q have an effect, want %q", c.given, active, c.active)
		}
	}
}

// Wrong starts are errors of the study, at the option that is wrong.
func TestConflictsOfStarts(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	for _, c := range []struct {
		given map[string]any
		want  string
	}{
		{nil, ""},
		{map[string]any{"from": "net.pt", "digest": sum, "allow": "fc.** conv1.*"}, ""},
		{map[string]any{"from": "run:0123456789abcdef"}, ""},
		{map[string]any{"from": "run:latest"}, "from: which run is the latest changes; want run: and the beginning of its id (workbench runs)"},
		{map[string]any{"from": "run:"}, `from: want run: and the beginning of a run's id, hex digits, got "run:"`},
		{map[string]any{"from": "run:xyz"}, `from: want run: and the beginning of a run's id, hex digits, got "run:xyz"`},
		{map[string]any{"from": "net.pt", "digest": sum[1:]}, "digest: want 64 hex digits in lower case, got 63 characters: \"" + sum[1:] + "\""},
		{map[string]any{"from": "net.pt", "digest": strings.ToUpper(sum)},
			"digest: want 64 hex digits in lower case, got 64 characters: \"" + strings.ToUpper(sum) + "\""},
		{map[string]any{"from": "net.pt", "allow": "fc.**x"}, `allow: pattern "fc.**x": "**x" is no name with *, ? and [a-z] in it, ` +
			"nor ** for any number of names"},
		{map[string]any{"from": "net.pt", "skip": "a..b"}, `skip: pattern "a..b" has an empty name between its dots`},
		{map[string]any{"from": strings.Repeat("a", 4097)}, "from: want a path of at most 4096 characters, got 4097"},
	} {
		var got []string
		for _, conflict := range start.Conflicts(option.Complete(start.Options, c.given)) {
			got = append(got, conflict.Option+": "+conflict.Message)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%v: %q, want %q", c.given, got, c.want)
		}
	}
}

// What decides a result is the content of a file, not where it lies; a run is named by its id.
func TestStartsDecideByContent(t *testing.T) {
	file := map[string]any{"from": "a/net.pt", "digest": "00", "bgr": true}
	start.Identifying(file)
	run := map[string]any{"from": "run:3f", "digest": ""}
	start.Identifying(run)
	if !reflect.DeepEqual(file, map[string]any{"digest": "00", "bgr": true}) || run["from"] != "run:3f" {
		t.Errorf("%v and %v", file, run)
	}
}
