package figure

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"workbench/dashboard/outline"
)

// kinds are drawings with what the plain ones lack: several columns and rows, values at edges, long and missing texts.
func kinds() map[string]string {
	nan, inf := math.NaN(), math.Inf(1)
	wide := "a label that is so long that the drawing becomes wider than it usually is, which no reader wants"
	name := Difference{Label: wide, Mean: 1e-3, Low: -1, High: 1, Note: wide}
	rows := []Difference{
		{Label: "both bounds", Mean: 1, Low: 0.5, High: 2, Style: Style{Slot: 1}, Note: "n = 3"},
		{Label: "one bound", Mean: -1, Low: -2, High: inf, Style: Style{Slot: 2}, Note: "n = 4"},
		{Label: "the other", Mean: 3, Low: nan, High: 4}, {Label: "no mean", Mean: nan, Low: -3, High: -2},
		{Label: "endless", Mean: inf, Low: 0, High: 1}, {Label: "nothing", Mean: 0, Low: 0, High: 0, Undecided: true},
	}
	plot := Plot{Title: "Curves", X: "epoch", Note: "smoothed", Scale: Whole}
	return map[string]string{
		"forest-noise.svg":    Forest("Noise", "points", rows, 6),
		"forest-wide.svg":     Forest("Wide", "points", append(rows[:1:1], name), inf),
		"forest-quiet.svg":    Forest("Quiet", "points", rows[:1], -1),
		"bar-edges.svg":       Bar(rows[0], 0.75, 1.5) + Bar(rows[1], -1.5, 0) + Bar(rows[2], -1, 5) + Bar(rows[3], -4, 1) + Bar(rows[5], -1, 1),
		"bubbles-crowded.svg": crowded(14, 9).Draw(crowd(14, 0.4)),
		"bubbles-near.svg":    crowded(3, 8).Draw(crowd(3, 0.1)),
		"costs-columns.svg": Costs{Title: "Costs", Columns: []string{"a", "b", "c", "d"}, Most: []float64{200, 0, 1e6, 4}}.Draw([]Cost{
			{"all", []float64{100, 0, 1e6, 1}, []string{"100", "", "1 M", "1"}},
			{"hardly any of a thing with a name", []float64{0.1, 2, 1, 4}, []string{"0.1", "2", "1", "4"}},
			{"less than none", []float64{-1, 0, 0, 0}, []string{"−1", "0", "0", "0"}}}),
		"lines-marks.svg": Plot{Title: "Marks", X: "share", Marks: []Mark{{-2, "0.01"}, {-1.99, "0.0102"}, {0, "1"}}}.Lines(
			[]Line{{Label: "a", X: []float64{-2, -1.99, 0}, Y: []float64{1, 2, 3}, Low: []float64{0, 1, math.NaN()}, High: []float64{2, 3, 4}}}),
		"strip.svg": Strip("Phases", "epoch of the run", []Stretch{{Name: "pretrain", Note: "2 epochs", Length: 2, Begun: 1, Shared: true},
			{Name: "a probe whose name has no room", Note: "<&>", Length: 0.1}, {Name: "finetune", Length: 4, Begun: 0.25}}),
		"lines-many.svg":        plot.Lines(curves(9, 5)),
		"lines-dots.svg":        plot.Lines(curves(1, dotted)),
		"lines-no-dots.svg":     plot.Lines(curves(1, dotted+1)),
		"lines-window.svg":      Plot{Title: "Part", X: "step", Window: [2]float64{2, 4}}.Lines(curves(2, 6)),
		"lines-wide.svg":        Plot{Title: "Wide", X: "step"}.Lines([]Line{{Label: wide, X: []float64{1}, Y: []float64{2}}}),
		"lines-decades.svg":     Plot{Title: "Decades", X: "step", Log: true}.Lines([]Line{{X: []float64{1, 2, 3}, Y: []float64{1e-3, 0, 2e3}}}),
		"lines-broken.svg":      broken(),
		"network-columns.svg":   Network{Title: "Columns", Image: "3×32×32", Width: 4000}.Draw(tower(12)),
		"network-narrow.svg":    Network{Title: "Narrow", Image: "3×32×32", Width: 500}.Draw(tower(12)),
		"network-branching.svg": Network{Title: "Branches", Image: "3×32×32", Width: 900}.Draw([]outline.Block{branching("mixed", 3)}),
	}
}

func TestFiguresOfEveryKindAreTheKnownOnes(t *testing.T) {
	for name, got := range kinds() {
		golden(t, name, got)
	}
}

