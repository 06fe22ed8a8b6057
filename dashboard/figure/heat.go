package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"workbench/experiments/escape"
)

// Heat is a map of values over steps (columns) and layers (rows). Its colours are viridis (Smith and van der Walt
// 2015), which grows evenly in lightness and is read alike under colour blindness.
type Heat struct {
	Title   string
	X       string    // what the columns are
	Columns []string  // their labels
	Rows    []HeatRow // from the top
	Low     float64   // value of the darkest colour
	High    float64   // value of the lightest
	Scale   string    // what the colours are
	Unit    func(float64) string
}

// HeatRow has a value for each column: NaN is none at all (nothing is drawn), +Inf one that is no number, −Inf one that
// has no logarithm, because it is 0.
type HeatRow struct {
	Label  string
	Note   string // read when the row is pointed at
	Values []float64
}

// viridis at equal distances.
var viridis = [][3]float64{{68, 1, 84}, {72, 36, 117}, {65, 68, 135}, {53, 95, 141}, {42, 120, 142}, {33, 145, 140}, {34, 168, 132},
	{68, 191, 112}, {122, 209, 81}, {189, 223, 38}, {253, 231, 37}}

// heatLevels are told apart by colour.
const heatLevels = 32

// heatColour of a level from 0 to heatLevels − 1.
func heatColour(level int) string {
	at := float64(level) / (heatLevels - 1) * float64(len(viridis)-1)
	i := min(int(at), len(viridis)-2)
	t := at - float64(i)
	mix := func(k int) int { return int(math.Round((1-t)*viridis[i][k] + t*viridis[i+1][k])) }
	return fmt.Sprintf("#%02x%02x%02x", mix(0), mix(1), mix(2))
}

// Marks of values that have no place on the scale.
const (
	heatNothing = -1
	heatZero    = heatLevels
	heatLost    = heatLevels + 1
)

func (h Heat) level(v float64) int {
	switch {
	case math.IsNaN(v):
		return heatNothing
	case math.IsInf(v, 1):
		return heatLost
	case math.IsInf(v, -1):
		return heatZero
	case h.High <= h.Low:
		return heatLevels / 2
	}
	return min(max(int((v-h.Low)/(h.High-h.Low)*heatLevels), 0), heatLevels-1)
}

// fill of a level, and the class by which a page can change it.
func fillOf(level int) (class, colour string) {
	switch level {
	case heatZero:
		return "heat zeroed", greyColour
	case heatLost:
		return "heat lost", Palette[1]
	}
	return "heat", heatColour(level)
}

// Draw the map, with the scale of its colours below.
func (h Heat) Draw() string {
	const right, top = 20.0, 8.0
	left := 40.0
	for _, r := range h.Rows {
		left = math.Max(left, 6.4*float64(len([]rune(r.Label)))+16)
	}
	across := math.Max(340, math.Min(560, 14*float64(len(h.Columns))))
	high := math.Max(4, math.Min(18, 640/math.Max(1, float64(len(h.Rows)))))
	width, bottom := left+across+right, top+high*float64(len(h.Rows))
	c := &canvas{}
	c.open(width, bottom+92, h.Title)
	if len(h.Rows) == 0 || len(h.Columns) == 0 {
		c.text("note", "start", 12, bottom+24, "Nothing was recorded.")
		return c.close()
	}
	x := axis{0, float64(len(h.Columns)), left, width - right}
	h.cells(c, x, top, high)
	every := int(math.Ceil(12 / high))
	for i, r := range h.Rows {
		y := top + high*float64(i)
		if i%every == 0 {
			fmt.Fprintf(c, `<text class="tick" fill="#1f2933" font-size="10" text-anchor="end" x="%s" y="%s">%s</text>`, px(left-6),
				px(y+high/2+3.5), escape.XML(r.Label))
		}
		fmt.Fprintf(c, `<rect class="sense" fill="none" pointer-events="all" x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`,
			px(left), px(y), px(width-right-left), px(high), escape.XML(r.Label+": "+r.Note))
	}
	h.ticks(c, x, bottom+16)
	c.text("axis", "middle", (left+width-right)/2, bottom+34, h.X)
	h.key(c, point{left, bottom + 46})
	return c.close()
}

// ticks names every so manieth column, so that names keep apart.
func (h Heat) ticks(c *canvas, x axis, y float64) {
	widest := 0.0
	for _, text := range h.Columns {
		widest = math.Max(widest, textWidth(text)+10)
	}
	every := max(1, int(math.Ceil(widest/(x.at(1)-x.at(0)))))
	for i := 0; i < len(h.Columns); i += every {
		c.text("tick", "middle", x.at(float64(i)+0.5), y, h.Columns[i])
	}
}

// cells draws each colour as one path; neighbours of one colour are one rectangle.
func (h Heat) cells(c *canvas, x axis, top, high float64) {
	paths := map[int]*strings.Builder{}
	for i, r := range h.Rows {
		y := top + high*float64(i)
		for j := 0; j < len(h.Columns) && j < len(r.Values); {
			level, end := h.level(r.Values[j]), j+1
			for end < min(len(h.Columns), len(r.Values)) && h.level(r.Values[end]) == level {
				end++
			}
			if level != heatNothing {
				if paths[level] == nil {
					paths[level] = &strings.Builder{}
				}
				from, to := x.at(float64(j)), x.at(float64(end))
				fmt.Fprintf(paths[level], "M%s %sH%sV%sH%sZ", px(from), px(y), px(to), px(y+high), px(from))
			}
			j = end
		}
	}
	levels := make([]int, 0, len(paths))
	for level := range paths {
		levels = append(levels, level)
	}
	slices.Sort(levels)
	for _, level := range levels {
		class, colour := fillOf(level)
		fmt.Fprintf(c, `<path class="%s" fill="%s" shape-rendering="crispEdges" d="%s"/>`, class, colour, paths[level])
	}
}

// has tells whether a value of the map has a level.
func (h Heat) has(level int) bool {
	for _, r := range h.Rows {
		for _, v := range r.Values {
			if h.level(v) == level {
				return true
			}
		}
	}
	return false
}

// key draws the colours with the values at their ends and what has none of them.
func (h Heat) key(c *canvas, at point) {
	const bar = 8 * heatLevels // whole pixels a level, without seams
	for i := range heatLevels {
		c.rect("heat", heatColour(i), point{at.x + bar/heatLevels*float64(i), at.y}, point{bar / heatLevels, 10})
	}
	low, high := h.Unit(h.Low), h.Unit(h.High)
	c.text("tick", "start", at.x, at.y+23, low)
	c.text("tick", "end", at.x+bar, at.y+23, high)
	if textWidth(low)+textWidth(high)+textWidth(h.Scale)+16 < bar {
		c.text("axis", "middle", at.x+bar/2, at.y+23, h.Scale)
	} else {
		c.text("axis", "start", at.x, at.y+38, h.Scale)
	}
	x := at.x + bar + 14
	for _, k := range []struct {
		level int
		text  string
	}{{heatZero, "0"}, {heatLost, "no number"}} {
		if h.has(k.level) {
			class, colour := fillOf(k.level)
			c.rect(class, colour, point{x, at.y}, point{10, 10})
			c.text("tick", "start", x+14, at.y+9, k.text)
			x += 14 + textWidth(k.text) + 12
		}
	}
}
