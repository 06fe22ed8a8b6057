package experiments

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/nn/option"
)

// Setting is one key of a configuration with its value.
type Setting struct {
	Path  string
	Value any
}

// recordedKey is an option as configurations were recorded before each thing declared its own: in this order, and some
// of them always.
type recordedKey struct {
	name   string
	always any  // written where it is absent; nil: it is not
	zero   bool // written although it is zero
}

// recorded is the frozen order of the options of each section. Identities hash what is written here, and databases
// hold it, so a line is never changed; options that are not listed follow, by name.
var recorded = map[string][]recordedKey{
	"augment":  {{name: "pad", always: 0}, {name: "flip", always: false}},
	"strategy": {{name: "label_smoothing", always: 0.0}},
	"optim": {{name: "lr", always: 0.0}, {name: "momentum", zero: true}, {name: "nesterov", always: false},
		{name: "weight_decay", always: 0.0}, {name: "decay_all", always: false}, {name: "dampening"}, {name: "beta2"}, {name: "epsilon"},
		{name: "trust"}, {name: "centered"}, {name: "clip_norm"}, {name: "clip_value"}, {name: "ema"}, {name: "ema_warmup"}, {name: "groups"}},
	"schedule": {{name: "warmup_epochs", always: 0.0}, {name: "milestones"}, {name: "gamma"}, {name: "period"}, {name: "staircase"},
		{name: "growth"}, {name: "power"}, {name: "floor"}, {name: "pct_start"}, {name: "div_factor"}, {name: "final_div_factor"},
		{name: "base_momentum"}, {name: "linear"}},
}

// leftOut are general keys that are not written when they say nothing.
var leftOut = []string{"micro_batch", "recompute", "until", "length", "patience", "evaluate.corruption", "evaluate.portrait"}

