package figure

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"workbench/dashboard/outline"
)

var update = flag.Bool("update", false, "write the golden files")

var rows = []Difference{
	{Label: "shortcut: identity vs none", Mean: 21, Low: 12, High: 30, Note: "n = 6"},
	{Label: "depth: 56 vs 20", Mean: -8, Low: -17, High: 1, Undecided: true, Note: "n = 6"},
	{Label: "alone", Mean: 2, Low: math.NaN(), High: math.NaN(), Undecided: true},
	{Label: "none", Mean: math.NaN(), Low: math.NaN(), High: math.NaN()},
}

func TestGolden(t *testing.T) {
	low, high := Range(rows)
	nan := math.NaN()
	lines := []Line{
		{Label: "plain", Style: Style{Slot: 2}, X: []float64{1, 2, 3, 4}, Y: []float64{2, 1.5, nan, 1},
			Low: []float64{1.8, 1.4, nan, 0.9}, High: []float64{2.2, 1.6, nan, 1.1}},
		{Label: "residual", Style: Style{Slot: 3, Dash: 1}, X: []float64{1, 2, 3, 4}, Y: []float64{1.9, 1.2, 0.8, math.Inf(1)}},
	}
	for name, got := range map[string]string{
		"forest.svg":       Forest("Effects of demo", "difference (points)", rows, 1.5),
		"forest-empty.svg": Forest("Effects of nothing", "difference", nil, nan),
		"bar.svg":          Bar(rows[0], low, high),
		"bar-hollow.svg":   Bar(rows[1], low, high),
		"bar-none.svg":     Bar(rows[3], low, high),
		"lines.svg":        Plot{Title: "Test loss", X: "epoch"}.Lines(lines),
		"lines-log.svg": Plot{Title: "Test loss", X: "time", Note: "logarithmic", Scale: Time, Log: true, Window: [2]float64{2, 300}}.Lines(
			[]Line{{Label: "plain", X: []float64{1, 60, 120, 240, 400}, Y: []float64{100, 10, -1, 1, 0.1}, Lost: []float64{120, 350}}}),
		"bubbles.svg":      zooChart.Draw(bubbles),
		"bubbles-none.svg": zooChart.Draw(nil),
		"costs.svg":        costs.Draw(costRows),
		"costs-none.svg":   costs.Draw(nil),
		"network.svg":      network.Draw(blocks),
		"network-none.svg": network.Draw(nil),
		"lines-empty.svg":  Plot{Title: "Test loss", X: "epoch"}.Lines(nil),
	} {
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
		if strings.Contains(got, "NaN") || strings.Contains(got, "Inf\"") {
			t.Errorf("%s has a coordinate that is no number", name)
		}
		wellFormed(t, name, got)
	}
}

var zooChart = BubbleChart{Title: "Networks", X: "multiply-adds", Y: "top-1 accuracy (%)", Size: "parameters",
	Unit: func(v float64) string { return fmt.Sprintf("%.3g", v) },
	Keys: []Key{{"plain", Style{Slot: 2}}, {"residual", Style{Slot: 3, Dash: 1}}}}

var bubbles = []Bubble{
	{Label: "large", X: 1.5e10, Y: 71.5, Size: 1.4e8, Style: Style{Slot: 2}, Note: "138 M", Href: "/models/large"},
	{Label: "small", X: 3e8, Y: 72, Size: 3.5e6, Style: Style{Slot: 3, Dash: 1}},
	{Label: "small too", X: 3.1e8, Y: 72.1, Size: 3.4e6, Style: Style{Slot: 3, Dash: 1}},
	{Label: "best", X: 4e9, Y: 80, Size: 2.5e7, Style: Style{Slot: 3}},
}

var costs = Costs{Title: "Costs of a network", Columns: []string{"parameters", "multiply-adds"}}

var costRows = []Cost{
	{"conv1", []float64{9408, 1.18e8}, []string{"9.41 k", "118 M"}},
	{"fc", []float64{513000, 512000}, []string{"513 k", "512 k"}}, {"pool", []float64{0, 0}, []string{"", ""}},
}

var network = Network{Title: "A network", Image: "3×8×8", Width: 900}

