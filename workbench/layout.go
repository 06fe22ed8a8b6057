package main

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	pretty "github.com/jedib0t/go-pretty/v6/text"
)

// gap is how many blanks stand between columns.
const gap = 2

// terminal writes the listing for people. Width is that of the terminal in characters; 0 is no terminal, where nothing
// needs to fit. A listing that is too wide is wrapped at blanks, the widest texts first. If that does not do, it goes
// without the columns that it can leave, and says so below. A number is never broken; of a long word the end can be
// left out, which "…" shows.
func (l listing) terminal(color bool, width int) string {
	shown, left := l.safe(), []string(nil)
	if width > 0 {
		shown, left = shown.fitted(width)
	}
	t := shown.pretty()
	style := table.StyleLight
	style.Format.Header = pretty.FormatDefault
	style.Options.DrawBorder, style.Options.SeparateColumns = false, false
	style.Box.PaddingLeft, style.Box.PaddingRight = "", strings.Repeat(" ", gap)
	if color {
		style.Color.Header = pretty.Colors{pretty.Bold}
	}
	t.SetStyle(style)
	lines := strings.Split(t.Render(), "\n")
	for i, line := range lines {
		if line = strings.TrimRight(line, " "); strings.Trim(line, "─") == "" && width > 0 {
			line = strings.Repeat("─", min(pretty.StringWidthWithoutEscSequences(line), width)) // the rule has the last gap, too
		}
		lines[i] = line
	}
	if len(left) > 0 {
		lines = append(lines, wrapped("too narrow for: "+strings.Join(left, ", ")+" (--format csv has all)", width, "  "))
	}
	return strings.Join(lines, "\n")
}

// fitted is the listing with its texts wrapped for the width, and the heads of the columns that were left out: those
// that it names itself, and if that does not do, those on the right.
func (l listing) fitted(width int) (listing, []string) {
	l.columns = slices.Clone(l.columns)
	var left []string
	without := func(i int) {
		left = append(left, l.columns[i].head)
		l.columns[i].head = ""
	}
	longest := max(width/3, 16)
	natural, least := l.widths(longest)
	for _, key := range l.leave {
		if sum(least) <= width {
			break
		}
		if i := slices.IndexFunc(l.columns, func(c column) bool { return c.key == key && c.head != "" }); i >= 0 {
			without(i)
			natural, least = l.widths(longest)
		}
	}
	if sum(least) > width {
		longest = shortestWord
		natural, least = l.widths(longest)
	}
	for i := len(l.columns) - 1; i > 0 && sum(least) > width; i-- {
		if l.columns[i].head != "" {
			without(i)
			natural, least = l.widths(longest)
		}
	}
	return l.wrap(narrowed(natural, least, width)), left
}

// shortestWord is how many characters of a word at least are seen.
const shortestWord = 8

// widths are those that the columns have as they are, and the least that they can have, where words of texts that are
// longer than some characters are shortened; 0 for columns that are not seen.
func (l listing) widths(longest int) (natural, least []int) {
	natural, least = make([]int, len(l.columns)), make([]int, len(l.columns))
	for i, c := range l.columns {
		if c.head == "" {
			continue
		}
		natural[i], least[i] = pretty.StringWidthWithoutEscSequences(c.head), min(longestWord(c.head), longest)
		for _, row := range l.rows {
			whole := pretty.StringWidthWithoutEscSequences(row[i].text)
			natural[i] = max(natural[i], whole)
			if c.right {
				least[i] = max(least[i], whole)
			} else {
				least[i] = max(least[i], min(longestWord(row[i].text), longest))
			}
		}
	}
	return natural, least
}

func longestWord(s string) int {
	longest := 0
	for word := range strings.FieldsSeq(s) {
		longest = max(longest, pretty.StringWidthWithoutEscSequences(word))
	}
	return longest
}

// sum is the width of a table whose columns have these widths.
func sum(widths []int) int {
	all := -gap
	for _, w := range widths {
		if w > 0 {
			all += w + gap
		}
	}
	return all
}

// narrowed takes from the widest column, again and again, until the table fits or no column can give more.
func narrowed(natural, least []int, terminal int) []int {
	widths := slices.Clone(natural)
	for i, w := range widths {
		widths[i] = max(min(w, terminal), least[i]) // not character by character from a text of thousands
	}
	for over := sum(widths) - terminal; over > 0; over-- {
		widest := -1
		for i, w := range widths {
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

// wrap breaks heads and texts at blanks where they are wider than their columns.
func (l listing) wrap(widths []int) listing {
	rows := make([][]cell, len(l.rows))
	for r, row := range l.rows {
		rows[r] = slices.Clone(row)
		for i, c := range l.columns {
			if c.head != "" && !c.right {
				rows[r][i].text = wrapped(row[i].text, widths[i], "")
			}
		}
	}
	for i, c := range l.columns {
		if c.head != "" {
			l.columns[i].head = wrapped(c.head, widths[i], "")
		}
	}
	l.rows = rows
	return l
}

// wrapped breaks a text at blanks into lines of at most width characters, those after the first behind an indent; width
// 0 leaves it as it is. A word that is longer than a line loses its end. Blanks at the beginning stay.
func wrapped(s string, width int, indent string) string {
	if width <= 0 || pretty.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	var lines []string
	line := s[:len(s)-len(strings.TrimLeft(s, " "))]
	empty := true
	for word := range strings.FieldsSeq(s) {
		if !empty && pretty.StringWidthWithoutEscSequences(line)+1+pretty.StringWidthWithoutEscSequences(word) > width {
			lines, line, empty = append(lines, line), indent, true
		}
		if !empty {
			line += " "
		}
		line += shortened(word, width-pretty.StringWidthWithoutEscSequences(line))
		empty = false
	}
	return strings.Join(append(lines, line), "\n")
}

// shortened leaves out the end of a text that has more than width characters.
func shortened(s string, width int) string {
	if pretty.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	return pretty.Trim(s, max(width-1, 0)) + "…"
}
