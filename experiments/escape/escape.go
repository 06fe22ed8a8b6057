// Package escape makes texts that come from elsewhere (names, labels, paths, logs) safe where they are shown: on a
// terminal, in CSV, Markdown, LaTeX, XML, HTML, JSON and on a shell's command line. Each function takes the text as it
// is, and its answer is not escaped again.
package escape

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hidden tells whether a character shows nothing of its own and so can mislead: it moves the cursor (control
// characters), turns the direction of writing round, has no width, or is none that XML allows. Line ends and tabs are
// among them.
func Hidden(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) ||
		unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs, unicode.Noncharacter_Code_Point,
			unicode.Other_Default_Ignorable_Code_Point)
}

// Text is a line for people: hidden characters, bytes that are no UTF-8 among them, are U+FFFD.
func Text(s string) string { return visible(s, "") }

// Lines is Text that keeps line ends and tabs.
func Lines(s string) string { return visible(s, "\n\t") }

func visible(s, kept string) string {
	return strings.Map(func(r rune) rune {
		if Hidden(r) && !strings.ContainsRune(kept, r) {
			return utf8.RuneError
		}
		return r
	}, s)
}

// HTML is a page that was rendered already: nothing that it shows is hidden.
func HTML(page []byte) []byte {
	if bytes.IndexFunc(page, func(r rune) bool { return Hidden(r) && r != '\n' && r != '\t' }) < 0 {
		return page
	}
	return []byte(Lines(string(page)))
}

var marksOfXML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// XML is a text or the value of an attribute in XML 1.0, which has no place for control characters, escaped or not.
func XML(s string) string { return marksOfXML.Replace(Text(s)) }

// CSV is the content of a field, before it is quoted. Spreadsheets compute what begins like a formula, so that gets an
// apostrophe in front, unless it is a number. Line ends stay: a quoted field can have them.
func CSV(s string) string {
	s = visible(s, "\n")
	if s == "" || !strings.ContainsRune("=+-@\n＝＋－＠", []rune(s)[0]) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

// JSON is a document that was encoded already: hidden characters, which only texts in it have, are written as \uXXXX.
// Its values are the same.
func JSON(document []byte) []byte {
	special := func(r rune) bool { return Hidden(r) && r != '\n' && r != '\t' && r != '\r' && r != utf8.RuneError }
	if bytes.IndexFunc(document, special) < 0 {
		return document
	}
	var b bytes.Buffer
	for _, r := range string(document) {
		switch {
		case !special(r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}
