package filter

import (
	"errors"
	"math"
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
