package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"workbench/experiments/escape"
)

// Bubble is a thing with two coordinates and a size, all above zero but Y.
type Bubble struct {
	Label      string
	Style      Style
	X, Y, Size float64
	Low, High  float64 // an interval of y; equal: none is known
	Note       string  // read when it is pointed at
	Href       string  // "": leads nowhere
}

// BubbleChart is Canziani et al. 2016 (arXiv 1605.07678), figure 2: areas are sizes, x is logarithmic, and a line joins
// what nothing to the left exceeds. Intervals of y are upright lines.
type BubbleChart struct {
	Title, X, Y, Size string
	Unit              func(float64) string // writes sizes, and values of x
	UnitX             func(float64) string // writes values of x; nil: Unit
	Lower             bool                 // y is better the less it is
	Keys              []Key                // of the colours
}

// Key says what is drawn in a style.
type Key struct {
	Label string
	Style Style
}

const (
	largestRadius = 34.0
	labelHeight   = 13.0
	labelAdvance  = 6.1 // pixels a character of a label of 11 pixels is wide, on average
)

// Draw the chart. Labels that would cover others are left out: pointing at a bubble tells its name.
func (b BubbleChart) Draw(bubbles []Bubble) string {
	const width, left, right, top, bottom = 1180.0, 56.0, 20.0, 20.0, 560.0
	bubbles = slices.Clone(bubbles)
	slices.SortStableFunc(bubbles, func(p, q Bubble) int { return cmp.Compare(q.Size, p.Size) }) // small ones on top
	x, y, largest := b.axes(bubbles)
	x.from, x.to, y.from, y.to = left, width-right, bottom, top

	unitX := b.UnitX
	if unitX == nil {
		unitX = b.Unit
	}
	c := &canvas{}
	legend := bottom + 62
	if len(b.Keys) == 0 {
		legend = bottom + 38
	}
	c.open(width, legend+20*math.Ceil(float64(len(b.Keys))/8)+4, b.Title)
	for _, t := range y.ticks(7) {
		c.line("grid", gridColour, point{left, y.at(t)}, point{width - right, y.at(t)})
		c.text("tick", "end", left-8, y.at(t)+4, label(t))
	}
	for _, t := range decades(x) {
		c.line("grid", gridColour, point{x.at(t), top}, point{x.at(t), bottom})
		c.text("tick", "middle", x.at(t), bottom+16, unitX(math.Pow(10, t)))
	}
	c.text("axis", "middle", (left+width-right)/2, bottom+36, b.X)
	c.text("axis", "start", left, top-7, b.Y)
	c.front(bubbles, x, y, b.Lower)
	var circles []circle
	for _, one := range bubbles {
		circles = append(circles, circle{point{x.at(math.Log10(one.X)), y.at(one.Y)}, largestRadius * math.Sqrt(one.Size/largest), one})
	}
	for _, o := range circles {
		if o.High > o.Low {
			c.line("whisker", "#1f2933", point{o.at.x, y.at(o.Low)}, point{o.at.x, y.at(o.High)})
		}
	}
	for _, o := range circles {
		c.bubble(o)
	}
	room := box{point{left, top}, point{width - right, bottom}}
	for _, l := range placeLabels(circles, room) {
		fmt.Fprintf(c, `<text class="label" font-size="11" fill="#1f2933" x="%s" y="%s">%s</text>`, px(l.at.x), px(l.at.y),
			escape.XML(l.text))
	}
	b.sizes(c, largest, point{width - right, bottom})
	for i, k := range b.Keys {
		c.bubble(circle{point{left + 8 + float64(i%8)*138, legend + 20*float64(i/8)}, 6, Bubble{Style: k.Style}})
		c.text("label", "start", left+20+float64(i%8)*138, legend+4+20*float64(i/8), k.Label)
	}
	return c.close()
}

