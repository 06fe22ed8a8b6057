package analysis

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/stats"
	"workbench/nn/nearest"
)

// Architecture is a cell of a study with what its network reached and what that costs.
type Architecture struct {
	AblationRow
	Network      string  `json:"network"`       // as people call it
	ImageSeconds float64 `json:"image_seconds"` // of training, one image: median over runs; NaN if none says
	Bytes        int64   `json:"bytes"`         // of the executable that trains, all its buffers: the most of its runs; 0 if none says

	// Whether no other architecture reaches as much for less, or more for as little (Pareto).
	FrontMACs   bool `json:"front_macs"`   // multiply-adds of one image
	FrontParams bool `json:"front_params"` // parameters
}

// Limit is a budget that is the same for all architectures: of each run its last evaluation within it counts, and
// nothing is interpolated. One of its fields is set; none means the whole training.
type Limit struct {
	Epochs       float64
	MultiplyAdds float64 // forward, backward and updates
	Minutes      float64 // of training
}

// String says what a run is given.
func (l Limit) String() string {
	switch {
	case l.Epochs > 0:
		return fmt.Sprintf("%g epochs", l.Epochs)
	case l.MultiplyAdds > 0:
		return fmt.Sprintf("%g multiply-adds", l.MultiplyAdds)
	case l.Minutes > 0:
		return fmt.Sprintf("%g minutes", l.Minutes)
	}
	return "the whole training"
}

// Measurements are where the points of runs are read.
type Measurements interface {
	Series(ctx context.Context, runs, metrics []string, most int) ([]experiments.Series, error)
}

// Compared are architectures with what limits the comparison.
type Compared struct {
	Metric   string         `json:"metric"`
	Limit    string         `json:"limit"`
	Rows     []Architecture `json:"rows"`
	Warnings []string       `json:"warnings"`
}

// Asked is which architectures are compared, and on what budget. Models are called by the name of a network or by a
// level of a cell; none means all cells.
type Asked struct {
	Models []string
	Limit
}

// Architectures puts the cells of a study side by side. Runs count as for Ablate.
func Architectures(ctx context.Context, from Measurements, s experiments.Study, runs []experiments.RunInfo, asked Asked) (Compared, error) {
	c, l := Compared{Metric: s.Metric, Limit: asked.String(), Rows: []Architecture{}}, asked.Limit
	cells, err := s.Cells()
	if err != nil {
		return c, fmt.Errorf("study %s: %w", s.Name, err)
	}
	keep, err := named(cells, asked.Models)
	if err != nil {
		return c, fmt.Errorf("study %s: %w", s.Name, err)
	}
	var notes []string
	if l != (Limit{}) {
		s.Report = experiments.ReportLast
		if runs, notes, err = within(ctx, from, s, runs, l); err != nil {
			return c, err
		}
	}
	table, err := Ablate(s, runs)
	if err != nil {
		return c, err
	}
	for _, row := range table.Rows {
		i := slices.IndexFunc(cells, func(c experiments.Cell) bool { return c.Key == row.Cell })
		if i < 0 || !keep[row.Cell] {
			continue
		}
		a := Architecture{AblationRow: row, Network: cells[i].Config.Network()}
		a.ImageSeconds, a.Bytes = speed(row, runs)
		c.Rows = append(c.Rows, a)
	}
	fronts(c.Rows, table.Higher)
	c.Warnings = slices.Concat(notes, table.Warnings)
	return c, nil
}

