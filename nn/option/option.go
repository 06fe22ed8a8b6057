// Package option checks the named switches that a registered thing (an architecture, a data set) declares: a study
// gives some of them values, the rest keep their defaults.
package option

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"workbench/nn/nearest"
)

// Option is one switch.
type Option struct {
	Name    string
	Default any      // string, int, float64 or bool; decides the type
	Choices []string // for strings: the good values; empty: any
	Min     float64  // for numbers
	Max     float64  // for numbers; 0: no bound
	Doc     string

	// Later is of a switch that came after its owner had been in use without it: at its default nothing is different, so
	// what was recorded before is what would be recorded now (see Identifying). Such a default can never change.
	Later bool
}

// Settings are resolved switches: every declared option with a value of its type.
type Settings map[string]any

func (s Settings) Int(name string) int       { return s[name].(int) }
func (s Settings) Float(name string) float64 { return s[name].(float64) }
func (s Settings) String(name string) string { return s[name].(string) }
func (s Settings) Bool(name string) bool     { return s[name].(bool) }

// Resolve gives every option a value: the one in given, checked, or its default. Owner is who declares the options
// and begins every error. Of several wrong names or values the alphabetically first is reported.
func Resolve(owner string, options []Option, given map[string]any) (Settings, error) {
	s := Settings{}
	var names []string
	for _, o := range options {
		s[o.Name] = o.Default
		names = append(names, o.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		i := slices.Index(names, name)
		if i < 0 {
			return nil, fmt.Errorf("%s has no option %q%s", owner, name, nearest.Hint(name, names))
		}
		good, err := options[i].Check(given[name])
		if err != nil {
			return nil, fmt.Errorf("%s: option %s: %w", owner, name, err)
		}
		s[name] = good
	}
	return s, nil
}

// Identifying are the settings that tell apart what was built with them: all but those of later switches at their defaults.
func Identifying(options []Option, s Settings) Settings {
	kept := maps.Clone(s)
	for _, o := range options {
		if o.Later && kept[o.Name] == o.Default {
			delete(kept, o.Name)
		}
	}
	return kept
}

// Completed are settings that were recorded before later switches came, with these at their defaults.
func Completed(options []Option, s Settings) Settings {
	full := Settings{}
	maps.Copy(full, s)
	for _, o := range options {
		if _, recorded := full[o.Name]; o.Later && !recorded {
			full[o.Name] = o.Default
		}
	}
	return full
}

// Wanted says which values are good: "a whole number from 1 to 64", "true or false", "one of identity, none".
func (o Option) Wanted() string {
	switch o.Default.(type) {
	case int:
		return "a whole number " + o.bounds()
	case float64:
		return "a number " + o.bounds()
	case bool:
		return "true or false"
	case string:
		if len(o.Choices) > 0 {
			return "one of " + strings.Join(o.Choices, ", ")
		}
		return "a text"
	}
	return fmt.Sprintf("nothing: the default %v is a %T, not a string, int, float64 or bool", o.Default, o.Default)
}

func (o Option) bounds() string {
	if o.Max != 0 {
		return fmt.Sprintf("from %v to %v", o.Min, o.Max)
	}
	return fmt.Sprintf("of at least %v", o.Min)
}

// Check returns value as the option's type. Whole numbers may come as float64 (JSON has no integers).
func (o Option) Check(value any) (any, error) {
	var good any
	var ok bool
	switch o.Default.(type) {
	case int:
		n, isWhole := whole(value)
		good, ok = n, isWhole && o.inRange(float64(n))
	case float64:
		f, isFloat := value.(float64)
		if n, isInt := value.(int); isInt {
			f, isFloat = float64(n), true
		}
		good, ok = f, isFloat && !math.IsInf(f, 0) && o.inRange(f)
	case bool:
		good, ok = value.(bool)
	case string:
		text, isText := value.(string)
		good, ok = text, isText && (len(o.Choices) == 0 || slices.Contains(o.Choices, text))
	}
	if !ok {
		return nil, fmt.Errorf("want %s, got %v", o.Wanted(), value)
	}
	return good, nil
}

// inRange is false for NaN.
func (o Option) inRange(x float64) bool { return x >= o.Min && (o.Max == 0 || x <= o.Max) }

func whole(value any) (int, bool) {
	switch v := value.(type) {
	case int:
		return v, true
	case float64:
		if math.Abs(v) <= 1<<53 && v == math.Trunc(v) {
			return int(v), true
		}
	}
	return 0, false
}
