package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments/strategy"
	"workbench/nn/option"
)

// unusedKeys refuses options that nothing in the study's cells looks at. They may stand beside another name, beside an
// augmentation that is off, or beside a strategy without the phase, only where a factor varies that.
func (ps *Problems) unusedKeys(s Study, cells []Cell) {
	for i := range sections {
		if section := &sections[i]; !section.open {
			ps.unusedOptions(section, section.name, s, section.readings(cells))
		}
	}
	ps.unusedPhases(s, cells)
	for _, phase := range later(cells) {
		for i := range sections {
			if section := &sections[i]; slices.Contains(perPhase, section.name) {
				ps.unusedOptions(section, phasesKey+"."+phase+"."+section.name, s, section.readingsIn(phase, cells))
			}
		}
	}
}

// reading is what a cell says of a section, for the whole run or for a phase, and the configuration that holds there.
type reading struct {
	cell   Cell
	config Config
	said   map[string]any
}

func (s *section) readings(cells []Cell) []reading {
	all := make([]reading, len(cells))
	for i, cell := range cells {
		_, options := s.of(&cell.Config)
		all[i] = reading{cell, cell.Config, *options}
	}
	return all
}

// readingsIn are those of a later phase, of the cells that have it.
func (s *section) readingsIn(phase string, cells []Cell) []reading {
	var all []reading
	for _, cell := range cells {
		method, err := strategy.Lookup(cell.Config.Strategy.Name)
		if err != nil || cell.Config.lacks(phase) != "" {
			continue
		}
		own, err := cell.Config.In(phase, method.Set[phase])
		if err != nil {
			continue // reported where it is set
		}
		r := reading{cell, own, map[string]any{}}
		for path, value := range cell.Config.Phases {
			if key, of := strings.CutPrefix(path, phase+"."+s.name+"."); of && key != nameKey {
				r.said[key] = value
			}
		}
		all = append(all, r)
	}
	return all
}

// later are the later phases of the cells' strategies, sorted.
func later(cells []Cell) []string {
	var all []string
	for _, cell := range cells {
		if method, err := strategy.Lookup(cell.Config.Strategy.Name); err == nil {
			all = append(all, method.Later...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// unusedPhases refuses keys of phases that no cell has.
func (ps *Problems) unusedPhases(s Study, cells []Cell) {
	given, used := map[string]Cell{}, map[string]bool{}
	for _, cell := range cells {
		for path := range cell.Config.Phases {
			if cell.Config.lacks(path) == "" {
				used[path] = true
			} else {
				given[path] = cell
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(given)) {
		cell, full := given[path], phasesKey+"."+path
		if _, err := find(full); err != nil || used[path] {
			continue // reported by Validate
		}
		places := s.settingPlaces(cell, full)
		if places == nil {
			places = []string{AtName(full)}
		}
		ps.add(full, places, "%s", cell.Config.lacks(path))
	}
}

// unusedOptions refuses what is said at a path of a section and has an effect in no reading.
func (ps *Problems) unusedOptions(section *section, at string, s Study, all []reading) {
	given, used := map[string]reading{}, map[string]bool{}
	for _, r := range all {
		name, options := section.of(&r.config)
		effective, err := section.options(*name)
		if err != nil {
			return // reported by Validate
		}
		if section.active != nil {
			effective = section.active(*options)
		}
		for key, value := range r.said {
			if _, has := option.Find(effective, key); has {
				used[key] = true
			} else if at != section.name || section.says(key, value, *options) { // what a phase says is part of the identity
				given[key] = r
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if r, path := given[key], at+"."+key; !used[key] {
			ps.add(path, s.settingPlaces(r.cell, path), "%s", section.withoutEffect(&r.config, at, key))
		}
	}
}

// says tells whether an option has a value that would change something if anything looked at it.
func (s *section) says(key string, value any, given map[string]any) bool {
	o, known := option.Find(s.union(), key)
	if s.active == nil {
		text, is := value.(string)
		return !option.IsZero(value) && !(is && text == o.Default)
	}
	if by, _ := s.turnedOnBy(key, given); by.Name == key { // it says that the rest is off
		return false
	}
	return known && !option.Equal(value, o.Default)
}

// withoutEffect says why an option of the section, which is said at a path, has no effect, and what would give it one
// or remove it.
func (s *section) withoutEffect(c *Config, at, key string) string {
	if s.active != nil {
		_, options := s.of(c)
		by, what := s.turnedOnBy(key, *options)
		return fmt.Sprintf("has no effect: %s.%s, which turns %s on, is %s", at, by.Name, what,
			option.Label(option.Complete([]option.Option{by}, *options)[by.Name]))
	}
	name, _ := s.of(c)
	path := at + "." + key
	removed := path + "=" + s.nothing(key)
	if at != s.name { // what a phase says is kept as it was said
		removed = "~" + path
	}
	return fmt.Sprintf("%s %s does not use it, only %s (%s removes it)", s.noun, *name, strings.Join(s.users(key), ", "), removed)
}

// nothing is how an override writes that an option says nothing.
func (s *section) nothing(key string) string {
	o, _ := option.Find(s.union(), key)
	switch standard := o.Default.(type) {
	case bool:
		return "false"
	case string:
		return option.Text(standard) // which choices may not have an empty one among them
	case []float64, []option.Group:
		return "[]"
	}
	return "0"
}

// settingPlaces is where a level of the cell sets the path; nil if none does.
func (s Study) settingPlaces(cell Cell, path string) []string {
	for _, f := range s.Factors {
		if f.sets(cell.Levels[f.Name], path) {
			return []string{AtSetting(f.Name, cell.Levels[f.Name], path)}
		}
	}
	if i := s.armOf(cell.Levels); i >= 0 && slices.ContainsFunc(s.Tuned.Arms[i].Set, func(a Assignment) bool { return a.Path == path }) {
		return []string{AtChosen(i, path)}
	}
	return nil
}
