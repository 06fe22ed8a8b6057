package dashboard

import (
	"encoding/xml"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"workbench/dashboard/figure"
	"workbench/experiments"
	"workbench/experiments/metric"
)

// drawnAs are the lines of a study's figure as ?query asks for it.
func drawnAs(t *testing.T, m *memory, name, query string) ([]figure.Line, chart) {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	v, err := viewOf(q)
	if err != nil {
		t.Fatal(err)
	}
	s := serverOf(t, m)
	d, err := s.studyData(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.viewed(t.Context(), d.plot(), []string{name}, v)
	if err != nil {
		t.Fatal(err)
	}
	return c.lines(v), c
}

// Lines and bands are in the unit of the axis, and a band holds its line.
func TestBandsAreInTheUnitOfTheirLines(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	for _, name := range []string{metric.TestTop1, metric.TestLoss} {
		for _, query := range []string{"", "smooth=0.6", "log=1", "smooth=0.3&x=seconds"} {
			lines, c := drawnAs(t, m, name, query)
			bands := 0
			for _, l := range lines {
				if l.Label == "" {
					continue
				}
				bands++
				mean := c.Arms[slices.IndexFunc(c.Arms, func(a arm) bool { return a.Key == l.Label })].Mean
				for i := range l.Y {
					if !(l.Low[i] <= l.Y[i] && l.Y[i] <= l.High[i]) {
						t.Fatalf("%s?%s, %s: %v is outside its band %v to %v", name, query, l.Label, l.Y[i], l.Low[i], l.High[i])
					}
					want := map[string]float64{metric.TestTop1: 100, metric.TestLoss: 1}[name]
					if query == "" && (l.Y[i] != want*mean.Value[i] || l.High[i] != want*mean.High[i] || l.Low[i] != want*mean.Low[i]) {
						t.Fatalf("%s, %s: %v of %v to %v, want %v times what was measured", name, l.Label, l.Y[i], l.Low[i], l.High[i], want)
					}
				}
			}
			if bands != 4 {
				t.Errorf("%s?%s has %d bands, want 4", name, query, bands)
			}
		}
	}
}

// A figure is as the page shows the curves.
func TestFiguresFollowTheView(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	named := func(lines []figure.Line) (names []string) {
		for _, l := range lines {
			if l.Label != "" {
				names = append(names, l.Label)
			}
		}
		return names
	}
	usual, c := drawnAs(t, m, metric.TestTop1, "")
	hidden, _ := drawnAs(t, m, metric.TestTop1, "hide=shortcut%3Dnone+depth%3D56&band=0")
	if len(named(usual)) != 4 || len(named(hidden)) != 3 || slices.Contains(named(hidden), "shortcut=none depth=56") ||
		len(hidden[0].Low) != 0 || len(usual[0].Low) != 12 {
		t.Errorf("lines %v, and without a hidden one %v", named(usual), named(hidden))
	}
	if usual[0].Width <= usual[1].Width {
		t.Error("the baseline is not the thickest line")
	}
	if seeds, _ := drawnAs(t, m, metric.TestTop1, "seeds=1"); len(seeds) != 16 {
		t.Errorf("%d lines with three seeds an arm, want 16", len(seeds))
	}
	smooth, _ := drawnAs(t, m, metric.TestTop1, "smooth=0.5")
	if len(smooth) != 8 || smooth[0].Opacity == 0 || !slices.Equal(smooth[0].Y, usual[0].Y) || slices.Equal(smooth[1].Y, usual[0].Y) {
		t.Error("what was measured does not lie behind what is smoothed")
	}
	for axis, want := range map[string][]float64{"epoch": c.Arms[0].Mean.Epoch, "seconds": c.Arms[0].Mean.Seconds} {
		if lines, _ := drawnAs(t, m, metric.TestTop1, "x="+axis); !slices.Equal(lines[0].X, want) {
			t.Errorf("over %s x is %v, want %v", axis, lines[0].X, want)
		}
	}
	s := serverOf(t, m)
	path := "/studies/demo/curves.svg?metric=test/loss"
	wantPage(t, s, path, 200, ">epoch<", "Test loss (nats)", "band: minimum to maximum over seeds", ">12<")
	wantPage(t, s, path+"&x=seconds&log=1&smooth=0.35&band=0", 200,
		">time since the start of training<", ">smoothed 0.35; logarithmic<", ">4 s<")
	zoomed := wantPage(t, s, path+"&zoom=2..5", 200, ">2<", ">5<")
	if strings.Contains(zoomed, ">6<") || strings.Contains(zoomed, ">12<") {
		t.Error("a zoomed figure has ticks outside its window")
	}
	for query, part := range map[string]string{"x=weeks": "x: want one of epoch, step, seconds",
		"smooth=1":   "smooth: want a number from 0 to 0.95",
		"smooth=NaN": "smooth: want", "zoom=5..2": "zoom: want FROM..TO", "zoom=1..Inf": "zoom: want", "zoom=x": "zoom: want"} {
		wantPage(t, s, path+"&"+query, 400, part)
	}
}

// Where a value is no number the line is broken and the place is marked, in a logarithmic figure too.
func TestFiguresMarkWhatIsNoNumber(t *testing.T) {
	m := degradation("demo", 0)
	m.measure(0, 13, map[string]float64{metric.TestLoss: math.NaN()})
	m.measure(0, 14, map[string]float64{metric.TestLoss: -1})
	lines, _ := drawnAs(t, m, metric.TestLoss, "log=1&smooth=0.5")
	if l := lines[1]; !slices.Equal(l.Lost, []float64{13}) || !math.IsNaN(l.Y[12]) || !math.IsNaN(l.Y[13]) || math.IsNaN(l.Y[11]) {
		t.Errorf("lost at %v, values %v", l.Lost, l.Y)
	}
	wantPage(t, serverOf(t, m), "/studies/demo/curves.svg?metric=test/loss&log=1", 200, `class="lost"`)
}

// A thinned curve that is zoomed into is drawn in full, as on the page.
func TestZoomedFiguresComeInFull(t *testing.T) {
	m := degradation("demo", 0)
	for i := range 5000 {
		m.points[m.runs[0].ID] = append(m.points[m.runs[0].ID], experiments.Point{Metric: metric.StepLoss, Step: int64(i),
			Epoch: float64(i) / 500, Value: 2 + math.Sin(float64(i)), Time: epoch0})
	}
	whole, _ := drawnAs(t, m, metric.StepLoss, "x=step")
	part, _ := drawnAs(t, m, metric.StepLoss, "x=step&zoom=1000..1100")
	if len(whole[0].X) > maxPoints || len(part[0].X) != 103 {
		t.Errorf("%d points of the whole, %d of a hundred steps", len(whole[0].X), len(part[0].X))
	}
}

// Every text of a figure is inside it, however long and in whatever script names are.
func TestFiguresHaveRoomForNames(t *testing.T) {
	const long = "Lernrate-mit-sehr-langem-Namen=高い学習率-1e9-und-noch-viel-länger-als-das-WWWWWWWWWWWW"
	m := degradation("demo", 0, 1, 2)
	study := m.studies["demo"]
	study.Factors[1].Name, study.Factors[1].Levels[1].Label = "Tiefe mit einem langen Namen 深さ", long
	m.studies["demo"] = study
	for i := range m.runs {
		r := &m.runs[i]
		r.Cell = strings.Replace(strings.Replace(r.Cell, "depth=56", "Tiefe mit einem langen Namen 深さ="+long, 1), "depth=20",
			"Tiefe mit einem langen Namen 深さ=20", 1)
	}
	s := serverOf(t, m)
	for _, path := range []string{"/studies/demo/curves.svg", "/studies/demo/effects.svg"} {
		text := wantPage(t, s, path, 200, long)
		var svg struct {
			Width float64 `xml:"width,attr"`
			Texts []struct {
				X      float64 `xml:"x,attr"`
				Anchor string  `xml:"text-anchor,attr"`
				Text   string  `xml:",chardata"`
			} `xml:"text"`
		}
		if err := xml.Unmarshal([]byte(text), &svg); err != nil {
			t.Fatal(err)
		}
		for _, one := range svg.Texts {
			w := 0.0
			for _, r := range one.Text { // a wide font: a full width for wide characters, 0.57 of it for the others
				w += map[bool]float64{true: 12, false: 6.8}[r > 0x2E80]
			}
			left := one.X - map[string]float64{"start": 0, "middle": w / 2, "end": w}[one.Anchor]
			if left < 0 || left+w > svg.Width {
				t.Errorf("%s: %q reaches from %.0f to %.0f of %.0f", path, one.Text, left, left+w, svg.Width)
			}
		}
	}
}

func TestEffectsWithoutDataSaySo(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	for i := range m.runs {
		m.runs[i].Status = experiments.Failed
	}
	s := serverOf(t, m)
	wantPage(t, s, "/studies/demo/effects.svg", 200, figure.NoDifference)
	if body := wantPage(t, s, "/studies/demo", 200, figure.NoDifference); strings.Contains(body, "Dots with 95") {
		t.Error("an effect plot without data has a legend")
	}
}

// The page's ± and the bounds beside it are those of the analysis, in the shown unit.
func TestTheTablesIntervalIsTheAnalysis(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	d, err := s.studyData(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	tab := ablationTable(d.ablation, d.plot().styles)
	number := regexp.MustCompile(`[+−]?[0-9.]+`)
	read := func(text string) []float64 {
		var list []float64
		for _, word := range number.FindAllString(text, -1) {
			v, err := strconv.ParseFloat(strings.Replace(word, "−", "-", 1), 64)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, v)
		}
		return list
	}
	column := func(key string) int {
		return slices.IndexFunc(tab.Columns, func(c column) bool { return c.Key == key })
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.005+1e-9 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	for i, r := range d.ablation.Rows {
		cells := tab.Rows[i].Cells
		mean, half := read(cells[column("mean")].Text)[0], read(cells[column("interval")].Text)[0]
		near(r.Cell+", mean", mean, 100*r.Mean)
		near(r.Cell+", SD", read(cells[column("sd")].Text)[0], 100*r.SD)
		near(r.Cell+", ±", half, 100*(r.Interval.High-r.Interval.Low)/2)
		near(r.Cell+", t-interval of three seeds", half, 100*4.302653*r.SD/math.Sqrt(3))
		bounds := read(cells[column("interval")].Title)
		near(r.Cell+", low", bounds[0], 100*r.Interval.Low)
		near(r.Cell+", high", bounds[1], 100*r.Interval.High)
		if r.Diff == nil {
			continue
		}
		near(r.Cell+", Δ", read(cells[column("difference")].Text)[0], 100*r.Diff.Mean)
		near(r.Cell+", ± of Δ", read(cells[column("difference_interval")].Text)[0], 100*(r.Diff.Interval.High-r.Diff.Interval.Low)/2)
		drawn := differenceOf(d.ablation.Metric, r.Cell, *r.Diff, figure.Style{})
		near(r.Cell+", drawn low", drawn.Low, 100*r.Diff.Interval.Low)
		near(r.Cell+", drawn high", drawn.High, 100*r.Diff.Interval.High)
		near(r.Cell+", drawn", drawn.Mean, 100*r.Diff.Mean)
	}
}

// The first value after the start or a gap is itself; from there on weights fall off by the smoothing.
func TestSmoothingHasNoPullOfItsStart(t *testing.T) {
	got := view{smooth: 0.5}.smoothed([]float64{3, 1, math.NaN(), 4})
	for i, want := range []float64{3, 5.0 / 3, math.NaN(), 4} {
		if math.Abs(got[i]-want) > 1e-12 || math.IsNaN(got[i]) != math.IsNaN(want) {
			t.Errorf("value %d: %v, want %v", i, got[i], want)
		}
	}
}
