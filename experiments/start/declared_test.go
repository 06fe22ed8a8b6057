package start_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/start"
	"workbench/nn/option"
)

// The section's keys with their defaults and good values.
func TestOptionsOfTheSection(t *testing.T) {
	var got []string
	for _, o := range start.Options {
		got = append(got, fmt.Sprintf("%s=%v %v", o.Name, o.Default, o.Choices))
		if o.Doc == "" || (o.Want == "") == (o.Default == "") {
			t.Errorf("%s is explained by %q, wanted is %q", o.Name, o.Doc, o.Want)
		}
	}
	want := []string{"from= []", "digest= []", "allow= []", "skip= []", "part= []", "bgr=false []", "gray=false []",
		"weights=evaluated [evaluated trained]"}
	if !slices.Equal(got, want) {
		t.Errorf("declared are %q, want %q", got, want)
	}
}

// Each value at the edge of what is good, and next to it; all that is wrong is told, in the order of the options.
func TestEdgesOfStarts(t *testing.T) {
	hex := "run:%[1]s and the beginning of a run's id, hex digits, got"
	wanted := func(from string) string {
		return fmt.Sprintf("from: want %s %q", strings.Replace(hex, "%[1]s", "", 1), from)
	}
	sum := strings.Repeat("9f", 32)
	digest := func(text string) string {
		return fmt.Sprintf("digest: want 64 hex digits in lower case, got %d characters: %q", len(text), text)
	}
	for _, c := range []struct {
		given map[string]any
		want  string
	}{
		{map[string]any{"from": strings.Repeat("a", 4096)}, ""},
		{map[string]any{"from": "run:3"}, ""}, {map[string]any{"from": "run:3f2"}, ""}, {map[string]any{"from": "run:ab"}, ""},
		{map[string]any{"from": "run:AB"}, wanted("run:AB")}, {map[string]any{"from": "run:3g"}, wanted("run:3g")},
		{map[string]any{"from": "latest"}, ""}, {map[string]any{"from": "runs:latest"}, ""}, {map[string]any{"from": "none"}, ""},
		{map[string]any{"digest": sum}, ""}, {map[string]any{"digest": sum + "0"}, digest(sum + "0")},
		{map[string]any{"digest": "g" + sum[1:]}, digest("g" + sum[1:])}, {map[string]any{"digest": "F" + sum[1:]}, digest("F" + sum[1:])},
		{map[string]any{"from": "run:x", "digest": "1", "allow": "a..b c..d", "skip": "e..f"}, wanted("run:x") + "; " + digest("1") +
			`; allow: pattern "a..b" has an empty name between its dots; allow: pattern "c..d" has an empty name between its dots` +
			`; skip: pattern "e..f" has an empty name between its dots`},
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

// What is drawn anew, by patterns; without one nothing is.
func TestWhatIsSkipped(t *testing.T) {
	s := start.Of(map[string]any{"from": "net.pt", "skip": "fc.** layer?.0.conv1.weight"})
	for path, want := range map[string]bool{"fc.weight": true, "fc.0.bias": true, "fc": true,
		"fcs.weight": false, "layer2.0.conv1.weight": true,
		"layer2.1.conv1.weight": false, "layer2.0.conv1.bias": false, "": false} {
		if s.Skips(path) != want || (start.Start{}).Skips(path) {
			t.Errorf("%q is drawn anew: %v, want %v", path, s.Skips(path), want)
		}
	}
}

// The place leaves what decides a result only where a digest says what is there.
func TestWhatIdentifies(t *testing.T) {
	for want, given := range map[string]map[string]any{
		"map[digest:00]": {"from": "net.pt", "digest": "00"}, "map[digest: from:net.pt]": {"from": "net.pt", "digest": ""},
		"map[from:net.pt]": {"from": "net.pt"}, "map[digest:5 from:net.pt]": {"from": "net.pt", "digest": 5}, "map[]": {},
	} {
		got := maps.Clone(given)
		if start.Identifying(got); fmt.Sprint(got) != want {
			t.Errorf("%v leaves %v, want %s", given, got, want)
		}
	}
}
