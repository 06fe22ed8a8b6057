// Package strategy holds how a network is trained: in which phases, on which streams of images, and what the loss of a
// step is made of. Each strategy is one file that registers itself and declares its options; nothing else lists it. A
// strategy knows networks and data, but not studies.
//
// A file begins with what its phases read (Stream, View) and writes the loss with what Graph lends: layers of
// nn.Builder, copies that follow (Follow; Answers evaluates one as Twin of its name), queues and tables (State,
// SetRows), inputs (Labels, Rows, Scalar, Uniform). Self-supervised ones are completed by selfSupervised; pairs.go has
// what those of two views share, prototypes.go what those that sort images share. Package strategytest compares with
// PyTorch: a function in testdata/methods.py or selfsupervised.py, its name in peers.py, a row in method.go. A row in
// train/fixture_test.go shows that a run continues bit for bit.
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

	// Loss is what train/loss is, in a line, of what parts it is made, and under which names these are recorded.
	Loss string

	Main  string   // name of the main phase; "" if there is no other
	Later []string // names of the phases after it: a study says phases.NAME.optim.lr of them

	// Metric by which runs are compared unless a study says another; nil: the accuracy on the test split.
	Metric func(option.Settings) string
	// Evaluates is the name of the copy that is evaluated; "": the network itself.
	Evaluates string
	// Measures are evaluators of package evaluate, by the phase that uses them.
	Measures map[string][]string
	// Asks tells whether settings want an evaluator of Measures; nil: all are wanted.
	Asks func(s option.Settings, evaluator string) bool
	// Unlabelled are phases whose network answers nothing that could be right or wrong.
	Unlabelled []string

	Example Example // what a first study says

	// Set is what later phases have other than the study says, by phase and by keys of a study: "epochs", "optim.lr". The
	// study may say something else of one, as phases.NAME.optim.lr. The main phase has the study's keys.
	Set map[string]map[string]any

	// Begin changes given settings to those of a run that ends with the main phase, so that all runs which differ in later
	// phases alone begin with one; nil: nothing is changed.
	Begin func(given map[string]any)

	// Mixes are the phases that a study may ask to mix images with one another; see Stream.Mixed.
	Mixes []string

	// Has tells whether settings give a run a later phase; nil: they always do.
	Has func(s option.Settings, phase string) bool

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
	if slices.Contains(append(s.Later, s.Main), metric.Final) {
		panic(fmt.Sprintf("strategy: Register(%q): a phase is called %q, which names of metrics use", s.Name, metric.Final))
	}
	for phase := range s.Set {
		if !slices.Contains(s.Later, phase) {
			panic(fmt.Sprintf("strategy: Register(%q): phase %q has settings of its own, want one of %v", s.Name, phase, s.Later))
		}
	}
	registry[s.Name] = s
}

// Names of all strategies, sorted.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// Mixing are the names of the strategies whose main phase takes mixed images.
func Mixing() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return !slices.Contains(registry[name].Mixes, registry[name].Main) })
}

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
// validation part, and until that they end with a phase.
func (s Strategy) Metrics(settings option.Settings, held bool, until string) []string {
	var names []string
	for _, phase := range s.PhaseNames(settings, until) {
		measured := s.measured(phase, settings)
		for _, name := range append(metric.Comparable(phase), measured...) {
			n := metric.Parse(name)
			if slices.Contains(s.Unlabelled, phase) && n.Quantity != "loss" && !slices.Contains(measured, name) ||
				slices.Contains(s.Unlabelled, phase) && n.Quantity == "loss" && n.Split == metric.Test {
				continue
			}
			if names = append(names, name); held && n.Split == metric.Test {
				names = append(names, metric.Counterpart(name, metric.Val))
			}
		}
	}
	return names
}

// asked are the evaluators that a phase uses with such settings.
func (s Strategy) asked(phase string, settings option.Settings) []string {
	return slices.DeleteFunc(slices.Clone(s.Measures[phase]), func(evaluator string) bool {
		return s.Asks != nil && !s.Asks(settings, evaluator)
	})
}

// measured are the names of the metrics that the evaluators of a phase give on the test split, if runs may be compared
// by them.
func (s Strategy) measured(phase string, settings option.Settings) []string {
	var all []string
	for _, evaluator := range s.asked(phase, settings) {
		e, err := evaluate.Lookup(evaluator)
		if err != nil {
			continue
		}
		for _, quantity := range e.Quantities {
			name := metric.Name{Phase: phase, Split: metric.Test, Quantity: quantity}.String()
			if metric.BetterSide(name) != metric.Neither {
				all = append(all, name)
			}
		}
	}
	return all
}

// Usual is the metric by which runs with such settings are compared unless a study says another.
func (s Strategy) Usual(settings option.Settings) string {
	if s.Metric == nil {
		return metric.TestTop1
	}
	return s.Metric(settings)
}

// PhaseNames are those that runs with such settings have, in their order, up to the phase until; "": all.
func (s Strategy) PhaseNames(settings option.Settings, until string) []string {
	names := []string{s.Main}
	for _, later := range s.Later {
		if until != "" && names[len(names)-1] == until {
			break
		}
		if s.Has == nil || s.Has(settings, later) {
			names = append(names, later)
		}
	}
	return names
}
