// Package label says how studies, factors and levels may be called. Names are typed by people, stand in addresses, file
// names and exports, and come back from command lines. So they may be words of any script, and nothing that looks like
// another name, hides, or runs.
package label

import (
	"fmt"
	"regexp"
	"strconv"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Longest is the most characters of a name.
const Longest = 100

// word is what a study may be called.
var word = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$`)

// Normal writes a name in Unicode's normal form C, in which the same letters are the same bytes.
func Normal(name string) string { return norm.NFC.String(name) }

// Study says why a study cannot have a name, "" if it can. The name stands in addresses and file names.
func Study(name string) string {
	if problem := unreadable(name); problem != "" {
		return problem
	}
	if !word.MatchString(name) {
		return "is no name: want letters, digits, dots, dashes and underscores, a letter or digit first"
	}
	return ""
}

// Part says why a factor or a level cannot have a name, "" if it can. The name stands in the key of a cell, such as
// "net=plain depth=20", and in cells of spreadsheets, which take what begins with =, +, - or @ for a formula.
func Part(name string) string {
	if problem := unreadable(name); problem != "" {
		return problem
	}
	for _, c := range name {
		if c == '=' || c == ' ' {
			return "has a space or ="
		}
	}
	switch name[0] {
	case '+', '-', '@':
		if _, err := strconv.ParseFloat(name, 64); err != nil {
			return fmt.Sprintf("begins with %c, which spreadsheets take for a formula", name[0])
		}
	}
	return ""
}

// unreadable says what of a name cannot be seen, or not be told from something else.
func unreadable(name string) string {
	switch n := utf8.RuneCountInString(name); {
	case name == "":
		return "is empty"
	case !utf8.ValidString(name):
		return "is no UTF-8"
	case n > Longest:
		return fmt.Sprintf("has %d characters, want at most %d", n, Longest)
	case !norm.NFC.IsNormalString(name):
		return "is not in Unicode's normal form C"
	}
	for _, c := range name {
		if problem := invisible(c); problem != "" {
			return fmt.Sprintf("has %s (%U)", problem, c)
		}
	}
	return ""
}

// invisible says what a character is that shows as nothing, or turns others around; "" for one that shows.
func invisible(c rune) string {
	switch {
	case c == ' ' || unicode.IsGraphic(c) && !unicode.IsSpace(c) && !unicode.Is(blank, c):
		return ""
	case unicode.Is(unicode.Bidi_Control, c):
		return "a character that turns the direction of writing"
	case unicode.Is(unicode.Cf, c), unicode.Is(blank, c):
		return "a character of no width"
	case unicode.IsSpace(c):
		return "a space or =" // other than ' '
	case unicode.IsControl(c):
		return "a control character"
	}
	return "a character that Unicode gives no meaning"
}

// blank are letters and marks that show as nothing.
var blank = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x034F, Hi: 0x034F, Stride: 1}, // combining grapheme joiner
	{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // Hangul fillers
	{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, // Khmer inherent vowels
	{Lo: 0x180B, Hi: 0x180F, Stride: 1}, // Mongolian variation selectors
	{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // Braille blank
	{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
	{Lo: 0xFE00, Hi: 0xFE0F, Stride: 1}, // variation selectors
	{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, // half-width Hangul filler
}, R32: []unicode.Range32{{Lo: 0xE0100, Hi: 0xE01EF, Stride: 1}}} // variation selectors
