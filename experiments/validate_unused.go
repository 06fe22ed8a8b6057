package experiments

import (
	"maps"
	"slices"
	"strings"

	"workbench/experiments/data/augment"
	"workbench/nn/option"
)

// unusedKeys refuses options that nothing in the study's cells looks at. They may stand beside another name only
// where a factor varies it.
func (ps *Problems) unusedKeys(s Study, cells []Cell) {
	for i := range sections {
		switch section := &sections[i]; {
		case section.active != nil:
			ps.inactiveOptions(section, s, cells)
		case section.names != nil && !section.open:
			ps.unusedOptions(section, s, cells)
		}
	}
}

func (ps *Problems) unusedOptions(section *section, s Study, cells []Cell) {
	given, used := map[string]Cell{}, map[string]bool{}
	for _, cell := range cells {
		name, options := section.of(&cell.Config)
		declared, err := section.options(*name)
		if err != nil {
			return // reported by Validate
		}
		for key, value := range *options {
			if _, known := option.Find(declared, key); known {
				used[key] = true
			} else if !option.IsZero(value) {
				given[key] = cell
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if used[key] {
			continue
		}
		cell, path := given[key], section.name+"."+key
		name, options := section.of(&cell.Config)
		ps.add(path, s.settingPlaces(cell, path), "%s %s does not use it, only %s (%s=%s removes it)",
			section.noun, *name, strings.Join(section.users(key), ", "), path, nothing((*options)[key]))
	}
}

// inactiveOptions refuses options of augmentations that no cell turns on.
func (ps *Problems) inactiveOptions(section *section, s Study, cells []Cell) {
	given, used := map[string]Cell{}, map[string]bool{}
	for _, cell := range cells {
		_, options := section.of(&cell.Config)
		active := section.active(*options)
		for key, value := range *options {
			o, known := option.Find(section.union(), key)
			if _, effective := option.Find(active, key); effective {
				used[key] = true
			} else if known && !option.Equal(value, o.Default) {
				given[key] = cell
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		owner, _ := augment.Owner(key)
		if path := section.name + "." + key; !used[key] {
			ps.add(path, s.settingPlaces(given[key], path), "has no effect: %s.%s, which turns %s on, is %s",
				section.name, owner.Options[0].Name, owner.Name, option.Label(owner.Options[0].Default))
		}
	}
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
