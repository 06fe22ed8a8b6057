// Package strategy holds how a network is trained: what its loss is made of. Each strategy is one file that registers
// itself and declares its options; nothing else lists it.
package strategy

import (
	"fmt"
	"maps"
	"slices"

	"workbench/nn"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Strategy is an entry of the registry.
type Strategy struct {
	Name    string
	Doc     string // one line: what it does
	Paper   string // where it comes from; empty where it is older than papers
	Options []option.Option

	// Loss makes the loss of a batch, a scalar in nats an image, from the network's logits [n, classes] and labels [n].
	Loss func(b *nn.Builder, logits, labels nn.Tensor, s option.Settings) nn.Tensor
}

var registry = map[string]Strategy{}

// Register adds a strategy; a name twice is a programmer's error and panics at start.
func Register(s Strategy) {
	if _, twice := registry[s.Name]; twice || s.Name == "" || s.Loss == nil {
		panic(fmt.Sprintf("strategy: Register(%q): registered twice or incomplete", s.Name))
	}
	registry[s.Name] = s
}

// Names of all strategies, sorted.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// Lookup finds a strategy by name; the error of an unknown one names the nearest.
func Lookup(name string) (Strategy, error) {
	s, ok := registry[name]
	if !ok {
		return s, fmt.Errorf("unknown strategy %q%s", name, nearest.Hint(name, Names()))
	}
	return s, nil
}

// Resolve gives every option a value: the one in given, or its default.
func (s Strategy) Resolve(given map[string]any) option.Settings {
	return option.Complete(s.Options, given)
}
