package figure

import (
	"fmt"
	"math"

	"workbench/experiments/escape"
)

// Matrix is a confusion matrix, or the difference of two: rows are labels, columns are answers.
type Matrix struct {
	Title   string
	Classes []string
	Shade   [][]float64 // [classes, classes]: 0 to 1, or −1 to 1 of a difference
	Text    [][]string  // in the cells; nil: nothing
	Note    func(row, column int) string
}

// matrixCell is the least side of a cell, in pixels; one with a text is as wide as it.
const matrixCell = 22.0

// fullest is how opaque a cell is at most: dark numbers on it can still be read (4.5:1).
const fullest = 0.65

// Draw the matrix. Below zero, cells are orange, above it blue; how full the colour is says how much.
func (m Matrix) Draw() string {
	n := len(m.Classes)
	names := make([]string, n)
	longest, cell := 0.0, math.Max(matrixCell, math.Min(46, 420/math.Max(1, float64(n))))
	for i, name := range m.Classes {
		names[i] = Cut(name, 22)
		longest = math.Max(longest, textWidth(names[i]))
		for _, text := range m.texts(i) {
			cell = math.Max(cell, textWidth(text)+6)
		}
	}
	const top = 30.0
	left := longest + 34
	width, bottom := left+cell*float64(n)+16, top+math.Max(matrixCell, math.Min(cell, 40))*float64(n)
	height := (bottom - top) / math.Max(1, float64(n))
	c := &canvas{}
	c.open(math.Max(width, 260), bottom+longest+14, m.Title)
	c.text("axis", "start", left, 14, "answer →")
	c.text("axis", "end", left-8, 14, "label ↓")
	for i := range n {
		y := top + height*float64(i)
		c.text("label", "end", left-8, y+height/2+4, names[i])
		x := left + cell*(float64(i)+0.5)
		fmt.Fprintf(c, `<text class="label" fill="#1f2933" text-anchor="end" transform="translate(%s %s) rotate(-90)">%s</text>`, px(x+4),
			px(bottom+8), escape.XML(names[i]))
		for j := range n {
			m.cell(c, i, j, box{point{left + cell*float64(j), y}, point{left + cell*float64(j+1), y + height}})
		}
	}
	return c.close()
}

func (m Matrix) texts(row int) []string {
	if m.Text == nil {
		return nil
	}
	return m.Text[row]
}

func (m Matrix) cell(c *canvas, i, j int, at box) {
	shade := m.Shade[i][j]
	class, colour := "share", "#0b5cad"
	if shade < 0 {
		class, colour = "share fewer", "#b35400"
	}
	edge, thick := gridColour, "0.5"
	if i == j {
		class, edge, thick = class+" same", zeroColour, "1.2"
	}
	full := fullest * math.Min(1, math.Abs(shade))
	if !finite(shade) {
		full = 0
	}
	fmt.Fprintf(c, `<g><rect class="%s" fill="%s" fill-opacity="%s" stroke="%s" stroke-width="%s" x="%s" y="%s" width="%s" height="%s"/>`,
		class, colour, number3(full), edge, thick, px(at.min.x+0.5), px(at.min.y+0.5), px(at.max.x-at.min.x-1), px(at.max.y-at.min.y-1))
	if m.Note != nil {
		fmt.Fprintf(c, `<title>%s</title>`, escape.XML(m.Note(i, j)))
	}
	if texts := m.texts(i); texts != nil && texts[j] != "" {
		fmt.Fprintf(c, `<text class="count" fill="#1f2933" font-size="11" text-anchor="middle" x="%s" y="%s">%s</text>`,
			px((at.min.x+at.max.x)/2), px((at.min.y+at.max.y)/2+4), escape.XML(texts[j]))
	}
	c.WriteString(`</g>`)
}

// number3 writes a share with at most three decimals.
func number3(v float64) string { return label(math.Round(v*1000) / 1000) }

// Cut shortens a name to so many characters, with an ellipsis at its end.
func Cut(name string, most int) string {
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}
