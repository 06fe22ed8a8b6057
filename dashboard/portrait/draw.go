package portrait

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"workbench/dashboard/figure"
)

// Bounds of figures: more is told in words.
const (
	MostDrawn = 20 // classes of a matrix
	mostBars  = 40 // classes with a bar
)

// Figure draws the matrix, "" if it has more than MostDrawn classes.
func (c *Confusion) Figure(title string) string {
	n := len(c.Classes)
	if n > MostDrawn {
		return ""
	}
	m := figure.Matrix{Title: title, Classes: c.Classes}
	for i := range n {
		shade, text := make([]float64, n), make([]string, n)
		for j := range n {
			if shade[j] = c.share(i, j); c.Counts[i][j] > 0 {
				text[j] = strconv.Itoa(c.Counts[i][j])
			}
		}
		m.Shade, m.Text = append(m.Shade, shade), append(m.Text, text)
	}
	m.Note = func(i, j int) string {
		return fmt.Sprintf("%s answered as %s: %d of %d images, %s", c.Classes[i], c.Classes[j], c.Counts[i][j], c.Each[i].Images,
			percent(c.share(i, j)))
	}
	return m.Draw()
}

// Bars draws how often each class is right, with what the other run has of the same classes beside it. Of many classes
// it has those that are right least often, and says how many more there are.
func (c *Confusion) Bars(title string, beside *Confusion) (svg string, left int) {
	alike := beside != nil && slices.Equal(c.Classes, beside.Classes)
	var rows []figure.Share
	for i, one := range c.Each {
		s := figure.Share{Label: one.Name, Value: one.Accuracy, Low: one.Low, High: one.High, Beside: math.NaN(),
			Note: fmt.Sprintf("%d of %d", one.Right, one.Images)}
		if alike {
			s.Beside = beside.Each[i].Accuracy
		}
		rows = append(rows, s)
	}
	if len(rows) > mostBars {
		slices.SortStableFunc(rows, func(a, b figure.Share) int {
			if x, y := math.IsNaN(a.Value), math.IsNaN(b.Value); x != y { // no images, no accuracy: the last
				return map[bool]int{true: 1, false: -1}[x]
			}
			return cmp.Compare(a.Value, b.Value)
		})
		left, rows = len(rows)-mostBars, rows[:mostBars]
	}
	return figure.Shares(title, "answered right (%)", rows), left
}

// Figure draws the reliability diagram.
func (c *Calibration) Figure(title string) string {
	r := figure.Reliability{Title: title}
	for _, b := range c.Bins {
		one := figure.Confidence{From: b.From, To: b.To, Images: b.Images, Sure: b.Confidence}
		if b.Images > 0 {
			one.Right = float64(b.Right) / float64(b.Images)
		}
		r.Bins = append(r.Bins, one)
	}
	return r.Draw()
}

// Figure draws the points in the plane.
func (e *Embedding) Figure(title string) string {
	s := figure.Scatter{Title: title, X: "component 1: " + percent(e.Explained[0]) + " of the variance",
		Y: "component 2: " + percent(e.Explained[1]), Classes: e.Classes}
	spots := make([]figure.Spot, len(e.Points))
	for i, p := range e.Points {
		spots[i] = figure.Spot{X: p.X, Y: p.Y, Class: p.Label, Wrong: p.Said >= 0 && p.Said != p.Label}
	}
	return s.Draw(spots)
}

// Matrix draws the difference of two matrices, "" if it has more than MostDrawn classes. The largest has the full
// colour.
func (d *Difference) Matrix(title string) string {
	n := len(d.Classes)
	if n > MostDrawn {
		return ""
	}
	most := 0.0
	for _, row := range d.Shares {
		for _, v := range row {
			most = max(most, math.Abs(v))
		}
	}
	m := figure.Matrix{Title: title, Classes: d.Classes}
	for i, row := range d.Shares {
		shade, text := make([]float64, n), make([]string, n)
		for j, v := range row {
			if v == 0 {
				continue
			}
			shade[j], text[j] = v/most, signed(100*v, 0)
			if d.Counts != nil {
				text[j] = signed(float64(d.Counts[i][j]), 0)
			}
		}
		m.Shade, m.Text = append(m.Shade, shade), append(m.Text, text)
	}
	m.Note = func(i, j int) string {
		return fmt.Sprintf("%s answered as %s: %s points", d.Classes[i], d.Classes[j], signed(100*d.Shares[i][j], 1))
	}
	return m.Draw()
}