// blocks are a chain, a residual block that occurs twice and one with a gate, whose shortcut passes three ranks.
var blocks = []outline.Block{
	{First: "conv1", Last: "conv1", Times: 1,
		Boxes:  []outline.Box{{Lines: []outline.Line{{Text: "3×3 conv, 16", Times: 1}, {Text: "ReLU", Times: 2}}}},
		Arrows: []outline.Arrow{{From: outline.Outside, To: 0}, {From: 0, To: outline.Outside}}, Out: []int{16, 8, 8}},
	{First: "layer1.0", Last: "layer1.1", Times: 2,
		Boxes: []outline.Box{{Lines: []outline.Line{{Text: "3×3 conv, 16", Times: 2}}},
			{Lines: []outline.Line{{Text: "+", Times: 1}}, Joins: true}},
		Arrows: []outline.Arrow{{From: outline.Outside, To: 0}, {From: outline.Outside, To: 1}, {From: 0, To: 1},
			{From: 1, To: outline.Outside}}, Out: []int{16, 8, 8}},
	{First: "layer2.0", Last: "layer2.0", Times: 1,
		Boxes: []outline.Box{{Lines: []outline.Line{{Text: "a", Times: 1}}}, {Lines: []outline.Line{{Text: "gate", Times: 1}}},
			{Lines: []outline.Line{{Text: "×", Times: 1}}, Joins: true}, {Lines: []outline.Line{{Text: "+", Times: 1}}, Joins: true}},
		Arrows: []outline.Arrow{{From: outline.Outside, To: 0}, {From: 0, To: 1}, {From: 0, To: 2}, {From: 1, To: 2},
			{From: outline.Outside, To: 3}, {From: 2, To: 3}, {From: 3, To: outline.Outside}}, Out: []int{10}},
}

// The line joins only what nothing cheaper equals, whichever side is better.
func TestTheFrontLeavesOutWhatIsBeaten(t *testing.T) {
	bubbles := []Bubble{{X: 10, Y: 1}, {X: 100, Y: 0.5}, {X: 100, Y: 3}, {X: 1000, Y: 2.9}, {X: 10000, Y: 4}}
	for lower, want := range map[bool][]point{false: {{1, 1}, {2, 3}, {4, 4}}, true: {{1, 1}, {2, 0.5}}} {
		got, drawn := &canvas{}, &canvas{}
		got.front(bubbles, axis{low: 0, high: 4, to: 4}, axis{low: 0, high: 4, to: 4}, lower)
		for i := range want[1:] {
			drawn.line("zero", zeroColour, want[i], want[i+1])
		}
		if got.String() != drawn.String() {
			t.Errorf("lower is better %v: got  %s\nwant %s", lower, got.String(), drawn.String())
		}
	}
}

// An interval is an upright line through its bubble, and the chart has room for it.
func TestBubblesHaveIntervals(t *testing.T) {
	bubbles := []Bubble{{X: 10, Y: 50, Low: 10, High: 90, Size: 1}, {X: 100, Y: 60, Size: 1}}
	svg := zooChart.Draw(bubbles)
	whisker := regexp.MustCompile(`<line class="whisker"[^>]* x1="([0-9.]+)" y1="([0-9.]+)" x2="([0-9.]+)" y2="([0-9.]+)"`)
	found := whisker.FindAllStringSubmatch(svg, -1)
	if len(found) != 1 || found[0][1] != found[0][3] || !strings.Contains(svg, `cx="`+found[0][1]+`"`) {
		t.Fatalf("intervals %q, want one through the first bubble", found)
	}
	var low, high float64
	if _, err := fmt.Sscan(found[0][2]+" "+found[0][4], &low, &high); err != nil || !(20 <= high && high < low && low <= 560) {
		t.Errorf("from %v to %v, %v, want it between 560 and 20", low, high, err)
	}
	units := zooChart
	units.UnitX = func(float64) string { return "ms" }
	if text := units.Draw(bubbles); !strings.Contains(text, ">ms<") || strings.Contains(svg, ">ms<") {
		t.Error("x is not written in its own unit")
	}
}

func wellFormed(t *testing.T, name, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s is no XML: %v", name, err)
			return
		}
	}
}

func TestNamesAreEscaped(t *testing.T) {
	hostile := `<script>alert("x")</script>&'`
	b := []Bubble{{Label: hostile, X: 1, Y: 1, Size: 1, Note: hostile, Href: hostile}}
	d := []Difference{{Label: hostile, Mean: 1, Low: 0, High: 2, Note: hostile}}
	for name, got := range map[string]string{
		"forest": Forest(hostile, hostile, d, 1),
		"bubbles": BubbleChart{Title: hostile, X: hostile, Y: hostile, Size: hostile, Unit: func(float64) string { return hostile },
			Keys: []Key{{Label: hostile}}}.Draw(b),
		"bar":   Bar(d[0], -1, 2),
		"lines": Plot{Title: hostile, X: hostile}.Lines([]Line{{Label: hostile, X: []float64{1}, Y: []float64{1}}}),
	} {
		if strings.Contains(got, "<script") {
			t.Errorf("%s lets markup through: %s", name, got)
		}
		wellFormed(t, name, got)
	}
}

