package export

import (
	"strings"
	"unicode/utf8"

	"workbench/experiments/escape"
)

// Markdown is a table of texts for people, as GitHub reads it. Rows are as long as Head; Right says which columns are
// numbers.
type Markdown struct {
	Head  []string
	Right []bool
	Rows  [][]string
}

// String is the table with its columns lined up.
func (m Markdown) String() string {
	lines := make([][]string, 0, len(m.Rows)+1)
	width := make([]int, len(m.Head))
	for _, row := range append([][]string{m.Head}, m.Rows...) {
		line := make([]string, len(row))
		for k, text := range row {
			line[k] = escape.Markdown(strings.TrimSpace(text))
			width[k] = max(width[k], utf8.RuneCountInString(line[k]), 3)
		}
		lines = append(lines, line)
	}
	var b strings.Builder
	for i, line := range lines {
		for k, text := range line {
			space := strings.Repeat(" ", width[k]-utf8.RuneCountInString(text))
			if m.Right[k] {
				b.WriteString("| " + space + text + " ")
			} else {
				b.WriteString("| " + text + space + " ")
			}
		}
		b.WriteString("|\n")
		if i > 0 {
			continue
		}
		for k := range line {
			rule := strings.Repeat("-", width[k]-1)
			if m.Right[k] {
				b.WriteString("| " + rule + ": ")
			} else {
				b.WriteString("| :" + rule + " ")
			}
		}
		b.WriteString("|\n")
	}
	return b.String()
}
