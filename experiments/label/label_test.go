package label_test

import (
	"strings"
	"testing"

	"workbench/experiments/label"
)

func TestNamesOfAnyScript(t *testing.T) {
	for _, name := range []string{"quickstart", "größe", "学习率", "обучение", "दर", "अध्ययन", "7b", "a.b-c_d", "１", "तीन३"} {
		if problem := label.Study(name); problem != "" {
			t.Errorf("study %q %s", name, problem)
		}
		if problem := label.Part(name); problem != "" {
			t.Errorf("level %q %s", name, problem)
		}
	}
	for _, name := range []string{"-0.5", "-1e-05", "1e-05", "[80,120]", "a,b", "a/b", "a+b", "…", "–", strings.Repeat("ä", label.Longest)} {
		if problem := label.Part(name); problem != "" {
			t.Errorf("level %q %s", name, problem)
		}
	}
}

func TestNamesThatDeceive(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"", "is empty"},
		{"a b", "a space or ="},
		{"a\u00a0b", "a space or ="},
		{"a\u3000b", "a space or ="},
		{"a\tb", "a space or ="},
		{"a\nb", "a space or ="},
		{"a=b", "a space or ="},
		{"a\x00b", "a control character (U+0000)"},
		{"a\x1b[31m", "a control character (U+001B)"},
		{"a\u009b", "a control character (U+009B)"},
		{"a\u202eb", "turns the direction of writing (U+202E)"},
		{"a\u2066b", "turns the direction of writing (U+2066)"},
		{"a\u200bb", "a character of no width (U+200B)"},
		{"a\u200db", "a character of no width (U+200D)"},
		{"a\ufeffb", "a character of no width (U+FEFF)"},
		{"a\u00adb", "a character of no width (U+00AD)"},
		{"a\ufe0fb", "a character of no width (U+FE0F)"},
		{"a\u3164b", "a character of no width (U+3164)"},
		{"a\ue000b", "gives no meaning (U+E000)"},
		{"a\xffb", "is no UTF-8"},
		{"e\u0301", "normal form C"},
		{"@sum", "begins with @"},
		{"-cmd", "begins with -"},
		{"+1+cmd|x", "begins with +"},
		{"=1", "a space or ="},
		{strings.Repeat("x", label.Longest+1), "has 101 characters, want at most 100"},
	} {
		if got := label.Part(c.name); !strings.Contains(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
		if label.Study(c.name) == "" {
			t.Errorf("a study may be called %q", c.name)
		}
	}
	for _, name := range []string{"a/b", ".hidden", "-x", "_x", "a,b", "€", "\u0301a"} {
		if label.Study(name) == "" {
			t.Errorf("a study may be called %q", name)
		}
	}
	if got := label.Normal("e\u0301"); got != "\u00e9" {
		t.Errorf("got %q", got)
	}
}
