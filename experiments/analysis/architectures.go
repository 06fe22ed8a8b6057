package analysis

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// Architecture is a cell of a study with what its network reached and what that costs.
type Architecture struct {
	AblationRow
	Network      string  // as people call it
	Protocol     string  // the data, and how long was trained: results of two protocols are no comparison
	ImageSeconds float64 // of training, one image: median over runs; NaN if none says
	Bytes        int64   // of the executable that trains, all its buffers: the most of its runs; 0 if none says

	Latency *experiments.Latency // of a pass of one image, on Compared.Machine; nil: not measured
	Batch   *experiments.Latency // of a pass of several, likewise

	// Front tells of each cost, by its key, whether no other architecture of the protocol reaches as much for less, or
	// more for as little (Pareto).
	Front map[string]bool
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

// Timings are where the latencies of runs' networks are read, too.
type Timings interface {
	Measurements
	Latencies(ctx context.Context, runs []string) ([]experiments.Latency, error)
}

// Compared are architectures with what limits the comparison.
type Compared struct {
	Metric    string         `json:"metric"`
	Higher    bool           `json:"higher"` // is better
	Limit     string         `json:"limit"`
	Protocols []string       `json:"protocols"` // of the rows, in their order
	Machine   string         `json:"machine"`   // on which, and by what, latencies were measured; "": nowhere
	Machines  []string       `json:"machines"`  // on which there are any
	Rows      []Architecture `json:"rows"`
	Warnings  []string       `json:"warnings"`
}

// Asked is which architectures are compared, and on what budget. Models are called by the name of a network or by a
// level of a cell; none means all cells.
type Asked struct {
	Models  []string
	Machine string // whose latencies are shown: a machine's name, or one of Compared.Machines; "": that with the most
	Limit
}

// UnknownError is of a name that selects nothing.
type UnknownError struct {
	What    string // is named: "models" or "machine"
	Message string
}

func (e UnknownError) Error() string { return e.Message }

// Architectures puts the cells of a study side by side. Runs count as for Ablate.
func Architectures(ctx context.Context, from Timings, s experiments.Study, runs []experiments.RunInfo, asked Asked) (Compared, error) {
	c := Compared{Metric: s.Metric, Limit: asked.String(), Protocols: []string{}, Machines: []string{}, Rows: []Architecture{}}
	cells, err := s.Cells()
	if err != nil {
		return c, fmt.Errorf("study %s: %w", s.Name, err)
	}
	keep, err := named(cells, asked.Models)
	if err != nil {
		return c, fmt.Errorf("study %s: %w", s.Name, err)
	}
	var notes []string
	if asked.Limit != (Limit{}) {
		s.Report = experiments.ReportLast
		if runs, notes, err = within(ctx, from, s, runs, asked.Limit); err != nil {
			return c, err
		}
	}
	table, err := Ablate(s, runs)
	if err != nil {
		return c, err
	}
	c.Higher = table.Higher
	byID, of := map[string]experiments.RunInfo{}, map[string]experiments.Cell{}
	for _, r := range runs {
		byID[r.ID] = r
	}
	for _, cell := range cells {
		of[cell.Key] = cell
	}
	for _, row := range table.Rows {
		if !keep[row.Cell] {
			continue
		}
		config := of[row.Cell].Config
		a := Architecture{AblationRow: row, Network: config.Network(), Protocol: protocol(config, asked.Limit)}
		a.ImageSeconds, a.Bytes = speed(row, byID)
		c.Rows = append(c.Rows, a)
		if !slices.Contains(c.Protocols, a.Protocol) {
			c.Protocols = append(c.Protocols, a.Protocol)
		}
	}
	if err := c.measured(ctx, from, runs, asked.Machine); err != nil {
		return c, fmt.Errorf("study %s: %w", s.Name, err)
	}
	c.fronts()
	c.Warnings = slices.Concat(c.limits(), notes, table.Warnings)
	return c, nil
}

// limits of the comparison.
func (c Compared) limits() (notes []string) {
	if n := len(c.Protocols); n > 1 {
		notes = append(notes, fmt.Sprintf("%d protocols, each with fronts of its own, because results of two are no comparison: %s", n,
			strings.Join(c.Protocols, "; ")))
	}
	if n := len(c.Machines); n > 1 {
		notes = append(notes, fmt.Sprintf("latencies were measured in %d ways: %s; those of %s are shown", n,
			strings.Join(c.Machines, "; "), c.Machine))
	}
	return notes
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
			return nil, UnknownError{"models", fmt.Sprintf("no cell has the network %q%s", name, nearest.Hint(name, good))}
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
