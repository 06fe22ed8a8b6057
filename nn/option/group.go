package option

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/nn/nearest"
)

// Group is one element of a list of groups. Its entries are in the order of the option's Fields. A field that the group
// does not say has no entry, which is not the same as a zero.
type Group []Entry

// Entry is one thing that a group says.
type Entry struct {
	Key   string
	Value any
}

// Value returns the value of a field. said is false if the group does not say it.
func (g Group) Value(key string) (value any, said bool) {
	for _, e := range g {
		if e.Key == key {
			return e.Value, true
		}
	}
	return nil, false
}

// Text returns the text of a field, or "" if the group does not say it.
func (g Group) Text(key string) string {
	value, _ := g.Value(key)
	text, _ := value.(string)
	return text
}

// Float returns the number of a field. said is false if the group does not say it.
func (g Group) Float(key string) (x float64, said bool) {
	value, said := g.Value(key)
	x, _ = value.(float64)
	return x, said
}

// Bool returns the truth of a field, or false if the group does not say it.
func (g Group) Bool(key string) bool {
	value, _ := g.Value(key)
	yes, _ := value.(bool)
	return yes
}

// String is the group as a study writes it.
func (g Group) String() string {
	parts := make([]string, len(g))
	for i, e := range g {
		parts[i] = e.Key + ": " + Label(e.Value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// MarshalJSON writes an object with the keys in the group's order.
func (g Group) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, e := range g {
		if i > 0 {
			text.WriteByte(',')
		}
		key, err := json.Marshal(e.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(e.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Key, err)
		}
		text.Write(key)
		text.WriteByte(':')
		text.Write(value)
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

// groups reads a list of maps as groups of the option's fields. It leaves out a field that is false, because that means
// the same as a field which is not there.
func (o Option) groups(value any) ([]Group, error) {
	if groups, ok := value.([]Group); ok {
		return slices.Clone(groups), nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, o.unwanted(value)
	}
	var groups []Group // nil for an empty list: the same as none
	for i, item := range list {
		keys, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("group %d: want a group with the keys %s, got %s", i+1, strings.Join(Names(o.Fields), ", "), Text(item))
		}
		g, err := o.group(keys)
		if err != nil {
			return nil, fmt.Errorf("group %d: %w", i+1, err)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func (o Option) group(keys map[string]any) (Group, error) {
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if _, known := Find(o.Fields, key); !known {
			return nil, fmt.Errorf("unknown key %q%s", key, nearest.Hint(key, Names(o.Fields)))
		}
	}
	var g Group
	for _, field := range o.Fields {
		value, said := keys[field.Name]
		if !said {
			continue
		}
		good, err := field.Convert(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field.Name, err)
		}
		if good != false {
			g = append(g, Entry{Key: field.Name, Value: good})
		}
	}
	return g, nil
}

// checkGroups checks the bounds of every field, and that the required ones are there.
func (o Option) checkGroups(groups []Group) error {
	for i, g := range groups {
		for _, field := range o.Fields {
			value, said := g.Value(field.Name)
			switch {
			case !said && field.Required:
				return fmt.Errorf("group %d: has no %s, want %s", i+1, field.Name, field.Wanted())
			case !said:
				continue
			}
			if _, err := field.Check(value); err != nil {
				return fmt.Errorf("group %d: %s: %w", i+1, field.Name, err)
			}
		}
	}
	return nil
}

func mapLabel(m map[string]any) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, key+":"+Label(m[key]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}
