package experiments

import "fmt"

// configs checks the configuration of every cell. A problem that several cells share is reported once.
func (ps *Problems) configs(s Study, cells []Cell) {
	seen := map[string]bool{}
	for _, cell := range cells {
		for _, p := range cell.Config.Validate() {
			if places := s.settingPlaces(cell, p.Path); places != nil {
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
