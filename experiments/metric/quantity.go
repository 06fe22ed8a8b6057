package metric

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Side is where the better values of a quantity lie.
type Side string

const (
	Neither Side = "" // shown, not judged: a learning rate
	Higher  Side = "higher"
	Lower   Side = "lower"
)

// Quantity describes what is measured, on whichever split and in whichever phase.
type Quantity struct {
	Name       string   // the last part of a metric's name: letters of any kind but "/"
	Title      string   // for people, within a sentence: "accuracy (top-1)"
	Unit       string   // of recorded values: "nats", "images/s", "1" for a ratio; "" where there is none to tell
	Percent    bool     // a ratio in [0, 1] (Unit "1") that people read in percent
	Better     Side     // of the splits train, val and test
	Comparable bool     // a study may compare by it; it has a better side then
	Timed      bool     // it depends on what else the machine does, so equal runs differ in it
	Asked      bool     // recorded only in runs that ask for its evaluator; all others have it not
	Constant   bool     // the same at every evaluation of a run, so that no curve is drawn
	Splits     []string // where it is recorded, one or more; a title names the split if there are several
	Rank       int      // place in a list of comparable quantities, from 1; without one (0) a quantity comes after those
	Chart      int      // place among the charts of a page, likewise
	Gauge      Gauge
}

// Gauge is how Prometheus is told of a quantity's newest value, for active runs. The zero Gauge is none.
type Gauge struct {
	Name string // without the prefix "workbench_"
	Help string // a sentence with the unit
}

// table has the declared quantities by name. It is complete when the program starts, and only read from then on.
var table = map[string]Quantity{}

// Declare adds a quantity to the table. It is called from the init function of the package that records the quantity. A
// declaration that says too little is a mistake of the program, and so is a second one that differs from the first:
// Declare panics.
func Declare(q Quantity) {
	if err := q.check(); err != nil {
		panic(fmt.Sprintf("metric: quantity %q: %v", q.Name, err))
	}
	if old, declared := table[q.Name]; declared && !reflect.DeepEqual(old, q) {
		panic(fmt.Sprintf("metric: quantity %q is declared twice: got %+v, want %+v as before", q.Name, q, old))
	}
	table[q.Name] = q
}

func (q Quantity) check() error {
	switch {
	case q.Name == "" || strings.Contains(q.Name, "/"):
		return fmt.Errorf(`want a name without "/"`)
	case q.Title == "":
		return fmt.Errorf("want a title")
	case len(q.Splits) == 0:
		return fmt.Errorf("want the splits on which it is recorded")
	case q.Percent && q.Unit != "1":
		return fmt.Errorf(`want unit "1" for a ratio, got %q`, q.Unit)
	case !slices.Contains([]Side{Neither, Higher, Lower}, q.Better):
		return fmt.Errorf("want better %q, %q or none, got %q", Higher, Lower, q.Better)
	case q.Comparable && q.Better == Neither:
		return fmt.Errorf("want a better side, because it is comparable")
	}
	for _, split := range q.Splits {
		if !slices.Contains(append([]string{Step}, judged...), split) {
			return fmt.Errorf("unknown split %q", split)
		}
	}
	return nil
}

// Quantities are all declared ones: those with a rank in its order, then the others by name.
func Quantities() []Quantity {
	all := make([]Quantity, 0, len(table))
	for _, q := range table {
		all = append(all, q)
	}
	slices.SortFunc(all, func(a, b Quantity) int {
		if c := ranked(a.Rank, b.Rank); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// ranked compares two places, of which 0 is the last.
func ranked(a, b int) int {
	switch {
	case a == b:
		return 0
	case b == 0, a != 0 && a < b:
		return -1
	}
	return 1
}

// Of is the description of a metric's quantity. One that nobody has declared has its name for a title, no unit and no
// better side.
func Of(name string) Quantity {
	quantity := Parse(name).Quantity
	if q, declared := table[quantity]; declared {
		return q
	}
	return Quantity{Name: quantity, Title: quantity}
}

// Shown tells how people read a value: multiplied by scale, in unit; "" if it has none.
func (q Quantity) Shown() (scale float64, unit string) {
	switch {
	case q.Percent:
		return 100, "%"
	case q.Unit == "1":
		return 1, ""
	}
	return 1, q.Unit
}

// declared tells whether the table describes metrics of that name, not only their quantity.
func (n Name) declared() (q Quantity, known bool) {
	q, known = table[n.Quantity]
	return q, known && slices.Contains(append([]string{Step}, judged...), n.Split)
}

// Heading is the title of a metric's quantity without its split, as a text of its own: "Accuracy (top-1)". A quantity
// that nobody has declared keeps its name.
func Heading(name string) string {
	q := Of(name)
	if _, declared := table[q.Name]; !declared {
		return q.Title
	}
	return capital(q.Title)
}

// Title is a metric in words, as a text of its own: "Test accuracy (top-1)", "Training loss (pretrain)". A name that
// the table does not describe stays as it is.
func Title(name string) string {
	n := Parse(name)
	q, known := n.declared()
	if !known {
		return name
	}
	title := q.Title
	if len(q.Splits) > 1 {
		title = map[string]string{Train: "training ", Val: "validation ", Test: "test "}[n.Split] + title
		if n.Split == Step {
			title += " of single steps"
		}
	}
	if n.Phase == Final {
		title += " (last phase)"
	} else if n.Phase != "" {
		title += " (" + n.Phase + ")"
	}
	return capital(title)
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
