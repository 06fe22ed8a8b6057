package figure

import (
	"fmt"
	"math"

	"workbench/experiments/escape"
)

// Stretch is a part of a strip: a phase of a run.
type Stretch struct {
	Name   string
	Note   string  // "2 epochs, 960 images, 5 s", shown as a tool tip and told by screen readers
	Length float64 // in the unit of the axis
	Begun  float64 // share of it that is done
	Shared bool    // another run has made it
}

// Strip draws stretches one after another over an axis that counts on, each with its name where there is room for it.
func Strip(title, unit string, parts []Stretch) string {
	const width, left, right, top, height = 760.0, 64.0, 16.0, 6.0, 26.0
	total := 0.0
	for _, p := range parts {
		total += p.Length
	}
	if !(total > 0) {
		return ""
	}
	a := axis{0, total, left, width - right}
	c := &canvas{}
	c.open(width, 70, title)
	at, free := 0.0, math.Inf(-1)
	tick := func(v float64) {
		c.line("grid", greyColour, point{a.at(v), top + height}, point{a.at(v), top + height + 4})
		if text := label(math.Round(v*100) / 100); a.at(v)-textWidth(text)/2 > free {
			c.text("tick", "middle", a.at(v), top+height+17, text)
			free = a.at(v) + textWidth(text)/2 + 4
		}
	}
	tick(0)
	for i, p := range parts {
		from, to := a.at(at), a.at(at+p.Length)
		dash := ""
		if p.Shared {
			dash = ` stroke-dasharray="4 3"`
		}
		fmt.Fprintf(c, `<g><title>%s</title>`, escape.XML(p.Name+": "+p.Note))
		fmt.Fprintf(c, `<rect class="stretch s%d" fill="%s" stroke="%s"%s x="%s" y="%s" width="%s" height="%s"/>`, i%2,
			[]string{"#e4e9ee", "#f4f6f8"}[i%2], greyColour, dash, px(from), px(top), px(math.Max(to-from, 1)), px(height))
		if p.Begun > 0 {
			fmt.Fprintf(c, `<rect class="stretch made" fill="%s" x="%s" y="%s" width="%s" height="3"/>`, zeroColour, px(from),
				px(top+height-3), px(math.Max((to-from)*math.Min(p.Begun, 1), 1)))
		}
		if textWidth(p.Name)+8 <= to-from {
			c.text("label", "middle", (from+to)/2, top+17, p.Name)
		}
		c.WriteString(`</g>`)
		at += p.Length
		tick(at)
	}
	c.text("axis", "middle", (left+width-right)/2, 66, unit)
	return c.close()
}
