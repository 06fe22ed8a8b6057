package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"workbench/experiments/metric"
	"workbench/experiments/space"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// configs checks the configuration of every cell. A problem that several cells share is reported once.
func (ps *Problems) configs(s Study, cells []Cell) {
	seen := map[string]bool{}
	blamed := culprits{study: s, found: map[string]map[string]bool{}}
	for _, cell := range cells {
		if ps.Full() {
			return // the cells that are left may have the same problems
		}
		for _, p := range cell.Config.Validate() {
			if p.Message == "" {
				*ps = append(*ps, p)
				continue
			}
			places := s.settingPlaces(cell, p.Path)
			if places == nil {
				places = blamed.places(cell, p)
			}
			switch {
			case len(places) > 0 && slices.Contains(p.places, AtName(p.Path)): // the key is wrong, not its value
				p.places = append([]string{AtName(places[0])}, places...)
			case places != nil:
				p.places = places
			}
			if id := fmt.Sprint(p.Path, p.Message, p.places); !seen[id] {
				seen[id] = true
				*ps = append(*ps, p)
			}
		}
	}
}

// culprits finds the level that causes a problem of a key which it does not set, as a level that names a schedule does
// when the schedule needs more keys than the base has.
type culprits struct {
	study Study
	found map[string]map[string]bool // AtLevel, or "" for the base → the problems of the base with that level
}

// places are where the level stands that makes a problem of a cell by itself; nil if the base has it, or no single
// level does it.
func (c culprits) places(cell Cell, p Problem) []string {
	if c.has("", nil, p) {
		return nil
	}
	for _, f := range c.study.Factors {
		l, err := f.Level(cell.Levels[f.Name])
		if err != nil || len(l.Set) == 0 || !c.has(AtLevel(f.Name, l.Label), l.Set, p) {
			continue
		}
		section, _, _ := strings.Cut(p.Path, ".")
		places := []string{AtLevel(f.Name, l.Label)}
		for _, a := range l.Set {
			if len(l.Set) == 1 || strings.HasPrefix(a.Path, section+".") {
				return append([]string{AtSetting(f.Name, l.Label, a.Path)}, places...)
			}
		}
		return places
	}
	return nil
}

// has tells whether the base with what a level sets has the problem.
func (c culprits) has(level string, set []Assignment, p Problem) bool {
	problems, known := c.found[level]
	if !known {
		config := c.study.Base.Clone()
		problems = map[string]bool{}
		for _, a := range set {
			if err := config.Set(a.Path, a.Value); err != nil {
				return false // reported when the cells are made
			}
		}
		for _, q := range config.Validate() {
			problems[q.Path+"\n"+q.Message] = true
		}
		c.found[level] = problems
	}
	return problems[p.Path+"\n"+p.Message]
}

// unusedLevels reports the levels that no cell has, of those that a sample is taken from: they would go unchecked and
// untrained.
func (ps *Problems) unusedLevels(s Study, cells []Cell) {
	used := map[string]bool{}
	for _, cell := range cells {
		for factor, label := range cell.Levels {
			used[AtLevel(factor, label)] = true
		}
	}
	for _, f := range s.Factors {
		for _, l := range f.Levels {
			if used[AtLevel(f.Name, l.Label)] {
				continue
			}
			condition := ""
			if len(f.When) > 0 {
				condition = fmt.Sprintf(": %s applies only when %s", f.Name, f.When)
			}
			if slices.ContainsFunc(s.Exclude, func(e space.Where) bool { return slices.Contains(e[f.Name], l.Label) }) {
				condition += ": exclude leaves out every cell with it, so take it out of the levels"
			}
			ps.add(f.Name, []string{AtLevel(f.Name, l.Label)}, "no cell has level %s%s", l.Label, condition)
		}
	}
}