// settings are the options of a section as they are written.
func (s *section) settings(c *Config) []Setting {
	name, options := s.of(c)
	var all []Setting
	listed := map[string]bool{}
	for _, k := range recorded[s.name] {
		listed[k.name] = true
		value, given := (*options)[k.name]
		switch {
		case given && (k.zero || k.always != nil || !option.IsZero(value)):
			all = append(all, Setting{k.name, value})
		case !given && k.always != nil && s.writes(*name, k.name):
			all = append(all, Setting{k.name, k.always})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(*options)) {
		if !listed[name] {
			all = append(all, Setting{name, (*options)[name]})
		}
	}
	return all
}

// writes tells whether a section that names something of the name writes an option that is absent. Strategies came when
// configurations were written by what is declared, so one writes what it has.
func (s *section) writes(name, absent string) bool {
	if s.name != "strategy" {
		return true
	}
	declared, err := s.options(name)
	_, has := option.Find(declared, absent)
	return err != nil || has
}

// Settings are all keys of a configuration in the order in which it is recorded.
func (c Config) Settings() []Setting {
	var all []Setting
	for i := range sections {
		s := &sections[i]
		if name, _ := s.of(&c); s.names != nil {
			all = append(all, Setting{s.name + "." + nameKey, *name})
		}
		for _, o := range s.settings(&c) {
			all = append(all, Setting{s.name + "." + o.Path, o.Value})
		}
	}
	for i := range general {
		g := &general[i]
		value := g.value(&c)
		if !slices.Contains(leftOut, g.Name) || !option.IsZero(value) {
			all = append(all, Setting{g.Name, value})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(c.Phases)) {
		all = append(all, Setting{phasesKey + "." + path, c.Phases[path]})
	}
	return all
}

// Shown are the settings as people read them: of a network that a user has described, its name and the beginning of its
// hash in place of the whole description.
func (c Config) Shown() []Setting {
	all := c.Settings()
	for i, s := range all {
		if s.Path == "model."+nameKey {
			all[i].Value = c.Network()
		}
	}
	return all
}

// object writes keys and values in their order.
func object(pairs []Setting) ([]byte, error) {
	g := make(option.Group, len(pairs))
	for i, p := range pairs {
		g[i] = option.Entry{Key: p.Path, Value: p.Value}
	}
	return g.MarshalJSON()
}

// MarshalJSON writes the configuration as databases hold it.
func (c Config) MarshalJSON() ([]byte, error) {
	var pairs []Setting
	for i := range sections {
		s := &sections[i]
		name, options := s.of(&c)
		if s.late && len(*options) == 0 {
			continue
		}
		var inner []Setting
		if s.names != nil {
			inner = append(inner, Setting{nameKey, *name})
		}
		switch {
		case !s.open:
			inner = append(inner, s.settings(&c)...)
		case len(*options) > 0:
			inner = append(inner, Setting{"options", *options})
		}
		text, err := object(inner)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		pairs = append(pairs, Setting{s.name, json.RawMessage(text)})
	}
	groups := map[string]map[string]any{}
	for i := range general {
		g := &general[i]
		value := g.value(&c)
		if slices.Contains(leftOut, g.Name) && option.IsZero(value) {
			continue
		}
		switch top, inner, nested := strings.Cut(g.Name, "."); {
		case !nested:
			pairs = append(pairs, Setting{g.Name, value})
		case groups[top] != nil:
			groups[top][inner] = value
		default:
			groups[top] = map[string]any{inner: value}
			pairs = append(pairs, Setting{top, groups[top]})
		}
	}
	if len(c.Phases) > 0 {
		pairs = append(pairs, Setting{phasesKey, nested(c.Phases)})
	}
	return object(pairs)
}

// UnmarshalJSON reads what MarshalJSON wrote, now or in an earlier program.
func (c *Config) UnmarshalJSON(text []byte) error {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(text, &top); err != nil {
		return err
	}
	for i := range sections {
		s := &sections[i]
		if err := s.read(c, top[s.name]); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for i := range general {
		if err := general[i].read(c, top); err != nil {
			return fmt.Errorf("%s: %w", general[i].Name, err)
		}
	}
	return c.readPhases(top[phasesKey])
}

// nested writes values by path as groups within groups.
func nested(values map[string]any) map[string]any {
	top := map[string]any{}
	for path, value := range values {
		group, names := top, strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			inner, is := group[name].(map[string]any)
			if !is {
				inner = map[string]any{}
				group[name] = inner
			}
			group = inner
		}
		group[names[len(names)-1]] = value
	}
	return top
}

// flat is the reverse of nested; prefix is the path of the group.
func flat(prefix string, group map[string]any) map[string]any {
	all := map[string]any{}
	for name, value := range group {
		if inner, is := value.(map[string]any); is {
			maps.Copy(all, flat(prefix+name+".", inner))
			continue
		}
		all[prefix+name] = value
	}
	return all
}

// readPhases reads what later phases have of their own. What this program does not know is kept, so that it is seen.
func (c *Config) readPhases(text json.RawMessage) error {
	c.Phases = nil
	if text == nil {
		return nil
	}
	read, err := readExact(text)
	values, is := read.(map[string]any)
	if err == nil && !is {
		err = fmt.Errorf("want a group of keys, got %s", text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", phasesKey, err)
	}
	values = flat("", values)
	for _, path := range slices.Sorted(maps.Keys(values)) {
		if c.Set(phasesKey+"."+path, values[path]) == nil {
			continue
		}
		if c.Phases == nil {
			c.Phases = map[string]any{}
		}
		c.Phases[path] = values[path]
	}
	return nil
}

func (s *section) read(c *Config, text json.RawMessage) error {
	if text == nil {
		return nil
	}
	read, err := readExact(text)
	if err != nil {
		return err
	}
	values, is := read.(map[string]any)
	if !is && read != nil {
		return fmt.Errorf("want a group of keys, got %s", text)
	}
	name, options := s.of(c)
	if s.names != nil {
		*name, _ = values[nameKey].(string)
		delete(values, nameKey)
	}
	if s.open {
		inner, _ := values["options"].(map[string]any)
		declared, _ := s.options(*name) // of a name that this program does not know, values stay as they are
		*options = typed(declared, inner)
		return nil
	}
	*options = nil
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := c.Set(s.name+"."+key, values[key]); err == nil {
			continue
		}
		if *options == nil { // an option that this program does not know, or of another type: kept, so that it is seen
			*options = map[string]any{}
		}
		(*options)[key] = values[key]
	}
	return nil
}

// typed gives recorded options the types that are declared, as they had when they were recorded: JSON writes 1.0 as 1.
func typed(declared []option.Option, recorded map[string]any) map[string]any {
	for name, value := range recorded {
		if o, known := option.Find(declared, name); known {
			if good, err := o.Convert(value); err == nil {
				recorded[name] = good
			}
		}
	}
	return recorded
}

func (g *generalKey) read(c *Config, top map[string]json.RawMessage) error {
	name, inner, nested := strings.Cut(g.Name, ".")
	text := top[name]
	if nested && text != nil {
		var group map[string]json.RawMessage
		if err := json.Unmarshal(text, &group); err != nil {
			return err
		}
		text = group[inner]
	}
	if text == nil {
		return nil
	}
	return json.Unmarshal(text, g.at(c))
}
