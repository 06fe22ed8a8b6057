package escape

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

// nasty are texts that a label, a path or a log can hold.
var nasty = []string{
	"", " ", "plain", "resnet20_cifar", "_marked_", "a b", "my results.db", "a#b.db", "quote'.db", "what?.db", "$x.db", "`id`", `back\slash`,
	"-dash", "--", "~home", "=ls", "a=b", "!history", "a;b&c|d", "(x)", "{a,b}", "*", "é×±", "日本", "a\nb", "tab\there", "cr\rhere",
	"\x1b[31mred\x1b[0m", "nul-free\x01", "c1\u009b31m", "\u202eright to left", "zero\u200bwidth", "\ufeffmark", "\u2066isolate\u2069",
	"separator\u2028line", "\U000e0041tag", "bad\xffutf8", "\ufffe", "=cmd()", "+1+2", "@SUM(A1)", "-cmd", "-1.5", "+2e-3", "＝full",
	"<b>&amp;\"'</b>", "]]>", "<!-- -->", "a|b", "**bold** [link](x) `code`", "'", "''", "\u00ad", "\ufffd",
}

// A shell hands every word over as it was.
func TestShellWordsComeBack(t *testing.T) {
	for _, word := range nasty {
		command := Command("printf", "%s", word)
		shells := []string{"bash"}
		if !strings.Contains(command, "$'") {
			shells = append(shells, "sh")
		}
		for _, shell := range shells {
			got, err := exec.Command(shell, "-c", command).Output()
			if err != nil || string(got) != word {
				t.Errorf("%s gives %q (%v), want %q from %s", shell, got, err, word, command)
			}
		}
		if strings.ContainsFunc(command, Hidden) {
			t.Errorf("%q hides something", command)
		}
	}
	if got := Command("workbench", "run", "depth=20,56", "--db", "a/b-c_1.db"); strings.ContainsAny(got, `'"$`) {
		t.Errorf("%s is quoted without need", got)
	}
}

// What is XML comes back as what Text shows.
func TestXMLIsWellFormed(t *testing.T) {
	for _, s := range nasty {
		document := `<svg a="` + XML(s) + `">` + XML(s) + `</svg>`
		var got struct {
			Attribute string `xml:"a,attr"`
			Text      string `xml:",chardata"`
		}
		if err := xml.Unmarshal([]byte(document), &got); err != nil || got.Text != Text(s) || got.Attribute != Text(s) {
			t.Errorf("%q: %v, got %q and %q, want %q", s, err, got.Text, got.Attribute, Text(s))
		}
	}
}

// A CSV field is what it was, but for hidden characters and the apostrophe before formulas.
func TestCSVFields(t *testing.T) {
	for _, s := range nasty {
		var b strings.Builder
		w := csv.NewWriter(&b)
		_ = w.Write([]string{CSV(s), "end"})
		w.Flush()
		got, err := csv.NewReader(strings.NewReader(b.String())).Read()
		if err != nil || strings.TrimPrefix(got[0], "'") != strings.TrimPrefix(visible(s, "\n"), "'") {
			t.Errorf("%q: got %q (%v)", s, got, err)
		}
	}
	for s, want := range map[string]string{"=cmd()": "'=cmd()", "+1+2": "'+1+2", "@SUM(A1)": "'@SUM(A1)", "-cmd": "'-cmd", "-1.5": "-1.5",
		"+2e-3": "+2e-3", "\tx": "\ufffdx", "\rx": "\ufffdx", "\n=1+1": "'\n=1+1", "＝full": "'＝full", "a=b": "a=b", "": ""} {
		if got := CSV(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestTextsForPeopleHideNothing(t *testing.T) {
	for _, s := range nasty {
		for name, got := range map[string]string{"text": Text(s), "lines": strings.NewReplacer("\n", "", "\t", "").Replace(Lines(s)),
			"markdown": Markdown(s), "html": strings.NewReplacer("\n", "", "\t", "").Replace(string(HTML([]byte(s))))} {
			if strings.ContainsFunc(got, func(r rune) bool { return Hidden(r) && r != utf8.RuneError }) || !utf8.ValidString(got) {
				t.Errorf("%s of %q: %q", name, s, got)
			}
		}
	}
	for s, want := range map[string]string{
		"a|b": `a\|b`, "**x**": `\*\*x\*\*`, "`c`": "\\`c\\`", "<b>": "&lt;b>",
		"&lt;": "&amp;lt;", "resnet20_cifar": "resnet20_cifar", "_x_": `\_x\_`, `\|`: `\\\|`,
		"[a](b)": `[a\](b)`, "[1] a": "[1] a", "a\nb": "a b", "\x1b[1m": "\ufffd[1m",
	} {
		if got := Markdown(s); got != want {
			t.Errorf("Markdown of %q: %q, want %q", s, got, want)
		}
	}
}

// JSON keeps its values.
func TestJSONKeepsValues(t *testing.T) {
	for _, s := range nasty {
		text, err := json.MarshalIndent(map[string]string{"key": s}, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		escaped := JSON(text)
		if err := json.Unmarshal(escaped, &got); err != nil || got["key"] != strings.ToValidUTF8(s, "\ufffd") {
			t.Errorf("%q: got %q (%v)", s, got["key"], err)
		}
		if strings.ContainsFunc(string(escaped), func(r rune) bool { return Hidden(r) && !strings.ContainsRune("\n\t\ufffd", r) }) {
			t.Errorf("%q hides something", escaped)
		}
	}
}

// Words that a shell would read as something else are quoted, and others are as they were.
func TestWordsOfAShell(t *testing.T) {
	for word, want := range map[string]string{
		"": "''", "plain-1.5_a/b,c:d+e@f%g": "plain-1.5_a/b,c:d+e@f%g", "optim.lr=0.1": "optim.lr=0.1",
		"=ls":  "'=ls'", // which zsh replaces by the command's path
		"~/db": "'~/db'", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "a*": "'a*'", "#1": "'#1'", "a;b": "'a;b'",
		"{a,b}": "'{a,b}'", "!1": "'!1'", `a\b`: `'a\b'`, "ä": "'ä'", "a\nb": `$'a\012b'`, "\x1b'\\": `$'\033\'\\'`,
	} {
		if got := Shell(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}