// named are the keys of the cells whose network, or one of whose levels, is among the names; without names all of them.
func named(cells []experiments.Cell, names []string) (map[string]bool, error) {
	keep := map[string]bool{}
	var good []string
	for _, name := range names {
		found := false
		for _, c := range cells {
			own, _, _ := strings.Cut(c.Config.Network(), "@")
			called := append(slices.Sorted(maps.Values(c.Levels)), own, c.Config.Network())
			good = append(good, called...)
			if slices.Contains(called, name) {
				keep[c.Key], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("no cell has the network %q%s", name, nearest.Hint(name, good))
		}
	}
	for _, c := range cells {
		keep[c.Key] = keep[c.Key] || len(names) == 0
	}
	return keep, nil
}

// within gives the runs, in place of their last value, that of their last evaluation within the limit. Runs without one
// have no value.
func within(ctx context.Context, from Measurements, s experiments.Study, runs []experiments.RunInfo, l Limit) ([]experiments.RunInfo,
	[]string, error) {
	limited, notes := make([]experiments.RunInfo, len(runs)), remarks{}
	for i, r := range runs {
		name := r.Recorded(s.Metric)
		series, err := from.Series(ctx, []string{r.ID}, []string{name}, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("run %s: %w", r.ID, err)
		}
		limited[i] = r
		limited[i].Last = maps.Clone(r.Last)
		delete(limited[i].Last, name)
		for _, one := range series {
			for _, p := range one.Points {
				if spent, known := l.spent(r, p); known && spent <= 1 {
					limited[i].Last[name] = p.Value
				}
			}
		}
		if _, has := limited[i].Last[name]; !has && r.Status == experiments.Done {
			notes.add("it has no evaluation within "+l.String(), r.Cell+seedText(r.Seed))
		}
		if r.Begins() != "" && l.Epochs == 0 {
			notes.add("what it shares with others is not counted in its "+l.String(), r.Cell+seedText(r.Seed))
		}
	}
	return limited, notes.list(), nil
}

// spent is the share of the limit that the run had used at a point; known is false if its records do not say.
func (l Limit) spent(r experiments.RunInfo, p experiments.Point) (share float64, known bool) {
	switch {
	case l.Epochs > 0:
		return p.Epoch / l.Epochs, true
	case l.Minutes > 0:
		return r.Elapsed(p.Time) / 60 / l.Minutes, len(r.Attempts) > 0
	}
	phases := r.Phases
	if r.Whole != nil {
		phases = []experiments.PhaseInfo{*r.Whole}
	}
	done := 0.0
	for _, phase := range phases {
		if phase.MultiplyAdds == 0 || phase.Steps == 0 {
			return 0, false
		}
		done += phase.MultiplyAdds * min(max(float64(p.Step-phase.First)/float64(phase.Steps), 0), 1)
	}
	return done / l.MultiplyAdds, len(phases) > 0
}

// speed is the median time that a training image took over the runs of a row, and the most memory that one of them had.
func speed(row AblationRow, runs []experiments.RunInfo) (seconds float64, bytes int64) {
	var all []float64
	for _, one := range row.Values {
		for _, r := range runs {
			if r.ID != one.Run {
				continue
			}
			if rate := r.Last[r.Recorded(metric.TrainSpeed)]; rate > 0 {
				all = append(all, 1/rate)
			}
			if n, err := strconv.ParseInt(r.Environment["plan_bytes"], 10, 64); err == nil {
				bytes = max(bytes, n)
			}
		}
	}
	if len(all) == 0 {
		return math.NaN(), bytes
	}
	return stats.Median(all), bytes
}

// fronts marks the architectures on the Pareto fronts.
func fronts(rows []Architecture, higher bool) {
	quality, macs, params := make([]float64, len(rows)), make([]float64, len(rows)), make([]float64, len(rows))
	for i, r := range rows {
		quality[i], macs[i], params[i] = r.Mean, stated(r.MACs), stated(r.Params)
		if !higher {
			quality[i] = -r.Mean
		}
	}
	byMACs, byParams := Front(macs, quality), Front(params, quality)
	for i := range rows {
		rows[i].FrontMACs, rows[i].FrontParams = byMACs[i], byParams[i]
	}
}

// stated is a count as a number; a count that no run states is none.
func stated(n int64) float64 {
	if n == 0 {
		return math.NaN()
	}
	return float64(n)
}

// Front tells of each of several things, by its cost and its quality, whether it is on the Pareto front: whether no
// other has at most its cost and at least its quality, and is better in one of them. What has no number is not on it
// and takes nobody off it.
func Front(cost, quality []float64) []bool {
	front := make([]bool, len(cost))
	for i := range cost {
		front[i] = !math.IsNaN(cost[i]) && !math.IsNaN(quality[i])
		for j := range cost {
			if cost[j] <= cost[i] && quality[j] >= quality[i] && (cost[j] < cost[i] || quality[j] > quality[i]) {
				front[i] = false
			}
		}
	}
	return front
}
