package experiments

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments/data/corrupt"
	"workbench/experiments/portrait"
	"workbench/experiments/strategy"
	"workbench/nn/nearest"
	"workbench/nn/option"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// Validate reports everything that is wrong with a configuration, each problem with its path. It opens no data and
// builds no network; see Networks for what only shows there.
func (c Config) Validate() []Problem {
	var ps Problems
	for i := range general {
		g := &general[i]
		if g.Name == "epochs" && c.Length != "" {
			continue
		}
		if g.Required && option.IsZero(g.value(&c)) {
			ps.add(g.Name, nil, "is missing or 0, want %s", g.Wanted())
			continue
		}
		ps.value(g.Name, g.Option, g.value(&c))
	}
	ps.length(&c)
	if c.Batch >= 1 && c.MicroBatch > 0 && c.Batch%c.MicroBatch != 0 {
		ps.add("micro_batch", nil, "want a divisor of batch = %d, got %d", c.Batch, c.MicroBatch)
	}
	ps.patience(&c)
	if _, err := corrupt.ParseAll(c.Evaluate.Corruption); err != nil {
		ps.add("evaluate.corruption", nil, "%v", err)
	}
	for i := range sections {
		if s := &sections[i]; s.open {
			ps.open(s, &c)
		} else {
			ps.section(s, &c)
		}
	}
	ps.phases(&c)
	ps.mixing(&c)
	return ps
}

// patience checks that there is something to wait for.
func (ps *Problems) patience(c *Config) {
	if c.Patience == 0 {
		return
	}
	if held, _ := c.Dataset.Options["val"].(float64); held == 0 {
		ps.add("patience", nil, "waits for a better val/top1, and nothing is held out: want dataset.val, such as 0.1")
	}
	s, err := strategy.Lookup(c.Strategy.Name)
	if err != nil {
		return // reported where it stands
	}
	phases := s.PhaseNames(s.Resolve(c.Strategy.Options), c.Until)
	if !slices.ContainsFunc(phases, func(phase string) bool { return !slices.Contains(s.Unlabelled, phase) }) {
		ps.add("patience", nil, "waits for a better val/top1, and no phase of %s has one: its answers are neither right nor wrong", s.Name)
	}
}

// value checks one value by its declaration.
func (ps *Problems) value(path string, o option.Option, value any) {
	_, err := o.Check(value)
	text, isText := value.(string)
	switch {
	case err == nil:
	case isText && len(o.Choices) > 0:
		ps.add(path, nil, "unknown name %q%s", text, nearest.Hint(text, o.Choices))
	default:
		ps.add(path, nil, "%v", err)
	}
}

// section checks the name of a section, each option by itself, that the required ones are there, and what they have
// against each other. Options of other names may stand there; that one of them is of use to some cell is checked by
// unusedKeys.
func (ps *Problems) section(s *section, c *Config) {
	name, options := s.of(c)
	declared, err := s.options(*name)
	if err != nil {
		ps.add(s.name+"."+nameKey, nil, "unknown name %q%s", *name, nearest.Hint(*name, s.names()))
	}
	all := append(slices.Clone(declared), s.union()...)
	for _, given := range slices.Sorted(maps.Keys(*options)) {
		o, known := option.Find(all, given)
		path := s.name + "." + given
		switch {
		case !known:
			ps.add(path, []string{AtName(path)}, "unknown key %q%s", given, nearest.Hint(given, KeysOf(s.name)))
		case o.Required && option.IsZero((*options)[given]): // reported as missing where it is needed
		default:
			ps.value(path, o, (*options)[given])
		}
	}
	if err != nil {
		return
	}
	for _, o := range option.Missing(declared, *options) {
		ps.missing(s, c, o)
	}
	if s.check != nil {
		for _, conflict := range s.check(*c, option.Complete(declared, *options)) {
			ps.add(s.name+"."+conflict.Option, nil, "%s", conflict.Message)
		}
	}
}

