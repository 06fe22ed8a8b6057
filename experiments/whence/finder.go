package whence

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// Kind is what a recorded number is, the more telling first.
type Kind int

// Kinds of numbers.
const (
	Mean       Kind = iota // of a cell over seeds, by the study's metric
	Difference             // of a cell from the baseline, or the effect of a level
	P                      // of such a difference
	Spread                 // of a mean or a difference: half of the interval, or the standard deviation
	OtherMean              // of a cell over seeds, by another metric
	Last                   // value of a run
	Best                   // value of a run over its evaluations
)

// Match is a recorded number that is written as the number looked for.
type Match struct {
	Kind    Kind
	What    string // "mean of 3 seeds"
	Metric  string
	Value   float64 // in the metric's own unit
	Study   string  // with its version: "tiny@2"
	Cell    string
	Versus  string // of a difference: the cell or level that it is from
	Seeds   []uint64
	Runs    []string // ids
	Data    []string // digests of the data that the runs saw
	Program []string // revisions of the program that trained them
	Show    []string // words behind the program's name that show it
}

// Answer is what one number was found to be.
type Answer struct {
	Number  Number
	Matches []Match // the most telling first
	More    int     // matches beyond those
	Nearest *Match  // where nothing matches: the mean or the value of a run that comes nearest
}

// Finder looks numbers up, one study after another. It keeps the most telling matches of each alone, and of all that it
// has looked at the names of the runs.
type Finder struct {
	answers []Answer
	near    []float64 // distance of Nearest
	most    int
	seen    map[string]bool // runs that have told their values: several studies may have one
}

// NewFinder looks for numbers and keeps so many matches of each.
func NewFinder(numbers []Number, most int) *Finder {
	f := &Finder{most: most, seen: map[string]bool{}}
	for _, n := range numbers {
		f.answers = append(f.answers, Answer{Number: n})
		f.near = append(f.near, math.Inf(1))
	}
	return f
}

// Answers to the numbers, in their order.
func (f *Finder) Answers() []Answer {
	for i := range f.answers {
		a := &f.answers[i]
		if len(a.Matches) > 0 {
			a.Nearest = nil
		}
	}
	return f.answers
}

// candidate is a recorded number; fill adds to a match what it takes time to gather.
type candidate struct {
	Match
	plain bool // no ratio that people read in percent, whatever the metric: a p value
	fill  func(*Match)
}

// offer compares a recorded number with all that are looked for.
func (f *Finder) offer(c candidate) {
	scales := []float64{1}
	if q := metric.Of(c.Metric); q.Percent && !c.plain {
		scales = []float64{100, 1}
	}
	for i := range f.answers {
		a := &f.answers[i]
		for _, scale := range scales {
			if a.Number.Percent && scale == 1 && (c.plain || len(scales) > 1) {
				continue
			}
			if a.Number.stands(scale * c.Value) {
				a.add(c, f.most)
				break
			}
			near := a.Number.distance(scale*c.Value) / scale
			if telling := c.Kind == Mean || c.Kind == Last || c.Kind == Best; telling && near < f.near[i] {
				m := c.Match
				c.fill(&m)
				a.Nearest, f.near[i] = &m, near
			}
		}
	}
}

// add keeps the most telling matches. Of equally telling ones the first stay.
func (a *Answer) add(c candidate, most int) {
	at, _ := slices.BinarySearchFunc(a.Matches, c.Kind+1, func(m Match, k Kind) int { return cmp.Compare(m.Kind, k) })
	if at >= most {
		a.More++
		return
	}
	m := c.Match
	c.fill(&m)
	a.Matches = slices.Insert(a.Matches, at, m)
	if len(a.Matches) > most {
		a.Matches = a.Matches[:most]
		a.More++
	}
}

// origin adds to a match where its runs come from.
func origin(runs []experiments.RunInfo) func(*Match) {
	return func(m *Match) {
		m.Seeds, m.Runs, m.Data, m.Program = nil, nil, nil, nil
		once := func(list *[]string, text string) {
			if text != "" && !slices.Contains(*list, text) {
				*list = append(*list, text)
			}
		}
		for _, r := range runs {
			m.Runs = append(m.Runs, r.ID)
			if !slices.Contains(m.Seeds, r.Seed) {
				m.Seeds = append(m.Seeds, r.Seed)
			}
			once(&m.Data, r.DataDigest)
			once(&m.Program, r.Environment["revision"])
		}
	}
}

// counted is a number of things: "1 seed", "3 seeds".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
