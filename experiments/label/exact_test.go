package label_test

import (
	"strings"
	"testing"

	"workbench/experiments/label"
)

// What is said of a name, word for word: messages begin with what is named.
func TestWhatIsSaidOfNames(t *testing.T) {
	long := strings.Repeat("é", label.Longest+1)
	for _, c := range []struct{ name, study, part string }{
		{"", "is empty", "is empty"},
		{"a", "", ""},
		{"-1", "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first", ""},
		{"+1e5", "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first", ""},
		{"-x", "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first",
			"begins with -, which spreadsheets take for a formula"},
		{"+x", "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first",
			"begins with +, which spreadsheets take for a formula"},
		{"@x", "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first",
			"begins with @, which spreadsheets take for a formula"},
		{"a b", "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first", "has a space or ="},
		{"a=b", "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first", "has a space or ="},
		{"a@b", "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first", ""},
		{"a\xff", "is no UTF-8", "is no UTF-8"},
		{"e\u0301", "is not in Unicode's normal form C", "is not in Unicode's normal form C"},
		{long, "has 101 characters, want at most 100", "has 101 characters, want at most 100"},
		{long[2:], "", ""},
		{"a\x00", "has a control character (U+0000)", "has a control character (U+0000)"},
		{"a\tb", "has a space or = (U+0009)", "has a space or = (U+0009)"},
		{"a\u00a0b", "has a space or = (U+00A0)", "has a space or = (U+00A0)"},
		{"a\u200b", "has a character of no width (U+200B)", "has a character of no width (U+200B)"},
		{"a\u202e", "has a character that turns the direction of writing (U+202E)",
			"has a character that turns the direction of writing (U+202E)"},
		{"a\ue000", "has a character that Unicode gives no meaning (U+E000)", "has a character that Unicode gives no meaning (U+E000)"},
	} {
		if got := label.Study(c.name); got != c.study {
			t.Errorf("study %q %q, want %q", c.name, got, c.study)
		}
		if got := label.Part(c.name); got != c.part {
			t.Errorf("level %q %q, want %q", c.name, got, c.part)
		}
	}
}

// Letters and marks that show as nothing are known one by one, and their neighbours are good.
func TestBlankLetters(t *testing.T) {
	for _, c := range []struct{ first, last rune }{{0x34f, 0x34f}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x2800, 0x2800},
		{0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xffa0, 0xffa0}, {0xe0100, 0xe01ef}} {
		for r := c.first; r <= c.last; r++ {
			if got := label.Part("a" + string(r) + "b"); !strings.HasPrefix(got, "has a character of no width (U+") {
				t.Errorf("%U: %q", r, got)
			}
		}
	}
	for _, r := range []rune{0x34e, 0x350, 0x115e, 0x1161, 0x17b3, 0x17b6, 0x1810, 0x27ff, 0x2801, 0x3163, 0x3165, 0xfe10, 0xffa1} {
		if got := label.Part("a" + string(r) + "b"); got != "" {
			t.Errorf("%U: %q", r, got)
		}
	}
}
