package figure

import (
	"fmt"
	"math"
	"strings"
)

// Line is one curve with, optionally, a band around it. X, Y and the band have equal lengths; values that are not
// finite break the line.
type Line struct {
	Label     string
	Style     Style
	X, Y      []float64
	Low, High []float64 // empty: no band
}

// Plot names what is drawn.
type Plot struct {
	Title, X, Y string
}

// Lines draws curves over a common axis with their names in a legend below.
func (p Plot) Lines(lines []Line) string {
	const width, height, left, right, top = 760.0, 340.0, 64.0, 16.0, 28.0
	var xs, ys []float64
	for _, l := range lines {
		xs, ys = append(xs, l.X...), append(append(append(ys, l.Y...), l.Low...), l.High...)
	}
	x := axis{from: left, to: width - right}
	y := axis{from: height - 48, to: top}
	x.low, x.high = span(xs...)
	y.low, y.high = span(ys...)
	pad := (y.high - y.low) * 0.04
	y.low, y.high = y.low-pad, y.high+pad

	c := &canvas{}
	c.open(width, height+20*math.Ceil(float64(len(lines))/3)+8, p.Title)
	c.text("title", "start", left, 16, p.Title)
	for _, t := range y.ticks(6) {
		c.line("grid", gridColour, point{left, y.at(t)}, point{width - right, y.at(t)})
		c.text("tick", "end", left-8, y.at(t)+4, label(t))
	}
	for _, t := range x.ticks(8) {
		c.line("grid", gridColour, point{x.at(t), top}, point{x.at(t), y.from})
		c.text("tick", "middle", x.at(t), y.from+16, label(t))
	}
	c.text("axis", "middle", (left+width-right)/2, y.from+34, p.X)
	for i, l := range lines {
		c.curve(l, x, y)
		c.key(l, left+float64(i%3)*230, height+20*float64(i/3))
	}
	return c.close()
}

func (c *canvas) curve(l Line, x, y axis) {
	if len(l.Low) == len(l.X) && len(l.High) == len(l.X) {
		c.band(l, x, y)
	}
	var d strings.Builder
	pen := "M"
	for i := range l.X {
		if !finite(l.X[i]) || !finite(l.Y[i]) {
			pen = "M"
			continue
		}
		fmt.Fprintf(&d, "%s%s %s", pen, px(x.at(l.X[i])), px(y.at(l.Y[i])))
		pen = "L"
	}
	if d.Len() > 0 {
		fmt.Fprintf(c, `<path class="line k%d" fill="none" stroke="%s" stroke-width="1.8" stroke-dasharray="%s" d="%s"/>`,
			l.Style.Slot, l.Style.Colour(), Dashes[l.Style.Dash], d.String())
	}
}

// band fills each stretch over which both bounds are finite.
func (c *canvas) band(l Line, x, y axis) {
	for from := 0; from < len(l.X); {
		to := from
		for to < len(l.X) && finite(l.Low[to]) && finite(l.High[to]) {
			to++
		}
		if to-from > 1 {
			var d strings.Builder
			for i := from; i < to; i++ {
				fmt.Fprintf(&d, "%s%s %s", map[bool]string{true: "M", false: "L"}[i == from], px(x.at(l.X[i])), px(y.at(l.High[i])))
			}
			for i := to - 1; i >= from; i-- {
				fmt.Fprintf(&d, "L%s %s", px(x.at(l.X[i])), px(y.at(l.Low[i])))
			}
			fmt.Fprintf(c, `<path class="band k%d" fill="%s" fill-opacity="0.16" stroke="none" d="%sZ"/>`, l.Style.Slot,
				l.Style.Colour(), d.String())
		}
		from = to + 1
	}
}

func (c *canvas) key(l Line, x, y float64) {
	fmt.Fprintf(c, `<line class="line k%d" stroke="%s" stroke-width="2.5" stroke-dasharray="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`,
		l.Style.Slot, l.Style.Colour(), Dashes[l.Style.Dash], px(x), px(y), px(x+22), px(y))
	c.text("label", "start", x+28, y+4, l.Label)
}
