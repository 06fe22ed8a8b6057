package figure

import (
	"fmt"
	"math"

	"workbench/experiments/escape"
)

// Share is a row of a Shares figure, from 0 to 1.
type Share struct {
	Label     string
	Value     float64
	Low, High float64 // its interval; NaN: none
	Beside    float64 // of another run; NaN: none
	Note      string
}

// Shares draws shares, such as the accuracy of each class, as bars under one another with their intervals; what another
// run has is a diamond.
func Shares(title, unit string, rows []Share) string {
	const plot, high, top = 330.0, 22.0, 10.0
	left, right := 40.0, 30.0
	for _, r := range rows {
		left, right = math.Max(left, textWidth(Cut(r.Label, 28))+18), math.Max(right, textWidth(r.Note)+20)
	}
	bottom := top + high*float64(len(rows))
	a := axis{0, 1, left, left + plot}
	c := &canvas{}
	c.open(left+plot+right, bottom+42, title)
	for i := range 6 {
		v := float64(i) / 5
		c.line("grid", gridColour, point{a.at(v), top}, point{a.at(v), bottom})
		c.text("tick", "middle", a.at(v), bottom+16, label(100*v))
	}
	for i, r := range rows {
		y := top + high*(float64(i)+0.5)
		c.text("label", "end", left-10, y+4, Cut(r.Label, 28))
		c.text("note", "start", left+plot+12, y+4, r.Note)
		fmt.Fprintf(c, `<g><title>%s</title>`, escape.XML(r.describe()))
		if finite(r.Value) {
			fmt.Fprintf(c, `<rect class="bar k0" fill="%s" fill-opacity="0.8" x="%s" y="%s" width="%s" height="%s"/>`, Palette[0], px(left),
				px(y-high*0.3), px(math.Max(a.clamped(r.Value)-left, 1)), px(high*0.6))
		}
		if finite(r.Low) && finite(r.High) {
			l, h := a.clamped(r.Low), a.clamped(r.High)
			c.line("whisker", "#1f2933", point{l, y}, point{h, y})
			c.line("whisker", "#1f2933", point{l, y - 3}, point{l, y + 3})
			c.line("whisker", "#1f2933", point{h, y - 3}, point{h, y + 3})
		}
		if finite(r.Beside) {
			fmt.Fprintf(c, `<path class="beside k3" fill="%s" stroke="#1f2933" d="%s"/>`, Palette[3], shapes[3](a.clamped(r.Beside), y, 4))
		}
		c.WriteString(`</g>`)
	}
	c.line("zero", zeroColour, point{left, top}, point{left, bottom})
	c.text("axis", "middle", left+plot/2, bottom+34, unit)
	return c.close()
}

func (r Share) describe() string {
	percent := func(v float64) string { return label(math.Round(1000*v)/10) + " %" }
	if !finite(r.Value) {
		return r.Label + ": none"
	}
	text := fmt.Sprintf("%s: %s", r.Label, percent(r.Value))
	if finite(r.Low) && finite(r.High) {
		text += fmt.Sprintf(", 95 %% interval %s to %s", percent(r.Low), percent(r.High))
	}
	if finite(r.Beside) {
		text += ", the other run " + percent(r.Beside)
	}
	return text
}
