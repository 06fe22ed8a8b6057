package claim

import (
	"context"
	"fmt"
	"math"

	"workbench/experiments"
	"workbench/experiments/claim/quantity"
)

// Verdict is what came of judging a claim.
type Verdict string

const (
	Holds     Verdict = "holds"
	Fails     Verdict = "fails"
	Undecided Verdict = "undecided" // what it needs could not be computed, or the runs leave it open
	NotRun    Verdict = "not run"   // it needs runs of a study
	Cited     Verdict = "cited"     // nothing here measures it
)

// Verdicts in the order in which they are counted.
var Verdicts = []Verdict{Holds, Fails, Undecided, NotRun, Cited}

// Judgement is a claim with its verdict and what it rests on.
type Judgement struct {
	Claim
	Verdict Verdict
	Reasons []string // why it fails or is undecided
	Values  []Finding
	Slips   []SlipFinding

	// Of training claims.
	Tests  []*TestFinding
	Pairs  int                   // seeds that all tests have
	Looked int                   // seeds that the verdict rests on; 0: too few to look
	Runs   []experiments.RunInfo // that the pairs are of, by cell and seed, with those of the study that they begin with
	Flags  []string              // what readers of results are often not told, found here
	Notes  []string              // on the runs
}

// Finding is a value as it was measured.
type Finding struct {
	Value
	Measured any     // float64, string or a []any of these; nil if it was not measured
	Verdict  Verdict // of this value alone: holds, fails, undecided or cited
	Err      error   // why it could not be computed
}

// SlipFinding is a wrong number in print beside what is measured.
type SlipFinding struct {
	Slip
	Measured any
	Err      error
}

// Judge computes what a claim needs, on the networks as they are built now.
func Judge(ctx context.Context, n *quantity.Networks, c Claim) (Judgement, error) {
	j := Judgement{Claim: c}
	for _, v := range c.Values {
		if err := ctx.Err(); err != nil {
			return j, err
		}
		f := Finding{Value: v, Verdict: Cited}
		if v.Measured != nil {
			f.Measured, f.Err = v.Measured.Measure(n)
			f.Verdict = f.judged()
		}
		j.Values = append(j.Values, f)
	}
	for _, s := range c.Slips {
		f := SlipFinding{Slip: s}
		f.Measured, f.Err = s.Measured.Measure(n)
		j.Slips = append(j.Slips, f)
	}
	j.judge()
	return j, ctx.Err()
}

// judged is the verdict on one value alone.
func (f Finding) judged() Verdict {
	switch {
	case f.Err != nil, !isMeasurement(f.Measured):
		return Undecided
	case f.Published == nil:
		return Holds // its claim compares it with other values
	case f.Bound != "":
		return f.bounded()
	case near(f.Measured, f.Published, f.Tolerance):
		return Holds
	}
	return Fails
}

// isMeasurement tells whether a value is free of what is no number.
func isMeasurement(value any) bool {
	switch v := value.(type) {
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		if len(v) == 0 {
			return false
		}
		for _, item := range v {
			if !isMeasurement(item) {
				return false
			}
		}
	}
	return value != nil
}

// rounding is what floating point may add to a difference that is exactly as large as the tolerance: 1.01 − 1 is more
// than 0.01.
const rounding = 1e-12

func near(measured, published any, t Tolerance) bool {
	switch want := published.(type) {
	case float64:
		got, is := measured.(float64)
		allowed := t.Amount
		if t.Relative {
			allowed *= math.Abs(want)
		}
		return is && math.Abs(got-want) <= allowed*(1+rounding)
	case []any:
		got, is := measured.([]any)
		if !is || len(got) != len(want) {
			return false
		}
		for i := range want {
			if !near(got[i], want[i], t) {
				return false
			}
		}
		return true
	}
	return measured == published
}

func (f Finding) bounded() Verdict {
	got, is := f.Measured.(float64)
	limit, number := f.Published.(float64)
	keeps := false
	switch f.Bound {
	case "above":
		keeps = got > limit
	case "at least":
		keeps = got >= limit
	case "below":
		keeps = got < limit
	case "at most":
		keeps = got <= limit
	}
	if is && number && keeps {
		return Holds
	}
	return Fails
}

// judge puts the verdicts of the values together.
func (j *Judgement) judge() {
	switch {
	case j.Compare != nil:
		j.Verdict = NotRun
		return
	case len(j.Claim.measured()) == 0:
		j.Verdict = Cited
		return
	}
	j.Verdict = Holds
	for _, f := range j.Values {
		switch f.Verdict {
		case Fails:
			j.fail(Fails, "%s is %s, published %s (%s)", f.Name, Text(f.Measured), Text(f.Published), f.rule())
		case Undecided:
			why := f.Err
			if why == nil {
				why = fmt.Errorf("%s is not a number", Text(f.Measured))
			}
			j.fail(Undecided, "%s cannot be computed (%s): %v", f.Name, f.whence(), why)
		}
	}
	if j.Verdict == Holds && (j.Decision == Greater || j.Decision == Ordered) {
		j.related()
	}
}

func (f Finding) rule() string {
	if f.Bound != "" {
		return f.Bound
	}
	return f.Tolerance.String()
}

// whence is where the value's expression is written.
func (v Value) whence() string {
	return fmt.Sprintf("%s:%d:%d", v.Place.Source, v.Place.Line, v.Place.Column)
}

// fail notes a reason. What fails is no longer undecided: one wrong value is enough.
func (j *Judgement) fail(v Verdict, format string, args ...any) {
	if j.Verdict != Fails {
		j.Verdict = v
	}
	j.Reasons = append(j.Reasons, fmt.Sprintf(format, args...))
}

// related judges the values of a claim by one another.
func (j *Judgement) related() {
	var numbers []float64
	var names []string
	for _, f := range j.Values {
		if f.Verdict == Cited {
			continue
		}
		number, is := f.Measured.(float64)
		if !is {
			j.fail(Undecided, "%s is %s, want a number", f.Name, Text(f.Measured))
			return
		}
		numbers, names = append(numbers, number), append(names, f.Name)
	}
	if j.Decision == Greater {
		if !(numbers[0]-numbers[1] >= j.Delta) {
			j.fail(Fails, "%s exceeds %s by %s, want %s at least", names[0], names[1], Text(numbers[0]-numbers[1]), Text(j.Delta))
		}
		return
	}
	for i := 1; i < len(numbers); i++ {
		rises := numbers[i] > numbers[i-1]
		if numbers[i] == numbers[i-1] || rises != (j.Direction == Rising) {
			j.fail(Fails, "%s is %s behind %s of %s, want %s values", names[i], Text(numbers[i]), Text(numbers[i-1]), names[i-1], j.Direction)
		}
	}
}

// Count are the numbers of claims by verdict.
func Count(all []Judgement) map[Verdict]int {
	counts := map[Verdict]int{}
	for _, j := range all {
		counts[j.Verdict]++
	}
	return counts
}
