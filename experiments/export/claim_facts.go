package export

import (
	"fmt"

	"workbench/experiments/claim"
)

// Fact is a name with what it says.
type Fact struct{ Name, Value string }

// ClaimFacts are what a claim is and by which rule it is judged; what it does not say is left out.
func ClaimFacts(j claim.Judgement) []Fact {
	var facts []Fact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, Fact{name, value})
		}
	}
	add("source", j.Source.String())
	add("quote", j.Source.Quote)
	add("conditions", j.Conditions)
	add("decision", string(j.Decision))
	add("verification", j.Verification)
	add("lecture", j.Lecture.Sentence)
	add("where in the lecture", j.Lecture.Where)
	add("verdict on the lecture", j.Lecture.Verdict)
	add("right fact", j.Lecture.Fact)
	c := j.Compare
	if c == nil {
		return facts
	}
	add("study", c.Study)
	add("protocol", c.Protocol)
	add("rule", c.Describe())
	add("selection", c.Selection)
	for _, d := range c.Deviations {
		add("deviation", d)
	}
	add("seeds", fmt.Sprintf("%d of %d", j.Pairs, c.Planned))
	return facts
}
