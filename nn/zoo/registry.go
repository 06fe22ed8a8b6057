// Package zoo holds the architectures. A family is a file and a variant a row in it. A new family is one new file that
// calls Register from its init; nothing else lists it.
package zoo

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"workbench/nn"
	"workbench/nn/definition"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Variant is one published (or parameterised) network.
type Variant struct {
	Name    string // as in torchvision or the literature, such as "resnet18" or "resnet20_cifar"
	Family  string // such as "ResNet"
	Paper   string // authors, title, venue
	Year    int
	Input   [3]int // channels, height and width of the images it was published for
	Classes int
	Options []Option // switches with their defaults for this variant

	// Build adds the network on images x [n, c, h, w] and returns logits [n, classes]. With 0 classes it leaves the last
	// linear layer out and returns the features [n, f] that this layer would read.
	Build func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor

	// grouped tells whether the network has groups to shuffle whatever the cardinality; nil means that it has none.
	grouped func(Settings) bool
	text    string // of a network that a user has described; "": Lookup knows the name
	chained bool   // units without a shortcut end with their attention, be it standard or post
}

// Option is a switch of a network. Settings are its resolved switches.
type (
	Option   = option.Option
	Settings = option.Settings
)

var variants = map[string]Variant{}

// Register adds a variant. A name that comes twice is a programmer's error, for which it panics at start.
func Register(v Variant) {
	if _, twice := variants[v.Name]; twice || v.Name == "" || v.Build == nil {
		panic(fmt.Sprintf("zoo: Register(%q): registered twice or incomplete", v.Name))
	}
	build := v.Build
	v.Build = func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
		if err := v.contradiction(s); err != nil {
			return b.Fail(err)
		}
		logits := build(b, x, classes, s)
		if err := ineffective(b, s); err != nil {
			return b.Fail(err)
		}
		return logits
	}
	variants[v.Name] = v
}

// Names lists all registered variants, sorted.
func Names() []string {
	names := make([]string, 0, len(variants))
	for n := range variants {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Lookup finds a variant by name, or makes that of a described network from its text. The error for an unknown name
// suggests the nearest ones.
func Lookup(name string) (Variant, error) {
	if definition.Is(name) {
		return lookupOwn(name)
	}
	v, ok := variants[name]
	switch {
	case !ok && strings.HasSuffix(name, ".yaml"):
		return v, fmt.Errorf("unknown architecture %q: a network in a file is model: {file: %s} in a study", name, name)
	case !ok:
		return v, fmt.Errorf("unknown architecture %q%s", name, nearest.Hint(name, Names()))
	}
	return v, nil
}

// Resolve gives every declared option a value: the one in given, checked, or its default. If only other families have
// an option, the error names them.
func (v Variant) Resolve(given map[string]any) (Settings, error) {
	s, err := option.Resolve(v.Name, v.Options, given)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !v.has(name) {
			if families := familiesWith(name); err != nil && len(families) > 0 {
				err = fmt.Errorf("%w; %s is an option of %s, whose blocks have a place for it", err, name, strings.Join(families, ", "))
			}
			break
		}
	}
	return s, err
}

func (v Variant) has(name string) bool {
	return slices.ContainsFunc(v.Options, func(o Option) bool { return o.Name == name })
}

// familiesWith lists the families in which a network has the option, sorted.
func familiesWith(name string) []string {
	families := map[string]bool{}
	for _, v := range variants {
		if v.has(name) {
			families[v.Family] = true
		}
	}
	return slices.Sorted(maps.Keys(families))
}

// withDefaults returns the options with other defaults. A default for what is no option is a programmer's error, for
// which it panics at start.
func withDefaults(options []Option, defaults Settings) []Option {
	all := slices.Clone(options)
	for name, value := range defaults {
		i := slices.IndexFunc(all, func(o Option) bool { return o.Name == name })
		if i < 0 {
			panic(fmt.Sprintf("zoo: a default for %q, which is no option", name))
		}
		all[i].Default = value
	}
	return all
}
