package analysis

import (
	"encoding/json"
	"math"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// curve returns a series with a point every 10 steps; each point is one epoch after the one before.
func curve(run string, values ...float64) experiments.Series {
	s := experiments.Series{Run: run, Metric: metric.TestTop1, Total: len(values)}
	for i, v := range values {
		s.Points = append(s.Points, experiments.Point{Metric: metric.TestTop1, Step: int64(10 * (i + 1)), Epoch: float64(i + 1), Value: v})
	}
	return s
}

func TestAggregateIsExact(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	short := curve("c", 0.3, nan)
	gap := curve("b", 0.2, 0.5, 0.6)
	gap.Points = append(gap.Points[:1], gap.Points[2:]...) // without step 20
	points := Aggregate([]experiments.Series{curve("a", 0.1, inf, 0.4, 0.5), gap, short})
	if len(points) != 3 {
		t.Fatalf("%d points, want those of steps 10, 20 and 30, where more than half of the seeds are: %+v", len(points), points)
	}
	one, two, three := points[0], points[1], points[2]
	if one.Step != 10 || one.Epoch != 1 || one.N != 3 || one.NonFinite != 0 || one.Min != 0.1 || one.Max != 0.3 {
		t.Errorf("step 10: %+v", one)
	}
	almost(t, "mean", one.Mean, 0.2)
	almost(t, "sd", one.SD, 0.1)
	if two.Step != 20 || two.N != 0 || two.NonFinite != 2 || !math.IsNaN(two.Mean) || !math.IsNaN(two.Min) || !math.IsNaN(two.Max) {
		t.Errorf("step 20, where one diverged and one has a gap: %+v", two)
	}
	if three.Step != 30 || three.N != 2 || three.Min != 0.4 || three.Max != 0.6 {
		t.Errorf("step 30: %+v", three)
	}
	if ahead := Aggregate([]experiments.Series{curve("a", 1, 2), curve("b", 3)}); len(ahead) != 1 {
		t.Errorf("one of two seeds is ahead: %+v, want the step both have", ahead)
	}
	text, err := json.Marshal(two)
	if want := `{"step":20,"epoch":2,"n":0,"non_finite":2,"mean":null,"sd":null,"min":null,"max":null}`; err != nil || string(text) != want {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
	if len(Aggregate(nil)) != 0 {
		t.Error("no series have points")
	}
	if single := Aggregate([]experiments.Series{curve("a", 0.7)}); len(single) != 1 || single[0].Mean != 0.7 || !math.IsNaN(single[0].SD) {
		t.Errorf("one seed: %+v", single)
	}
}

func TestBandsGroupByCellAndMetric(t *testing.T) {
	runs := []experiments.RunInfo{
		{Run: experiments.Run{ID: "a", Cell: "x"}}, {Run: experiments.Run{ID: "b", Cell: "y"}},
		{Run: experiments.Run{ID: "c", Cell: "x"}}, {Run: experiments.Run{ID: "d", Cell: "x"}},
	}
	loss := curve("a", 3)
	loss.Metric = metric.TestLoss
	bands := Bands(runs, []experiments.Series{curve("a", 1, 2), loss, curve("b", 5), curve("c", 3, 4), curve("d"), curve("stranger", 9)})
	want := []Band{
		{Cell: "x", Metric: metric.TestTop1, Seeds: 2}, {Cell: "x", Metric: metric.TestLoss, Seeds: 1},
		{Cell: "y", Metric: metric.TestTop1, Seeds: 1},
	}
	if len(bands) != len(want) {
		t.Fatalf("%d bands, want %d: %+v", len(bands), len(want), bands)
	}
	for i, b := range bands {
		if b.Cell != want[i].Cell || b.Metric != want[i].Metric || b.Seeds != want[i].Seeds {
			t.Errorf("band %d is %s of %s over %d, want %+v", i, b.Metric, b.Cell, b.Seeds, want[i])
		}
	}
	if p := bands[0].Points; len(p) != 2 || p[1].Mean != 3 || p[1].N != 2 {
		t.Errorf("points of x: %+v", p)
	}
}
