package escape

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Shell is one word of a command line for sh, bash, zsh and their like. A word with hidden characters is written as
// $'…', which sh knows since POSIX of 2024.
func Shell(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=,:+@%", r)
	}
	switch {
	case strings.ContainsFunc(word, Hidden):
		return ansi(word)
	case word == "", word[0] == '=', strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }):
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// ansi quotes a word so that every byte of it can be seen.
func ansi(word string) string {
	var b strings.Builder
	for rest := word; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		for _, c := range []byte(rest[:size]) {
			switch {
			case c == '\'', c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case Hidden(r):
				fmt.Fprintf(&b, `\%03o`, c)
			default:
				b.WriteByte(c)
			}
		}
		rest = rest[size:]
	}
	return "$'" + b.String() + "'"
}

// Command is a command line of these words.
func Command(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Shell(w)
	}
	return strings.Join(quoted, " ")
}
