// Package filter is the one-line language that selects runs, the same in a page, a URL and on the command line:
//
//	model=resnet20_cifar and lr<0.1
//	state=failed or (depth=56 and not test/top1>=90)
//	duration>1m30s and updated>2026-01-31
//	resnet                          a word alone: anywhere in the run's names
//
// A comparison is a key, one of = != < <= > >= : (contains) and a value, which means what a column shows: a ratio is
// written in per cent. "Quotes" keep spaces together; inside them, \" is a quote and \\ a backslash.
package filter

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is a mistake in a filter. Column counts characters from 1.
type Error struct {
	Text    string
	Column  int
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("filter: column %d: %s", e.Column, e.Message)
}

// Frame is the filter with a caret under the mistake.
func (e *Error) Frame() string {
	return e.Text + "\n" + strings.Repeat(" ", e.Column-1) + "^"
}

type kind int

const (
	end kind = iota
	word
	operator
	open
	closing
)

type token struct {
	kind   kind
	text   string
	quoted bool
	column int
}

// lex splits text; operators need no spaces around them.
func lex(text string) ([]token, error) {
	var tokens []token
	column := 1
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		t := token{column: column, text: rest[:size]}
		switch {
		case unicode.IsSpace(r):
			rest, column = rest[size:], column+1
			continue
		case r == '(':
			t.kind = open
		case r == ')':
			t.kind = closing
		case strings.ContainsRune("=!<>:", r):
			t.kind, t.text = operator, symbol(rest)
			if t.text == "!" {
				return nil, &Error{text, column, `want "!=", got "!"`}
			}
		case r == '"':
			inside, length := quotation(rest)
			if length == 0 {
				return nil, &Error{text, column, "this quote is not closed"}
			}
			tokens = append(tokens, token{kind: word, text: inside, quoted: true, column: column})
			column += utf8.RuneCountInString(rest[:length])
			rest = rest[length:]
			continue
		default:
			t.kind, t.text = word, bare(rest)
		}
		tokens = append(tokens, t)
		column += utf8.RuneCountInString(t.text)
		rest = rest[len(t.text):]
	}
	return append(tokens, token{kind: end, column: column}), nil
}

// quotation is what stands in the quotes that s begins with, and how many bytes it takes there; 0 if they are not
// closed.
func quotation(s string) (inside string, length int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i + 1
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", 0
}

// Quote writes any text so that a filter reads it as one word.
func Quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func symbol(s string) string {
	if len(s) > 1 && s[1] == '=' && s[0] != ':' && s[0] != '=' {
		return s[:2]
	}
	return s[:1]
}

// bare is the word s begins with.
func bare(s string) string {
	for i, r := range s {
		if unicode.IsSpace(r) || strings.ContainsRune(`()=!<>:"`, r) {
			return s[:i]
		}
	}
	return s
}
