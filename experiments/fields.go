package experiments

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"workbench/nn/nearest"
)

// field is one settable key of a Config: a typed field, or an option of a data set or a network.
type field struct {
	path    string
	Value   reflect.Value   // typed field; invalid for an option
	Options *map[string]any // of the section an option belongs to
	Option  string
}

// clone copies what two configurations must not share.
func (c Config) Clone() Config {
	c.Dataset.Options = maps.Clone(c.Dataset.Options)
	c.Model.Options = maps.Clone(c.Model.Options)
	c.Schedule.Milestones = slices.Clone(c.Schedule.Milestones)
	c.Optim.Groups = slices.Clone(c.Optim.Groups)
	return c
}

// field finds the key a path names.
func (c *Config) Field(path string) (field, error) {
	f, err := find(reflect.ValueOf(c).Elem(), path)
	f.path = path
	return f, err
}

func find(section reflect.Value, path string) (field, error) {
	name, rest, nested := strings.Cut(path, ".")
	if v := member(section, name); v.IsValid() {
		switch {
		case v.Kind() != reflect.Struct && nested:
			return field{}, fmt.Errorf("%s is a value, it has no key %q", name, rest)
		case v.Kind() != reflect.Struct:
			return field{Value: v}, nil
		case !nested:
			return field{}, fmt.Errorf("is a section, want one of its keys: %s", strings.Join(keysOf(v.Type()), ", "))
		}
		return find(v, rest)
	}
	if options := section.FieldByName("Options"); options.IsValid() && !nested && name != "" {
		return field{Options: options.Addr().Interface().(*map[string]any), Option: name}, nil
	}
	return field{}, fmt.Errorf("unknown key %q%s", name, nearest.Hint(name, keysOf(section.Type())))
}

// member is the field of a section with the yaml name; the zero Value if there is none.
func member(section reflect.Value, name string) reflect.Value {
	for i := range section.NumField() {
		if KeyOf(section.Type().Field(i)) == name && name != "" {
			return section.Field(i)
		}
	}
	return reflect.Value{}
}

// yamlName is "" for the inline map of options.
func KeyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

func keysOf(section reflect.Type) []string {
	var keys []string
	for i := range section.NumField() {
		if name := KeyOf(section.Field(i)); name != "" {
			keys = append(keys, name)
		}
	}
	return keys
}

// isSection tells whether a path names a group of keys.
func IsSection(path string) bool {
	v := member(reflect.ValueOf(Config{}), path)
	return v.IsValid() && v.Kind() == reflect.Struct
}

// configPaths are all typed keys of a Config.
func ConfigPaths() []string {
	var paths []string
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		name := KeyOf(t.Field(i))
		if t.Field(i).Type.Kind() != reflect.Struct {
			paths = append(paths, name)
			continue
		}
		for _, key := range keysOf(t.Field(i).Type) {
			paths = append(paths, name+"."+key)
		}
	}
	return paths
}

// set gives one path a value. The error says what was wanted, without the path.
func (c *Config) Set(path string, value any) error {
	f, err := c.Field(path)
	if err != nil {
		return err
	}
	return f.Assign(value)
}

// assign stores value (string, int, float64, bool, or a list of these or of groups) if it fits the key's type. Whole numbers may come
// as float64 (JSON has no integers); nothing else is converted.
func (f field) Assign(value any) error {
	if f.Options != nil {
		if _, list := value.([]any); list {
			return fmt.Errorf("want a single value, got the list %s", Label(value))
		}
		if *f.Options == nil {
			*f.Options = map[string]any{}
		}
		(*f.Options)[f.Option] = value
		return nil
	}
	if f.Value.Type() == reflect.TypeFor[[]GroupConfig]() {
		groups, err := groupsOf(value)
		if err == nil {
			f.Value.Set(reflect.ValueOf(groups))
		}
		return err
	}
	good, ok := convert(value, f.Value.Type())
	if !ok {
		return fmt.Errorf("want %s, got %s", wanted(f.path, f.Value.Type()), Quoted(value))
	}
	f.Value.Set(reflect.ValueOf(good))
	return nil
}

// convert gives value in the Go type t of a configuration key.
func convert(value any, t reflect.Type) (any, bool) {
	switch t.Kind() {
	case reflect.Int:
		if f, ok := value.(float64); ok && f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
			return int(f), true
		}
	case reflect.Float64:
		if n, ok := value.(int); ok {
			return float64(n), true
		}
		if f, ok := value.(float64); ok {
			if f == 0 {
				f = 0 // −0 and 0 are one value
			}
			return f, !math.IsNaN(f) && !math.IsInf(f, 0)
		}
	case reflect.Slice:
		return numbers(value)
	}
	return value, reflect.TypeOf(value) == t
}

func numbers(value any) ([]float64, bool) {
	if fs, ok := value.([]float64); ok {
		return slices.Clone(fs), true
	}
	list, ok := value.([]any)
	if !ok {
		return nil, false
	}
	var fs []float64 // nil for an empty list: the same as none
	for _, v := range list {
		f, ok := convert(v, reflect.TypeFor[float64]())
		if !ok {
			return nil, false
		}
		fs = append(fs, f.(float64))
	}
	return fs, true
}

// label writes a value as a level's label: the shortest form that says it.
func Label(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = Label(x)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+":"+Label(v[key]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return fmt.Sprint(value)
}

// quoted writes a value as messages show it.
func Quoted(value any) string {
	if s, ok := value.(string); ok {
		return strconv.Quote(s)
	}
	return Label(value)
}
