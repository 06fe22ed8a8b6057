// Package option is the one mechanism for named things with settings. A network, a data set, an optimizer, a schedule,
// a strategy or an augmentation declares its options. From the declaration follows how settings are read, checked,
// completed, explained and recorded.
package option

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"workbench/nn/nearest"
)

// Option is one setting that its owner declares.
type Option struct {
	Name string

	// Default decides the type: string, int, float64, bool, []float64 (nil: none), or []Group with Fields.
	Default any

	Choices []string // of a string: the good values; empty: any
	Min     float64  // of a number, or of each number of a list
	Max     float64  // of a number; 0: no bound
	Above   bool     // the number is larger than Min, not equal to it
	Below   bool     // the number is smaller than Max, not equal to it

	Alone  bool     // of a list of numbers: one by itself is a list of it
	Fields []Option // of a list of groups: what each of them can say
	Want   string   // what good values are, where the type and the bounds do not say it well
	Doc    string

	// Required says that there is no default, because the owner has no meaning without a value. A zero is no value then.
	Required bool

	// ZeroIsDefault says that zero stands for the default, as studies that were written before the default was stated
	// have it.
	ZeroIsDefault bool

	// Later marks an option that was added when its owner was already in use. At its default nothing is different, so
	// what was recorded before is what would be recorded now (see Identifying). Such a default can never change.
	Later bool

	// Aside marks an option that decides how something is computed and never what. It tells nothing apart (see
	// Identifying).
	Aside bool

	// Spell gives the one spelling of texts that mean the same, such as that of a path; nil: each stands for itself.
	Spell func(string) string
}

// Settings are resolved options: every declared one with a value of its type.
type Settings map[string]any

func (s Settings) Int(name string) int          { return s[name].(int) }
func (s Settings) Float(name string) float64    { return s[name].(float64) }
func (s Settings) String(name string) string    { return s[name].(string) }
func (s Settings) Bool(name string) bool        { return s[name].(bool) }
func (s Settings) Floats(name string) []float64 { return s[name].([]float64) }
func (s Settings) Groups(name string) []Group   { return s[name].([]Group) }

// Conflict says that several settings of one owner do not go together: which option should change, and why.
type Conflict struct {
	Option  string
	Message string
}

// Find gives the option of a name.
func Find(options []Option, name string) (Option, bool) {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return Option{}, false
	}
	return options[i], true
}

// Names of the options, in their order.
func Names(options []Option) []string {
	names := make([]string, len(options))
	for i, o := range options {
		names[i] = o.Name
	}
	return names
}

// Resolve gives every option a value: the one in given, which it checks, or the default. The owner is the name of the
// thing that declares the options; every error begins with it. Of several wrong names or values the first in
// alphabetical order is reported.
func Resolve(owner string, options []Option, given map[string]any) (Settings, error) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		o, known := Find(options, name)
		if !known {
			return nil, fmt.Errorf("%s has no option %q%s", owner, name, nearest.Hint(name, Names(options)))
		}
		if _, err := o.Check(given[name]); err != nil {
			return nil, fmt.Errorf("%s: option %s: %w", owner, name, err)
		}
	}
	return Complete(options, given), nil
}

// Complete gives every option a value: the one in given if it has the option's type, or else the default. Whether a
// value is within its bounds it leaves to Check. It leaves out given values that belong to none of the options. So it
// serves where settings have been checked already, or where options of another owner stand among them.
func Complete(options []Option, given map[string]any) Settings {
	s := Settings{}
	for _, o := range options {
		s[o.Name] = o.Default
		value, there := given[o.Name]
		if !there || o.ZeroIsDefault && IsZero(value) {
			continue
		}
		if typed, err := o.Convert(value); err == nil {
			s[o.Name] = typed
		}
	}
	return s
}

// Missing returns the required options without a value.
func Missing(options []Option, given map[string]any) []Option {
	return slices.DeleteFunc(slices.Clone(options), func(o Option) bool { return !o.Required || !IsZero(given[o.Name]) })
}

// Identifying returns the settings that tell apart what was built with them. It leaves out options that never do, and
// later options that are at their defaults, and spells texts that mean the same alike.
func Identifying(options []Option, s Settings) Settings {
	kept := maps.Clone(s)
	for _, o := range options {
		if o.Aside || o.Later && Equal(kept[o.Name], o.Default) {
			delete(kept, o.Name)
		}
		if text, is := kept[o.Name].(string); is && o.Spell != nil {
			kept[o.Name] = o.Spell(text)
		}
	}
	return kept
}

// Completed returns settings that may have been recorded before later options came. It gives these their defaults.
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
	if o.Want != "" {
		return o.Want
	}
	switch o.Default.(type) {
	case int:
		return "a whole number " + o.bounds()
	case float64:
		return "a number " + o.bounds()
	case bool:
		return "true or false"
	case []float64:
		return "a list of numbers such as [80, 120]"
	case []Group:
		return "a list of groups with the keys " + strings.Join(Names(o.Fields), ", ")
	case string:
		if len(o.Choices) > 0 {
			return "one of " + strings.Join(o.Choices, ", ")
		}
		return "a text"
	}
	return fmt.Sprintf("nothing: an option cannot have the default %v of type %T", o.Default, o.Default)
}

func (o Option) bounds() string {
	switch {
	case o.Max != 0 && o.Above:
		most := map[bool]string{true: "below ", false: "at most "}[o.Below]
		return "above " + o.bound(o.Min) + " and " + most + o.bound(o.Max)
	case o.Max != 0 && o.Below:
		return fmt.Sprintf("from %s to below %s", o.bound(o.Min), o.bound(o.Max))
	case o.Max != 0:
		return fmt.Sprintf("from %s to %s", o.bound(o.Min), o.bound(o.Max))
	case o.Above:
		return "> " + o.bound(o.Min)
	}
	return "of at least " + o.bound(o.Min)
}

// bound writes a bound, of whole numbers without an exponent.
func (o Option) bound(x float64) string {
	if _, whole := o.Default.(int); whole {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return Label(x)
}