// axes of the decimal logarithm of x and of y, and the largest size.
func (b BubbleChart) axes(bubbles []Bubble) (x, y axis, largest float64) {
	var xs, ys []float64
	largest = 1
	for i, one := range bubbles {
		xs, ys = append(xs, math.Log10(one.X)), append(ys, one.Y)
		if one.High > one.Low {
			ys = append(ys, one.Low, one.High)
		}
		if i == 0 {
			largest = one.Size
		}
	}
	x.low, x.high = span(xs...)
	y.low, y.high = span(ys...)
	padX, padY := 0.06*(x.high-x.low), 0.08*(y.high-y.low)
	x.low, x.high, y.low, y.high = x.low-padX, x.high+padX, y.low-padY, y.high+padY
	return x, y, largest
}

// decades are the logarithms of 1, 2 and 5 times the powers of ten inside the axis; of the powers alone if there are
// many.
func decades(a axis) []float64 {
	steps := []float64{0, math.Log10(2), math.Log10(5)}
	if a.high-a.low > 3 {
		steps = steps[:1]
	}
	var ticks []float64
	for power := math.Floor(a.low); power <= a.high; power++ {
		for _, s := range steps {
			if t := power + s; t >= a.low && t <= a.high {
				ticks = append(ticks, t)
			}
		}
	}
	return ticks
}

type circle struct {
	at     point
	radius float64
	Bubble
}

func (c *canvas) bubble(o circle) {
	if o.Href != "" {
		fmt.Fprintf(c, `<a href="%s">`, escape.XML(o.Href))
	}
	fmt.Fprintf(c, `<circle class="bubble k%d" fill="%s" fill-opacity="0.45" stroke="%s" stroke-width="1.4" stroke-dasharray="%s" cx="%s" cy="%s" r="%s">`,
		o.Style.Slot, o.Style.Colour(), o.Style.Colour(), bubbleDashes[o.Style.Dash%len(bubbleDashes)],
		px(o.at.x), px(o.at.y), px(math.Max(o.radius, 3)))
	if o.Label != "" {
		fmt.Fprintf(c, `<title>%s</title>`, escape.XML(o.Label+": "+o.Note))
	}
	c.WriteString(`</circle>`)
	if o.Href != "" {
		c.WriteString(`</a>`)
	}
}

// bubbleDashes are the outlines that tell two styles of one colour apart, in pixels.
var bubbleDashes = [3]string{"", "3 2", "1 2"}

// front joins the bubbles that no other equals or exceeds in y with fewer x; if lower is better, those of which none
// falls below.
func (c *canvas) front(bubbles []Bubble, x, y axis, lower bool) {
	good := func(b Bubble) float64 {
		if lower {
			return -b.Y
		}
		return b.Y
	}
	sorted := slices.Clone(bubbles)
	slices.SortStableFunc(sorted, func(p, q Bubble) int { return cmp.Or(cmp.Compare(p.X, q.X), cmp.Compare(good(q), good(p))) })
	best := math.Inf(-1)
	var last point
	for _, b := range sorted {
		if good(b) <= best {
			continue
		}
		at := point{x.at(math.Log10(b.X)), y.at(b.Y)}
		if !math.IsInf(best, -1) {
			c.line("zero", zeroColour, last, at)
		}
		best, last = good(b), at
	}
}

// sizes draws three circles of round sizes, the largest next to the corner.
func (b BubbleChart) sizes(c *canvas, largest float64, corner point) {
	round := math.Pow(10, math.Floor(math.Log10(largest)))
	x := corner.x - 10
	for _, s := range []float64{round, round / 10, round / 100} {
		r := math.Max(largestRadius*math.Sqrt(s/largest), 1)
		half := math.Max(r, 18)
		fmt.Fprintf(c, `<circle class="size" fill="none" stroke="%s" cx="%s" cy="%s" r="%s"/>`, zeroColour, px(x-half), px(corner.y-26-r), px(r))
		c.text("tick", "middle", x-half, corner.y-10, b.Unit(s))
		x -= 2*half + 6
	}
	c.text("tick", "end", x, corner.y-10, b.Size)
}
