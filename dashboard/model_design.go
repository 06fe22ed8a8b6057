package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workbench/nn/nearest"
	"workbench/nn/zoo"
)

// field of the form that chooses a network's switches.
type field struct {
	Name, Value, Default string
	Doc, Wanted          string
	Choices              []string // empty: any text
	Problem              string
}

// Changed says whether the field has another value than the published network.
func (f field) Changed() bool { return f.Value != f.Default }

// chosen is a design as an address asks for it.
type chosen struct {
	design
	prefix string // of its parameters in the address
	Fields []field
	spare  bool // the address has parameters that say nothing new
}

// reserved are parameters of a model's page that are no switches of its network; no network may have a switch of such a
// name.
var reserved = []string{"level", "rows", "format"}

// choose reads the network of a name with the switches of ?SWITCH=VALUE, ?input=3x64x64 and ?classes=10, each after the
// prefix. The fields are there even if some have a problem, which is the error; without fields the network or a switch
// is unknown.
func choose(name string, q url.Values, prefix string) (chosen, error) {
	d, err := published(name)
	if err != nil {
		return chosen{}, &failure{Status: http.StatusNotFound, What: sentence(err)}
	}
	c := chosen{design: d, prefix: prefix}
	if err := c.known(q); err != nil {
		return chosen{}, err
	}
	c.input(q.Get(prefix + "input"))
	c.classes(q.Get(prefix + "classes"))
	given := map[string]any{}
	for _, o := range d.Variant.Options {
		given[o.Name] = c.option(o, q.Get(prefix+o.Name))
	}
	var problems []error
	for _, f := range c.Fields {
		c.spare = c.spare || q.Has(prefix+f.Name) && !f.Changed()
		if f.Problem != "" {
			problems = append(problems, fmt.Errorf("%s: %s", f.Name, f.Problem))
		}
	}
	if len(problems) > 0 {
		return c, &failure{Status: http.StatusBadRequest, What: errors.Join(problems...).Error()}
	}
	c.Settings, err = d.Variant.Resolve(given)
	return c, err
}

func sentence(err error) string { return capital(err.Error()) }

// capital begins a text with a capital letter.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// known refuses parameters with the prefix that the network has no switch for.
func (c chosen) known(q url.Values) error {
	names := []string{"input", "classes"}
	for _, o := range c.Variant.Options {
		names = append(names, o.Name)
	}
	for key := range q {
		name, ours := strings.CutPrefix(key, c.prefix)
		if ours && !slices.Contains(names, name) && (c.prefix != "" || !slices.Contains(reserved, name)) {
			return badRequest("%s has no option %q%s", c.Variant.Name, name, nearest.Hint(name, names))
		}
	}
	return nil
}

func (c *chosen) input(text string) {
	f := field{Name: "input", Default: shape(c.Variant.Input[:], "x"), Doc: "images: channels × height × width",
		Wanted: "such as 3x64x64, up to 16384 pixels a side"}
	f.Value = f.Default
	if text != "" {
		f.Value = text
		var err error
		if c.Input, err = zoo.ParseInput(text); err != nil {
			f.Problem = err.Error()
		} else {
			f.Value = shape(c.Input[:], "x")
		}
	}
	c.Fields = append(c.Fields, f)
}

// mostClasses bounds the classifier: more are a slip of the finger.
const mostClasses = 1 << 20

func (c *chosen) classes(text string) {
	f := field{Name: "classes", Default: strconv.Itoa(c.Variant.Classes), Doc: "that the network tells apart",
		Wanted: fmt.Sprintf("a whole number from 1 to %d", mostClasses)}
	f.Value = f.Default
	if text != "" {
		f.Value = text
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostClasses {
			f.Problem = fmt.Sprintf("want %s, got %q", f.Wanted, text)
		}
		c.Classes = n
	}
	c.Fields = append(c.Fields, f)
}

// option adds the field of a switch and returns its value.
func (c *chosen) option(o zoo.Option, text string) any {
	f := field{Name: o.Name, Default: fmt.Sprint(o.Default), Doc: o.Doc, Wanted: o.Wanted(), Choices: o.Choices}
	f.Value = f.Default
	if _, isBool := o.Default.(bool); isBool {
		f.Choices = []string{"false", "true"}
	}
	value := o.Default
	if text != "" {
		f.Value = text
		good, err := o.Check(typed(o, text))
		if err != nil {
			f.Problem = err.Error()
		} else {
			value, f.Value = good, fmt.Sprint(good)
		}
	}
	c.Fields = append(c.Fields, f)
	return value
}

// typed reads the text as the option's type; what cannot be read stays a text, which the option refuses.
func typed(o zoo.Option, text string) any {
	var value any
	var err error
	switch o.Default.(type) {
	case int:
		value, err = strconv.Atoi(text)
	case float64:
		value, err = strconv.ParseFloat(text, 64)
	case bool:
		value, err = strconv.ParseBool(text)
	default:
		return text
	}
	if err != nil {
		return text
	}
	return value
}

// query has what differs from the published network, after a prefix.
func (c chosen) query(prefix string) url.Values {
	q := url.Values{}
	for name, values := range c.changes() {
		q[prefix+name] = values
	}
	return q
}

// href of the network's page or of something below it.
func (c chosen) href(below string, more url.Values) string {
	q := c.query("")
	for name, values := range more {
		q[name] = values
	}
	return address(modelPath(c.Variant.Name)+below, q)
}

func address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
