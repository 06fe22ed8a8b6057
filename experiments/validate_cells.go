package experiments

import (
	"fmt"
	"slices"
	"strings"
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
	ps.unusedLevels(s, cells)
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

// unusedLevels reports the levels that no cell of a list has: they would go unchecked and untrained.
func (ps *Problems) unusedLevels(s Study, cells []Cell) {
	used := map[string]bool{}
	for _, cell := range cells {
		for factor, label := range cell.Levels {
			used[AtLevel(factor, label)] = true
		}
	}
	for _, f := range s.Factors {
		for _, l := range f.Levels {
			if !used[AtLevel(f.Name, l.Label)] {
				ps.add(f.Name, []string{AtLevel(f.Name, l.Label)}, "no cell has level %s", l.Label)
			}
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
