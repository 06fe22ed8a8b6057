package export

import (
	"fmt"
	"math"

	"workbench/experiments"
	"workbench/experiments/claim"
	"workbench/experiments/iec"
	"workbench/experiments/metric"
)

// ClaimTables are what there is to list of a claim.
func ClaimTables(j claim.Judgement) []Listing {
	if j.Compare == nil {
		return []Listing{ClaimValues(j)}
	}
	return []Listing{ClaimTests(j), ClaimPairs(j), ClaimRuns(j), ClaimValues(j)}
}

// ClaimTests has a row a test of a training claim.
func ClaimTests(j claim.Judgement) Listing {
	_, unit := j.Compare.Scale()
	in := func(title string) string {
		if unit == "" {
			return title
		}
		return title + ", " + unit
	}
	l := Listing{Name: "tests", Title: "Tests, which all must hold", Leave: []string{"likely", "level", "p"}, Columns: []Column{
		{Key: "cell", Title: "cell"}, {Key: "direction", Title: "claimed"}, {Key: "than", Title: "than"},
		{Key: "delta", Title: in("what matters"), Number: true, Hint: "the smallest difference that matters, fixed before"},
		{Key: "n", Title: "n", Number: true}, {Key: "difference", Title: in("difference"), Number: true},
		{Key: "low", Title: "from", Number: true, Hint: "interval of the difference, corrected over the tests of the claim (Holm)"},
		{Key: "high", Title: "to", Number: true},
		{Key: "level", Title: "level", Number: true, Hint: "of the interval"}, {Key: "p", Title: "p", Number: true, Hint: "not corrected"},
		{Key: "likely", Title: "probability of improvement", Number: true,
			Hint: "that one run of the cell lies where the claim says, seen from one of the other (Agarwal et al. 2021)"},
		{Key: "verdict", Title: "verdict"}, {Key: "needed", Title: "seeds to decide", Number: true}}}
	for _, t := range j.Tests {
		l.Rows = append(l.Rows, []Shown{word(claim.CellText(t.Cell)), word(t.Direction), word(t.ThanText()), unless0(t.Delta),
			{len(t.Pairs), fmt.Sprint(len(t.Pairs))}, rounded(t.Mean, "%.4g"), rounded(t.Low, "%.4g"), rounded(t.High, "%.4g"),
			unless0(t.Level), p(t.P), rounded(t.Likely, "%.3g"), word(string(t.Verdict)), amount(t.Needed)})
	}
	return l
}

// unless0 is a number that is 0 where there is none.
func unless0(v float64) Shown {
	if v == 0 {
		v = math.NaN()
	}
	return rounded(v, "%.4g")
}

// ClaimPairs has the values that the verdict on a training claim rests on: of each test, a row a seed.
func ClaimPairs(j claim.Judgement) Listing {
	scale := 1.0
	if j.Compare.Measure != claim.Epochs {
		scale, _ = metric.Of(j.Compare.Metric).Shown()
	}
	l := Listing{Name: "pairs", Title: "Values by seed: " + j.Compare.Metric, Columns: []Column{{Key: "cell", Title: "cell"},
		{Key: "than", Title: "than"}, {Key: "seed", Title: "seed", Number: true}, {Key: "value", Title: "cell's value", Number: true},
		{Key: "other", Title: "other's value", Number: true}, {Key: "run", Title: "run", Run: true},
		{Key: "other_run", Title: "other run", Run: true}}}
	for _, t := range j.Tests {
		for _, p := range t.Pairs {
			l.Rows = append(l.Rows, []Shown{word(claim.CellText(t.Cell)), word(t.ThanText()), {p.Seed, fmt.Sprint(p.Seed)},
				{p.Cell, rounded(scale*p.Cell, "%.5g").Text}, {p.Than, rounded(scale*p.Than, "%.5g").Text}, word(p.Runs[0]), word(p.Runs[1])})
		}
	}
	return l
}