// twins refuses cells that differ in name only: their difference would be zero by construction.
func (ps *Problems) twins(cells []Cell) {
	first := map[string]string{}
	for _, cell := range cells {
		if ps.Full() {
			return
		}
		id, err := Run{Config: cell.Config}.identity()
		if err != nil {
			ps.add("factors", []string{AtKey("factors")}, "cell %s: %v", cell.Key, err)
			continue
		}
		if twin, twice := first[id]; twice {
			ps.add("factors", []string{AtKey("factors")}, "cells %s and %s are the same configuration", twin, cell.Key)
		}
		first[id] = cell.Key
	}
}

// sets tells whether a level of the factor sets the path.
func (f Factor) sets(label, path string) bool {
	l, err := f.Level(label)
	if err != nil {
		return false
	}
	for _, a := range l.Set {
		if a.Path == path {
			return true
		}
	}
	return false
}

// Factor is how the dimension is called among the factors of a study, of which none has such a name.
func (d Dimension) Factor() string { return "search." + d.Path }

// Scales of ranges.
const (
	Linear = "linear"
	Log    = "log"
)

var ScaleNames = []string{Linear, Log}

// fixed are the sections and keys that no search varies: what an arm is asked, how long it trains, what shows in no
// result.
var fixed = []string{"dataset", "start", "epochs", "length", "until", "evaluate", "checkpoint", "recompute", "micro_batch", "algorithms",
	"precision"}

// Searchable says why no search varies a path, nil if one can.
func Searchable(path string) error {
	if err := Check(path); err != nil {
		return err
	}
	inner := path
	if _, of, is := splitPhase(path); is {
		inner = of
	}
	if top, _, _ := strings.Cut(inner, "."); slices.Contains(fixed, top) {
		return fmt.Errorf("no search varies %s: it is the same for everything that is compared; want a rate, a decay, a temperature "+
			"or the like", top)
	}
	return nil
}

// search checks what a search may vary as factors are checked: every level and the ends of every range, each alone, in
// every cell.
func (ps *Problems) search(s Study, cells []Cell) {
	if len(s.Search) > MaxFactors {
		ps.add("search", []string{AtKey("search")}, "want at most %d paths, got %d", MaxFactors, len(s.Search))
		return
	}
	tried := s.Untuned()
	tried.Factors, tried.Search, tried.Baseline = slices.Clone(s.Factors), nil, s.BaselineLevels()
	for _, d := range s.Search {
		ps.dimension(s, d)
		f := Factor{Name: d.Factor(), Levels: s.tries(d)}
		if len(f.Levels) > 0 {
			tried.Factors = append(tried.Factors, f)
		}
	}
	if len(*ps) > 0 || len(s.Search) == 0 {
		return
	}
	var all []Cell
	for _, cell := range cells[:min(len(cells), mostTried)] {
		for _, f := range tried.Factors[len(s.Factors):] {
			for _, l := range f.Levels {
				one := Cell{Key: cell.Key + " " + f.Name + "=" + l.Label, Config: cell.Config.Clone()}
				one.Levels = WithLevel(cell.Levels, f.Name, l.Label)
				for _, a := range l.Set {
					if err := one.Config.Set(a.Path, a.Value); err != nil {
						ps.add(a.Path, []string{AtSetting(f.Name, l.Label, a.Path)}, "%v", err)
					}
				}
				all = append(all, one)
			}
		}
	}
	if len(*ps) == 0 {
		ps.configs(tried, all)
		ps.unusedKeys(tried, all)
	}
}

// mostTried is in how many cells the levels of a search are tried when a study is read. Before a search trains, every
// configuration of it is checked.
const mostTried = 100