// golden compares a figure with the file of its name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s changed; look at it and run go test -update\ngot  %s\nwant %s", name, got, want)
	}
}

// broken is a line with gaps in its values and others in its band, of which one point alone is no stretch.
func broken() string {
	nan := math.NaN()
	return Plot{Title: "Broken", X: "epoch"}.Lines([]Line{{Label: "a", Width: 3, Opacity: 0.5, X: []float64{1, 2, 3, nan, 5, 6, 7},
		Y: []float64{nan, 1, 2, 3, 4, nan, 5}, Low: []float64{0, 1, nan, 2, 3, nan, 4}, High: []float64{1, 2, 3, nan, 6, nan, 6},
		Lost: []float64{1, 7}}, {Label: "b", X: []float64{1, 2}, Y: []float64{nan, nan}, Low: []float64{0}, High: []float64{1, 2}}})
}

func curves(n, points int) []Line {
	var lines []Line
	for i := range n {
		l := Line{Label: fmt.Sprint("curve number ", i), Style: Style{Slot: i % 10, Dash: i % 5}}
		for p := range points {
			l.X, l.Y = append(l.X, float64(p+1)), append(l.Y, float64((7*i+3*p)%11))
			l.Low, l.High = append(l.Low, l.Y[p]-1), append(l.High, l.Y[p]+float64(i))
		}
		if i == 2 {
			l.Label, l.Low, l.High, l.Opacity = "", nil, nil, 0.25
		}
		lines = append(lines, l)
	}
	return lines
}

func crowded(n, keys int) BubbleChart {
	b := BubbleChart{Title: fmt.Sprint(n, " things"), X: "costs", Y: "quality", Size: "size", Unit: zooChart.Unit}
	for i := range keys {
		b.Keys = append(b.Keys, Key{fmt.Sprint("kind ", i), Style{Slot: i % 10, Dash: i % 4}})
	}
	return b
}

func crowd(n int, apart float64) []Bubble {
	var list []Bubble
	for i := range n {
		list = append(list, Bubble{Label: fmt.Sprint("thing ", i), X: 1e6 * math.Pow(10, apart*float64(i*5%n)), Y: float64(i * i % 13),
			Size: 10 * math.Pow(10, float64(i%4)), Style: Style{Slot: i % 10, Dash: i % 3}})
	}
	return append(list, list[0]) // two at one place
}

// branching is a block whose branches are of different lengths and widths and cross one another.
func branching(name string, branches int) outline.Block {
	b := outline.Block{First: name + ".0", Last: name + ".11", Times: 3, Out: []int{64, 8, 8}}
	box := func(texts ...string) int {
		var lines []outline.Line
		for i, text := range texts {
			lines = append(lines, outline.Line{Text: text, Times: i + 1})
		}
		b.Boxes = append(b.Boxes, outline.Box{Lines: lines})
		return len(b.Boxes) - 1
	}
	arrow := func(from, to int) { b.Arrows = append(b.Arrows, outline.Arrow{From: from, To: to}) }
	var ends []int
	for i := range branches {
		from := outline.Outside
		for j := range branches - i {
			to := box(fmt.Sprintf("%d×%d conv, %d", i+1, j+1, 16<<(2*i)), "ReLU")
			arrow(from, to)
			from = to
		}
		ends = append(ends, from)
	}
	b.Boxes = append(b.Boxes, outline.Box{Lines: []outline.Line{{Text: "concatenate", Times: 1}}, Joins: true})
	join := len(b.Boxes) - 1
	for i := range ends {
		arrow(ends[len(ends)-1-i], join)
	}
	last := box("a")
	arrow(join, last)
	arrow(0, last)
	arrow(outline.Outside, last)
	arrow(last, outline.Outside)
	arrow(ends[0], outline.Outside)
	return b
}

// tower is n blocks under one another, every third of them branching.
func tower(n int) []outline.Block {
	var list []outline.Block
	for i := range n {
		if i%3 == 2 {
			list = append(list, branching(fmt.Sprint("layer", i), 1+i%4))
			continue
		}
		list = append(list, outline.Block{First: fmt.Sprint("stage", i), Last: fmt.Sprint("stage", i), Times: 1, Out: []int{i + 1},
			Boxes:  []outline.Box{{Lines: []outline.Line{{Text: fmt.Sprint("conv, ", i), Times: 1}}}},
			Arrows: []outline.Arrow{{From: outline.Outside, To: 0}, {From: 0, To: outline.Outside}}})
	}
	return list
}
