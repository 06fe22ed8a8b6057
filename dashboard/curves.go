package dashboard

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/escape"
	"workbench/experiments/metric"
)

// A curve has at most maxPoints in one chart, fewer where a chart has so many curves that all would be more than
// mostDrawn, but at least minPoints.
const (
	maxPoints = 1000
	mostDrawn = 200_000
	minPoints = 50
)

// pointsEach is the most points of one of many curves.
func pointsEach(curves int) int {
	return max(minPoints, min(maxPoints, mostDrawn/max(1, curves)))
}

// chart is what a page draws in one frame: the JSON of the curves routes.
type chart struct {
	Metric  string `json:"metric"`
	Title   string `json:"title"`
	Unit    string `json:"unit"`
	Percent bool   `json:"percent"`
	Band    string `json:"band,omitempty"` // what the bands show
	Reduced string `json:"reduced,omitempty"`
	Counts  string `json:"counts,omitempty"` // from where x counts, where it is not the beginning of what is drawn
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

// curve holds equally long columns. Seconds are those that a run had trained, without the time
// between its attempts. Values are in the metric's own unit.
type curve struct {
	Step    []int64   `json:"step"`
	Epoch   []float64 `json:"epoch"`
	Seconds []float64 `json:"seconds"`
	Value   []float64 `json:"value"`
	Low     []float64 `json:"low,omitempty"`
	High    []float64 `json:"high,omitempty"`
}

func (c *curve) add(p experiments.Point, seconds float64) {
	c.Step = append(c.Step, p.Step)
	c.Epoch = append(c.Epoch, p.Epoch)
	c.Seconds = append(c.Seconds, seconds)
	c.Value = append(c.Value, p.Value)
}

// mean returns the mean of the runs of an arm, with the range over seeds as its band. It is nil for fewer than two
// runs.
func mean(series []experiments.Series, members map[string]member) *curve {
	if len(series) < 2 {
		return nil
	}
	elapsed := map[int64][]float64{}
	for _, s := range series {
		for _, p := range s.Points {
			elapsed[p.Step] = append(elapsed[p.Step], members[s.Run].run.Elapsed(p.Time))
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
	run        experiments.RunInfo
	arm, label string
	baseline   bool
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
	var err error
	if w.from, err = strconv.ParseFloat(q.Get("from"), 64); err != nil {
		return w, badRequest("from: want a number, got %q", q.Get("from"))
	}
	if w.to, err = strconv.ParseFloat(q.Get("to"), 64); err != nil {
		return w, badRequest("to: want a number, got %q", q.Get("to"))
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

// chartOf draws metrics of one kind of the runs of p, grouped into its arms. Of one arm at a time all points are in
// memory.
func (s *Server) chartOf(ctx context.Context, p plot, metrics []string, w window) (chart, error) {
	c := newChart(metrics)
	c.Counts = p.counts(metrics[0])
	most := pointsEach(len(p.members) + len(p.arms))
	for _, key := range p.arms {
		list, err := s.seriesOf(ctx, p, key, metrics)
		if err != nil {
			return c, err
		}
		a := arm{Key: escape.Text(key), Slot: p.styles[key].Slot, Dash: p.styles[key].Dash, Mean: mean(list, p.members)}
		for _, one := range list {
			a.Baseline = a.Baseline || p.members[one.Run].baseline
			a.Runs = append(a.Runs, single(one, p.members[one.Run]))
		}
		if len(a.Runs) > 0 {
			c.add(a, w, most)
		}
	}
	return c, nil
}

// seriesOf an arm, in the order of their labels: complete, for means must be exact.
func (s *Server) seriesOf(ctx context.Context, p plot, arm string, metrics []string) ([]experiments.Series, error) {
	var ids []string
	for id, m := range p.members {
		if p.split || m.arm == arm {
			ids = append(ids, id)
		}
	}
	if p.split {
		metrics = slices.DeleteFunc(slices.Clone(metrics), func(name string) bool { return armName(name) != arm })
	}
	if len(ids) == 0 || len(metrics) == 0 {
		return nil, nil
	}
	sort.Strings(ids)
	var series []experiments.Series
	for meant, ids := range meanings(p, ids, metrics) {
		some, err := s.Source.Series(ctx, ids, strings.Split(meant, "\n"), 0)
		if err != nil {
			return nil, err
		}
		series = append(series, some...)
	}
	series = slices.DeleteFunc(series, func(one experiments.Series) bool { return len(one.Points) == 0 })
	slices.SortStableFunc(series, func(a, b experiments.Series) int {
		return cmp.Or(cmp.Compare(p.members[a.Run].run.Seed, p.members[b.Run].run.Seed), cmp.Compare(a.Run, b.Run),
			cmp.Compare(a.Metric, b.Metric))
	})
	return series, nil
}

// meanings groups runs by the metrics that the names stand for in them, a line each.
func meanings(p plot, ids, names []string) map[string][]string {
	groups := map[string][]string{}
	for _, id := range ids {
		var own []string
		for _, name := range names {
			own = append(own, p.members[id].run.Recorded(name))
		}
		meant := strings.Join(own, "\n")
		groups[meant] = append(groups[meant], id)
	}
	return groups
}

// counts says from where x counts in a chart of a phase that others come before.
func (p plot) counts(name string) string {
	n := metric.Parse(name)
	for _, m := range p.members {
		phase := metric.Parse(m.run.Recorded(name)).Phase
		i := slices.IndexFunc(m.run.Phases, func(p experiments.PhaseInfo) bool { return p.Name == phase })
		if i < 0 || m.run.Phases[i].First == 0 {
			continue
		}
		if n.Phase == metric.Final {
			return "x counts on from earlier phases of a run"
		}
		return "x counts on from the phases before " + phase
	}
	return ""
}

// newChart has the unit of the first of its metrics.
func newChart(metrics []string) chart {
	first := metrics[0]
	return chart{Metric: first, Title: panelTitle(metrics), Unit: unit(first), Percent: metric.Of(first).Percent, Arms: []arm{}}
}

// add draws the window of an arm; its curves are thinned if they have more points than most.
func (c *chart) add(a arm, w window, most int) {
	for i := range a.Runs {
		a.Runs[i].cut(w)
	}
	if a.Mean != nil {
		a.Mean.cut(w)
	}
	all := len(a.Runs[0].Value)
	less := false
	for i := range a.Runs {
		less = a.Runs[i].reduced(most) || less
	}
	if a.Mean != nil {
		less = a.Mean.reduced(most) || less
		c.Band = "minimum to maximum over seeds"
	}
	if less {
		c.Reduced = "thinned from " + grouped(int64(all)) + " points; ends and extremes are kept"
	}
	c.Arms = append(c.Arms, a)
}

func single(s experiments.Series, m member) singleLine {
	line := singleLine{Run: s.Run, Label: m.label}
	for _, p := range s.Points {
		line.add(p, m.run.Elapsed(p.Time))
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
