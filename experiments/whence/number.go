// Package whence finds what recorded results a written number can stand for: the mean of a cell, a difference, a p
// value, the value of a run, at the rounding with which it is written.
package whence

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Number is a number as it is written.
type Number struct {
	Text    string  // "91.25", "−1.2", "3.1e-4", "12 %"
	Value   float64 // without the percent sign: 12 for "12 %"
	Half    float64 // half of the last written digit: all values so near are written so
	Percent bool    // a percent sign follows
	Signed  bool    // a sign is written: it is not only the size that counts
}

// MostOfALine is how many numbers of a line are looked up.
const MostOfALine = 200

// written are digits with a sign, groups of three, decimals and an exponent.
var written = regexp.MustCompile(`[+\-−–]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+\-−]?\d{1,3})?`)

// Parse reads a text that is one number and nothing else.
func Parse(text string) (Number, error) {
	found := Numbers(text)
	if len(found) != 1 || strings.Join(strings.Fields(found[0].Text), "") != strings.Join(strings.Fields(text), "") {
		return Number{}, fmt.Errorf("%q is no number; want one such as 91.25, -0.4, 12%% or 3e-4", text)
	}
	return found[0], nil
}

// Numbers are the numbers of a line in their order, at most MostOfALine. Digits in a word (resnet20, 3x3) and in a
// version (1.2.3) are none; those behind a command of LaTeX (\pm0.3) are.
func Numbers(line string) (all []Number) {
	for at := 0; at < len(line) && len(all) < MostOfALine; {
		found := written.FindStringIndex(line[at:])
		if found == nil {
			break
		}
		from, to := at+found[0], at+found[1]
		if from == to { // the pattern fits nothing, too
			_, size := utf8.DecodeRuneInString(line[from:])
			at = from + size
			continue
		}
		at = to
		if n, ok := number(line, from, to); ok {
			all = append(all, n)
		}
	}
	return all
}

// number reads line[from:to] if it is a number by itself.
func number(line string, from, to int) (n Number, ok bool) {
	text := line[from:to]
	if !strings.ContainsAny(text, "0123456789") {
		return n, false
	}
	before, size := utf8.DecodeLastRuneInString(line[:from])
	after, _ := utf8.DecodeRuneInString(line[to:])
	if digits := strings.TrimLeft(text, "+-−–"); digits != text && unicode.IsDigit(before) {
		text = digits // a range: 18–34
	} else if unicode.IsDigit(before) || before == '.' {
		return n, false // the rest of a version
	}
	switch {
	case unicode.IsLetter(after), after == '.' && continues(line[to+1:]):
		return n, false
	case unicode.IsLetter(before) && !command(line[:from]):
		return n, false
	case before == '_' && !continues(lastOf(line[:from-size])): // a name, not what is below a number
		return n, false
	}
	return n, readInto(&n, text, line[to:])
}

// continues tells whether a text begins with a digit.
func continues(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }

// lastOf is the last byte of a text.
func lastOf(text string) string { return text[max(0, len(text)-1):] }

// command tells whether a text ends with a command of LaTeX.
func command(text string) bool {
	return strings.HasSuffix(strings.TrimRightFunc(text, unicode.IsLetter), `\`)
}

// readInto reads a number and what follows it.
func readInto(n *Number, text, rest string) bool {
	plain := strings.NewReplacer(",", "", "−", "-", "–", "-").Replace(text)
	v, err := strconv.ParseFloat(plain, 64)
	if err != nil || math.IsInf(v, 0) {
		return false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(plain), "e")
	_, decimals, _ := strings.Cut(mantissa, ".")
	power, err := strconv.Atoi(exponent)
	if exponent != "" && err != nil {
		return false
	}
	*n = Number{Text: text, Value: v, Half: 0.5 * math.Pow10(power-len(decimals)), Signed: strings.ContainsAny(plain[:1], "+-")}
	for _, sign := range []string{"%", " %", `\%`, `\,\%`, " \\%", "\u202f%", "\u00a0%"} {
		if strings.HasPrefix(rest, sign) {
			n.Percent, n.Text = true, text+sign
			break
		}
	}
	return true
}

// stands tells whether a value is written so. Its distance decides, to the rounding error of the arithmetic: which way
// a half is rounded differs between programs.
func (n Number) stands(v float64) bool { return n.distance(v) <= n.Half*(1+1e-9)+1e-12*math.Abs(v) }

// distance is how far a value is from what is written. Without a sign a number tells the size alone.
func (n Number) distance(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return math.Inf(1)
	}
	if !n.Signed {
		v = math.Abs(v)
	}
	return math.Abs(n.Value - v)
}
