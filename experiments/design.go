package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments/space"
	"workbench/nn/nearest"
)

// Designs: which combinations of levels a study trains.
const (
	// Factorial is every combination, or those that Study.Exclude and Study.Sample leave; the first factor varies
	// slowest.
	Factorial = "factorial"
	// OneAtATime is the baseline and, for every other level of every factor, the baseline with that level.
	OneAtATime = "one_at_a_time"
	// LeaveOneOut is OneAtATime for components: every factor has two levels, with (the baseline's) and without, so the
	// baseline is the full network and every other cell lacks one component.
	LeaveOneOut = "leave_one_out"
	// Listed is the cells of Study.List and no others; a factor that a cell does not name has its baseline level.
	Listed = "list"
)

// Which evaluation speaks for a run.
const (
	ReportLast = "last"
	ReportBest = "best"
)

var (
	DesignNames = []string{Factorial, OneAtATime, LeaveOneOut, Listed}
	ReportNames = []string{ReportLast, ReportBest}
)

// Bounds on a study: beyond them a comma was misplaced.
const (
	MaxFactors = 100
	MaxLevels  = 1000 // of a factor
	MaxCells   = 10_000
	MaxExclude = 1000      // combinations that are left out
	MaxSeed    = 1<<53 - 1 // the largest that readers of JSON keep exactly
	maxRuns    = 100_000
	maxText    = 4000 // characters of a title, a source, what to expect
)

// Cells gives the combinations of levels that the design asks for, each with its configuration. A study without factors
// has one cell, "base". Two cells of one configuration, however reached, are an error.
func (s Study) Cells() ([]Cell, error) {
	picks, err := s.picks()
	if err != nil {
		return nil, err
	}
	if runs := len(picks) * len(s.Seeds); runs > maxRuns {
		return nil, fmt.Errorf("want at most %d runs, %d cells with %d seeds make %d", maxRuns, len(picks), len(s.Seeds), runs)
	}
	cells := make([]Cell, 0, len(picks))
	keys := map[string]bool{}
	for _, levels := range picks {
		c, err := s.cell(levels)
		if err != nil {
			return nil, err
		}
		if keys[c.Key] {
			return nil, fmt.Errorf("cell %s is there twice", c.Key)
		}
		keys[c.Key] = true
		cells = append(cells, c)
	}
	return cells, nil
}

// BaselineCell is the cell that the others are compared with: every factor at its baseline level. In a list without a
// baseline it is the first cell.
func (s Study) BaselineCell() (Cell, error) {
	for _, name := range slices.Sorted(maps.Keys(s.Baseline)) {
		if names := s.factorNames(); !slices.Contains(names, name) {
			return Cell{}, fmt.Errorf("unknown factor %q%s", name, nearest.Hint(name, names))
		}
	}
	var named map[string]string
	if s.Design == Listed && len(s.Baseline) == 0 && len(s.List) > 0 {
		named = s.List[0]
	}
	return s.cell(s.Fill(named))
}

// BaselineLevels returns a level for every factor, also for one that does not apply in the baseline: the one in
// Baseline, or the first level where Baseline has none.
func (s Study) BaselineLevels() map[string]string {
	levels := map[string]string{}
	for _, f := range s.Factors {
		if len(f.Levels) > 0 {
			levels[f.Name] = f.Levels[0].Label
		}
	}
	maps.Copy(levels, s.Baseline)
	return levels
}

// Fill gives every factor that is not named its baseline level, and leaves out factors that do not apply beside the
// others.
func (s Study) Fill(named map[string]string) map[string]string {
	levels := s.BaselineLevels()
	maps.Copy(levels, named)
	return s.space().Applied(levels)
}

// space is all combinations of the factors' levels, without what is left out.
func (s Study) space() space.Space {
	all := space.Space{Exclude: s.Exclude}
	for _, f := range s.Factors {
		all.Factors = append(all.Factors, space.Factor{Name: f.Name, Labels: f.Labels(), When: f.When})
	}
	return all
}

// Partial tells whether a factorial lacks combinations of levels.
func (s Study) Partial() bool {
	return s.Design == Factorial && (s.Sample != nil || len(s.Exclude) > 0 ||
		slices.ContainsFunc(s.Factors, func(f Factor) bool { return len(f.When) > 0 }))
}

// picks returns the combinations of levels that the design asks for. Each maps factor names to level labels.
func (s Study) picks() ([]map[string]string, error) {
	switch s.Design {
	case Factorial:
		return s.factorial()
	case OneAtATime:
		return s.oneAtATime()
	case LeaveOneOut:
		for _, f := range s.Factors {
			if len(f.Levels) != 2 {
				return nil, fmt.Errorf("design %s wants two levels of every factor, with and without; %s has %d",
					LeaveOneOut, f.Name, len(f.Levels))
			}
		}
		return s.oneAtATime()
	case Listed:
		if len(s.List) == 0 {
			return nil, fmt.Errorf("design %s wants cells: a list of factor: level", Listed)
		}
		if len(s.List) > MaxCells {
			return nil, fmt.Errorf("want at most %d cells, got %d", MaxCells, len(s.List))
		}
		var picks []map[string]string
		for _, listed := range s.List {
			picks = append(picks, s.Fill(listed))
		}
		return picks, nil
	}
	return nil, fmt.Errorf("unknown design %q%s", s.Design, nearest.Hint(s.Design, DesignNames))
}

