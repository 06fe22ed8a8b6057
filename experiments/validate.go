package experiments

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments/data"
	"workbench/nn/option"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// Validate reports everything that is wrong with a configuration, each problem with its path. It opens no data and builds no
// network; see Networks for what only shows there.
func (c Config) Validate() []Problem {
	var ps Problems
	add := func(path, format string, args ...any) { ps.add(path, nil, format, args...) }
	for _, r := range rules {
		if message := r.check(&c); message != "" {
			add(r.path, "%s", message)
		}
	}
	c.validateOptim(add)
	c.validateSchedule(add)
	source, err := data.Lookup(c.Dataset.Name)
	ps.options(declared{"dataset", c.Dataset.Name, source.Options, err}, c.Dataset.Options)
	variant, err := zoo.Lookup(c.Model.Name)
	ps.options(declared{"model", c.Model.Name, variant.Options, err}, c.Model.Options)
	return ps
}

// declared is what a section's name stands for in its registry.
type declared struct {
	section string
	name    string
	options []option.Option
	unknown error // the name's, nil if it is known
}

// options checks each given option by itself, so that every wrong one is reported at its own path.
func (ps *Problems) options(d declared, given map[string]any) {
	switch {
	case d.name == "":
		ps.add(d.section+".name", nil, "is missing")
	case d.unknown != nil:
		ps.add(d.section+".name", nil, "%v", d.unknown)
	default:
		for _, key := range slices.Sorted(maps.Keys(given)) {
			path, places := d.section+"."+key, []string(nil)
			if !slices.ContainsFunc(d.options, func(o option.Option) bool { return o.Name == key }) {
				places = []string{AtName(path)} // the key is wrong, not its value
			}
			if _, err := option.Resolve(d.name, d.options, map[string]any{key: given[key]}); err != nil {
				ps.add(path, places, "%v", err)
			}
		}
	}
}

// resolved gives every option that the data set, the network, the optimizer and the schedule have its value, and every key that has no effect its
// zero value, so that two ways of writing one configuration become equal.
func (c Config) Resolved() (Config, error) {
	c = c.Clone()
	source, err := data.Lookup(c.Dataset.Name)
	if err != nil {
		return c, fmt.Errorf("dataset.name: %w", err)
	}
	settings, err := source.Resolve(c.Dataset.Options)
	if err != nil {
		return c, fmt.Errorf("dataset: %w", err)
	}
	_, switches, err := c.Model.Variant()
	if err != nil {
		return c, fmt.Errorf("model: %w", err)
	}
	c.Dataset.Options, c.Model.Options = nil, nil // a network without options has none, however that was written
	if len(settings) > 0 {
		c.Dataset.Options = settings
	}
	if len(switches) > 0 {
		c.Model.Options = switches
	}
	if c.Optim, err = c.Optim.resolved(); err != nil {
		return c, err
	}
	if c.Schedule, err = c.Schedule.resolved(); err != nil {
		return c, err
	}
	if c.MicroBatch == c.Batch {
		c.MicroBatch = 0
	}
	if c.Recompute == string(plan.RecomputeNone) {
		c.Recompute = ""
	}
	return c, nil
}
