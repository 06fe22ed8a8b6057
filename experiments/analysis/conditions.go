package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/start"
)

// condition is a fact about what computed a run that changes how its sums are rounded, so runs that differ in it are
// not quite repetitions of one another.
type condition struct {
	fact  string // in the environment
	shown string // how a sentence says it of runs: "with %s threads"
	// what is the part of a value that counts; nil: all of it.
	what func(value string) string
}

// known conditions. Precision is none of them: it is part of the configuration.
var known = []condition{
	{fact: "threads", shown: "with %s threads"},
	{fact: "backend", shown: "by the backend %s"},
	{fact: "onednn", shown: "by oneDNN %s"},
	{fact: "revision", shown: "by the build %s"},
	{fact: "cpu", shown: "on the processor %s"},
	{fact: "rules", shown: "with the rules for algorithms %s", what: digest},
}

// digest is what stands in brackets at the end of the name of rules for algorithms. Rules with one digest choose the
// same algorithms, wherever they were read.
func digest(rules string) string { return rules[strings.LastIndexByte(rules, '(')+1:] }

// mostValues is how many values of a condition a remark names.
const mostValues = 3

// conditions notes under which different conditions the runs of a table were trained, also those of several attempts.
func conditions(list []arm, notes *remarks) {
	for _, c := range known {
		counts, first := map[string]int{}, map[string]string{} // first: a value that stands for those that count as the same
		all := 0
		for _, a := range list {
			for _, r := range a.runs {
				value := r.Environment[c.fact]
				what := value
				if c.what != nil {
					what = c.what(value)
				}
				if _, met := first[what]; !met {
					first[what] = value
				}
				counts[first[what]]++
				all++
			}
		}
		if len(counts) > 1 {
			notes.add(c.remark(counts, all), "")
		}
	}
	files(list, notes)
	continued(list, notes)
}

// continued notes the cells whose runs continue shorter ones.
func continued(list []arm, notes *remarks) {
	for _, a := range list {
		from := start.Of(a.cell.Config.Start)
		after := experiments.Run{Config: a.cell.Config}.Continues()
		switch {
		case after == "" || len(a.runs) == 0:
		case from.OtherRates:
			notes.add("its runs continue runs of "+after+" with other rates in these (start.other_rates): another protocol than a run from "+
				"scratch; their values are those after them", a.cell.Key)
		default:
			notes.add("its runs continue runs of "+after+" (start.continue); their values are those after them", a.cell.Key)
		}
	}
}

// files notes the cells whose runs read other files of a data set than the published ones: their results are not
// comparable with published ones.
func files(list []arm, notes *remarks) {
	for _, a := range list {
		for _, r := range a.runs {
			if remark := r.Environment[experiments.DataFact]; remark != "" {
				notes.add(r.Config.Dataset.Name+" was read from "+remark, a.cell.Key)
			}
		}
	}
}

// remark says how many runs had which value, the rarest first: "2 of 8 runs were trained with 4 threads, the others
// with 2 threads".
func (c condition) remark(counts map[string]int, all int) string {
	var values []string
	for v := range counts {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(cmp.Compare(counts[a], counts[b]), cmp.Compare(a, b)) })
	rare, most := values[:len(values)-1], values[len(values)-1]
	more := len(rare) - mostValues
	if more > 0 {
		rare = rare[:mostValues]
	}
	var parts []string
	for _, v := range rare {
		parts = append(parts, fmt.Sprintf("%d of %d runs were trained %s", counts[v], all, c.of(v)))
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("some under %d more such conditions", more))
	}
	return strings.Join(parts, ", ") + ", the others " + c.of(most) + "; such runs may round differently"
}

func (c condition) of(value string) string {
	switch {
	case value == "":
		return "with " + c.fact + " that were not recorded"
	case c.fact == "threads" && value == "1":
		return "with 1 thread"
	case c.fact == "revision" && len(value) > revisionDigits:
		value = value[:revisionDigits]
	}
	return fmt.Sprintf(c.shown, value)
}

// revisionDigits tell builds apart.
const revisionDigits = 12
