package dashboard

import (
	"context"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workbench/dashboard/figure"
)

// view is how a page shows its curves, as its address says (assets/state.js writes it): figures are drawn alike.
type view struct {
	axis   string // "epoch", "step" or "seconds"
	log    bool
	band   bool
	seeds  bool
	smooth float64 // weight of an exponential moving average; 0: none
	zoom   window
	hidden []string // arms
}

// mostSmooth is the heaviest smoothing that a page offers.
const mostSmooth = 0.95

// viewOf reads ?x=…&log=1&band=0&seeds=1&smooth=…&zoom=FROM..TO&hide=ARM.
func viewOf(q url.Values) (view, error) {
	v := view{axis: "epoch", log: q.Get("log") == "1", band: q.Get("band") != "0", seeds: q.Get("seeds") == "1", hidden: q["hide"]}
	if x := q.Get("x"); x != "" {
		v.axis = x
	}
	if !slices.Contains(axes, v.axis) {
		return v, badRequest("x: want one of %s, got %q", strings.Join(axes, ", "), v.axis)
	}
	if text := q.Get("smooth"); text != "" {
		var err error
		if v.smooth, err = strconv.ParseFloat(text, 64); err != nil || !(v.smooth >= 0 && v.smooth <= mostSmooth) {
			return v, badRequest("smooth: want a number from 0 to %g, got %q", mostSmooth, text)
		}
	}
	if text := q.Get("zoom"); text != "" {
		from, to, _ := strings.Cut(text, "..")
		var err error
		if v.zoom, err = windowOf(url.Values{"x": {v.axis}, "from": {from}, "to": {to}}); err != nil || !(v.zoom.from < v.zoom.to) ||
			math.IsInf(v.zoom.to-v.zoom.from, 0) {
			return v, badRequest("zoom: want FROM..TO such as 2..10, got %q", text)
		}
	}
	return v, nil
}

// curvesFigure is what is asked for as a figure for paper, as the page shows it.
func (s *Server) curvesFigure(r request, find asked) (response, error) {
	v, err := viewOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	p, metrics, err := find(r)
	if err != nil {
		return nil, err
	}
	c, err := s.viewed(r.Context(), p, metrics, v)
	if err != nil {
		return nil, err
	}
	return svgBody(c.svg(v)), nil
}

// viewed is the chart with the points that the page has: a zoomed part of thinned curves comes in full.
func (s *Server) viewed(ctx context.Context, p plot, metrics []string, v view) (chart, error) {
	c, err := s.chartOf(ctx, p, metrics, window{})
	if err == nil && c.Reduced != "" && v.zoom != (window{}) {
		return s.chartOf(ctx, p, metrics, v.zoom)
	}
	return c, err
}

// svg is the chart as a figure for paper.
func (c chart) svg(v view) string {
	p := figure.Plot{Title: withUnit(c.Title, c.Unit), X: v.axis, Scale: figure.Whole, Log: v.log, Note: c.note(v),
		Window: [2]float64{v.zoom.from, v.zoom.to}}
	if c.Counts != "" {
		p.X += " of the run"
	}
	if v.axis == "seconds" {
		p.X, p.Scale = "time since the start of training", figure.Time
	}
	return p.Lines(c.lines(v))
}

// note says what was done to the values.
func (c chart) note(v view) string {
	var parts []string
	if v.smooth > 0 {
		parts = append(parts, "smoothed "+strconv.FormatFloat(v.smooth, 'g', -1, 64))
	}
	if v.log {
		parts = append(parts, "logarithmic")
	}
	if c.Band != "" && v.band {
		parts = append(parts, "band: "+c.Band)
	}
	if c.Counts != "" {
		parts = append(parts, c.Counts)
	}
	if c.Reduced != "" {
		parts = append(parts, c.Reduced)
	}
	return strings.Join(parts, "; ")
}

// lines of each arm that is not hidden: its mean with the band and, if wanted, the seeds, or its only run. Behind what
// is smoothed, faintly, is what was measured.
func (c chart) lines(v view) []figure.Line {
	var lines []figure.Line
	for _, a := range c.Arms {
		if slices.Contains(v.hidden, a.Key) {
			continue
		}
		style := figure.Style{Slot: a.Slot, Dash: a.Dash}
		main, drawn := figure.Line{Label: a.Key, Style: style}, a.Mean
		if drawn == nil {
			drawn = &a.Runs[0].curve
		}
		if a.Baseline {
			main.Width = 2.8
		}
		if a.Mean != nil && v.seeds {
			for i, run := range a.Runs {
				seed := figure.Line{Style: figure.Style{Slot: a.Slot, Dash: i % len(figure.Dashes)}, Width: 1, Opacity: 0.6}
				lines = append(lines, c.smoothed(seed, run.curve, v)...)
			}
		}
		if a.Mean != nil && v.band {
			main.Low, main.High = v.smoothed(c.drawable(drawn.Low, v)), v.smoothed(c.drawable(drawn.High, v))
		}
		for _, run := range a.Runs {
			main.Lost = append(main.Lost, lostAt(run.curve, v)...)
		}
		lines = append(lines, c.smoothed(main, *drawn, v)...)
	}
	return lines
}

// smoothed is a line with the values of a curve; the values as they were measured lie behind it if it is smoothed.
func (c chart) smoothed(l figure.Line, of curve, v view) []figure.Line {
	l.X = of.x(v.axis)
	measured := c.drawable(of.Value, v)
	l.Y = v.smoothed(measured)
	if v.smooth == 0 {
		return []figure.Line{l}
	}
	return []figure.Line{{Style: l.Style, X: l.X, Y: measured, Width: 1, Opacity: 0.25}, l}
}

// drawable are the values in their shown unit, NaN where a value cannot be drawn.
func (c chart) drawable(values []float64, v view) []float64 {
	out := make([]float64, len(values))
	for i, value := range values {
		out[i] = scaled(c.Metric, value)
		if math.IsInf(value, 0) || v.log && value <= 0 {
			out[i] = math.NaN()
		}
	}
	return out
}

// smoothed is an exponential moving average without the pull of its start; it begins again after a gap. The page's
// scripts compute the same (assets/curves.js).
func (v view) smoothed(values []float64) []float64 {
	if v.smooth == 0 {
		return values
	}
	out := make([]float64, len(values))
	sum, mass := 0.0, 0.0
	for i, y := range values {
		if math.IsNaN(y) {
			sum, mass, out[i] = 0, 0, y
			continue
		}
		sum, mass = v.smooth*sum+(1-v.smooth)*y, v.smooth*mass+(1-v.smooth)
		out[i] = sum / mass
	}
	return out
}

// lostAt are the x of values that are no numbers.
func lostAt(of curve, v view) []float64 {
	var at []float64
	for i, x := range of.x(v.axis) {
		if math.IsNaN(of.Value[i]) || math.IsInf(of.Value[i], 0) {
			at = append(at, x)
		}
	}
	return at
}
