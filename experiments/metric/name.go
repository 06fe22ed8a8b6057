// Package metric is the table of what runs record: how a metric is called, what its values mean and how people read
// them. Analysis, the terminal and the dashboard read the table, so that a new metric is one declaration.
package metric

import "strings"

// Splits say on which images a metric was measured, and with that when it is measured. All names of the table have one
// of these; the name of a foreign metric may have another.
const (
	Test  = "test"  // at evaluations, in inference mode
	Val   = "val"   // at evaluations, in inference mode
	Train = "train" // at the end of each epoch, over its steps, in training mode
	Step  = "step"  // at single steps, every few
)

// judged are the splits whose values speak for a run, in the order of lists: evaluations first. Single steps vary too
// much to be judged.
var judged = []string{Test, Val, Train}

// Names of the metrics that every supervised run records.
const (
	TrainLoss  = "train/loss"
	TrainTop1  = "train/top1"
	TrainRate  = "train/lr"
	TrainSpeed = "train/images_per_second"
	TrainWait  = "train/data_wait"
	TestLoss   = "test/loss"
	TestTop1   = "test/top1"
	TestTop5   = "test/top5" // only with more than five classes
	StepLoss   = "step/loss"
)

// Name is the name of a metric in its parts, written phase/split/quantity. An empty phase or split adds nothing:
// "train/loss" is of the main phase, "pretrain/train/loss" of the phase pretrain. A phase wants a split.
type Name struct {
	Phase    string // the strategy's phase; "" is the main one
	Split    string // see Train; "" in the names of foreign metrics
	Quantity string // what is measured, such as "loss"
}

// Final stands for the phase in the name of a metric by which runs with other phases are compared: of each run it is
// that of its last phase which records it. "final/test/top1" is test/top1 of a run without phases, and probe/test/top1
// of one whose probe came last. No phase has this name, and no run records such a metric.
const Final = "final"

// FinalOf is the metric of the last phase that has a quantity like this one, on the same split.
func FinalOf(name string) string {
	n := Parse(name)
	n.Phase = Final
	return n.String()
}

// Parse takes a name apart. Every text parses and is what String gives back: a text that is not two or three non-empty
// parts is a quantity of its own.
func Parse(text string) Name {
	parts := strings.Split(text, "/")
	for _, p := range parts {
		if p == "" {
			return Name{Quantity: text}
		}
	}
	switch len(parts) {
	case 2:
		return Name{Split: parts[0], Quantity: parts[1]}
	case 3:
		return Name{Phase: parts[0], Split: parts[1], Quantity: parts[2]}
	}
	return Name{Quantity: text}
}

// String is the name as it is recorded.
func (n Name) String() string {
	text := n.Quantity
	for _, part := range []string{n.Split, n.Phase} {
		if part != "" {
			text = part + "/" + text
		}
	}
	return text
}

// Counterpart is the name of the same quantity of the same phase on another split: "train/top1" for "test/top1".
func Counterpart(name, split string) string {
	n := Parse(name)
	n.Split = split
	return n.String()
}
