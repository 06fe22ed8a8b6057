package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/nn/option"
)

// unusedKeys refuses options that nothing in the study's cells looks at. They may stand beside another name, or beside
// an augmentation that is off, only where a factor varies that.
func (ps *Problems) unusedKeys(s Study, cells []Cell) {
	for i := range sections {
		if section := &sections[i]; !section.open {
			ps.unusedOptions(section, s, cells)
		}
	}
}

func (ps *Problems) unusedOptions(section *section, s Study, cells []Cell) {
	given, used := map[string]Cell{}, map[string]bool{}
	for _, cell := range cells {
		name, options := section.of(&cell.Config)
		effective, err := section.options(*name)
		if err != nil {
			return // reported by Validate
		}
		if section.active != nil {
			effective = section.active(*options)
		}
		for key, value := range *options {
			if _, has := option.Find(effective, key); has {
				used[key] = true
			} else if section.says(key, value, *options) {
				given[key] = cell
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if cell, path := given[key], section.name+"."+key; !used[key] {
			ps.add(path, s.settingPlaces(cell, path), "%s", section.withoutEffect(&cell.Config, key))
		}
	}
}

// says tells whether an option has a value that would change something if anything looked at it.
func (s *section) says(key string, value any, given map[string]any) bool {
	if s.active == nil {
		return !option.IsZero(value)
	}
	if by, _ := s.turnedOnBy(key, given); by.Name == key { // it says that the rest is off
		return false
	}
	o, known := option.Find(s.union(), key)
	return known && !option.Equal(value, o.Default)
}

// withoutEffect says why an option of the section has no effect, and what would give it one or remove it.
func (s *section) withoutEffect(c *Config, key string) string {
	if s.active != nil {
		_, options := s.of(c)
		by, what := s.turnedOnBy(key, *options)
		return fmt.Sprintf("has no effect: %s.%s, which turns %s on, is %s", s.name, by.Name, what,
			option.Label(option.Complete([]option.Option{by}, *options)[by.Name]))
	}
	name, options := s.of(c)
	return fmt.Sprintf("%s %s does not use it, only %s (%s.%s=%s removes it)", s.noun, *name,
		strings.Join(s.users(key), ", "), s.name, key, nothing((*options)[key]))
}

// nothing is how an override writes that an option says nothing.
func nothing(value any) string {
	switch value.(type) {
	case bool:
		return "false"
	case string:
		return `""`
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
	return nil
}
