// Package claim holds what papers and lectures say about networks, as data, and judges it. A claim is a statement with
// its source, the values that were published, and either expressions that compute them from the networks (analytic
// claims), or a comparison of a study's cells (training claims), or neither: then it is a citation, which nothing here
// can measure and which is never counted as judged.
package claim

import (
	"fmt"
	"strconv"
	"strings"

	"workbench/experiments"
)

// Claim is one statement.
type Claim struct {
	ID        string
	Family    string // of networks, or "strategies"
	Statement string
	Source    Source

	Conditions   string // sizes, options and conventions under which the published values stand
	Decision     Decision
	Direction    string  // of Ordered: Rising or Falling
	Delta        float64 // of Greater: the smallest difference that matters
	Verification string  // how the published values were checked: computed, looked up, recalled

	Values  []Value
	Compare *Comparison
	Lecture Lecture
	Slips   []Slip

	File  string // that the claim is written in
	Place experiments.Place
}

// Source is where a claim was published.
type Source struct {
	Paper string `json:"paper"`
	Where string `json:"where,omitempty"` // section, table, figure
	Quote string `json:"quote,omitempty"` // the sentence itself, word by word
}

func (s Source) String() string {
	if s.Where == "" {
		return s.Paper
	}
	return s.Paper + ", " + s.Where
}

// Decision is the kind of question that decides a claim.
type Decision string

const (
	Exact      Decision = "exact"      // every value is the published one
	Equivalent Decision = "equivalent" // every value is the published one within its tolerance
	Greater    Decision = "greater"    // the first value exceeds the second by delta at least
	Ordered    Decision = "ordered"    // the values rise, or fall, as they are listed
	Threshold  Decision = "threshold"  // every value keeps its bound
	Citation   Decision = "citation"   // nothing here can measure it
)

// Decisions are all kinds.
var Decisions = []string{string(Exact), string(Equivalent), string(Greater), string(Ordered), string(Threshold), string(Citation)}

// The directions of ordered values.
const (
	Rising  = "rising"
	Falling = "falling"
)

// Value is one published value with the expression that computes it.
type Value struct {
	Name      string
	Published any         // float64, string, or a []any of these; nil of greater and ordered claims
	Measured  *Expression // nil: nothing here measures it
	Tolerance Tolerance
	Bound     string // of threshold claims: one of Bounds
	Unit      string
	Place     experiments.Place // of the expression
}

// Bounds are the relations to the published value that a threshold claim's values can have.
var Bounds = []string{"above", "at least", "below", "at most"}

// Tolerance is the difference from the published value that still counts as reproduced. The zero Tolerance is none.
type Tolerance struct {
	Amount   float64 // or, if relative, a share of the published value
	Relative bool
}

func (t Tolerance) String() string {
	switch {
	case t.Amount == 0:
		return "exact"
	case t.Relative:
		return "±" + strconv.FormatFloat(100*t.Amount, 'g', 6, 64) + "%"
	}
	return "±" + strconv.FormatFloat(t.Amount, 'g', 6, 64)
}

// parseTolerance reads "1%" or a number.
func parseTolerance(value any) (Tolerance, error) {
	switch v := value.(type) {
	case int:
		return Tolerance{Amount: float64(v)}, positive(float64(v))
	case float64:
		return Tolerance{Amount: v}, positive(v)
	case string:
		percent, is := strings.CutSuffix(v, "%")
		if share, err := strconv.ParseFloat(percent, 64); is && err == nil {
			return Tolerance{Amount: share / 100, Relative: true}, positive(share)
		}
	}
	return Tolerance{}, fmt.Errorf(`want a number such as 0.001, or a share such as "1%%", got %v`, value)
}

func positive(v float64) error {
	if !(v > 0 && v <= 1e12) {
		return fmt.Errorf("want a tolerance above 0, got %v: what must be equal has none", v)
	}
	return nil
}

// Lecture is the sentence of lecture notes that a claim is the right form of.
type Lecture struct {
	Where    string `json:"where,omitempty"`
	Sentence string `json:"sentence,omitempty"`
	Verdict  string `json:"verdict,omitempty"` // one of LectureVerdicts
	Fact     string `json:"fact,omitempty"`    // what is right, or must be added
}

// LectureVerdicts are the verdicts on sentences of lecture notes.
var LectureVerdicts = []string{"correct", "imprecise", "wrong"}

// Slip is a known wrong number, or a sentence that stands for one, which is in print, beside what is measured.
type Slip struct {
	Printed  string // as it is printed: "5M parameters"
	Value    float64
	Measured *Expression
	Unit     string
	Place    experiments.Place
}

// Analytic tells whether the claim needs no training.
func (c Claim) Analytic() bool { return c.Compare == nil }

// measured are the values that have an expression.
func (c Claim) measured() []Value {
	var all []Value
	for _, v := range c.Values {
		if v.Measured != nil {
			all = append(all, v)
		}
	}
	return all
}
