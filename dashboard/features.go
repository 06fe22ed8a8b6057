package dashboard

import (
	"fmt"
	"strings"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// judged is a sentence about what a run has learnt without labels, or about a phase that follows.
type judged struct {
	Text string
	Bad  bool
}

// accuracies are what is said of features and of what was trained on them, by the end of a metric's name.
var accuracies = []struct{ quantity, of string }{
	{"knn_top1", "nearest neighbours of features"}, {"probe_top1", "a linear probe of features"}, {"online_top1", "an online probe"},
	{"top1", "the classifier"},
}

// judgements of a run with named phases: how well features tell classes apart, and whether they differ at all.
func judgements(before *experiments.RunInfo, run experiments.RunInfo) (list []judged) {
	for _, r := range []*experiments.RunInfo{before, &run} {
		if r == nil {
			continue
		}
		for _, p := range r.Phases {
			for _, a := range accuracies {
				name := metric.Name{Phase: p.Name, Split: metric.Test, Quantity: a.quantity}.String()
				if v, has := r.Last[name]; has {
					list = append(list, judged{Text: fmt.Sprintf("After %s, %s: %s %% of test images right.", p.Name, a.of, shown(name, v))})
				}
			}
		}
		for _, c := range analysis.Collapses(*r) {
			list = append(list, judged{inWords(c), c.Collapsed})
		}
	}
	return list
}

// inWords says whether pictures look alike, with the numbers.
func inWords(c analysis.Collapse) string {
	text := c.String()
	return strings.ToUpper(text[:1]) + text[1:] + " (" + c.Where() + ")."
}
