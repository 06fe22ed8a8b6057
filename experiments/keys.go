package experiments

import (
	"fmt"
	"slices"
	"strings"

	"workbench/experiments/data"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// nameKey is the key of what a section names.
const nameKey = "name"

// key is one settable key of a configuration.
type key struct {
	path    string
	general *generalKey // or
	section *section    // with the name of one of its options, or nameKey
	name    string

	phase, inner string // of what a later phase has of its own: the phase, and the path without it
}

// unknownKey is the error of a name that no key has. What it may have been meant for is sought when somebody asks.
type unknownKey struct {
	name string
	good func() []string
}

func (e unknownKey) Error() string {
	return fmt.Sprintf("unknown key %q%s", e.name, nearest.Hint(e.name, e.good()))
}

// find gives the key of a path. The error says what is wrong with it, without the path.
func find(path string) (key, error) {
	if phase, inner, is := splitPhase(path); is {
		return findInPhase(path, phase, inner)
	}
	top, rest, nested := strings.Cut(path, ".")
	if g := generalOf(path); g != nil {
		return key{path: path, general: g}, nil
	}
	s := sectionOf(top)
	switch {
	case s != nil && !nested, s == nil && !nested && len(under(top)) > 0:
		return key{}, fmt.Errorf("is a section, want one of its keys: %s", strings.Join(KeysOf(top), ", "))
	case s != nil && s.names != nil && rest == nameKey:
		return key{path: path, section: s, name: nameKey}, nil
	case s != nil && s.open && rest != "" && !strings.Contains(rest, "."):
		return key{path: path, section: s, name: rest}, nil
	case s != nil:
		if _, known := option.Find(s.union(), rest); known {
			return key{path: path, section: s, name: rest}, nil
		}
		return key{}, unknownKey{rest, func() []string { return KeysOf(top) }}
	case generalOf(top) != nil:
		return key{}, fmt.Errorf("%s is a value, it has no key %q", top, rest)
	case len(under(top)) > 0:
		return key{}, unknownKey{rest, func() []string { return KeysOf(top) }}
	}
	return key{}, unknownKey{top, tops}
}

func generalOf(path string) *generalKey {
	for i := range general {
		if general[i].Name == path {
			return &general[i]
		}
	}
	return nil
}

// under are the general keys below a name: "evaluate" has "evaluate.every".
func under(top string) []string {
	var keys []string
	for _, g := range general {
		if name, ok := strings.CutPrefix(g.Name, top+"."); ok {
			keys = append(keys, name)
		}
	}
	return keys
}

// tops are the first names of all paths, in a configuration's order.
func tops() []string {
	var names []string
	for _, s := range sections {
		names = append(names, s.name)
	}
	for _, g := range general {
		top, _, _ := strings.Cut(g.Name, ".")
		if !slices.Contains(names, top) {
			names = append(names, top)
		}
	}
	return names
}

// IsSection tells whether a path names a group of keys.
func IsSection(path string) bool {
	if _, inner, is := splitPhase(path); is {
		return phaseSection(inner)
	}
	return sectionOf(path) != nil || len(under(path)) > 0
}

// IsOpen tells whether the path is an option of a section where only the named thing knows its options: a data set, a
// network.
func IsOpen(path string) bool {
	k, err := find(path)
	return err == nil && k.section != nil && k.section.open && k.name != nameKey
}

// Usual is the value that a key has in a configuration that says nothing of it: the default of what the key's section
// names there.
func Usual(c Config, path string) (any, error) {
	k, err := find(path)
	switch {
	case err != nil:
		return nil, err
	case k.general != nil:
		return k.general.Default, nil
	case k.section == nil:
		return nil, fmt.Errorf("%s has no default of its own", path)
	}
	name, _ := k.section.of(&c)
	options, err := k.section.options(*name)
	if err != nil {
		return nil, err
	}
	o, known := option.Find(options, k.name)
	if !known {
		return nil, fmt.Errorf("%s does not have %s", *name, path)
	}
	return o.Default, nil
}

// KeysOf are the keys of a section. Those of a data set or a network depend on its name and are not among them.
func KeysOf(name string) []string {
	s := sectionOf(name)
	if s == nil {
		return under(name)
	}
	var keys []string
	if s.names != nil {
		keys = append(keys, nameKey)
	}
	if !s.open {
		keys = append(keys, option.Names(s.union())...)
	}
	return keys
}

// Paths are all keys of a configuration but the options of data sets and networks.
func Paths() []string {
	var paths []string
	for _, top := range tops() {
		if !IsSection(top) {
			paths = append(paths, top)
			continue
		}
		for _, name := range KeysOf(top) {
			paths = append(paths, top+"."+name)
		}
	}
	return paths
}

// Check says what is wrong with a path, without the path; nil if there can be a key of its name.
func Check(path string) error {
	_, err := find(path)
	return err
}

// Declaration is the option that a path stands for in this configuration; ok is false if nothing declares it.
func (c Config) Declaration(path string) (o option.Option, ok bool) {
	k, err := find(path)
	if err != nil {
		return o, false
	}
	return k.declaration(&c)
}

// declaration of a key: by what the section names here, else by whatever declares it first.
func (k key) declaration(c *Config) (option.Option, bool) {
	if k.phase != "" {
		own, _ := c.In(k.phase, nil) // what cannot be set is reported where it stands
		k.phase = ""
		return k.declaration(&own)
	}
	if k.general != nil {
		return k.general.Option, true
	}
	name, _ := k.section.of(c)
	if k.name == nameKey {
		return option.Option{Name: nameKey, Default: *name, Choices: k.section.names(), Doc: "the " + k.section.noun}, true
	}
	if options, err := k.section.options(*name); err == nil {
		if o, ok := option.Find(options, k.name); ok {
			return o, true
		}
	}
	if k.section.open {
		return option.Option{}, false
	}
	return option.Find(k.section.union(), k.name)
}

// Set gives one path a value: string, int, float64, bool, or a list of these or of groups. It is converted to the
// type that is declared; whether it is within its bounds, Validate says. The error says what was wanted, without the
// path.
func (c *Config) Set(path string, value any) error {
	k, err := find(path)
	if err != nil {
		return err
	}
	o, declared := k.declaration(c)
	switch {
	case k.name == nameKey && k.section.open:
		o.Want, o.Choices = "a name", nil
	case k.section != nil && k.section.open:
		common, of := option.Find(data.Common, k.name)
		if _, isList := common.Default.([]float64); of && isList && k.section.name == "dataset" {
			if value, err = common.Convert(value); err == nil && option.IsZero(value) {
				c.Drop(path)
				return nil
			}
			if err != nil {
				return err
			}
		} else if _, list := value.([]any); list {
			return fmt.Errorf("want a single value, got the list %s", option.Label(value))
		}
		declared = false
	}
	if declared {
		if value, err = o.Convert(value); err != nil {
			return err
		}
	}
	if k.phase != "" {
		if c.Phases == nil {
			c.Phases = map[string]any{}
		}
		c.Phases[k.phase+"."+k.inner] = value
		return nil
	}
	if k.general != nil {
		k.general.set(c, value)
		return nil
	}
	name, options := k.section.of(c)
	if k.name == nameKey {
		*name = value.(string)
		return nil
	}
	if *options == nil {
		*options = map[string]any{}
	}
	(*options)[k.name] = value
	return nil
}

// Get is what a path holds; given is false if nothing is set there.
func (c *Config) Get(path string) (value any, given bool) {
	k, err := find(path)
	if err != nil {
		return nil, false
	}
	if k.phase != "" {
		value, given = c.Phases[k.phase+"."+k.inner]
		return value, given
	}
	if k.general != nil {
		return k.general.value(c), true
	}
	name, options := k.section.of(c)
	if k.name == nameKey {
		return *name, true
	}
	value, given = (*options)[k.name]
	return value, given
}

// Drop removes an option, so that its default holds.
func (c *Config) Drop(path string) {
	k, err := find(path)
	if err == nil && k.phase != "" {
		delete(c.Phases, k.phase+"."+k.inner)
		return
	}
	if err == nil && k.section != nil {
		_, options := k.section.of(c)
		delete(*options, k.name)
	}
}
