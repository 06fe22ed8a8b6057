package claim

import (
	"fmt"
	"slices"
	"strings"
)

// Measured says in a line what the verdict rests on: the value or the test that says most about it, and how many others
// there are. It is empty where nothing was measured.
func (j Judgement) Measured() string {
	if j.Compare != nil {
		return j.measuredTests()
	}
	f, number := j.telling()
	if number == 0 {
		return ""
	}
	measured := Text(f.Measured)
	if f.Err != nil {
		measured = "not computed"
	}
	if measured == "" {
		return ""
	}
	return f.Name + " " + measured + more(number)
}

// InPrint is the published value beside what Measured says.
func (j Judgement) InPrint() string {
	if len(j.Values) == 0 {
		return ""
	}
	if j.Compare != nil {
		return j.Values[0].Name + " " + Text(j.Values[0].Published) + more(len(j.Values))
	}
	f, _ := j.telling()
	return Text(f.Published)
}

func more(n int) string {
	if n > 1 {
		return fmt.Sprintf(" and %d more", n-1)
	}
	return ""
}

// telling is the first value that is wrong or could not be computed, else the first that was measured; number is how
// many were.
func (j Judgement) telling() (shown Finding, number int) {
	if len(j.Values) == 0 {
		return shown, 0
	}
	shown = j.Values[0]
	for i, f := range j.Values {
		if f.Verdict != Cited {
			number++
		}
		if worse(f.Verdict) > worse(shown.Verdict) {
			shown = j.Values[i]
		}
	}
	return shown, number
}

func worse(v Verdict) int { return slices.Index([]Verdict{Cited, Holds, Undecided, Fails}, v) }

// measuredTests is the first test with the claim's verdict.
func (j Judgement) measuredTests() string {
	if j.Looked == 0 {
		return ""
	}
	t := j.Tests[max(0, slices.IndexFunc(j.Tests, func(t *TestFinding) bool { return t.Verdict == j.Verdict }))]
	_, unit := j.Compare.Scale()
	sign := "+"
	if j.Compare.Relative {
		sign = ""
	}
	difference := fmt.Sprintf("%"+sign+".3g (%.3g to %.3g) %s", t.Mean, t.Low, t.High, unit)
	return strings.TrimSpace(difference) + fmt.Sprintf(", n %d", j.Looked) + more(len(j.Tests))
}

// ThanText is what the cell is compared with.
func (t Test) ThanText() string {
	if t.Than == nil {
		return Text(t.Level)
	}
	return CellText(t.Than)
}

// Shelf is the family under which Families and Select know a shipped claim.
func (c Claim) Shelf() string { return strings.TrimSuffix(c.File, ".yaml") }