// ClaimValues are the published values of a claim beside those that were computed.
func ClaimValues(j claim.Judgement) Listing {
	l := Listing{Name: "values", Title: "Values", Columns: []Column{{Key: "name", Title: "value"}, {Key: "verdict", Title: "verdict"},
		{Key: "measured", Title: "measured", Number: true}, {Key: "published", Title: "published", Number: true},
		{Key: "tolerance", Title: "tolerance"}, {Key: "unit", Title: "unit"}, {Key: "expression", Title: "expression"}}}
	for _, f := range j.Values {
		l.Rows = append(l.Rows, []Shown{{f.Name, f.Name}, {string(f.Verdict), string(f.Verdict)}, {f.Measured, claim.Text(f.Measured)},
			{f.Published, claim.Text(f.Published)}, blank(ToleranceOf(f)), blank(f.Unit), blank(ExpressionOf(f.Value))})
	}
	return l
}

// blank is a text that may be empty.
func blank(s string) Shown { return Shown{named(s), s} }

// ToleranceOf says what a value may differ by, "" if nothing is compared.
func ToleranceOf(f claim.Finding) string {
	switch {
	case f.Value.Measured == nil, f.Published == nil:
		return ""
	case f.Bound != "":
		return f.Bound
	}
	return f.Tolerance.String()
}

// ExpressionOf is how a value is computed, "" if it is not.
func ExpressionOf(v claim.Value) string {
	if v.Measured == nil {
		return ""
	}
	return v.Measured.Text
}

// ClaimRuns are the runs that the verdict on a training claim rests on, by what identifies each, with what it cost.
func ClaimRuns(j claim.Judgement) Listing {
	l := Listing{Name: "runs", Title: "Runs that this rests on", Leave: []string{"program", "weights", "data", "attempts"}, Columns: []Column{
		{Key: "run", Title: "run", Run: true, Hint: "the first 16 hexadecimal digits of the SHA-256 of configuration, data and seed"},
		{Key: "cell", Title: "cell"}, {Key: "seed", Title: "seed", Number: true}, {Key: "seconds", Title: "seconds", Number: true},
		{Key: "attempts", Title: "attempts", Number: true},
		{Key: "data", Title: "data", Hint: "SHA-256 of the data as the run sees them"},
		{Key: "program", Title: "program", Hint: "revision of the source that it was built from"},
		{Key: "weights", Title: "weights", Hint: "SHA-256 of names, shapes and values of the last checkpoint's weights"}}}
	for _, r := range j.Runs {
		weights := ""
		if r.Checkpoint != nil {
			weights = r.Checkpoint.Digest
		}
		seconds := rounded(r.Seconds, "%.4g")
		if r.Seconds == 0 {
			seconds = word("")
		}
		l.Rows = append(l.Rows, []Shown{word(r.ID), word(r.Cell), {r.Seed, fmt.Sprint(r.Seed)}, seconds, amount(r.Attempt), word(r.DataDigest),
			word(r.Environment["revision"]), word(weights)})
	}
	return l
}

// ClaimCost is what the runs of a claim took: seconds of training, and bytes of their last checkpoints.
func ClaimCost(runs []experiments.RunInfo) (seconds float64, bytes int64) {
	for _, r := range runs {
		seconds += r.Seconds
		if r.Checkpoint != nil {
			bytes += r.Checkpoint.Bytes
		}
	}
	return seconds, bytes
}

// ClaimSpent says what runs have cost, "" if there are none; lasting writes seconds.
func ClaimSpent(runs []experiments.RunInfo, lasting func(seconds float64) string) string {
	if len(runs) == 0 {
		return ""
	}
	seconds, bytes := ClaimCost(runs)
	said := fmt.Sprintf("%d runs", len(runs))
	if len(runs) == 1 {
		said = "1 run"
	}
	if seconds > 0 {
		said += ", " + lasting(seconds) + " of training"
	}
	if bytes > 0 {
		said += ", checkpoints of " + iec.Bytes(bytes)
	}
	return said
}