// Forest draws the difference of each class with its interval; of many classes those that differ most.
func (d *Difference) Forest(title string) (svg string, left int) {
	each := slices.Clone(d.Each)
	if len(each) > mostBars {
		slices.SortStableFunc(each, func(a, b ClassDifference) int { return cmp.Compare(math.Abs(b.Mean), math.Abs(a.Mean)) })
		left, each = len(each)-mostBars, each[:mostBars]
	}
	var rows []figure.Difference
	for _, one := range each {
		rows = append(rows, figure.Difference{Label: figure.Cut(one.Name, 28), Mean: 100 * one.Mean, Low: 100 * one.Low, High: 100 * one.High,
			Undecided: !(one.Low > 0 || one.High < 0), Note: percent(one.First) + " → " + percent(one.Second)})
	}
	return figure.Forest(title, "difference of being right (points)", rows, math.NaN()), left
}

// Figure draws the history in colours between two values, which are decimal logarithms if the measure is shown so.
func (h *History) Figure(title string, low, high float64) string {
	m, _ := MeasureOf(h.Measure)
	heat := figure.Heat{Title: title, X: "step", Low: low, High: high, Scale: m.Title, Unit: func(v float64) string { return percent(v) }}
	if m.Log {
		heat.Unit = func(v float64) string { return strconv.FormatFloat(v+0, 'f', -1, 64) } // + 0 turns −0 into 0
		heat.Scale = "log₁₀ of the " + m.Title
	}
	for _, step := range h.Steps {
		heat.Columns = append(heat.Columns, strconv.FormatInt(step, 10))
	}
	for _, row := range h.Rows {
		one := figure.HeatRow{Label: figure.Cut(strings.TrimSuffix(row.Path, ".weight"), 40), Note: row.note(m)}
		for _, v := range row.Values {
			if m.Log && !math.IsNaN(v) {
				v = math.Log10(v)
			}
			one.Values = append(one.Values, v)
		}
		heat.Rows = append(heat.Rows, one)
	}
	return heat.Draw()
}

// note of a row: its first and its last value.
func (r Row) note(m Measure) string {
	write := func(v float64) string {
		switch {
		case math.IsNaN(v):
			return "nothing"
		case math.IsInf(v, 0):
			return "no number"
		case m.Log:
			return strconv.FormatFloat(v, 'g', 3, 64)
		}
		return percent(v)
	}
	return fmt.Sprintf("%s first %s, last %s", m.Title, write(r.Values[0]), write(r.Values[len(r.Values)-1]))
}

// Crop is a part of a row of a sheet, as wide as one of so many columns of it.
func (s *Sheet) Crop(href, alt string, row, column, columns int) string {
	y, high := s.row(row)
	wide := s.Width / columns
	return figure.Crop{Href: href, Alt: alt, Width: s.Width, Height: s.Height, X: column * wide, Y: y, Wide: wide, High: high}.Draw()
}

// Row is the whole row of a sheet.
func (s *Sheet) Row(href, alt string, row int) string {
	y, high := s.row(row)
	return figure.Crop{Href: href, Alt: alt, Width: s.Width, Height: s.Height, Y: y, Wide: s.Width, High: high}.Draw()
}

func percent(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return strconv.FormatFloat(100*v, 'f', 1, 64) + " %"
}

func signed(v float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	switch {
	case v > 0:
		return "+" + text
	case v < 0:
		return "−" + text
	}
	return text
}
