package filter

import (
	"math"
	"testing"
	"time"
)

// holds says for which orders of a field and the value that is written each operator holds: -1 the field is smaller.
var holds = map[string]map[int]bool{
	"=": {0: true}, "!=": {-1: true, 1: true}, "<": {-1: true}, "<=": {-1: true, 0: true}, ">": {1: true}, ">=": {0: true, 1: true},
}

// Every operator with every kind of field, against a value that is smaller, one that is equal and one that is larger,
// in each form in which it may be written.
func TestOperatorsOrderEveryKindOfField(t *testing.T) {
	noon := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		field any
		order map[string]int // of the field and what is written
	}{
		{0.05, map[string]int{"0.04": 1, "0.05": 0, "5e-2": 0, "5%": 0, "0.06": -1, "6%": -1, "4.5%": 1, "-1": 1, "1e300": -1}},
		{-2, map[string]int{"-3": 1, "-2": 0, "-2.0": 0, "-1": -1, "-1.5": -1}},
		{int64(9007199254740993), map[string]int{"9007199254740992": 1, "9007199254740993": 0, "9007199254740994": -1}},
		{uint64(18446744073709551615), map[string]int{"18446744073709551614": 1, "18446744073709551615": 0, "18446744073709551616": -1}},
		{"20", map[string]int{"9": 1, "20": 0, "20.0": 0, "100": -1}}, // as numbers, not as texts
		{Ratio(0.91396), map[string]int{"91.39": 1, "91.4": 0, "91.40%": 0, "91.41": -1, "91.404": -1}},
		{Ratio(0.5), map[string]int{"0.5": 1, "50": 0, "0.5%": 1}},
		{Ratio(1), map[string]int{"99.99": 1, "100": 0, "100%": 0, "101": -1, "1": 1}},
		{Seconds(80), map[string]int{"79": 1, "1m19s": 1, "80": 0, "1m20s": 0, "80s": 0, "81": -1, "2m": -1}},
		{noon, map[string]int{"2026-01-31": 1, "2026-02-01": -1, "2026-01-31 11:59": 1, "2026-01-31 12:00": 0, "2026-01-31T12:00": 0,
			"2026-01-31T12:01": -1, "2026-01-31 12:00:00": 0, "2026-01-31 12:00:01": -1, "2026-01-31T12:00:00Z": 0,
			"2026-01-31T13:00:00+01:00": 0, "2026-01-31T13:00:00Z": -1}},
	} {
		for written, order := range c.order {
			for op, true := range holds {
				if got := matches(t, c.field, op, written); got != true[order] {
					t.Errorf("%v %s %s: %v", c.field, op, written, got)
				}
			}
		}
	}
}

func matches(t *testing.T, field any, op, written string) bool {
	t.Helper()
	f, err := Parse("key" + op + Quote(written))
	if err != nil {
		t.Fatal(err)
	}
	return f.Match(Fields{"key": field})
}

// What has no order is neither smaller nor larger, and equal only where its text is.
func TestWhatHasNoOrder(t *testing.T) {
	for _, c := range []struct {
		field   any
		written string
		equal   bool
	}{
		{true, "true", true}, {true, "TRUE", true}, {true, "false", false}, {true, "1", false}, {false, "0", false},
		{"done", "DONE", true}, {"done", "failed", false}, {"done", "3", false}, {"", "", true}, {"", "0", false},
		{3, "three", false}, {math.NaN(), "nan", true}, {math.NaN(), "1", false}, {1.0, "NaN", false}, {Ratio(0.5), "NaN", false},
		{Ratio(0.5), "half", false}, {Ratio(math.NaN()), "50", false}, {Seconds(80), "long", false}, {Seconds(math.NaN()), "1m", false},
		{time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), "31.1.2026", false}, {0.5, "", false}, {0.5, "%", false},
	} {
		for op, want := range map[string]bool{"=": c.equal, "!=": !c.equal, "<": false, "<=": false, ">": false, ">=": false} {
			if got := matches(t, c.field, op, c.written); got != want {
				t.Errorf("%v (%T) %s %q: %v", c.field, c.field, op, c.written, got)
			}
		}
	}
}

// A word stands for a text of the run, never for a number; keys are found in whichever case; quotes make words of
// operators and of and, or and not.
func TestWordsAndQuotes(t *testing.T) {
	fields := Fields{"model": "ResNet", "depth": 20, "Lr": 0.5, "lr": 0.1, "and": "x", "odd": `=(!)<"and"`, "UPPER": 1}
	for text, want := range map[string]bool{
		"resnet": true, "RESNET": true, "net": true, "vgg": false, "20": false, `"and"`: true, `"not"`: false, `"or"`: false,
		"lr=0.1": true, "Lr=0.5": true, "upper=1": true, "upper!=1": false, "none!=1": true, "none:1": false, "not none=1": true,
		"and=x": true, "not and=x": false, "not and=y and and=x": true, `odd="=(!)<\"and\""`: true, `"odd":"<"`: true,
		`"=(!)"`: true, "depth:2": true, "depth:0": true, "depth:3": false, "model:NET": true, " depth = 20 ": true,
		"(depth=20)and(model=resnet)": true, "vgg or depth=20 and resnet": true,
		"not vgg and vgg": false, "not (vgg and vgg)": true, "resnet or vgg and vgg": true, "vgg and vgg or vgg or resnet": true,
		"resnet and (vgg or resnet)": true, "not not resnet": true, `model="Res" or model="ResNet"`: true,
	} {
		f, err := Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		if got := f.Match(fields); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
