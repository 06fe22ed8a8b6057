package figure

import (
	"fmt"
	"math"

	"workbench/experiments/escape"
)

// Cost is a part of something with what it costs in each column.
type Cost struct {
	Label  string
	Values []float64
	Texts  []string // the values as they are written
}

// Costs draws horizontal bars, a row a part and a column a kind of cost.
type Costs struct {
	Title   string
	Columns []string
	Most    []float64 // of each column, as long as the longest bar; nil: the largest value
}

// Most of each column of all rows: drawings that share it have one scale.
func Most(columns int, rows ...[]Cost) []float64 {
	most := make([]float64, columns)
	for _, list := range rows {
		for _, r := range list {
			for i, v := range r.Values {
				most[i] = math.Max(most[i], v)
			}
		}
	}
	return most
}

// Draw the bars.
func (k Costs) Draw(rows []Cost) string {
	const bar, written, rowHeight, top, between = 86.0, 56.0, 19.0, 26.0, 6.0
	most := k.Most
	if most == nil {
		most = Most(len(k.Columns), rows)
	}
	left := 40.0
	for _, r := range rows {
		left = math.Max(left, textWidth(r.Label)+14)
	}
	c := &canvas{}
	c.open(left+float64(len(k.Columns))*(bar+written+between), top+rowHeight*float64(len(rows))+6, k.Title)
	for i, name := range k.Columns {
		c.text("axis", "start", left+float64(i)*(bar+written+between), 14, name)
	}
	for j, r := range rows {
		y := top + rowHeight*float64(j)
		c.text("label", "end", left-10, y+12, r.Label)
		for i, v := range r.Values {
			x, length := left+float64(i)*(bar+written+between), 0.0
			if most[i] > 0 {
				length = bar * v / most[i]
			}
			if v > 0 {
				fmt.Fprintf(c, `<rect class="bar k%d" fill="%s" fill-opacity="0.75" x="%s" y="%s" width="%s" height="12"><title>%s</title></rect>`,
					costSlots[i%len(costSlots)], Palette[costSlots[i%len(costSlots)]], px(x), px(y+2), px(math.Max(length, 1)),
					escape.XML(r.Label+", "+k.Columns[i]+": "+r.Texts[i]))
			}
			c.text("tick", "start", x+length+5, y+12, r.Texts[i])
		}
	}
	return c.close()
}

// costSlots are the palette's colours of the columns.
var costSlots = [3]int{0, 3, 9}
