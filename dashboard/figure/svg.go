package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"workbench/experiments/escape"
)

// canvas collects SVG elements; every text that enters it is escaped: a label may hold anything.
type canvas struct{ strings.Builder }

// open begins a drawing of w × h pixels that screen readers announce by its title.
func (c *canvas) open(w, h float64, title string) {
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-label="%s" font-family="system-ui, sans-serif" font-size="12">`,
		px(w), px(h), px(w), px(h), escape.XML(title))
	fmt.Fprintf(c, `<title>%s</title>`, escape.XML(title))
}

func (c *canvas) close() string {
	c.WriteString("</svg>\n")
	return c.String()
}

// point is a place or a size in pixels, to the right and down.
type point struct{ x, y float64 }

func (c *canvas) line(class, stroke string, from, to point) {
	fmt.Fprintf(c, `<line class="%s" stroke="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, stroke, px(from.x), px(from.y), px(to.x), px(to.y))
}

func (c *canvas) rect(class, fill string, at, size point) {
	fmt.Fprintf(c, `<rect class="%s" fill="%s" x="%s" y="%s" width="%s" height="%s"/>`, class, fill, px(at.x), px(at.y),
		px(size.x), px(size.y))
}

// text anchored at start, middle or end of x.
func (c *canvas) text(class, anchor string, x, y float64, s string) {
	fmt.Fprintf(c, `<text class="%s" fill="#1f2933" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, px(x), px(y), escape.XML(s))
}

// px writes a coordinate with at most one decimal: equal drawings are equal text.
func px(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10+0, 'f', -1, 64) // + 0 turns -0 into 0
}

// axis maps values [Low, High] to pixels [from, to].
type axis struct{ low, high, from, to float64 }

func (a axis) at(v float64) float64 {
	if a.high == a.low {
		return (a.from + a.to) / 2
	}
	return a.from + (v-a.low)/(a.high-a.low)*(a.to-a.from)
}

// clamped is at, held inside the drawing.
func (a axis) clamped(v float64) float64 {
	return a.at(math.Max(a.low, math.Min(a.high, v)))
}

// ticks are about n round values inside the axis (steps of 1, 2 or 5 times a power of ten).
func (a axis) ticks(n int) []float64 {
	span := a.high - a.low
	if !(span > 0) || math.IsInf(span, 0) || n < 1 {
		return []float64{a.low}
	}
	step := math.Pow(10, math.Floor(math.Log10(span/float64(n))))
	for _, m := range []float64{1, 2, 5, 10} {
		if span/(step*m) <= float64(n) {
			step *= m
			break
		}
	}
	return a.every(step)
}

// label writes a tick without the noise of binary fractions.
func label(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// finite says whether v can be drawn.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// span is the range of the finite values, widened so that it is never empty.
func span(values ...float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	if low > high {
		return 0, 1
	}
	if low == high {
		pad := math.Max(math.Abs(low)*0.1, 1e-9)
		return low - pad, high + pad
	}
	return low, high
}
