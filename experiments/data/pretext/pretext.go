// Package pretext holds tasks that pictures set by themselves, without labels: a picture is changed in one of several
// ways, and the target is which. Each task is one file that registers itself and declares its options; nothing else
// lists it. It knows pictures, not data sets.
package pretext

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments/data/augment"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Task is an entry of the registry.
type Task struct {
	Name    string
	Doc     string // one line: what the target is
	Paper   string // where it comes from
	Options []option.Option

	// New makes the policy for pictures of a size, or says why it cannot be for these. Nil: the target is no class but
	// the picture itself, as it was before anything was done to it.
	New func(s option.Settings, size augment.Size) (Policy, error)
}

// Policy changes pictures in one of so many ways.
type Policy interface {
	Classes() int
	Apply(p *augment.Picture, class int) // changes p in place in the way of the class, 0 to Classes() − 1
}

var registry = map[string]Task{}

// Register adds a task; a name twice is a programmer's error and panics at start.
func Register(t Task) {
	if _, twice := registry[t.Name]; twice || t.Name == "" {
		panic(fmt.Sprintf("pretext: Register(%q): registered twice or without a name", t.Name))
	}
	registry[t.Name] = t
}

// Names returns the names of all tasks, sorted.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// Lookup finds a task by name. The error for an unknown name gives the nearest names.
func Lookup(name string) (Task, error) {
	t, ok := registry[name]
	if !ok {
		return t, fmt.Errorf("unknown task %q%s", name, nearest.Hint(name, Names()))
	}
	return t, nil
}

// Original says that the target is the picture itself.
func (t Task) Original() bool { return t.New == nil }

// Policy of the task for pictures of a size with the given options; nil if the target is the picture itself.
func (t Task) Policy(given map[string]any, size augment.Size) (Policy, error) {
	settings, err := option.Resolve(t.Name, t.Options, given)
	if err != nil || t.Original() {
		return nil, err
	}
	p, err := t.New(settings, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	return p, nil
}
