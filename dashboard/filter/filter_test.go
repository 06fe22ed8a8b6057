package filter

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var run = Fields{
	"model": "resnet20_cifar", "lr": 0.05, "optim.lr": 0.05, "status": "done", "depth": "20", "seed": uint64(3),
	"test/top1": Ratio(0.91396), "nesterov": true, "cell": "shortcut=identity depth=20", "not": "odd", "quoted": `say "a\b"`,
	"note":     "Wide-ResNet",
	"duration": Seconds(80), "updated": time.Date(2026, 11, 30, 12, 30, 0, 0, time.UTC), "test/loss": math.NaN(),
	"dataset.seed": int64(9007199254740993), "width": int64(20240115),
}

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                    true,
		"   ":                                 true,
		"model=resnet20_cifar and lr<0.1":     true,
		"model=resnet20_cifar and lr>0.1":     false,
		"model=vgg or lr<=0.05":               true,
		"model:resnet":                        true,
		"MODEL:ResNet":                        true,
		"not status=failed":                   true,
		"not (status=done or status=failed)":  false,
		"model=vgg and lr=0.05 or seed=3":     true,  // and binds tighter
		"model=vgg and (lr=0.05 or seed=3)":   false, // than or
		"test/top1>=91%":                      true,  // as the column shows it: 91.40
		"test/top1>=91":                       true,
		"test/top1>0.92":                      true,
		"test/top1>92%":                       false,
		"test/top1>92":                        false,
		"test/top1=91.4":                      true,
		"test/top1<=91.39":                    false,
		"lr=5%":                               true,
		"duration>60":                         true,
		"duration>=1m20s":                     true,
		"duration<1m":                         false,
		"updated>2026-11-30":                  true,
		`updated<"2026-11-30 12:00"`:          false,
		"test/loss=nan":                       true,
		"test/loss!=nan":                      false,
		"test/loss<1":                         false,
		"test/loss>=1":                        false,
		"dataset.seed=9007199254740993":       true,
		"dataset.seed=9007199254740992":       false,
		"dataset.seed>9007199254740992":       true,
		"width=20240115":                      true,
		"width:2024":                          true,
		`quoted="say \"a\b\""`:                true,
		"depth=20.0":                          true,
		"depth!=20":                           false,
		"lr=5e-2":                             true,
		"status<3":                            false,
		"missing=1":                           false,
		"missing!=1":                          true,
		"nesterov=true":                       true,
		"identity":                            true,
		"IDENTITY":                            true, // cases are alike,
		"wide":                                true, // on either side
		"note=wide-resnet":                    true,
		"note!=wide-RESNET":                   false,
		"NOTE:resnet":                         true,
		"vgg":                                 false,
		`cell="shortcut=identity depth=20"`:   true,
		`"identity depth"`:                    true,
		"not=odd":                             true,
		"not not=even":                        true,
		"not model=vgg and not status=failed": true,
	} {
		f, err := Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		if got := f.Match(run); got != want {
			t.Errorf("%q: matched %v, want %v", text, got, want)
		}
	}
}

func TestErrorsPointAtTheColumn(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		part   string
	}{
		{"model=", 7, "want a value after ="},
		{"=3", 1, "want a key"},
		{"model=a model=b", 9, `want "and", "or" or the end`},
		{"model=a and", 12, "want a key"},
		{"(model=a", 1, "not closed"},
		{"model=a)", 8, "want"},
		{`model="a`, 7, "quote is not closed"},
		{"größe=a and !b", 13, `want "!="`},
		{"and model=a", 1, "want a comparison"},
		{strings.Repeat("(", 200) + "a", 102, "nested"},
		{"a==b", 3, "want a value"},
		{strings.Repeat("a or ", 100) + "a", 501, "at most 100 comparisons"},
	} {
		_, err := Parse(c.text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q) = %v, want an *Error", c.text, err)
			continue
		}
		if e.Column != c.column || !strings.Contains(e.Message, c.part) {
			t.Errorf("Parse(%q): column %d, %q; want column %d, %q", c.text, e.Column, e.Message, c.column, c.part)
		}
	}
}

func TestCheckNamesFieldsAndForms(t *testing.T) {
	usual := []string{"model", "duration"}
	for text, want := range map[string]struct {
		column int
		part   string
	}{
		"status=done and modle=resnet20_cifar": {17, `no run has a field "modle"; did you mean model? Else there are model, duration and `},
		"zzzzzz=1":                             {1, `no run has a field "zzzzzz"; there are model, duration and `},
		"lr<fast":                              {4, `want a number after lr <, got "fast"`},
		"test/top1>high":                       {11, "want a number in per cent"},
		"duration>long":                        {10, "such as 1m30s"},
		"updated>=soon":                        {10, "such as 2026-01-31"},
	} {
		f, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var e *Error
		if err := f.Check(run, usual); !errors.As(err, &e) || e.Column != want.column || !strings.Contains(e.Message, want.part) {
			t.Errorf("%s: %v, want column %d and %q", text, err, want.column, want.part)
		}
	}
	f, err := Parse("MODEL=x and Lr<1 and status<3")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Check(run, usual); err != nil {
		t.Errorf("known keys: %v", err)
	}
	e := &Error{Text: "status=done and modle=resnet20_cifar", Column: 17}
	if e.Frame() != "status=done and modle=resnet20_cifar\n                ^" {
		t.Errorf("frame:\n%s", e.Frame())
	}
}

// Whatever a text is, its quotation finds it.
func TestQuoteIsReadAsItWas(t *testing.T) {
	for _, text := range []string{"", "a b", `"`, `\`, `\"`, `a\`, "größe (=) <b>", `\\"x"`} {
		f, err := Parse("cell=" + Quote(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if !f.Match(Fields{"cell": text}) || f.Match(Fields{"cell": text + "."}) {
			t.Errorf("%s is not read as %q", Quote(text), text)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a=b", "(a<1 or not b:c) and \"d e\"!=\"f\"", "((", "a=%", "x>=90%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		var e *Error
		if err == nil {
			got.Match(run)
			return
		}
		if !errors.As(err, &e) || e.Column < 1 || e.Column > utf8.RuneCountInString(text)+1 {
			t.Errorf("Parse(%q) = %#v: column outside the text", text, err)
		}
		_ = e.Frame()
	})
}
