package analysis

import (
	"fmt"
	"strings"

	"workbench/experiments"
	"workbench/nn/option"
)

// tuned says how the values of the cells were chosen, and at what cost; "" if no search has chosen any. What of it
// limits a conclusion is noted.
func tuned(s experiments.Study, cells []experiments.Cell, notes *remarks) string {
	t := s.Tuned
	if t == nil {
		return ""
	}
	seeds := make([]string, len(t.Seeds))
	for i, seed := range t.Seeds {
		seeds[i] = fmt.Sprint(seed)
	}
	plural := "s"
	if len(seeds) == 1 {
		plural = ""
	}
	text := fmt.Sprintf("%s chosen for each cell by %s, by %d trials a cell (%s) with seed%s %s, none of those reported; the search "+
		"took %d runs, %.3g minutes, %.3g multiply-adds", strings.Join(t.Paths(), ", "), t.On, t.Trials, t.Method,
		plural, strings.Join(seeds, ", "), t.Runs, t.Minutes, t.MultiplyAdds)
	if t.Study != "" {
		text += " (" + t.Study + ")"
	}
	var parts []string
	for _, cell := range cells {
		arm, chosen := s.Chosen(cell)
		if !chosen {
			notes.add("the search that chose values for the others chose none for it", cell.Key)
			continue
		}
		var set []string
		for _, a := range arm.Set {
			set = append(set, a.Path+" "+option.Label(a.Value))
		}
		parts = append(parts, fmt.Sprintf("%s: %s (%.3g minutes)", cell.Key, strings.Join(set, ", "), arm.Minutes))
	}
	if more := len(parts) - maxSubjects; more > 0 {
		parts = append(parts[:maxSubjects:maxSubjects], fmt.Sprintf("%d more", more))
	}
	if of, err := s.Untuned().Trains(); t.Of != "" && err == nil && of[:experiments.TrainsDigits] != t.Of {
		notes.add("values were chosen for another configuration than the study has now, so the search speaks less for them", "")
	}
	return text + ". " + strings.Join(parts, "; ")
}
