package dashboard

import (
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/analysis"
)

func TestRemarksLeadToWhatTheyName(t *testing.T) {
	d := studyData{info: experiments.StudyInfo{Study: experiments.Study{Name: "s"}},
		ablation: analysis.Ablation{Rows: []analysis.AblationRow{{Cell: "a=1"}, {Cell: "a=10"}, {Cell: "b (x)"}}},
		runs: []experiments.RunInfo{{Run: experiments.Run{ID: "newest", Cell: "a=1", Seed: 3}},
			{Run: experiments.Run{ID: "older", Cell: "a=1", Seed: 3}},
			{Run: experiments.Run{ID: "other", Cell: "a=10", Seed: 30}}}}
	for text, want := range map[string][]link{
		"a=1 seed 3, a=10 seed 30: failed": {{"a=1 seed 3", "/runs/newest"}, {", ", ""}, {"a=10 seed 30", "/runs/other"}, {": failed", ""}},
		"a=10: lost":                       {{"a=10", runsLink("s", "a=10")}, {": lost", ""}},
		"a=1, seed 3 diverged":             {{"a=1, seed 3", "/runs/newest"}, {" diverged", ""}},
		"a=1 seed 4: no such run":          {{"a=1", runsLink("s", "a=1")}, {" seed 4: no such run", ""}},
		"of b (x) and data=1":              {{"of ", ""}, {"b (x)", runsLink("s", "b (x)")}, {" and data=1", ""}},
		"nothing named":                    {{"nothing named", ""}},
		"":                                 nil,
	} {
		got := remarksOf([]string{text}, d)[0]
		same := len(got) == len(want)
		for i := range got {
			same = same && got[i] == want[i]
		}
		if !same {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestAStudysPageLeadsToItsFailedRuns(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.runs[4].Status, m.runs[4].Reason = experiments.Failed, "no memory"
	wantPage(t, serverOf(t, m), "/studies/demo", 200, `<a href="/runs/`+m.runs[4].ID+`">shortcut=none depth=56 seed 1</a>: failed`,
		`<a href="/runs/`+m.runs[4].ID+`">shortcut=none depth=56, seed 1 failed: no memory</a>`, "2 done, 1 failed",
		"shortcut=none depth=56, seed 1: failed: no memory")
}

// The page of a study says how values of its cells were chosen.
func TestAStudysPageSaysWhatWasTuned(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	if text := wantPage(t, serverOf(t, m), "/studies/demo", 200, "Expect</dt>"); strings.Contains(text, "Tuned</dt>") {
		t.Error("nothing was tuned")
	}
	s := m.studies["demo"]
	s.Source, s.Expect = "", ""
	s.Tuned = &experiments.Tuned{On: "val/top1", Method: "random", Trials: 8, Seeds: []uint64{1001}, Runs: 32, Minutes: 4,
		Arms: []experiments.Arm{
			{Levels: map[string]string{}, Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.125}}}}}
	m.studies["demo"] = s
	wantPage(t, serverOf(t, m), "/studies/demo", 200,
		"Tuned</dt><dd>optim.lr chosen for each cell by val/top1, by 8 trials a cell (random) with seed 1001",
		"the search took 32 runs, 4 minutes", "shortcut=none depth=20: optim.lr 0.125")
}

// A name is found as a whole word alone: behind the start, a space, a comma or a bracket, before the end or a mark.
func TestNamesAreFoundAsWholeWords(t *testing.T) {
	for _, c := range []struct {
		text, name string
		want       int
	}{
		{"", "", -1}, {"a", "", -1}, {"", "a", -1}, {"a", "a", 0}, {"ba", "a", -1}, {"ab", "a", -1}, {"ab a", "a", 3}, {"aba a", "a", 4},
		{"b a", "a", 2}, {"b,a", "a", 2}, {"b(a", "a", 2}, {"b:a", "a", -1}, {"b/a", "a", -1},
		{"a b", "a", 0}, {"a:", "a", 0}, {"a,", "a", 0}, {"a;", "a", 0}, {"a)", "a", 0}, {"a.", "a", 0}, {"a/", "a", -1}, {"a(", "a", -1},
		{"depth=20 x", "depth=2", -1}, {"depth=20, depth=2: x", "depth=2", 10},
	} {
		if got := indexName(c.text, c.name); got != c.want {
			t.Errorf("%q in %q at %d, want %d", c.name, c.text, got, c.want)
		}
	}
}
