package analysis

import (
	"fmt"
	"math"
	"strings"

	"workbench/experiments"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
)

// Collapse is what a run measured last of whether its features, or the embeddings that its loss compares, differ
// between pictures. Bounds are NaN if an earlier program measured.
type Collapse struct {
	Phase       string         `json:"phase"` // in which it was measured
	Split       string         `json:"split"`
	Reads       evaluate.Input `json:"reads"`
	Collapsed   bool           `json:"collapsed"`
	Spread      float64        `json:"spread"` // of the normalised features
	LeastSpread float64        `json:"least_spread"`
	Rank        float64        `json:"effective_rank"`
	LeastRank   float64        `json:"least_effective_rank"`
}

// Collapses are the newest measurements of a run: of each phase that has some, of features and of embeddings, on test
// images or else on validation images.
func Collapses(r experiments.RunInfo) []Collapse {
	phases := []string{""}
	for _, p := range r.Phases {
		phases = append(phases, p.Name)
	}
	var all []Collapse
	for _, phase := range phases {
		for _, told := range evaluate.Collapses {
			for _, split := range []string{metric.Test, metric.Val} {
				of := func(quantity string) float64 {
					v, has := r.Last[metric.Name{Phase: phase, Split: split, Quantity: quantity}.String()]
					if !has {
						return math.NaN()
					}
					return v
				}
				if verdict := of(told.Verdict); !math.IsNaN(verdict) {
					all = append(all, Collapse{Phase: phase, Split: split, Reads: told.Reads, Collapsed: verdict != 0,
						Spread: of(told.Spread), LeastSpread: of(told.LeastSpread), Rank: of(told.Rank), LeastRank: of(told.LeastRank)})
					break
				}
			}
		}
	}
	return all
}

// Collapsed is the first of the run's measurements that says so; ok is false if none does.
func Collapsed(r experiments.RunInfo) (c Collapse, ok bool) {
	for _, c := range Collapses(r) {
		if c.Collapsed {
			return c, true
		}
	}
	return c, false
}

// CollapsedAmong are the runs that collapsed, or that begin with another of them that did, by id.
func CollapsedAmong(runs []experiments.RunInfo) map[string]Collapse {
	found := map[string]Collapse{}
	for _, r := range runs {
		if c, yes := Collapsed(r); yes {
			found[r.ID] = c
		}
	}
	for _, r := range runs {
		if c, yes := found[r.Begins()]; yes && found[r.ID] == (Collapse{}) {
			found[r.ID] = c
		}
	}
	return found
}

// String says it in words, with its numbers: "features collapsed: they spread by 0.0012 (least 0.0125), effective rank
// 1.1 (least 3.2)".
func (c Collapse) String() string {
	text := string(c.Reads) + " did not collapse"
	if c.Collapsed {
		text = string(c.Reads) + " collapsed"
	}
	return fmt.Sprintf("%s: they spread by %s%s, effective rank %s%s", text, rounded(c.Spread), least(c.LeastSpread), rounded(c.Rank),
		least(c.LeastRank))
}

// Where is what it was measured on, as metrics are named: "pretrain/test".
func (c Collapse) Where() string {
	return strings.TrimSuffix(metric.Name{Phase: c.Phase, Split: c.Split, Quantity: ""}.String(), "/")
}

func rounded(v float64) string { return fmt.Sprintf("%.3g", v) }

func least(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return " (collapsed below " + rounded(v) + ")"
}

// collapsed counts the seeds of the arm whose features or embeddings have collapsed, in the run or in what it begins
// with, and says so.
func (a arm) collapsed(notes *remarks) int {
	n := 0
	var first Collapse
	for _, r := range a.runs {
		c, yes := Collapsed(r)
		if from, known := a.took[r.Begins()]; !yes && known {
			c, yes = Collapsed(from)
		}
		if !yes {
			continue
		}
		if n == 0 {
			first = c
		}
		n++
	}
	if n > 0 {
		notes.add(fmt.Sprintf("collapsed in %d of %d seeds; in the first, by %s, %s", n, len(a.runs), first.Where(), first), a.cell.Key)
	}
	return n
}
