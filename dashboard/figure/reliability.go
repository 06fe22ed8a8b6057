package figure

import (
	"fmt"
	"math"

	"workbench/experiments/escape"
)

// Reliability is the diagram of DeGroot and Fienberg 1983, as Guo et al. 2017 (arXiv 1706.04599), figure 1, draw it:
// how often answers are right against how sure they are. Below it is how many answers there are of each confidence.
type Reliability struct {
	Title string
	Bins  []Confidence
}

// Confidence is a bin of answers; shares are from 0 to 1.
type Confidence struct {
	From, To float64
	Images   int
	Right    float64 // share
	Sure     float64 // mean confidence
}

// Draw the diagram.
func (r Reliability) Draw() string {
	const width, left, side, top, low = 420.0, 52.0, 330.0, 12.0, 60.0
	const bottom = top + side
	const ground = bottom + 14 + low
	x, y := axis{0, 1, left, left + side}, axis{0, 1, bottom, top}
	most := 1
	for _, b := range r.Bins {
		most = max(most, b.Images)
	}
	c := &canvas{}
	c.open(width, ground+46, r.Title)
	for i := range 6 {
		v := float64(i) / 5
		c.line("grid", gridColour, point{left, y.at(v)}, point{left + side, y.at(v)})
		c.text("tick", "end", left-8, y.at(v)+4, label(100*v))
		c.text("tick", "middle", x.at(v), ground+16, label(100*v))
	}
	for _, b := range r.Bins {
		if b.Images == 0 {
			continue
		}
		from, wide := x.clamped(b.From)+1, math.Max(1, x.clamped(b.To)-x.clamped(b.From)-2)
		right, sure := y.clamped(b.Right), y.clamped(b.Sure)
		fmt.Fprintf(c, `<g><title>%s</title>`, escape.XML(b.describe()))
		fmt.Fprintf(c, `<rect class="bar k0" fill="%s" x="%s" y="%s" width="%s" height="%s"/>`, Palette[0], px(from), px(right), px(wide),
			px(bottom-right))
		fmt.Fprintf(c, `<rect class="gap k3" fill="%s" fill-opacity="0.35" stroke="%s" x="%s" y="%s" width="%s" height="%s"/>`, Palette[3],
			Palette[3], px(from), px(math.Min(right, sure)), px(wide), px(math.Abs(right-sure)))
		tall := low * float64(b.Images) / float64(most)
		fmt.Fprintf(c, `<rect class="amount" fill="%s" x="%s" y="%s" width="%s" height="%s"/></g>`, greyColour, px(from), px(ground-tall),
			px(wide), px(math.Max(tall, 0.5)))
	}
	fmt.Fprintf(c, `<line class="zero" stroke="%s" stroke-dasharray="4 3" x1="%s" y1="%s" x2="%s" y2="%s"/>`, zeroColour, px(left),
		px(bottom), px(left+side), px(top))
	c.line("zero", zeroColour, point{left, ground}, point{left + side, ground})
	c.text("axis", "middle", left+side/2, ground+34, "confidence (%)")
	fmt.Fprintf(c, `<text class="axis" fill="#1f2933" text-anchor="middle" transform="translate(14 %s) rotate(-90)">right (%%)</text>`,
		px(top+side/2))
	c.text("tick", "end", left-8, ground-low+8, fmt.Sprint(most))
	return c.close()
}

func (b Confidence) describe() string {
	return fmt.Sprintf("confidence %s to %s %%: %d images, %s %% right, %s %% sure on average", number3(100*b.From), number3(100*b.To),
		b.Images, label(math.Round(1000*b.Right)/10), label(math.Round(1000*b.Sure)/10))
}
