package experiments

import "fmt"

// configs checks the configuration of every cell. A problem that several cells share is reported once.
func (ps *Problems) configs(s Study, cells []Cell) {
	seen := map[string]bool{}
	for _, cell := range cells {
		for _, p := range cell.Config.Validate() {
			for _, f := range s.Factors {
				if f.sets(cell.Levels[f.Name], p.Path) {
					p.places = []string{atSetting(f.Name, cell.Levels[f.Name], p.Path)}
				}
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
			used[atLevel(factor, label)] = true
		}
	}
	for _, f := range s.Factors {
		for _, l := range f.Levels {
			if !used[atLevel(f.Name, l.Label)] {
				ps.add(f.Name, []string{atLevel(f.Name, l.Label)}, "no cell has level %s", l.Label)
			}
		}
	}
}

// unusedMilestones refuses milestones that no schedule of the study looks at. They may stand beside another schedule's name
// only where a factor varies it.
func (ps *Problems) unusedMilestones(s Study, cells []Cell) {
	if len(s.Base.Schedule.Milestones) == 0 {
		return
	}
	for _, cell := range cells {
		if cell.Config.Schedule.Name == "step" {
			return
		}
	}
	ps.add("schedule.milestones", nil, "only schedule step has them, the schedule is %s (schedule.milestones=[] removes them)",
		s.Base.Schedule.Name)
}

// twins refuses cells that differ in name only: their difference would be zero by construction.
func (ps *Problems) twins(cells []Cell) {
	first := map[string]string{}
	for _, cell := range cells {
		id, err := Run{Config: cell.Config}.identity()
		if err != nil {
			ps.add("factors", []string{atKey("factors")}, "cell %s: %v", cell.Key, err)
			continue
		}
		if twin, twice := first[id]; twice {
			ps.add("factors", []string{atKey("factors")}, "cells %s and %s are the same configuration", twin, cell.Key)
		}
		first[id] = cell.Key
	}
}

// sets tells whether a level of the factor sets the path.
func (f Factor) sets(label, path string) bool {
	l, err := f.level(label)
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