// dimension checks one path of a search by itself.
func (ps *Problems) dimension(s Study, d Dimension) {
	at := []string{AtDimension(d.Path)}
	if err := Searchable(d.Path); err != nil {
		ps.add("search", at, "%s: %v", d.Path, err)
		return
	}
	for _, f := range s.Factors {
		if slices.Contains(f.Paths(), d.Path) {
			ps.add("search", at, "%s is set by factor %s, too: what a search chooses, no level sets", d.Path, f.Name)
		}
	}
	if d.Range == nil {
		if len(d.Levels) < 2 {
			ps.add("search", at, "%s: want two levels or more, got %d", d.Path, len(d.Levels))
		}
		ps.levels(Factor{Name: d.Factor(), Levels: d.Levels})
		return
	}
	number, whole := s.Numeric(d.Path)
	switch r := *d.Range; {
	case !number:
		ps.add("search", at, "%s takes no numbers: want a list of levels in place of a range", d.Path)
	case !(r.Min < r.Max):
		ps.add("search", at, "%s: want min below max, got %v and %v", d.Path, r.Min, r.Max)
	case !slices.Contains(ScaleNames, r.Scale):
		ps.add("search", at, "%s: unknown scale %q%s", d.Path, r.Scale, nearest.Hint(r.Scale, ScaleNames))
	case r.Scale == Log && !(r.Min > 0):
		ps.add("search", at, "%s: want min above 0 on a log scale, got %v", d.Path, r.Min)
	case whole && (r.Min != math.Trunc(r.Min) || r.Max != math.Trunc(r.Max)):
		ps.add("search", at, "%s: want whole numbers, got %v to %v", d.Path, r.Min, r.Max)
	}
}

// Numeric tells whether a path takes a number in some cell of the study, and whether that is a whole one.
func (s Study) Numeric(path string) (number, whole bool) {
	configs := []Config{s.Base}
	cells, _ := s.Cells() // what is wrong with them is reported where they are checked
	for _, cell := range cells {
		configs = append(configs, cell.Config)
	}
	for _, c := range configs {
		if o, ok := c.Declaration(path); ok {
			_, whole = o.Default.(int)
			_, broken := o.Default.(float64)
			return whole || broken, whole
		}
	}
	return false, false
}

// tries are the levels of a dimension, or the ends of its range as levels.
func (s Study) tries(d Dimension) []Level {
	if d.Range == nil {
		return d.Levels
	}
	var levels []Level
	_, whole := s.Numeric(d.Path)
	for _, x := range []float64{d.Range.Min, d.Range.Max} {
		value := any(x)
		if whole {
			value = int(x)
		}
		levels = append(levels, Level{Label: option.Label(x), Set: []Assignment{{d.Path, value}}})
	}
	return levels
}

// tuned checks what a search has chosen; that the values fit is checked with the cells.
func (ps *Problems) tuned(s Study, cells []Cell) {
	t := s.Tuned
	if t == nil {
		return
	}
	at := AtKey("tuned")
	if metric.Parse(t.On).Split != metric.Val {
		ps.add("tuned.on", []string{"tuned.on", at}, "want a metric of %s, such as %s, got %q: nothing is chosen on images that results are "+
			"reported on", metric.Val, metric.Counterpart(s.Metric, metric.Val), t.On)
	}
	if err := s.SeedsSeen(); err != nil {
		ps.add("seeds", []string{AtKey("seeds"), "tuned.seeds", at}, "%v", err)
	}
	if len(t.Arms) == 0 || len(t.Arms) > MaxCells {
		ps.add("tuned.arms", []string{at}, "want from 1 to %d arms, got %d", MaxCells, len(t.Arms))
	}
	used := map[int]bool{}
	for _, cell := range cells {
		used[s.armOf(cell.Levels)] = true
	}
	for i, arm := range t.Arms {
		if !used[i] {
			ps.add(fmt.Sprintf("tuned.arms[%d]", i), []string{AtArm(i), at}, "no cell of the study is this one, or another arm is it too")
		}
		for _, a := range arm.Set {
			for _, f := range s.Factors {
				if slices.Contains(f.Paths(), a.Path) {
					ps.add("tuned", []string{AtChosen(i, a.Path)}, "%s is set by factor %s, too: what a search chooses, no level sets", a.Path, f.Name)
				}
			}
		}
	}
}
