package studyfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"workbench/experiments"
)

// maxStudyBytes bounds what is read as a study; the longest published ablation takes a fiftieth of it.
const maxStudyBytes = 1 << 18

// source is the text of a file as YAML sees it.
type source struct {
	file  string
	text  []byte
	lines []string // without their ends
}

// breaks are the line ends of YAML 1.1, by which positions are counted: also those of old Macintoshes and of Unicode.
var breaks = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

var byteOrderMark = []byte("\uFEFF")

// newSource makes UTF-8 of a text and splits it into lines. The problem says why it is no text, nil if it is one.
func newSource(file string, text []byte) (source, *experiments.Problem) {
	s := source{file: file}
	switch {
	case len(text) > maxStudyBytes:
		return s, &experiments.Problem{Source: file, Message: fmt.Sprintf("want at most %d bytes: this is no study", maxStudyBytes)}
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		text = fromUTF16(text[2:], binary.LittleEndian)
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		text = fromUTF16(text[2:], binary.BigEndian)
	case looksLikeUTF16(text):
		return s, &experiments.Problem{Source: file, Message: "is UTF-16 without a byte-order mark: save it as UTF-8"}
	}
	s.text = bytes.TrimPrefix(text, byteOrderMark)
	s.lines = breaks.Split(string(s.text), -1)
	for i, line := range s.lines {
		if at, message := unprintable(line); at >= 0 {
			s.lines[i] = strings.ToValidUTF8(line, "\uFFFD")
			place := s.place(i+1, utf8.RuneCountInString(line[:at])+1)
			p := place.Problem("", message)
			return s, &p
		}
	}
	return s, nil
}

// place is a position in the text; line and column count characters from 1.
func (s source) place(line, column int) experiments.Place {
	at := experiments.Place{Source: s.file, Line: line, Column: column}
	if line >= 1 && line <= len(s.lines) {
		at.Excerpt = s.lines[line-1]
	}
	return at
}

// unprintable finds what YAML cannot read in a line, by its first byte, and says what to do about it.
func unprintable(line string) (at int, message string) {
	for i, c := range line {
		if c != utf8.RuneError && (c >= ' ' || c == '\t') {
			continue
		}
		b := line[i]
		switch _, size := utf8.DecodeRuneInString(line[i:]); {
		case c == utf8.RuneError && size > 1: // the replacement character itself
			continue
		case c == utf8.RuneError && b >= 0xA0:
			return i, fmt.Sprintf("the byte 0x%X is not UTF-8 (in Latin-1 it is %q): save the file as UTF-8", b, string(rune(b)))
		case c == utf8.RuneError:
			return i, fmt.Sprintf("the byte 0x%X is not UTF-8: save the file as UTF-8", b)
		case b == 0:
			return i, "a NUL byte: this is no text file, or a damaged one; remove it"
		case b == 0x1A:
			return i, "a Ctrl-Z (0x1A), which ends files of MS-DOS: remove it"
		default:
			return i, fmt.Sprintf("the control character 0x%02X: remove it", b)
		}
	}
	return -1, ""
}

// looksLikeUTF16 tells whether every other byte of the beginning is zero, as in UTF-16 of mostly ASCII.
func looksLikeUTF16(text []byte) bool {
	text = text[:min(len(text), 64)]
	var zeros [2]int
	for i, b := range text {
		if b == 0 {
			zeros[i%2]++
		}
	}
	return len(text) >= 4 && (zeros[0] > len(text)/3 || zeros[1] > len(text)/3)
}

func fromUTF16(text []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = order.Uint16(text[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