func TestAssign(t *testing.T) {
	var keys []string
	for i := range 37 {
		keys = append(keys, fmt.Sprintf("cell=%d", i))
	}
	styles := Assign(keys)
	seen := map[Style]string{}
	for i, k := range keys {
		s, ok := styles[k]
		if other, twice := seen[s]; !ok || twice {
			t.Errorf("%s is drawn as %s: %v", k, other, s)
		}
		seen[s] = k
		if i < len(Palette) && s.Dash != 0 {
			t.Errorf("%s is dashed although colours are left", k)
		}
	}
	if again := Assign(keys[:4]); again[keys[3]] != styles[keys[3]] {
		t.Error("a key changed its colour when others came after it")
	}
	if twice := Assign([]string{"a", "a", "b"}); len(twice) != 2 || twice["a"] == twice["b"] {
		t.Errorf("repeated keys: %v", twice)
	}
}

func TestTicksAreRoundAndInside(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		n         int
		want      string
	}{
		{0, 1, 5, "[0 0.2 0.4 0.6 0.8 1]"},
		{-3, 17, 4, "[0 5 10 15]"},
		{1, 12, 8, "[2 4 6 8 10 12]"},
		{5, 5, 4, "[5]"},
	} {
		var got []string
		for _, v := range (axis{low: c.low, high: c.high}).ticks(c.n) {
			got = append(got, label(v))
		}
		if s := fmt.Sprint(got); s != c.want {
			t.Errorf("ticks(%v, %v) = %s, want %s", c.low, c.high, s, c.want)
		}
	}
}

// A line that ends in values that are no numbers is as long as it was trained: its marks are inside the axis, too.
func TestTheAxisHoldsWhatWasLost(t *testing.T) {
	for _, c := range []struct {
		window    [2]float64
		low, high float64
		marks     int
	}{{[2]float64{}, 1, 9, 2}, {[2]float64{2, 8}, 2, 8, 1}} {
		p := Plot{Title: "Loss", X: "epoch", Window: c.window}
		lines := []Line{{Label: "a", X: []float64{1, 2, 3}, Y: []float64{3, 2, 1}, Lost: []float64{5, 9}}}
		if x, _ := p.axes(lines); x.low != c.low || x.high != c.high {
			t.Errorf("%v: the axis goes from %v to %v, want %v to %v", c.window, x.low, x.high, c.low, c.high)
		}
		if n := strings.Count(p.Lines(lines), `class="lost"`); n != c.marks {
			t.Errorf("%v: %d marks, want %d", c.window, n, c.marks)
		}
	}
}

// What a forest draws lies inside it: dots, whiskers and the band of noise, whichever reaches farthest.
func TestForestsHoldWhatTheyDraw(t *testing.T) {
	drawn := regexp.MustCompile(`<(rect|circle|line) class="(?:noise|dot[^"]*|whisker)"[^>]*>`)
	number := regexp.MustCompile(` (x|x1|x2|cx|width)="([^"]+)"`)
	for _, c := range []struct{ mean, half, noise float64 }{{1, 0.5, 0.2}, {1, 0.5, 30}, {-1, 40, 2}, {25, 1, 30}, {0, 0, 3}} {
		svg := Forest("Effects", "points", []Difference{{Label: "a", Mean: c.mean, Low: c.mean - c.half, High: c.mean + c.half}}, c.noise)
		shapes := drawn.FindAllString(svg, -1)
		if len(shapes) != 3 {
			t.Errorf("%v: %d shapes, want noise, whisker and dot", c, len(shapes))
		}
		for _, shape := range shapes {
			at := map[string]float64{}
			for _, m := range number.FindAllStringSubmatch(shape, -1) {
				v, err := strconv.ParseFloat(m[2], 64)
				if err != nil {
					t.Fatal(err)
				}
				at[m[1]] = v
			}
			left, right := min(at["x"]+at["x1"]+at["cx"], at["x"]+at["x2"]+at["cx"]), at["x"]+at["width"]+max(at["x1"], at["x2"])+at["cx"]
			if left < 40 || right > 760-24 {
				t.Errorf("%v: %s leaves the plot", c, shape)
			}
		}
	}
}