// PartText says what part of a factorial the cells are; "" if they are all.
func (s Study) PartText(cells []Cell) string {
	var parts []string
	if n := len(s.Exclude); n > 0 && s.Design == Factorial {
		var out []string
		for _, e := range s.Exclude[:min(n, 4)] {
			out = append(out, e.String())
		}
		if n > len(out) {
			out = append(out, fmt.Sprintf("%d more", n-len(out)))
		}
		parts = append(parts, "left out: "+strings.Join(out, "; "))
	}
	if s.Sample != nil && s.Design == Factorial {
		text := fmt.Sprintf("%d cells that chance has chosen (sample, seed %d)", s.Sample.Cells, s.Sample.Seed)
		var lacks []string
		for _, f := range s.Factors {
			for _, l := range f.Levels {
				if !slices.ContainsFunc(cells, func(c Cell) bool { return c.Levels[f.Name] == l.Label }) {
					lacks = append(lacks, f.Name+"="+l.Label)
				}
			}
		}
		if len(lacks) > 0 {
			text += ", none with " + listed(lacks)
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return ""
	}
	return "a part of the factorial: " + strings.Join(parts, "; ")
}

func (s Study) factorial() ([]map[string]string, error) {
	if s.Partial() {
		return s.partial()
	}
	picks := []map[string]string{{}}
	for _, f := range s.Factors {
		if n := len(picks) * len(f.Levels); n > MaxCells {
			return nil, fmt.Errorf("want at most %d cells, the factors up to %s alone make %d", MaxCells, f.Name, n)
		}
		var next []map[string]string
		for _, pick := range picks {
			for _, l := range f.Levels {
				next = append(next, WithLevel(pick, f.Name, l.Label))
			}
		}
		picks = next
	}
	return picks, nil
}

// partial is a factorial that lacks combinations.
func (s Study) partial() (picks []map[string]string, err error) {
	if s.Sample != nil {
		if s.Sample.Cells == 0 {
			return nil, fmt.Errorf("sample: lacks cells: want from 2 to %d, the baseline among them", MaxCells)
		}
		if n := s.Sample.Cells; n < 2 || n > MaxCells {
			return nil, fmt.Errorf("sample: want from 2 to %d cells, the baseline among them, got %d", MaxCells, n)
		}
		if picks, err = s.space().Sample(s.Sample.Cells, s.Sample.Seed, s.Fill(nil)); err != nil {
			return nil, fmt.Errorf("sample: %w", err)
		}
		return picks, nil
	}
	_, err = s.space().Walk(func(levels map[string]string) error {
		if len(picks) == MaxCells {
			return fmt.Errorf("want at most %d cells, the factors make more: sample: {cells: 20} takes some of them", MaxCells)
		}
		picks = append(picks, maps.Clone(levels))
		return nil
	})
	return picks, err
}

// oneAtATime leaves out the levels of factors that do not apply beside the baseline.
func (s Study) oneAtATime() ([]map[string]string, error) {
	n := 1
	for _, f := range s.Factors {
		n += max(0, len(f.Levels)-1)
	}
	if n > MaxCells {
		return nil, fmt.Errorf("want at most %d cells, the levels make %d", MaxCells, n)
	}
	base := s.BaselineLevels()
	picks := []map[string]string{s.Fill(nil)}
	for _, f := range s.Factors {
		for _, l := range f.Levels {
			pick := s.Fill(WithLevel(base, f.Name, l.Label))
			if l.Label != base[f.Name] && pick[f.Name] == l.Label {
				picks = append(picks, pick)
			}
		}
	}
	return picks, nil
}

func WithLevel(levels map[string]string, factor, label string) map[string]string {
	levels = maps.Clone(levels)
	levels[factor] = label
	return levels
}

// cell applies the levels, in the order of the factors, to the base, and then what was chosen for the cell.
func (s Study) cell(levels map[string]string) (Cell, error) {
	c := Cell{Key: "base", Levels: levels, Config: s.Base.Clone()}
	var parts, names []string
	for _, f := range s.Factors {
		names = append(names, f.Name)
		label, applies := levels[f.Name]
		if !applies && len(f.When) > 0 {
			continue
		}
		l, err := f.Level(label)
		if err != nil {
			return c, err
		}
		parts = append(parts, f.Name+"="+l.Label)
		for _, a := range l.Set {
			if err := c.Config.Set(a.Path, a.Value); err != nil {
				return c, fmt.Errorf("level %s of factor %s: %s: %w", l.Label, f.Name, a.Path, err)
			}
		}
	}
	if i := s.armOf(levels); i >= 0 {
		for _, a := range s.Tuned.Arms[i].Set {
			if err := c.Config.Set(a.Path, a.Value); err != nil {
				return c, fmt.Errorf("tuned.arms[%d]: %s: %w", i, a.Path, err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(levels)) {
		if !slices.Contains(names, name) {
			return c, fmt.Errorf("unknown factor %q%s", name, nearest.Hint(name, names))
		}
	}
	if len(parts) > 0 {
		c.Key = strings.Join(parts, " ")
	}
	return c, nil
}

func (f Factor) Level(label string) (Level, error) {
	for _, l := range f.Levels {
		if l.Label == label {
			return l, nil
		}
	}
	return Level{}, fmt.Errorf("factor %s has no level %q%s", f.Name, label, nearest.Hint(label, f.Labels()))
}

func (f Factor) Labels() []string {
	labels := make([]string, len(f.Levels))
	for i, l := range f.Levels {
		labels[i] = l.Label
	}
	return labels
}