// missing reports a required option without a value.
func (ps *Problems) missing(s *section, c *Config, o option.Option) {
	name, options := s.of(c)
	if _, given := (*options)[o.Name]; !given {
		ps.add(s.name+"."+o.Name, nil, "is missing, %s %s wants %s", s.noun, *name, o.Wanted())
		return
	}
	got := ""
	if _, isNumber := o.Default.(float64); isNumber {
		got = ", got 0"
	}
	if len(s.users(o.Name)) == len(s.names()) { // everything in the section needs it
		ps.add(s.name+"."+o.Name, nil, "want %s%s", o.Wanted(), got)
		return
	}
	ps.add(s.name+"."+o.Name, nil, "%s %s needs %s%s", s.noun, *name, o.Wanted(), got)
}

// open checks each given option of a data set or a network by itself, so that every wrong one is reported at its own
// path.
func (ps *Problems) open(s *section, c *Config) {
	name, given := s.of(c)
	declared, err := s.options(*name)
	switch {
	case *name == "":
		ps.add(s.name+"."+nameKey, nil, "is missing")
		return
	case err != nil:
		ps.add(s.name+"."+nameKey, nil, "%v", err)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(*given)) {
		path, places := s.name+"."+key, []string(nil)
		if ps.Full() {
			ps.add(path, nil, "") // only the number counts
			continue
		}
		if _, known := option.Find(declared, key); !known {
			places = []string{AtName(path)} // the key is wrong, not its value
		}
		if _, err := option.Resolve(zoo.Short(*name), declared, map[string]any{key: (*given)[key]}); err != nil {
			ps.add(path, places, "%v", err)
		}
	}
	for _, o := range option.Missing(declared, *given) {
		if !ps.Full() {
			ps.missing(s, c, o)
		}
	}
	if s.check != nil && !ps.Full() {
		for _, conflict := range s.check(*c, option.Complete(declared, *given)) {
			ps.add(s.name+"."+conflict.Option, nil, "%s", conflict.Message)
		}
	}
}

// dropInactive leaves out options that have no effect beside the others, but for those that were always recorded.
func (s *section) dropInactive(declared []option.Option, settings option.Settings) {
	maps.DeleteFunc(settings, func(name string, value any) bool {
		o, known := option.Find(declared, name)
		return known && s.sparing != nil && s.sparing(o) && option.Equal(value, o.Default)
	})
	if s.active == nil {
		return
	}
	active := s.active(settings)
	maps.DeleteFunc(settings, func(name string, _ any) bool {
		_, effective := option.Find(active, name)
		return !effective && !slices.ContainsFunc(recorded[s.name], func(k recordedKey) bool { return k.name == name })
	})
}

// Written is a resolved configuration as a study would say it.
func (c Config) Written() Config {
	c = c.Clone()
	if c.Recompute == "" {
		c.Recompute = string(plan.RecomputeNone)
	}
	if c.Evaluate.Portrait == "" {
		c.Evaluate.Portrait = portrait.Auto
	}
	return c
}

// Resolved gives every option of what is named its value, and drops options of other names, so that two ways of
// writing one configuration become equal.
func (c Config) Resolved() (Config, error) {
	c = c.Clone()
	for i := range sections {
		s := &sections[i]
		name, options := s.of(&c)
		declared, err := s.options(*name)
		if err != nil {
			return c, fmt.Errorf("%s.%s: %w", s.name, nameKey, err)
		}
		settings := option.Complete(declared, *options)
		if s.open {
			if settings, err = option.Resolve(zoo.Short(*name), declared, *options); err != nil {
				return c, fmt.Errorf("%s: %w", s.name, err)
			}
		}
		s.dropInactive(declared, settings)
		*options = nil // a network without options has none, however that was written
		if len(settings) > 0 {
			*options = settings
		}
	}
	maps.DeleteFunc(c.Phases, func(path string, _ any) bool { return c.lacks(path) != "" })
	if len(c.Phases) == 0 {
		c.Phases = nil
	}
	if c.MicroBatch == c.Batch {
		c.MicroBatch = 0
	}
	if c.Recompute == string(plan.RecomputeNone) {
		c.Recompute = ""
	}
	if c.Evaluate.Portrait == portrait.Auto {
		c.Evaluate.Portrait = ""
	}
	return c, nil
}
