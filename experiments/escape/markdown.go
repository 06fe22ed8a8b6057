package escape

import (
	"strings"
	"unicode"
)

// Markdown is a text within a line or a cell of a table of GitHub's Markdown. A line end is a space.
func Markdown(s string) string {
	runes := []rune(Text(strings.ReplaceAll(s, "\n", " ")))
	var b strings.Builder
	for i, r := range runes {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\|`*~", r), r == '_' && !within(runes, i), r == ']' && links(runes[i+1:]):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// links tells whether what follows a bracket makes it the text of a link.
func links(rest []rune) bool { return len(rest) > 0 && strings.ContainsRune("([:", rest[0]) }

// within tells whether letters or digits stand on both sides, where an underscore marks nothing.
func within(runes []rune, i int) bool {
	word := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	return word(i-1) && word(i+1)
}
