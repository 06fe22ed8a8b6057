package studyfile

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"workbench/experiments/strategy"
	"workbench/nn/option"
)

//go:embed first.yaml.tmpl
var firstText string

var firstTemplate = template.Must(template.New("first").Parse(firstText))

// First is a commented study of a training strategy for a user to change, with every option that it has. It trains on
// drawn pictures for some minutes and compares the strategy with what it must beat. An unknown name is an error that
// names the nearest.
func First(name string) ([]byte, error) {
	s, err := strategy.Lookup(name)
	if err != nil {
		return nil, err
	}
	given := map[string]any{}
	if _, chosen := option.Find(s.Options, "then"); chosen {
		given["then"] = s.Later[0]
	}
	other, own := s.Example.Beside, name
	if other == own { // levels of one strategy by what they say
		other, own = "plain", "changed"
	}
	beside, err := strategy.Lookup(s.Example.Beside)
	if err != nil {
		return nil, fmt.Errorf("example of %s: %w", name, err)
	}
	var shared, options []string
	for _, o := range s.Options {
		_, both := option.Find(beside.Options, o.Name)
		said, has := given[o.Name]
		switch {
		case saidIn(s.Example.Own, o.Name):
		case both && has:
			shared = append(shared, fmt.Sprintf("%s: %v # %s", o.Name, said, o.Doc))
		case both && len(given) > 0: // a section that says something
			shared = append(shared, fmt.Sprintf("# %s: %s # %s", o.Name, written(o.Default), o.Doc))
		default:
			options = append(options, fmt.Sprintf("# strategy.%s: %s # %s", o.Name, written(o.Default), o.Doc))
		}
	}
	var text bytes.Buffer
	err = firstTemplate.Execute(&text, struct {
		strategy.Strategy
		Other, Own, Metric string
		Shared, Options    []string
	}{s, other, own, s.Usual(s.Resolve(given)), shared, options})
	return text.Bytes(), err
}

// saidIn tells whether one of the lines sets an option of a strategy.
func saidIn(lines []string, name string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "strategy."+name+":") })
}

// written is a default as a study has it.
func written(value any) string {
	if text, is := value.(string); is && text == "" {
		return `""`
	}
	return fmt.Sprint(value)
}
