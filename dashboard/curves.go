package dashboard

import (
	"context"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// maxPoints is the most points of one curve in one chart.
const maxPoints = 1000

// chart is what a page draws in one frame: the JSON of the curves routes.
type chart struct {
	Metric  string `json:"metric"`
	Title   string `json:"title"`
	Unit    string `json:"unit"`
	Percent bool   `json:"percent"`
	Band    string `json:"band,omitempty"` // what the bands show
	Reduced string `json:"reduced,omitempty"`
	Arms    []arm  `json:"arms"`
}

// arm is one colour of a chart: a cell of a study, a run of a comparison, a metric of a run.
type arm struct {
	Key      string       `json:"key"`
	Slot     int          `json:"slot"`
	Dash     int          `json:"dash"`
	Baseline bool         `json:"baseline,omitempty"`
	Mean     *curve       `json:"mean,omitempty"` // over seeds; absent where an arm is one run
	Runs     []singleLine `json:"runs"`
}

type singleLine struct {
	Run   string `json:"run"`
	Label string `json:"label"`
	curve
}

// curve holds equally long columns. Seconds count from the start of a run's training. Values are in the metric's own
// unit.
type curve struct {
	Step    []int64   `json:"step"`
	Epoch   []float64 `json:"epoch"`
	Seconds []float64 `json:"seconds"`
	Value   []float64 `json:"value"`
	Low     []float64 `json:"low,omitempty"`
	High    []float64 `json:"high,omitempty"`
}

func (c *curve) add(p experiments.Point, start time.Time) {
	c.Step = append(c.Step, p.Step)
	c.Epoch = append(c.Epoch, p.Epoch)
	c.Seconds = append(c.Seconds, p.Time.Sub(start).Seconds())
	c.Value = append(c.Value, p.Value)
}

// mean returns the mean of the runs of an arm, with the range over seeds as its band. It is nil for fewer than two
// runs.
func (p plot) mean(series []experiments.Series) *curve {
	if len(series) < 2 {
		return nil
	}
	elapsed := map[int64][]float64{}
	for _, s := range series {
		start := p.members[s.Run].origin(s)
		for _, point := range s.Points {
			elapsed[point.Step] = append(elapsed[point.Step], point.Time.Sub(start).Seconds())
		}
	}
	c := &curve{}
	for _, point := range analysis.Aggregate(series) {
		c.Step, c.Epoch = append(c.Step, point.Step), append(c.Epoch, point.Epoch)
		c.Value = append(c.Value, point.Mean)
		c.Low, c.High = append(c.Low, point.Min), append(c.High, point.Max)
		sum := 0.0
		for _, t := range elapsed[point.Step] {
			sum += t
		}
		c.Seconds = append(c.Seconds, sum/float64(max(1, len(elapsed[point.Step]))))
	}
	return c
}

// member says under which arm and label a run's curve is drawn, and from when on its time counts.
type member struct {
	arm, label string
	baseline   bool
	seed       uint64
	start      time.Time
}

// origin is where the time of a run's curve is 0: the start of its training, or, where none is recorded that can be
// right, the first point.
func (m member) origin(s experiments.Series) time.Time {
	if first := s.Points[0].Time; m.start.IsZero() || m.start.After(first) {
		return first
	}
	return m.start
}

// axes that a chart can be drawn over.
var axes = []string{"epoch", "step", "seconds"}

// x is the column of an axis.
func (c curve) x(axis string) []float64 {
	switch axis {
	case "epoch":
		return c.Epoch
	case "seconds":
		return c.Seconds
	}
	steps := make([]float64, len(c.Step))
	for i, s := range c.Step {
		steps[i] = float64(s)
	}
	return steps
}

// window is the part of a chart that is wanted, in the unit of one axis; the zero value is all of it.
type window struct {
	axis     string // "epoch", "step" or "seconds"
	from, to float64
}

// windowOf reads ?x=…&from=…&to=….
func windowOf(q url.Values) (window, error) {
	w := window{axis: q.Get("x")}
	if q.Get("from") == "" && q.Get("to") == "" {
		return window{}, nil
	}
	if !slices.Contains(axes, w.axis) {
		return w, badRequest("x: want one of %s, got %q", strings.Join(axes, ", "), w.axis)
	}
	for name, to := range map[string]*float64{"from": &w.from, "to": &w.to} {
		v, err := strconv.ParseFloat(q.Get(name), 64)
		if err != nil {
			return w, badRequest("%s: want a number, got %q", name, q.Get(name))
		}
		*to = v
	}
	return w, nil
}

// cut keeps the points inside the window and one on either side, so that lines reach its edges.
func (c *curve) cut(w window) {
	if w.axis == "" || len(c.Value) == 0 {
		return
	}
	x := c.x(w.axis)
	from := max(0, sort.Search(len(x), func(i int) bool { return x[i] >= w.from })-1)
	to := max(from, min(len(x), sort.Search(len(x), func(i int) bool { return x[i] > w.to })+1))
	c.Step, c.Epoch, c.Seconds, c.Value = c.Step[from:to], c.Epoch[from:to], c.Seconds[from:to], c.Value[from:to]
	if len(c.Low) > 0 {
		c.Low, c.High = c.Low[from:to], c.High[from:to]
	}
}

// chartOf draws metrics of one kind of the runs of p, grouped into its arms.
func (s *Server) chartOf(ctx context.Context, p plot, metrics []string, w window) (chart, error) {
	ids := make([]string, 0, len(p.members))
	for id := range p.members {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	c := newChart(metrics)
	if len(ids) == 0 {
		return c, nil
	}
	series, err := s.Source.Series(ctx, ids, metrics, 0) // complete: means must be exact
	if err != nil {
		return c, err
	}
	grouped := map[string][]experiments.Series{}
	for _, one := range series {
		if len(one.Points) > 0 {
			arm := p.armOf(one)
			grouped[arm] = append(grouped[arm], one)
		}
	}
	for _, key := range p.arms {
		list := grouped[key]
		sort.SliceStable(list, func(i, j int) bool { return p.members[list[i].Run].seed < p.members[list[j].Run].seed })
		a := arm{Key: key, Slot: p.styles[key].Slot, Dash: p.styles[key].Dash, Mean: p.mean(list)}
		for _, one := range list {
			a.Baseline = a.Baseline || p.members[one.Run].baseline
			a.Runs = append(a.Runs, p.single(one))
		}
		if len(a.Runs) > 0 {
			c.add(a, w)
		}
	}
	return c, nil
}

// newChart has the unit of the first of its metrics.
func newChart(metrics []string) chart {
	first := metrics[0]
	return chart{Metric: first, Title: panelTitle(metrics), Unit: unit(first), Percent: metric.Of(first).Percent, Arms: []arm{}}
}

// add draws the window of an arm; its curves are thinned if they have more points than a chart can show.
func (c *chart) add(a arm, w window) {
	for i := range a.Runs {
		a.Runs[i].cut(w)
	}
	if a.Mean != nil {
		a.Mean.cut(w)
	}
	all := len(a.Runs[0].Value)
	less := false
	for i := range a.Runs {
		less = a.Runs[i].reduced(maxPoints) || less
	}
	if a.Mean != nil {
		less = a.Mean.reduced(maxPoints) || less
		c.Band = "minimum to maximum over seeds"
	}
	if less {
		c.Reduced = "thinned from " + grouped(int64(all)) + " points; ends and extremes are kept"
	}
	c.Arms = append(c.Arms, a)
}

func (p plot) single(s experiments.Series) singleLine {
	m := p.members[s.Run]
	line := singleLine{Run: s.Run, Label: m.label}
	for _, point := range s.Points {
		line.add(point, m.origin(s))
	}
	return line
}

// asked finds what a request wants drawn: the curves of a page, and of those its metrics.
type asked func(request) (plot, []string, error)

// chart answers with what is asked for, or the window of it that is wanted.
func (s *Server) chart(r request, find asked) (chart, error) {
	p, metrics, err := find(r)
	if err != nil {
		return chart{}, err
	}
	w, err := windowOf(r.URL.Query())
	if err != nil {
		return chart{}, err
	}
	return s.chartOf(r.Context(), p, metrics, w)
}
