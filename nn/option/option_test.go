package option_test

import (
	"math"
	"strings"
	"testing"

	"workbench/nn/option"
)

var switches = []option.Option{
	{Name: "width", Default: 16, Min: 1, Max: 64},
	{Name: "rate", Default: 0.5, Max: 1},
	{Name: "bias", Default: true},
	{Name: "shortcut", Default: "identity", Choices: []string{"identity", "none"}},
	{Name: "label", Default: ""},
	{Name: "groups", Default: 0},
}

func TestResolveKeepsDefaultsAndTypes(t *testing.T) {
	s, err := option.Resolve("net", switches, map[string]any{"width": 8.0, "rate": 1, "shortcut": "none"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Int("groups") != 0 || s.Int("width") != 8 || s.Float("rate") != 1 ||
		!s.Bool("bias") || s.String("shortcut") != "none" || s.String("label") != "" {
		t.Errorf("got %v", s)
	}
}

func TestResolveNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"widht", 8, `net has no option "widht": did you mean width?`},
		{"width", 8.5, "net: option width: want a whole number from 1 to 64, got 8.5"},
		{"width", 1e300, "want a whole number"},
		{"width", 0, "want a whole number from 1 to 64, got 0"},
		{"width", 65, "want a whole number from 1 to 64, got 65"},
		{"rate", "high", "want a number from 0 to 1, got \"high\""},
		{"rate", math.NaN(), "want a number from 0 to 1, got NaN"},
		{"rate", -0.1, "want a number from 0 to 1, got -0.1"},
		{"bias", "yes", "want true or false, got \"yes\""},
		{"shortcut", "projection", "want one of identity, none, got \"projection\""},
		{"shortcut", 3, "want one of identity, none, got 3"},
		{"label", 3, "want a text, got 3"},
		{"groups", -1, "want a whole number of at least 0, got -1"},
	} {
		_, err := option.Resolve("net", switches, map[string]any{c.name: c.value})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%v: got error %v, want %q", c.name, c.value, err, c.want)
		}
	}
}

func TestResolveReportsTheFirstNameInOrder(t *testing.T) {
	for range 20 {
		_, err := option.Resolve("net", switches, map[string]any{"zzz": 1, "aaa": 1, "mmm": 1})
		if err == nil || !strings.Contains(err.Error(), `"aaa"`) {
			t.Fatalf("got %v", err)
		}
	}
}

func TestLaterSwitchesIdentifyNothingAtTheirDefaults(t *testing.T) {
	with := append([]option.Option{{Name: "shuffle", Default: false, Later: true}}, switches...)
	for _, c := range []struct {
		given map[string]any
		want  bool
	}{{nil, false}, {map[string]any{"shuffle": false}, false}, {map[string]any{"shuffle": true}, true}} {
		s, err := option.Resolve("net", with, c.given)
		if err != nil {
			t.Fatal(err)
		}
		kept := option.Identifying(with, s)
		if _, has := kept["shuffle"]; has != c.want || len(kept) < len(switches) || kept["width"] != 16 {
			t.Errorf("%v: got %v", c.given, kept)
		}
		if full := option.Completed(with, kept); full["shuffle"] != s["shuffle"] || len(full) != len(s) {
			t.Errorf("%v: completed to %v", c.given, full)
		}
		if _, has := s["shuffle"]; !has {
			t.Error("the settings themselves have lost a switch")
		}
	}
}

// A number that must exceed its bound is not said to begin with it.
func TestBoundsThatAreLeftOutAreSaid(t *testing.T) {
	for want, o := range map[string]option.Option{
		"want a number above 0 and at most 1, got 0": {Default: 0.5, Above: true, Max: 1},
		"want a number above 0 and below 1, got 0":   {Default: 0.5, Above: true, Max: 1, Below: true},
		"want a number from 0 to below 1, got 1":     {Default: 0.5, Max: 1, Below: true},
		"want a number > 0, got 0":                   {Default: 0.5, Above: true},
	} {
		o.Name = "rate"
		wrong := 0.0
		if !o.Above {
			wrong = 1
		}
		_, err := option.Resolve("net", []option.Option{o}, map[string]any{"rate": wrong})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
