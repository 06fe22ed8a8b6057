package analysis

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"

	"workbench/experiments"
	"workbench/experiments/stats"
)

// Band is one metric of a cell over its seeds.
type Band struct {
	Cell   string      `json:"cell"`
	Metric string      `json:"metric"`
	Seeds  int         `json:"seeds"` // runs with at least one point
	Points []BandPoint `json:"points"`
}

// BandPoint is what the seeds measured at one step: N finite values and their summary. The summary is NaN if there are
// no values; SD is NaN below two.
type BandPoint struct {
	Step      int64   `json:"step"`
	Epoch     float64 `json:"epoch"`
	N         int     `json:"n"`
	NonFinite int     `json:"non_finite"` // seeds that measured NaN or an infinity there; the mean leaves them out
	Mean      float64 `json:"mean"`
	SD        float64 `json:"sd"`
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
}

// MarshalJSON writes values that are not defined as null.
func (p BandPoint) MarshalJSON() ([]byte, error) {
	type plain BandPoint
	return json.Marshal(struct { // the outer fields hide the inner ones of the same name
		plain
		Mean statistic `json:"mean"`
		SD   statistic `json:"sd"`
		Min  statistic `json:"min"`
		Max  statistic `json:"max"`
	}{plain(p), statistic(p.Mean), statistic(p.SD), statistic(p.Min), statistic(p.Max)})
}

// Bands groups the series of runs by cell and metric, in the order in which they first appear, and aggregates each
// group. It leaves out series without points and series of runs that are not given.
func Bands(runs []experiments.RunInfo, series []experiments.Series) []Band {
	cells := map[string]string{}
	for _, r := range runs {
		cells[r.ID] = r.Cell
	}
	type place struct{ cell, metric string }
	grouped := map[place][]experiments.Series{}
	var order []place
	for _, s := range series {
		cell, given := cells[s.Run]
		if !given || len(s.Points) == 0 {
			continue
		}
		at := place{cell, s.Metric}
		if grouped[at] == nil {
			order = append(order, at)
		}
		grouped[at] = append(grouped[at], s)
	}
	bands := []Band{}
	for _, at := range order {
		bands = append(bands, Band{Cell: at.cell, Metric: at.metric, Seeds: len(grouped[at]), Points: Aggregate(grouped[at])})
	}
	return bands
}

// Aggregate summarises the series of one metric, one series for each seed, at every step at which more than half of the
// series have a point. While seeds are at different epochs, a mean of the few that are ahead would jump when the others
// arrive. Nothing is interpolated. The series must be complete: a downsampled one (see Series.Total) lacks steps that
// the others have.
func Aggregate(series []experiments.Series) []BandPoint {
	at := map[int64][]experiments.Point{}
	for _, s := range series {
		own := map[int64]experiments.Point{}
		for _, p := range s.Points {
			own[p.Step] = p
		}
		for step, p := range own {
			at[step] = append(at[step], p)
		}
	}
	points := []BandPoint{}
	for step, ps := range at {
		if 2*len(ps) > len(series) {
			points = append(points, summarise(step, ps))
		}
	}
	slices.SortFunc(points, func(a, b BandPoint) int { return cmp.Compare(a.Step, b.Step) })
	return points
}

// summarise takes one point of each seed. Their order must not matter.
func summarise(step int64, ps []experiments.Point) BandPoint {
	b := BandPoint{Step: step, Epoch: ps[0].Epoch}
	var values []float64
	for _, p := range ps {
		if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
			b.NonFinite++
			continue
		}
		values = append(values, p.Value)
	}
	b.N = len(values)
	b.Mean, b.SD = stats.Mean(values), stats.SD(values)
	extremes := stats.Range(values)
	b.Min, b.Max = extremes.Low, extremes.High
	return b
}
