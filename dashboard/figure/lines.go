package figure

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"workbench/experiments/escape"
)

// Line is one curve with, optionally, a band around it. X, Y and the band have equal lengths; values that are not
// finite break the line.
type Line struct {
	Label     string // "": not in the legend
	Style     Style
	X, Y      []float64
	Low, High []float64 // empty: no band
	Lost      []float64 // x of values that are no numbers, marked at the upper edge
	Width     float64   // in pixels; 0: 1.8
	Opacity   float64   // 0: 1
}

// Plot names what is drawn and how.
type Plot struct {
	Title, X string
	Note     string     // what was done to the values; "" for nothing
	Scale    Scale      // of x
	Log      bool       // y is logarithmic; what is not above zero breaks the line
	Window   [2]float64 // of x; equal ends: all of it
	Marks    []Mark     // where the ticks of x are, in place of round values
	Empty    string     // what is said where there is no line; "": that nothing was measured
}

// Mark is a tick with a text of its own.
type Mark struct {
	X    float64
	Text string
}

// dotted is the most points of a line that are also drawn as dots: a single one is no line.
const dotted = 24

// Lines draws curves over a common axis with their names in a legend below.
func (p Plot) Lines(lines []Line) string {
	const left, right, bottom = 64.0, 16.0, 48.0
	head, height := 28.0, 340.0
	if p.Note != "" {
		head, height = head+16, height+16
	}
	keys := keysOf(lines, 760-left-right)
	width := math.Max(760, left+keys.width+right)
	if p.Log {
		lines = logarithms(lines)
	}
	x, y := p.axes(lines)
	x.from, x.to, y.from, y.to = left, width-right, height-bottom, head

	c := &canvas{}
	c.open(width, height+keys.height()+8, p.Title)
	c.text("title", "start", left, 16, p.Title)
	if p.Note != "" {
		c.text("note", "start", left, 32, p.Note)
	}
	for _, t := range p.heights(y) {
		c.line("grid", gridColour, point{left, y.at(t)}, point{width - right, y.at(t)})
		c.text("tick", "end", left-8, y.at(t)+4, p.height(t))
	}
	for _, m := range p.marks(x) {
		c.line("grid", gridColour, point{x.at(m.X), head}, point{x.at(m.X), y.from})
		c.text("tick", "middle", x.at(m.X), y.from+16, m.Text)
	}
	c.text("axis", "middle", (left+width-right)/2, y.from+34, p.X)
	inside := []string{px(left), px(head), px(x.to - x.from), px(y.from - head)}
	plot := "plot-" + strings.Join(inside, "-") // in a page with several figures, equal names mean equal places
	fmt.Fprintf(c, `<clipPath id="%s"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath><g clip-path="url(#%s)">`,
		plot, inside[0], inside[1], inside[2], inside[3], plot)
	for _, l := range lines {
		c.curve(l, x, y)
	}
	c.WriteString(`</g>`)
	for _, l := range lines {
		c.lost(l, x, head)
	}
	keys.draw(c, point{left, height})
	if len(lines) == 0 {
		c.text("note", "middle", (left+width-right)/2, (head+y.from)/2, cmp.Or(p.Empty, "nothing was measured"))
	}
	return c.close()
}

// marks of x; those of its own whose text would lie over the one before have none.
func (p Plot) marks(x axis) (marks []Mark) {
	if p.Marks == nil {
		for _, t := range p.Scale.ticks(x, 8) {
			marks = append(marks, Mark{t, p.Scale.label(t, x)})
		}
		return marks
	}
	free := math.Inf(-1)
	for _, m := range p.Marks {
		half := textWidth(m.Text)/2 + 4
		if x.at(m.X)-half < free {
			m.Text = ""
		} else {
			free = x.at(m.X) + half
		}
		marks = append(marks, m)
	}
	return marks
}

// axes that hold what the window shows.
func (p Plot) axes(lines []Line) (x, y axis) {
	all := p.Window[0] == p.Window[1]
	var xs, ys []float64
	for _, l := range lines {
		for i, v := range l.X {
			if !all && (v < p.Window[0] || v > p.Window[1]) {
				continue
			}
			xs, ys = append(xs, v), append(ys, l.Y[i])
			if len(l.Low) == len(l.X) && len(l.High) == len(l.X) {
				ys = append(ys, l.Low[i], l.High[i])
			}
		}
		xs = append(xs, l.Lost...)
	}
	x.low, x.high = span(xs...)
	if !all {
		x.low, x.high = p.Window[0], p.Window[1]
	}
	y.low, y.high = span(ys...)
	if p.Marks != nil { // points at the ends lie inside
		room := (x.high - x.low) * 0.04
		x.low, x.high = x.low-room, x.high+room
	}
	pad := (y.high - y.low) * 0.04
	y.low, y.high = y.low-pad, y.high+pad
	return x, y
}

// logarithms of the lines' values to the base of ten.
func logarithms(lines []Line) []Line {
	of := func(values []float64) []float64 {
		out := make([]float64, len(values))
		for i, v := range values {
			out[i] = math.NaN()
			if v > 0 {
				out[i] = math.Log10(v)
			}
		}
		return out
	}
	list := make([]Line, len(lines))
	for i, l := range lines {
		l.Y, l.Low, l.High = of(l.Y), of(l.Low), of(l.High)
		list[i] = l
	}
	return list
}

// heights are where the grid's lines of y are: of a logarithmic axis, 1, 2 and 5 times the powers of ten, or, if it has
// hardly any of those, about six round values.
func (p Plot) heights(y axis) []float64 {
	if !p.Log {
		return y.ticks(6)
	}
	ticks := decades(y)
	if len(ticks) >= 3 {
		return ticks
	}
	ticks = nil
	for _, v := range (axis{low: math.Pow(10, y.low), high: math.Pow(10, y.high)}).ticks(6) {
		if v > 0 {
			ticks = append(ticks, math.Log10(v))
		}
	}
	return ticks
}

func (p Plot) height(t float64) string {
	if p.Log {
		t = math.Pow(10, t)
	}
	return label(t)
}

func (c *canvas) curve(l Line, x, y axis) {
	if len(l.Low) == len(l.X) && len(l.High) == len(l.X) {
		c.band(l, x, y)
	}
	width, opacity := l.Width, ""
	if width == 0 {
		width = 1.8
	}
	if l.Opacity != 0 {
		opacity = fmt.Sprintf(` stroke-opacity="%s"`, label(l.Opacity))
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
		if l.Label != "" && len(l.X) <= dotted {
			fmt.Fprintf(c, `<circle class="bar k%d" fill="%s" cx="%s" cy="%s" r="2.4"/>`, l.Style.Slot, l.Style.Colour(),
				px(x.at(l.X[i])), px(y.at(l.Y[i])))
		}
	}
	if d.Len() > 0 {
		fmt.Fprintf(c, `<path class="line k%d" fill="none" stroke="%s" stroke-width="%s"%s stroke-dasharray="%s" d="%s"/>`,
			l.Style.Slot, l.Style.Colour(), label(width), opacity, Dashes[l.Style.Dash], d.String())
	}
}

// lost marks values that are no numbers, inside the axis.
func (c *canvas) lost(l Line, x axis, top float64) {
	for _, v := range l.Lost {
		if v >= x.low && v <= x.high {
			at := x.at(v)
			fmt.Fprintf(c, `<path class="lost" fill="#b3261e" d="M%s %sL%s %sL%s %sZ"><title>%s</title></path>`, px(at-4), px(top),
				px(at+4), px(top), px(at), px(top+8), escape.XML(l.Label+": no number"))
		}
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
