// Package filter is the one-line language that selects runs, the same in a page, a URL and on the command line:
//
//	model=resnet20_cifar and lr<0.1
//	status=failed or (depth=56 and not test/top1>=90%)
//	resnet                          a word alone: anywhere in the run's names
//
// A comparison is a key, one of = != < <= > >= : (contains) and a value; "quotes" keep spaces together.
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
			length := strings.IndexByte(rest[1:], '"')
			if length < 0 {
				return nil, &Error{text, column, "this quote is not closed"}
			}
			tokens = append(tokens, token{kind: word, text: rest[1 : 1+length], quoted: true, column: column})
			column += utf8.RuneCountInString(rest[:length+2])
			rest = rest[length+2:]
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
