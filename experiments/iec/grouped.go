package iec

import "strconv"

// What stands between groups of three digits.
const (
	Comma     = ","
	ThinSpace = "\u202f" // narrow and never broken, as ISO 80000-1 (7.3.1) has it
)

// Grouped writes a whole number with its digits in groups of three: "272,474".
func Grouped(n int64, separator string) string {
	s, sign := strconv.FormatInt(n, 10), ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + separator + s[i:]
	}
	return sign + s
}
