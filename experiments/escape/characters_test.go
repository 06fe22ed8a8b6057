package escape

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Which characters show nothing of their own, at the edges of every class of them.
func TestHiddenCharacters(t *testing.T) {
	for _, r := range []rune{0, '\t', '\n', '\r', 0x1f, 0x7f, 0x80, 0x9f, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x200b, 0x200f,
		0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x206f, 0x3164, 0xfdd0, 0xfdef, 0xfeff, 0xffa0, 0xfff0, 0xfffd, 0xfffe, 0xffff,
		0x1fffe, 0xe0001, 0xe007f, 0x10ffff} {
		if !Hidden(r) {
			t.Errorf("%U is not hidden", r)
		}
	}
	for _, r := range []rune{' ', '!', '~', 0xa0, 0xa1, 0xac, 0xae, 'é', '−', '…', 0x2027, 0x202f, '日', '😀', 0xfdcf, 0xfdf0, 0xe000} {
		if Hidden(r) {
			t.Errorf("%U is hidden", r)
		}
	}
}

// Each function keeps what its place can hold, and replaces the rest.
func TestWhatEachPlaceKeeps(t *testing.T) {
	const all = "a\tb\nc\rd\x1be\u202ef"
	for name, c := range map[string]struct{ got, want string }{
		"text":               {Text(all), "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"},
		"lines":              {Lines(all), "a\tb\nc\ufffdd\ufffde\ufffdf"},
		"a page":             {string(HTML([]byte(all))), "a\tb\nc\ufffdd\ufffde\ufffdf"},
		"a page without any": {string(HTML([]byte("a\tb\nc"))), "a\tb\nc"},
		"a page with one":    {string(HTML([]byte("\x1ba"))), "\ufffda"},
		"XML":                {XML(`<a b="c" d='e'>&` + "\n\x1b"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\ufffd\ufffd"},
		"CSV":                {CSV(all), "a\ufffdb\nc\ufffdd\ufffde\ufffdf"},
		"JSON": {string(JSON([]byte("a\tb\nc\rd\u202ee\U000e0041f\ufffd"))),
			"a\tb\nc\rd\\u202ee\\udb40\\udc41f\ufffd"},
		"JSON without any":     {string(JSON([]byte("a\tb\nc\rd"))), "a\tb\nc\rd"},
		"JSON that begins so":  {string(JSON([]byte("\u202ea"))), "\\u202ea"},
		"the last of a plane":  {string(JSON([]byte("\uffff"))), "\\uffff"},
		"another plane":        {string(JSON([]byte("\U0001fffe"))), "\\ud83f\\udffe"},
		"a number that is bad": {string(JSON([]byte("x\ufffd"))), "x\ufffd"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
}

// Whatever a spreadsheet takes for the beginning of a formula gets an apostrophe, and a number does not.
func TestFormulasOfSpreadsheets(t *testing.T) {
	for _, first := range "=+-@\n＝＋－＠" {
		if got, want := CSV(string(first)+"x"), "'"+string(first)+"x"; got != want {
			t.Errorf("%q becomes %q, want %q", string(first)+"x", got, want)
		}
		if s := "x" + string(first); CSV(s) != s {
			t.Errorf("%q becomes %q", s, CSV(s))
		}
	}
	for _, s := range []string{"-1", "+1", "-1e-300", "-inf", "+1.5", "1", "a", "'a", " =a"} {
		if got := CSV(s); got != s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
	for _, s := range []string{"-1,5", "--1", "-1 ", "+"} {
		if got := CSV(s); got != "'"+s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

// Every character of Markdown's marks is escaped wherever it can mark something, and no other is.
func TestMarksOfMarkdown(t *testing.T) {
	for s, want := range map[string]string{
		`\`: `\\`, "|": `\|`, "`": "\\`", "*": `\*`, "~": `\~`, "<": "&lt;", "&": "&amp;", "_": `\_`, "a_": `a\_`, "_a": `\_a`, "a_b": "a_b",
		"1_2": "1_2", "é_ä": "é_ä", "a__b": `a\_\_b`, "a_ b": `a\_ b`, "]": "]", "](": `\](`, "][": `\][`, "]:": `\]:`, "] (": "] (", "]x": "]x",
		"a]": "a]", ">": ">", "#": "#", "[": "[", "(": "(", "a\nb\nc": "a b c", "\r": "\ufffd", "": "",
	} {
		if got := Markdown(s); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}

// Which characters a shell reads as they are: every ASCII character is tried.
func TestCharactersOfShells(t *testing.T) {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:+@%"
	for c := rune(1); c < utf8.RuneSelf; c++ {
		word := "x" + string(c)
		want := "'" + word + "'"
		switch {
		case strings.ContainsRune(plain, c):
			want = word
		case c == '\'':
			want = `'x'\'''`
		case c < ' ' || c == 0x7f:
			want = "$'x\\" + string('0'+c>>6) + string('0'+c>>3&7) + string('0'+c&7) + "'"
		}
		if got := Shell(word); got != want {
			t.Errorf("%q becomes %s, want %s", word, got, want)
		}
	}
	if got, want := Command("a b", "", "c"), "'a b' '' c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := Shell("é\x1b"), `$'é\033'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Which characters LaTeX takes for themselves: every ASCII character is tried, behind and before a letter.
func TestCharactersOfLaTeX(t *testing.T) {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !'()+,-./:;=?@"
	special := map[rune]string{'"': `\symbol{34}`, '#': `\#`, '$': `\$`, '%': `\%`, '&': `\&`, '*': `{*}`, '<': `\textless{}`,
		'>': `\textgreater{}`, '[': `{[}`, '\\': `\textbackslash{}`, ']': `{]}`, '^': `\textasciicircum{}`, '_': `\_`,
		'`': `\textasciigrave{}`, '{': `\{`, '|': `\textbar{}`, '}': `\}`, '~': `\textasciitilde{}`, '\n': " "}
	for c := rune(0); c < utf8.RuneSelf; c++ {
		want, is := special[c]
		switch {
		case !is && strings.ContainsRune(plain, c):
			want = string(c)
		case !is:
			want = "{[}U+FFFD{]}"
		}
		if got := LaTeX("x" + string(c) + "x"); got != "x"+want+"x" {
			t.Errorf("%q becomes %q, want %q", string(c), got, "x"+want+"x")
		}
	}
	for s, want := range map[string]string{"--a---b-": "-{}-a-{}-{}-b-", ",,": ",{},", "''": "'{}'", "a–b — …": `a--b --- \ldots{}`,
		"±1.5 × −2": `$\pm$1.5 $\times$ $-$2`,
		"é ß ł Đ":   "é ß ł Đ", "µ²": `$\mu$$^2$`, "ħ漢": "{[}U+0127{]}{[}U+6F22{]}", "12\u202f345\u00a0%": `12\,345~\%`, "\u202e": "{[}U+FFFD{]}",
		"‘a’ “b”": "`{}a'{} ``{}b''{}"} {
		if got := LaTeX(s); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}
