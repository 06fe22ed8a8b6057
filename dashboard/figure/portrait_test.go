package figure

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// portraits are the figures of what a network has learnt, with what is at their edges.
func portraits(name string) map[string]string {
	nan, inf := math.NaN(), math.Inf(1)
	classes := []string{"cat", "dog", name}
	heat := Heat{Title: name, X: "step", Columns: []string{"100", "200", "300"}, Low: -4, High: 0, Scale: "log₁₀ of the norm",
		Unit: func(v float64) string { return fmt.Sprint(v) }, Rows: []HeatRow{
			{Label: "conv1", Note: "first 1e-4", Values: []float64{-4, -3.99, 0}}, {Label: "conv2", Values: []float64{nan, inf, math.Inf(-1)}},
			{Label: name, Note: name, Values: []float64{-9, 9, -2}}, {Label: "short", Values: []float64{-1}}}}
	var many []Spot
	for i := range 45 {
		many = append(many, Spot{X: float64(i % 7), Y: float64(i), Class: i, Wrong: i%2 == 0})
	}
	return map[string]string{
		"heat.svg":      heat.Draw(),
		"heat-none.svg": Heat{Title: "None", Unit: heat.Unit}.Draw(),
		"heat-flat.svg": Heat{Title: "Flat", Unit: heat.Unit, Columns: []string{"1"}, Rows: []HeatRow{{Label: "a", Values: []float64{1}}}}.Draw(),
		"matrix.svg": Matrix{Title: name, Classes: classes, Shade: [][]float64{{1, 0, 0}, {0.25, 0.75, 0}, {nan, 0, 2}},
			Text: [][]string{{"120000", "", ""}, {"1", "3", ""}, {"", "", name}},
			Note: func(i, j int) string { return fmt.Sprint(name, i, j) }}.Draw(),
		"matrix-signed.svg": Matrix{Title: "Less", Classes: classes[:2], Shade: [][]float64{{1, -1}, {-0.5, 0.5}}}.Draw(),
		"reliability.svg": Reliability{Title: name, Bins: []Confidence{{0, 0.5, 10, 0.75, 0.4}, {0.5, 0.75, 0, 0, 0},
			{0.75, 1, 40, 0.8, 0.95}}}.Draw(),
		"scatter.svg": Scatter{Title: name, X: name, Y: name, Classes: classes}.Draw([]Spot{{0, 0, 0, false}, {1, 2, 1, true},
			{nan, 1, 0, false}, {3, 3, 2, false}, {1, 1, -1, false}}),
		"scatter-many.svg": Scatter{Title: "Many", Classes: strings.Split(strings.Repeat("class ", 45), " ")}.Draw(many),
		"shares.svg": Shares(name, "right (%)", []Share{{Label: "cat", Value: 0.5, Low: 0.25, High: 0.75, Beside: 0.625, Note: "5 of 10"},
			{Label: name, Value: nan, Low: nan, High: nan, Beside: nan, Note: name}, {Label: "dog", Value: 0, Low: 0, High: nan, Beside: 1}}),
		"crop.svg": Crop{Href: "/a/" + name, Alt: name, Width: 30, Height: 40, X: 10, Y: 20, Wide: 10, High: 10}.Draw(),
	}
}

func TestFiguresOfPortraitsAreTheKnownOnes(t *testing.T) {
	for name, got := range portraits("a class <&> with a name") {
		golden(t, name, got)
	}
}

// The colours of the scale are those of matplotlib's viridis at both ends and in the middle, and become ever lighter.
func TestHeatColours(t *testing.T) {
	if got := heatColour(0) + heatColour(heatLevels-1); got != "#440154#fde725" {
		t.Errorf("from %s", got)
	}
	before := -1.0
	for level := range heatLevels {
		var r, g, b int
		if _, err := fmt.Sscanf(heatColour(level), "#%02x%02x%02x", &r, &g, &b); err != nil {
			t.Fatal(err)
		}
		if light := 0.2126*float64(r) + 0.7152*float64(g) + 0.0722*float64(b); light <= before {
			t.Errorf("level %d is as dark as the one before", level)
		} else {
			before = light
		}
	}
}

// The path of equal neighbours covers what each cell by itself would: every cell is in exactly one rectangle, of its
// own level.
func TestHeatCoversEveryCell(t *testing.T) {
	h := Heat{Columns: []string{"1", "2", "3", "4", "5"}, High: 3, Unit: func(v float64) string { return "" }, Rows: []HeatRow{
		{Values: []float64{0, 0, 1, math.NaN(), 1}}, {Values: []float64{2, 2, 2, 2, 2}}, {Values: []float64{math.Inf(1), 3, math.Inf(-1), 0, 9}}}}
	c := &canvas{}
	h.cells(c, axis{0, 5, 0, 50}, 0, 10)
	covered := map[[2]int]string{}
	path := regexp.MustCompile(`<path class="[^"]*" fill="([^"]*)" shape-rendering="crispEdges" d="([^"]*)"/>`)
	box := regexp.MustCompile(`M(\d+) (\d+)H(\d+)V(\d+)H(\d+)Z`)
	for _, p := range path.FindAllStringSubmatch(c.String(), -1) {
		for _, b := range box.FindAllStringSubmatch(p[2], -1) {
			from, _ := strconv.Atoi(b[1])
			y, _ := strconv.Atoi(b[2])
			to, _ := strconv.Atoi(b[3])
			for x := from; x < to; x += 10 {
				if covered[[2]int{y / 10, x / 10}] != "" {
					t.Errorf("row %d, column %d is painted twice", y/10, x/10)
				}
				covered[[2]int{y / 10, x / 10}] = p[1]
			}
		}
	}
	for i, row := range h.Rows {
		for j, v := range row.Values {
			want := ""
			if level := h.level(v); level != heatNothing {
				_, want = fillOf(level)
			}
			if got := covered[[2]int{i, j}]; got != want {
				t.Errorf("row %d, column %d is %q, want %q", i, j, got, want)
			}
		}
	}
}

func TestNamesAreCut(t *testing.T) {
	for name, want := range map[string]string{"abcde": "abcde", "äöüßab": "äöüß…", "": ""} {
		if got := Cut(name, 5); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
