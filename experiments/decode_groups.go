package experiments

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"workbench/nn/nearest"
)

// groupsOf reads parameter groups from a list of maps with the keys of GroupConfig.
func groupsOf(value any) ([]GroupConfig, error) {
	if groups, ok := value.([]GroupConfig); ok {
		return slices.Clone(groups), nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list of groups such as [{match: layer1.**, lr_scale: 0.1}], got %s", quoted(value))
	}
	var groups []GroupConfig // nil for an empty list: the same as none
	for i, item := range list {
		keys, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("group %d: want a group such as {match: layer1.**, lr_scale: 0.1}, got %s", i+1, quoted(item))
		}
		g, err := groupOf(keys)
		if err != nil {
			return nil, fmt.Errorf("group %d: %w", i+1, err)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func groupOf(keys map[string]any) (GroupConfig, error) {
	var g GroupConfig
	section := reflect.ValueOf(&g).Elem()
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		to := member(section, key)
		if !to.IsValid() {
			return g, fmt.Errorf("unknown key %q%s", key, nearest.Hint(key, keysOf(section.Type())))
		}
		t := to.Type()
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		good, ok := convert(keys[key], t)
		if !ok {
			return g, fmt.Errorf("%s: want %s, got %s", key, wanted(key, t), quoted(keys[key]))
		}
		if key == "lr_scale" && good == 0.0 {
			return g, fmt.Errorf("lr_scale: want a number > 0, got 0 (frozen: true keeps parameters as they are)")
		}
		if v := reflect.ValueOf(good); to.Kind() == reflect.Pointer {
			to.Set(reflect.New(t))
			to.Elem().Set(v)
		} else {
			to.Set(v)
		}
	}
	return g, nil
}
