package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/search"
	"workbench/experiments/studyfile"
	"workbench/experiments/supervise"
	"workbench/nn"
)

// longSearch is a search of a study of long names by halving, of which everything is known.
func longSearch(t *testing.T) (s searched, costs []search.Cost) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "long.yaml")
	if err := os.WriteFile(file, []byte(longNamed), 0o600); err != nil {
		t.Fatal(err)
	}
	study, err := studyfile.Load(file, []string{"dataset.val=0.25", "epochs=4", "optim.lr=0.1",
		"search.optim.weight_decay=0.00012345,0.1,0.2,0.3"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := search.New(study, search.Asked{Trials: 4, Method: search.ByHalving, Eta: 2, Seeds: []uint64{1001, 1002, 1003}})
	if err != nil {
		t.Fatal(err)
	}
	s = searched{plan: plan, higher: true, stages: []search.Stage{plan.First(), {{0, 1}, {2, 3}}, {{0}, {2}}}}
	if s.work.study, s.entries, err = plan.Made(s.stages); err != nil {
		t.Fatal(err)
	}
	for i, e := range s.entries {
		mean := 0.5 + 0.01234*float64(i)
		s.results = append(s.results, search.Result{Entry: e, N: 3, Planned: 3, Mean: mean, Low: mean - 0.02, High: mean + 0.02})
	}
	s.results[1].N, s.results[1].Diverged, s.results[2].N = 2, 1, 0
	return s, []search.Cost{{Runs: 21, Seconds: 123.4, MultiplyAdds: 1.2345e12}, {Runs: 21, Seconds: 99.9, MultiplyAdds: 1.2345e12}}
}

// What was chosen, with what it cost, fits into every terminal.
func TestOutcomesOfSearchesFit(t *testing.T) {
	s, costs := longSearch(t)
	outcomes := s.plan.Outcomes(s.results, costs, true)
	answer := func(width int, format string) string {
		var out bytes.Buffer
		a := newApp()
		a.out, a.width, a.format = &out, width, format
		if err := a.showOutcomes(s, outcomes, search.Cost{Runs: 42, Seconds: 223.3, MultiplyAdds: 2.469e12}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	whole := answer(0, "table")
	for _, width := range []int{60, 80, 120} {
		fits(t, "tune", width, answer(width, "table"), whole)
	}
	for _, want := range []string{"0.1  3  64.8 ± 2.0       4         1    21  2 m 03 s         1.23 T", "  diverged  ", "method halving",
		"the search took 42 runs, 3 m 43 s of training and 2.47 T multiply-adds"} {
		if !strings.Contains(whole, want) {
			t.Errorf("it does not say %q:\n%s", want, whole)
		}
	}
	row := "_running_statistics,0.1,3,0.64808,0.62808,0.66808,4,1,21,123.4,1.2345e+12\n"
	if csv := answer(0, "csv"); strings.Count(csv, "\n") != 3 || !strings.Contains(csv, row) {
		t.Errorf("as CSV\n%s", csv)
	}
}

// A plan promotes as the results say where they are known, and else the first, so that it says what that costs.
func TestPlansOfRungsThatAreToCome(t *testing.T) {
	s, _ := longSearch(t)
	if got := s.next(1, true); !slices.Equal(got[0], []int{0, 3}) || !slices.Equal(got[1], []int{2, 3}) {
		t.Errorf("promoted %v", got)
	}
	for i := range s.results {
		s.results[i].N, s.results[i].Diverged, s.results[i].Mean = 0, 0, math.NaN()
	}
	if got := s.next(1, true); !slices.Equal(got[0], []int{0, 1}) || !slices.Equal(got[1], []int{0, 1}) {
		t.Errorf("nothing is known, promoted %v", got)
	}
	if got := s.next(1, false); len(got[0])+len(got[1]) != 0 {
		t.Errorf("nothing has come through, promoted %v", got)
	}
}

// What others begin with counts for each arm that begins with it, and once in the whole. Of a run that did not end,
// what it has done counts.
func TestCostsOfSearches(t *testing.T) {
	s, _ := longSearch(t)
	s.work = worklist{networks: map[string]nn.Summary{}}
	run := func(id, cell string, needs ...string) experiments.Run {
		return experiments.Run{ID: id, Cell: cell, Needs: needs}
	}
	s.work.runs = []experiments.Run{run("p", "until=pretrain"), run("a", s.entries[0].Key, "p"), run("b", s.entries[4].Key, "p"),
		run("c", s.entries[1].Key)}
	ids := func(runs []experiments.Run) (all []string) {
		for _, r := range runs {
			all = append(all, r.ID)
		}
		return all
	}
	for arm, want := range [][]string{{"p", "a", "c"}, {"p", "b"}} {
		if got := ids(s.needed(func(r experiments.Run) bool { return s.armOf(r) == arm })); !slices.Equal(got, want) {
			t.Errorf("arm %d needs %v, want %v", arm, got, want)
		}
	}
	for _, c := range []struct {
		run  experiments.RunInfo
		want float64
	}{
		{experiments.RunInfo{Status: experiments.Done}, 1}, {experiments.RunInfo{Status: experiments.Failed}, 0},
		{experiments.RunInfo{Status: experiments.Diverged, Progress: &experiments.Progress{Step: 5, Steps: 20}}, 0.25},
		{experiments.RunInfo{Status: experiments.Running, Progress: &experiments.Progress{}}, 0},
	} {
		if got := executed(c.run); got != c.want {
			t.Errorf("%+v: %v, want %v", c.run, got, c.want)
		}
	}
}

// A trial that diverges is an end; whatever else went wrong is none.
func TestOutcomesThatEndASearch(t *testing.T) {
	of := func(results ...supervise.Result) supervise.Summary {
		var s supervise.Summary
		for _, r := range results {
			s.Outcomes = append(s.Outcomes, supervise.Outcome{Result: r})
		}
		return s
	}
	if err := lost(of(supervise.Trained, supervise.Diverged, supervise.StillDiverged, supervise.Skipped)); err != nil {
		t.Error(err)
	}
	for result, status := range map[supervise.Result]int{supervise.Broke: exitFailed, supervise.StillFailed: exitFailed,
		supervise.HeldBack: exitLocked} {
		if err := lost(of(supervise.Trained, result)); exitCode(err) != status {
			t.Errorf("%s: %v", result, err)
		}
	}
}
