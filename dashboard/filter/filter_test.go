package filter

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

var run = Fields{
	"model": "resnet20_cifar", "lr": 0.05, "optim.lr": 0.05, "status": "done", "depth": "20", "seed": uint64(3),
	"test/top1": 0.914, "nesterov": true, "cell": "shortcut=identity depth=20", "not": "odd",
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
		"test/top1>=91%":                      true,
		"test/top1>92%":                       false,
		"depth=20.0":                          true,
		"depth!=20":                           false,
		"lr=5e-2":                             true,
		"status<3":                            false,
		"missing=1":                           false,
		"missing!=1":                          true,
		"nesterov=true":                       true,
		"identity":                            true,
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
		{"lr<fast", 4, "want a number after <"},
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

func TestUnknownKeyNamesTheNearest(t *testing.T) {
	f, err := Parse("status=done and modle=resnet20_cifar")
	if err != nil {
		t.Fatal(err)
	}
	err = f.Check([]string{"model", "status", "lr"})
	var e *Error
	if !errors.As(err, &e) || e.Column != 17 || !strings.Contains(e.Message, "did you mean model?") {
		t.Errorf("Check = %v, want column 17 and a hint at model", err)
	}
	if e.Frame() != "status=done and modle=resnet20_cifar\n                ^" {
		t.Errorf("frame:\n%s", e.Frame())
	}
	if err := f.Check([]string{"modle", "STATUS"}); err != nil {
		t.Errorf("known keys: %v", err)
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
