package evaluate

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Input is what an evaluator reads of a network, a row for each picture.
type Input string

const (
	Logits   Input = "logits"   // [n, classes]: the network's answers
	Features Input = "features" // [n, features]: what its last linear layer reads

	// Embeddings are what the loss of a method without labels compares, [n, d]: features behind a projector. Only the
	// training of such a method has them.
	Embeddings Input = "embeddings"

	// Online are the answers of a classifier that is trained beside a method without labels, [n, classes]. Only the
	// training of such a method has them.
	Online Input = "online answers"
)

// Bank is which other pictures an evaluator compares with, or fits itself to. Their rows come after those under test.
type Bank string

const (
	NoBank   Bank = ""
	Training Bank = "train" // training pictures without augmentation, each once
	HeldOut  Bank = "val"   // pictures that are neither trained on nor under test
)

// Evaluator is an entry of the registry.
type Evaluator struct {
	Name       string
	Doc        string // one line: what it measures
	Paper      string // where it comes from; empty where it is older than papers
	Options    []option.Option
	Reads      Input
	Bank       Bank
	Quantities []string // what its results can have, by the names in the table of metrics

	// Unlabelled says that labels are not looked at: they may be anything, or missing.
	Unlabelled bool

	// diverged says that rows may hold NaN and infinities, because a network that diverged is measured too.
	diverged bool
	start    func(s option.Settings, shape Shape) (measure, error)
}

// measure is an evaluator at work. Its rows and labels have been checked.
type measure interface {
	add(rows []float32, labels []int32)
	result(ctx context.Context) (Result, error)
}

// compared is a measure that has a bank.
type compared interface {
	measure
	addBank(rows []float32, labels []int32)
}

var registry = map[string]Evaluator{}

// register adds an evaluator. Registering a name twice is a programmer's error, for which the program panics at start.
func register(e Evaluator) {
	if _, twice := registry[e.Name]; twice || e.Name == "" || e.Doc == "" || e.start == nil || len(e.Quantities) == 0 {
		panic(fmt.Sprintf("evaluate: register(%q): registered twice or incomplete", e.Name))
	}
	registry[e.Name] = e
}

// Names of all evaluators, sorted.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// Lookup finds an evaluator by name. The error for an unknown name suggests the nearest ones, or lists all.
func Lookup(name string) (Evaluator, error) {
	e, ok := registry[name]
	if !ok {
		return e, fmt.Errorf("unknown evaluator %q%s", name, nearest.Hint(name, Names()))
	}
	return e, nil
}

// Use is how a phase asks for an evaluator.
type Use struct {
	Name    string
	Options map[string]any // those that are not at their defaults
}

// Resolve finds the evaluator and gives every option a value. The error says what is wrong with name or options.
func (u Use) Resolve() (Evaluator, option.Settings, error) {
	e, err := Lookup(u.Name)
	if err != nil {
		return e, nil, err
	}
	s, err := option.Resolve("evaluator "+e.Name, e.Options, u.Options)
	return e, s, err
}

// Shape is the size of what a network gives for a picture.
type Shape struct {
	Classes  int // of labels, and of logits
	Features int // 0 where an evaluator of logits is used

	Embeddings int // 0 where there are none
}

// width is how many numbers a row of the input has.
func (s Shape) width(in Input) int {
	switch in {
	case Features:
		return s.Features
	case Embeddings:
		return s.Embeddings
	}
	return s.Classes
}
