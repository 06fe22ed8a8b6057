// Package strategy holds how a network is trained: in which phases, on which streams of images, and what the loss of a
// step is made of. Each strategy is one file that registers itself and declares its options; nothing else lists it. A
// strategy knows networks and data, but not studies.
package strategy

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Strategy is an entry of the registry.
type Strategy struct {
	Name    string
	Doc     string // one line: what it does
	Paper   string // where it comes from; empty where it is older than papers
	Options []option.Option

	Main  string   // name of the main phase; "" if there is no other
	Later []string // names of the phases after it: a study says phases.NAME.optim.lr of them

	// Metric by which runs are compared unless a study says another; nil: the accuracy on the test split.
	Metric   func(option.Settings) string
	Measures []string // evaluators of package evaluate that its phases use beside classification

	// Phases are the stretches of a run, in their order, with these settings on such data. An error says what does not
	// fit.
	Phases func(s option.Settings, about About) ([]Phase, error)
}

// About is what a strategy may know of a run before it begins.
type About struct {
	Info   data.Info
	Batch  int            // images of a step of the study
	Epochs int            // of the main phase
	Count  map[string]int // images by split, "train" and so on, after the study has chosen from the set
}

var registry = map[string]Strategy{}

// Register adds a strategy; a name twice is a programmer's error and panics at start.
func Register(s Strategy) {
	if _, twice := registry[s.Name]; twice || s.Name == "" || s.Phases == nil {
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

// Ends are the phases after which a run may end before its strategy does, in their order.
func (s Strategy) Ends() []string {
	if len(s.Later) == 0 {
		return nil
	}
	return append([]string{s.Main}, s.Later[:len(s.Later)-1]...)
}

// Metrics are the names of the metrics by which runs of the strategy may be compared; held says that there is a
// validation part.
func (s Strategy) Metrics(held bool) []string {
	phases := append([]string{s.Main}, s.Later...)
	names := metric.Comparable(phases...)
	splits := []string{metric.Test}
	if held {
		splits = append(splits, metric.Val)
		for _, name := range metric.Comparable(phases...) {
			if metric.Parse(name).Split == metric.Test {
				names = append(names, metric.Counterpart(name, metric.Val))
			}
		}
	}
	for _, phase := range phases {
		for _, split := range splits {
			for _, quantity := range s.measured() {
				if name := (metric.Name{Phase: phase, Split: split, Quantity: quantity}).String(); metric.BetterSide(name) != metric.Neither {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// measured are the quantities that the strategy's evaluators give.
func (s Strategy) measured() []string {
	var all []string
	for _, name := range s.Measures {
		if e, err := evaluate.Lookup(name); err == nil {
			all = append(all, e.Quantities...)
		}
	}
	return all
}
