// Package data holds the data sets and the loader that turns them into batches. A new data set is one new file that
// calls Register from its init; nothing else lists it. Nothing here reads a clock or a global source of chance: images,
// their order and their augmentation are pure functions of settings, seed, epoch and index.
package data

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"workbench/experiments/data/release"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Option is a setting of a data set; Settings are its resolved settings.
type (
	Option   = option.Option
	Settings = option.Settings
)

// Bundle is what can be fetched of a data set.
type Bundle = release.Bundle

// Source is a data set that can be opened.
type Source struct {
	Name    string   // as studies write it in dataset.name
	Doc     string   // one line: what it is, how it is normalised
	Holds   Holds    // what is in it
	Files   string   // folder it needs below the data folder; "": none
	Bundles []Bundle // what can be fetched of it, or how people get it; the first is the set itself
	Options []Option // settings with their defaults

	// Open checks and loads the set. Dir is the folder that holds data sets with files.
	Open func(ctx context.Context, dir string, s Settings) (Set, error)

	// Locate says where in the data folder the set's files lie, complete or not; "": nowhere. Nil: in Files.
	Locate func(dir string) (string, error)
}

// Holds is what a set has at its default settings; 0: that depends on the files.
type Holds struct {
	Train, Test, Classes int
	Channels, Side       int // of the images that a network gets
}

// Where says where in a data folder the files of the set lie, complete or not; "": nowhere.
func (s Source) Where(dir string) (string, error) {
	if s.Locate != nil {
		return s.Locate(dir)
	}
	if s.Files == "" {
		return "", nil
	}
	folder := filepath.Join(dir, s.Files)
	info, err := os.Stat(folder)
	if err != nil || !info.IsDir() {
		return "", nil
	}
	return folder, nil
}

var sources = map[string]Source{}

// Register adds a data set. A name that is registered twice is a programmer's error; Register panics at start.
func Register(s Source) {
	if _, twice := sources[s.Name]; twice || s.Name == "" || s.Open == nil {
		panic(fmt.Sprintf("data: Register(%q): registered twice or incomplete", s.Name))
	}
	for _, o := range s.Options {
		if _, taken := option.Find(Common, o.Name); taken {
			panic(fmt.Sprintf("data: Register(%q): every data set has an option %s", s.Name, o.Name))
		}
	}
	sources[s.Name] = s
}

// Names returns the names of all registered data sets, sorted.
func Names() []string { return slices.Sorted(maps.Keys(sources)) }

// Sources returns all registered data sets, sorted by name.
func Sources() []Source {
	var all []Source
	for _, name := range Names() {
		all = append(all, sources[name])
	}
	return all
}

// Lookup finds a data set by name. The error for an unknown name gives the nearest names.
func Lookup(name string) (Source, error) {
	s, ok := sources[name]
	if !ok {
		return s, fmt.Errorf("unknown data set %q%s", name, nearest.Hint(name, Names()))
	}
	return s, nil
}

// Resolve gives every option of the source a value: the one in given, or the default. It checks what is given, settings
// of Common too, but those have no say in what images the set has.
func (s Source) Resolve(given map[string]any) (Settings, error) {
	if _, err := option.Resolve(s.Name, s.All(), given); err != nil {
		return nil, err
	}
	return option.Complete(s.Options, given), nil
}

// OptionError says that a setting of a data set does not fit what the set is. A study has it at dataset.Option.
type OptionError struct {
	Option string
	Err    error
}

func (e *OptionError) Error() string { return fmt.Sprintf("dataset.%s: %v", e.Option, e.Err) }

func (e *OptionError) Unwrap() error { return e.Err }

// Open looks a data set up, resolves its settings and opens it. Dir is the folder that holds data sets with files.
func Open(ctx context.Context, name, dir string, given map[string]any) (Set, error) {
	source, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	settings, err := source.Resolve(given)
	if err != nil {
		return nil, err
	}
	set, err := source.Open(ctx, dir, settings)
	if err == nil {
		set, err = limited(set, given)
	}
	if err == nil {
		set, err = normalised(set, given)
	}
	if err != nil {
		return nil, fmt.Errorf("data set %s: %w", name, err)
	}
	return set, nil
}
