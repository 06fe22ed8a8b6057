package dashboard

import (
	"fmt"
	"strings"
	"testing"

	"workbench/experiments"
)

// A study of many cells and seeds is shown in part, with its baseline; its exports have all.
func TestLargeStudiesAreShownInPart(t *testing.T) {
	m := degradation("demo", 0)
	study := m.studies["demo"]
	study.Factors = study.Factors[:1]
	study.Factors[0].Levels = nil
	m.runs, study.Seeds = nil, nil
	for seed := range uint64(seedsAtOnce + 5) {
		study.Seeds = append(study.Seeds, seed)
	}
	for i := range cellsAtOnce + 20 {
		label := fmt.Sprintf("l%d", i)
		study.Factors[0].Levels = append(study.Factors[0].Levels, experiments.Level{Label: label,
			Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.01 * float64(i+1)}}})
	}
	last := fmt.Sprintf("l%d", cellsAtOnce+19)
	study.Baseline = map[string]string{"shortcut": last}
	m.studies["demo"] = study
	s := serverOf(t, m)
	body := wantPage(t, s, "/studies/demo", 200, "This page shows 101 of 120 cells and 60 of 65 seeds", `href="/studies/demo?rows=all"`,
		"65 missing", `data-copy="workbench ablate demo"`)
	if n := strings.Count(body, `class="square missing"`); n != 101*60 {
		t.Errorf("%d squares, want those of 101 cells and 60 seeds", n)
	}
	if !strings.Contains(body, `title="shortcut=`+last+`"`) || strings.Contains(body, `title="shortcut=l110"`) {
		t.Error("want the first hundred cells and the baseline")
	}
	if all := wantPage(t, s, "/studies/demo?rows=all", 200); strings.Count(all, `class="square missing"`) != 120*65 {
		t.Error("rows=all leaves something out")
	}
	if n := strings.Count(wantPage(t, s, "/studies/demo?format=csv", 200), "\n"); n != 121 {
		t.Errorf("the export has %d lines, want a heading and 120 cells", n)
	}
}

// Where a seed was trained twice, on other data, the newer run stands for it.
func TestTheNewestRunStandsForItsSeed(t *testing.T) {
	m := degradation("demo", 0, 1)
	m.enlist(m.studies["demo"], "none", "20", 0)
	old, again := m.runs[0], &m.runs[len(m.runs)-1]
	again.Status, again.Reason, again.DataDigest = experiments.Failed, "the disk is gone", "0ther"
	_, matrix, found := strings.Cut(wantPage(t, serverOf(t, m), "/studies/demo", 200), `class="coverage"`)
	matrix, _, _ = strings.Cut(matrix, "</table>")
	if !found || !strings.Contains(matrix, "/runs/"+again.ID) || strings.Contains(matrix, "/runs/"+old.ID) ||
		!strings.Contains(matrix, "1 done, 1 failed") {
		t.Errorf("want run %s in the coverage and not %s:\n%.2000s", again.ID, old.ID, matrix)
	}
}
