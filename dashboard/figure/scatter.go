package figure

import (
	"fmt"
	"math"
	"strings"

	"workbench/experiments/escape"
)

// Scatter draws images as marks in a plane, such as their features on two principal components. Classes have a colour
// and a shape, so that those of equal colour and readers who see no colours can tell them apart. What was answered
// wrong has a ring.
type Scatter struct {
	Title, X, Y string
	Classes     []string
}

// Spot is an image in a Scatter.
type Spot struct {
	X, Y  float64
	Class int
	Wrong bool
}

// shapes are tried in their order: a class has shape class / 10, which is written as a path around a point.
var shapes = []func(x, y, r float64) string{
	func(x, y, r float64) string {
		return fmt.Sprintf("M%s %sa%s %s 0 1 0 %s 0a%s %s 0 1 0 %s 0Z", px(x-r), px(y), px(r), px(r), px(2*r), px(r), px(r), px(-2*r))
	},
	func(x, y, r float64) string {
		return fmt.Sprintf("M%s %sH%sV%sH%sZ", px(x-r), px(y-r), px(x+r), px(y+r), px(x-r))
	},
	func(x, y, r float64) string {
		return fmt.Sprintf("M%s %sL%s %sL%s %sZ", px(x), px(y-1.2*r), px(x+1.1*r), px(y+0.9*r), px(x-1.1*r), px(y+0.9*r))
	},
	func(x, y, r float64) string {
		return fmt.Sprintf("M%s %sL%s %sL%s %sL%s %sZ", px(x), px(y-1.3*r), px(x+1.3*r), px(y), px(x), px(y+1.3*r), px(x-1.3*r), px(y))
	},
}

func shapeOf(class int) func(x, y, r float64) string { return shapes[class/len(Palette)%len(shapes)] }

// mostKeys of classes are named.
const mostKeys = 40

// Draw the spots, those that are wrong above the others.
func (s Scatter) Draw(spots []Spot) string {
	const left, side, top = 24.0, 460.0, 12.0
	named, longest := s.Classes[:min(len(s.Classes), mostKeys)], 60.0
	for _, name := range named {
		longest = math.Max(longest, textWidth(Cut(name, 22)))
	}
	var xs, ys []float64
	for _, p := range spots {
		xs, ys = append(xs, p.X), append(ys, p.Y)
	}
	x, y := axis{from: left + 8, to: left + side - 8}, axis{from: top + side - 8, to: top + 8}
	x.low, x.high = span(xs...)
	y.low, y.high = span(ys...)
	c := &canvas{}
	columns := 1 + max(0, len(named)-1)/20
	c.open(left+side+26+float64(columns)*(longest+28), top+side+30, s.Title)
	fmt.Fprintf(c, `<rect class="frame" fill="#ffffff" stroke="%s" x="%s" y="%s" width="%s" height="%s"/>`, gridColour, px(left), px(top),
		px(side), px(side))
	c.spots(spots, x, y, false)
	c.spots(spots, x, y, true)
	c.text("axis", "middle", left+side/2, top+side+20, s.X)
	fmt.Fprintf(c, `<text class="axis" fill="#1f2933" text-anchor="middle" transform="translate(15 %s) rotate(-90)">`, px(top+side/2))
	c.WriteString(escape.XML(s.Y))
	c.WriteString("</text>")
	for i, name := range named {
		at := point{left + side + 24 + float64(i/20)*(longest+28), top + 10 + 20*float64(i%20)}
		c.mark(i, shapeOf(i)(at.x, at.y, 4.5))
		c.text("label", "start", at.x+12, at.y+4, Cut(name, 22))
	}
	at := point{left + side + 24, top + side - 6}
	fmt.Fprintf(c, `<path class="ring" fill="none" stroke="#1f2933" stroke-width="1.4" d="%s"/>`, shapes[0](at.x, at.y, 5))
	c.text("label", "start", at.x+12, at.y+4, "wrong")
	return c.close()
}

// spots of each class in one path: those that are right, or those that are wrong with their rings.
func (c *canvas) spots(spots []Spot, x, y axis, wrong bool) {
	var classes [64]strings.Builder // each its colour and shape; more classes share them
	var rings strings.Builder
	for _, p := range spots {
		if p.Wrong != wrong || !finite(p.X) || !finite(p.Y) || p.Class < 0 {
			continue
		}
		k := p.Class % (len(Palette) * len(shapes))
		at := point{x.at(p.X), y.at(p.Y)}
		classes[k].WriteString(shapeOf(k)(at.x, at.y, 3))
		if wrong {
			rings.WriteString(shapeOf(k)(at.x, at.y, 4.2))
		}
	}
	for k := range classes {
		if classes[k].Len() > 0 {
			c.mark(k, classes[k].String())
		}
	}
	if rings.Len() > 0 {
		fmt.Fprintf(c, `<path class="ring" fill="none" stroke="#1f2933" stroke-width="1.1" d="%s"/>`, rings.String())
	}
}

func (c *canvas) mark(class int, path string) {
	slot := class % len(Palette)
	fmt.Fprintf(c, `<path class="spot k%d" fill="%s" fill-opacity="0.8" d="%s"/>`, slot, Palette[slot], path)
}
