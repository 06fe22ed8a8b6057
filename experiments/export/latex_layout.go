package export

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// layout is how a table comes to fit a page of LaTeX's article.
type layout struct {
	columns []string // of the tabular
	broken  []bool   // columns whose texts are broken into lines
	size    string   // the command for the size of the font; "" for the text's
	shrunk  bool     // to the width of a line, because no size is small enough
	long    bool     // goes on over pages
}

// font is a size of letters with the space on either side of a column, both in points. Small letters are wider for
// their size, so points are those of letters that are not.
type font struct {
	command       string
	points, space float64
}

// fonts from the text's to the smallest that is read with ease; tiny is for what cannot be shrunk.
var (
	fonts = []font{{"", 10, 6}, {"  \\small\n", 9.25, 6}, {"  \\footnotesize\\setlength{\\tabcolsep}{4pt}\n", 8.5, 4},
		{"  \\scriptsize\\setlength{\\tabcolsep}{3pt}\n", 7.9, 3}}
	tiny = font{"  \\tiny\\setlength{\\tabcolsep}{2pt}\n", 6.8, 2}
)

// layout takes the largest font in which all columns fit beside one another. If there is none, texts are broken into
// lines. If that does not do either, the table is shrunk or, where it goes on over pages, which cannot be, set as small
// as can be.
func (l LaTeX) layout() layout {
	natural, least := l.widths()
	y := layout{columns: make([]string, len(l.Head)), broken: make([]bool, len(l.Head)), long: len(l.Rows) > mostLines}
	for k := range l.Head {
		y.columns[k] = map[bool]string{false: "l", true: "r"}[l.Right[k]]
	}
	for _, f := range fonts {
		if y.size = f.command; f.lineWidth(natural) <= textWidth {
			return y
		}
	}
	for _, f := range fonts[2:] {
		if f.lineWidth(least) <= textWidth {
			y.breakTexts(l, natural, least, f)
			return y
		}
	}
	if y.breakTexts(l, natural, least, fonts[0]); y.long {
		y.breakTexts(l, natural, least, tiny)
	}
	y.shrunk = !y.long
	return y
}

// longNumber is how many characters a number may have: what is longer is a text, whatever its column says.
const longNumber = 24

// widths of the columns in characters: as they are, and at least, where words are broken that are longer than others.
func (l LaTeX) widths() (natural, least []float64) {
	natural, least = make([]float64, len(l.Head)), make([]float64, len(l.Head))
	for k, head := range l.Head {
		measure := func(text string) {
			natural[k] = max(natural[k], lettersOf(text))
			for word := range strings.FieldsSeq(text) {
				least[k] = max(least[k], min(lettersOf(word), longWord))
			}
		}
		measure(head)
		for _, row := range l.Rows {
			measure(row[k])
		}
		if l.Right[k] && natural[k] <= longNumber {
			least[k] = natural[k]
		}
	}
	return natural, least
}

// lettersOf a text, in widths of a usual one: capitals and signs are wider.
func lettersOf(text string) float64 {
	wide := 0
	for _, r := range text {
		if unicode.IsUpper(r) || strings.ContainsRune("mw±−×%…", r) {
			wide++
		}
	}
	return float64(utf8.RuneCountInString(text)) + 0.5*float64(wide)
}

// lineWidth in points of columns that are so many characters wide.
func (f font) lineWidth(columns []float64) float64 {
	sum := 0.0
	for _, w := range columns {
		sum += w*f.points*letterWidth + 2*f.space
	}
	return sum
}

// breakTexts gives each column the least that it needs and its part of what is left of the line.
func (y *layout) breakTexts(l LaTeX, natural, least []float64, f font) {
	y.size = f.command
	letter, wanted := f.points*letterWidth, 0.0
	for k := range natural {
		wanted += natural[k] - least[k]
	}
	rest := max(0, textWidth-f.lineWidth(least)) / letter
	width := make([]float64, len(natural))
	for k := range natural {
		if width[k] = natural[k]; natural[k] > least[k] {
			width[k] = least[k] + rest*(natural[k]-least[k])/wanted
			y.broken[k] = true
			side := map[bool]string{false: `\raggedright`, true: `\raggedleft`}[l.Right[k]]
			y.columns[k] = fmt.Sprintf(`>{%s\arraybackslash}p{%.3f\linewidth}`, side, width[k]*letter/textWidth)
		}
	}
	lines := 0.0
	for _, row := range l.Rows {
		tall := 1.0
		for k, text := range row {
			if y.broken[k] {
				tall = max(tall, math.Ceil(1.2*lettersOf(text)/width[k])) // ends of lines are empty
			}
		}
		lines += tall
	}
	y.long = y.long || lines > mostLines
}
