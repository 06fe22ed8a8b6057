package figure

import (
	"fmt"
	"math"
	"strings"

	"workbench/experiments/escape"
)

// Difference is a paired difference to the baseline with its interval (NaN: none), in the units of the axis.
type Difference struct {
	Label     string
	Mean      float64
	Low, High float64
	Undecided bool // drawn hollow
	Style     Style
	Note      string // "n = 3, p = 0.012"
}

const (
	zeroColour = "#52606d"
	gridColour = "#d9dfe5"
	greyColour = "#9aa5b1"
)

// Range that holds all differences, their intervals and zero, symmetric when both signs occur.
func Range(rows []Difference) (low, high float64) {
	values := []float64{0}
	for _, r := range rows {
		values = append(values, r.Mean, r.Low, r.High)
	}
	low, high = span(values...)
	pad := (high - low) * 0.06
	return low - pad, high + pad
}

// Bar draws one difference of a table: a bar from a shared zero line and the interval as a whisker.
func Bar(d Difference, low, high float64) string {
	const w, h = 132.0, 18.0
	a := axis{low, high, 2, w - 2}
	c := &canvas{}
	c.open(w, h, describe(d))
	zero := a.clamped(0)
	if finite(d.Mean) {
		x := a.clamped(d.Mean)
		fill, class := d.Style.Colour(), fmt.Sprintf("bar k%d", d.Style.Slot)
		if d.Undecided {
			fill, class = greyColour, "bar undecided"
		}
		fmt.Fprintf(c, `<rect class="%s" fill="%s" fill-opacity="0.75" x="%s" y="4" width="%s" height="10"/>`,
			class, fill, px(math.Min(zero, x)), px(math.Max(math.Abs(x-zero), 1)))
	}
	if finite(d.Low) && finite(d.High) {
		l, r := a.clamped(d.Low), a.clamped(d.High)
		c.line("whisker", "#1f2933", point{l, 9}, point{r, 9})
		c.line("whisker", "#1f2933", point{l, 6}, point{l, 12})
		c.line("whisker", "#1f2933", point{r, 6}, point{r, 12})
	}
	c.line("zero", zeroColour, point{zero, 0}, point{zero, h})
	return c.close()
}

func describe(d Difference) string {
	if !finite(d.Mean) {
		return d.Label + ": no difference known"
	}
	s := fmt.Sprintf("%s: difference %s", d.Label, label(d.Mean))
	if finite(d.Low) && finite(d.High) {
		s += fmt.Sprintf(", 95 %% interval %s to %s", label(d.Low), label(d.High))
	}
	return s
}

// NoDifference is what is said in place of an empty figure.
const NoDifference = "There is no pair of finished runs yet from which an effect could be estimated."

// Forest draws differences under one another with a shared zero line and, behind them, the band ± noise:
// the spread of the baseline over seeds (0 or NaN: no band). unit names the axis. Without any difference there is no
// axis: the figure says so.
func Forest(title, unit string, rows []Difference, noise float64) string {
	const plot, rowHeight, top = 380.0, 26.0, 16.0
	left, right := 40.0, 24.0
	known := false
	for _, r := range rows {
		left, right = math.Max(left, textWidth(r.Label)+20), math.Max(right, textWidth(r.Note)+24)
		known = known || finite(r.Mean)
	}
	c := &canvas{}
	if !known {
		c.open(textWidth(NoDifference)+24, 48, title)
		c.text("note", "start", 12, 28, NoDifference)
		return c.close()
	}
	width := math.Max(760, left+plot+right)
	height := top + rowHeight*float64(len(rows)) + 44
	low, high := Range(rows)
	if finite(noise) && noise > 0 {
		low, high = math.Min(low, -noise*1.1), math.Max(high, noise*1.1)
	}
	a := axis{low, high, left, width - right}
	bottom := height - 40
	c.open(width, height, title)
	if finite(noise) && noise > 0 {
		c.rect("noise", "#e4e9ee", point{a.at(-noise), top - 8}, point{a.at(noise) - a.at(-noise), bottom - top + 8})
	}
	for _, t := range a.ticks(6) {
		c.line("grid", gridColour, point{a.at(t), top - 8}, point{a.at(t), bottom})
		c.text("tick", "middle", a.at(t), bottom+16, signed(t))
	}
	c.line("zero", zeroColour, point{a.at(0), top - 8}, point{a.at(0), bottom})
	for i, r := range rows {
		c.forestRow(r, a, top+rowHeight*(float64(i)+0.5), left, width-right)
	}
	c.text("axis", "middle", (left+width-right)/2, bottom+34, unit)
	return c.close()
}

func (c *canvas) forestRow(r Difference, a axis, y, left, right float64) {
	c.text("label", "end", left-12, y+4, r.Label)
	c.text("note", "start", right+12, y+4, r.Note)
	if finite(r.Low) && finite(r.High) {
		c.line("whisker", "#1f2933", point{a.at(r.Low), y}, point{a.at(r.High), y})
	}
	if !finite(r.Mean) {
		return
	}
	class, fill := "dot", "#1f2933"
	if r.Undecided {
		class, fill = "dot hollow", "#ffffff"
	}
	fmt.Fprintf(c, `<circle class="%s" fill="%s" stroke="#1f2933" stroke-width="1.5" cx="%s" cy="%s" r="5"><title>%s</title></circle>`,
		class, fill, px(a.at(r.Mean)), px(y), escape.XML(describe(r)))
}

func signed(v float64) string {
	if v > 0 {
		return "+" + label(v)
	}
	return strings.Replace(label(v), "-", "−", 1)
}
