// Package zoo holds the architectures: a file a family, a row a variant. A new family is one new file that calls
// Register from its init; nothing else lists it.
package zoo

import (
	"fmt"
	"slices"
	"sort"

	"workbench/nn"
	"workbench/nn/nearest"
)

// Variant is one published (or parameterised) network.
type Variant struct {
	Name    string // as in torchvision or the literature: "resnet18", "resnet20_cifar"
	Family  string // "ResNet"
	Paper   string // authors, title, venue
	Year    int
	Input   [3]int // channels, height, width it was published for
	Classes int
	Options []Option // switches with their defaults for this variant

	// Build adds the network on images x [n, c, h, w] and returns logits [n, classes].
	Build func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor
}

// Option is a switch of a network.
type Option struct {
	Name    string
	Default any      // string, int, float64 or bool; decides the type
	Choices []string // for strings: the good values
	Min     float64  // for numbers
	Max     float64  // for numbers; 0: no bound
	Doc     string
}

// Settings are the resolved switches of a network: every declared option with a value of its type.
type Settings map[string]any

func (s Settings) Int(name string) int       { return s[name].(int) }
func (s Settings) Float(name string) float64 { return s[name].(float64) }
func (s Settings) String(name string) string { return s[name].(string) }
func (s Settings) Bool(name string) bool     { return s[name].(bool) }

var variants = map[string]Variant{}

// Register adds a variant; a name twice is a programmer's error and panics at start.
func Register(v Variant) {
	if _, twice := variants[v.Name]; twice || v.Name == "" || v.Build == nil {
		panic(fmt.Sprintf("zoo: Register(%q): registered twice or incomplete", v.Name))
	}
	variants[v.Name] = v
}

// Names of all registered variants, sorted.
func Names() []string {
	names := make([]string, 0, len(variants))
	for n := range variants {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Lookup finds a variant by name; the error of an unknown one names the nearest.
func Lookup(name string) (Variant, error) {
	v, ok := variants[name]
	if !ok {
		return v, fmt.Errorf("unknown architecture %q%s", name, nearest.Hint(name, Names()))
	}
	return v, nil
}

// Resolve gives every declared option a value: the one in given, checked, or its default.
func (v Variant) Resolve(given map[string]any) (Settings, error) {
	s := Settings{}
	var names []string
	for _, o := range v.Options {
		s[o.Name] = o.Default
		names = append(names, o.Name)
	}
	for name, value := range given {
		i := slices.IndexFunc(v.Options, func(o Option) bool { return o.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%s has no option %q%s", v.Name, name, nearest.Hint(name, names))
		}
		good, err := v.Options[i].check(value)
		if err != nil {
			return nil, fmt.Errorf("%s: option %s: %w", v.Name, name, err)
		}
		s[name] = good
	}
	return s, nil
}

func (o Option) check(value any) (any, error) {
	switch o.Default.(type) {
	case int:
		n, ok := value.(int)
		if f, isFloat := value.(float64); isFloat && f == float64(int(f)) { // a whole number that went through JSON
			n, ok = int(f), true
		}
		if !ok {
			return nil, fmt.Errorf("want a whole number, got %v", value)
		}
		return n, o.inRange(float64(n))
	case float64:
		f, ok := value.(float64)
		if n, isInt := value.(int); isInt {
			f, ok = float64(n), true
		}
		if !ok {
			return nil, fmt.Errorf("want a number, got %v", value)
		}
		return f, o.inRange(f)
	case bool:
		if b, ok := value.(bool); ok {
			return b, nil
		}
		return nil, fmt.Errorf("want true or false, got %v", value)
	}
	text, ok := value.(string)
	if !ok || (len(o.Choices) > 0 && !slices.Contains(o.Choices, text)) {
		return nil, fmt.Errorf("want one of %v, got %v", o.Choices, value)
	}
	return text, nil
}

func (o Option) inRange(x float64) error {
	if x < o.Min || (o.Max != 0 && x > o.Max) {
		if o.Max != 0 {
			return fmt.Errorf("want a number from %v to %v, got %v", o.Min, o.Max, x)
		}
		return fmt.Errorf("want a number of at least %v, got %v", o.Min, x)
	}
	return nil
}
