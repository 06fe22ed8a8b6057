package dashboard

import (
	"strings"
	"testing"

	"workbench/experiments"
	kept "workbench/experiments/portrait"
)

// A run whose steps move its weights by a third of them is told so on the page of what it has learnt, which others are
// not. A portrait of layers that cannot be read leaves the rest of the page.
func TestFindingsOfARun(t *testing.T) {
	m := degradation("demo", 0)
	p := &painter{t: t, step: 40}
	moved := func(update kept.Number) kept.Layers {
		return kept.Layers{Params: []kept.Param{{Path: "conv1.weight", Elements: 100, Weight: 3, Gradient: 1, Update: update}}}
	}
	m.made = map[string][]experiments.Artefact{
		m.runs[0].ID: {p.table("layers", moved(1))},
		m.runs[1].ID: {p.table("layers", moved(0.03))},
		m.runs[2].ID: {p.table("layers", []int{1})},
	}
	s := serverOf(t, m)
	page := wantPage(t, s, "/runs/"+m.runs[0].ID+"/portrait", 200, `id="findings"`, "What may be wrong", "large steps", "0.333 (bound 0.1)")
	if strings.Contains(page, "No diagnosis") {
		t.Error("the page has findings and says that it has none")
	}
	if page := wantPage(t, s, "/runs/"+m.runs[1].ID+"/portrait", 200, "What it has learnt"); strings.Contains(page, "large steps") {
		t.Error("steps of a hundredth are called large")
	}
	wantPage(t, s, "/runs/"+m.runs[2].ID+"/portrait", 200,
		"No diagnosis: layers at step 40 cannot be read: artefact: want JSON of portrait.Layers")
}
