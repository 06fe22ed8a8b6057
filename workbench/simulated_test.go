package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/claim"
	"workbench/experiments/studyfile"
	"workbench/store"
)

// simulated is a study of so many cells, each with a counterpart.
func simulated(t *testing.T, claims, seeds int) experiments.Study {
	t.Helper()
	var levels strings.Builder
	for i := range claims {
		fmt.Fprintf(&levels, "      c%d: {epochs: %d}\n", i, i+1)
	}
	s, err := studyfile.Parse("simulated.yaml", []byte(fmt.Sprintf(`name: simulated
seeds: %d
base:
  dataset: {name: shapes, train: 100, test: 50}
  model: {name: resnet_mini, depth: 8, width: 4}
  optim: {name: sgd, lr: 0.1}
  batch: 10
factors:
  - name: case
    levels:
%s  - name: arm
    levels:
      without: {augment.flip: false}
      with: {augment.flip: true}
`, seeds, levels.String())), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// record trains nothing: it stores what each run is said to have come to.
func record(t *testing.T, path string, s experiments.Study, value func(r experiments.Run) float64) {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return strings.Repeat("0", 64), nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Enlist(ctx, s, runs); err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		a, err := db.Begin(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		p := experiments.Point{Metric: "test/top1", Step: 10, Epoch: 1, Value: value(r), Time: time.Now()}
		if err := db.Record(ctx, a, experiments.Record{Points: []experiments.Point{p}}); err != nil {
			t.Fatal(err)
		}
		state := experiments.Checkpoint{Run: r.ID, Attempt: a.Number, Step: 10, State: []byte("{}"), Final: true,
			Tensors: []experiments.Tensor{{Name: "model/a", Shape: []int{1}, Data: []float32{1}}}}
		if err := db.Record(ctx, a, experiments.Record{Checkpoint: &state}); err != nil {
			t.Fatal(err)
		}
		if err := db.End(ctx, a, experiments.Done, ""); err != nil {
			t.Fatal(err)
		}
	}
}

// Claims of a difference of 1 point, judged at the planned eight seeds: of 20 that are false (the cells are equal, or
// the other way around) most fail and none holds; of 20 that are true (the difference is 2 points) most hold and none
// fails. Differences of runs have a standard deviation of 0.7 points; numbers are drawn from a fixed seed.
func TestVerdictsOnASimulatedDatabase(t *testing.T) {
	const claims, seeds = 40, 8
	s := simulated(t, claims, seeds)
	random := rand.New(rand.NewPCG(20, 26))
	path := filepath.Join(t.TempDir(), "simulated.db")
	record(t, path, s, func(r experiments.Run) float64 {
		var i int
		if _, err := fmt.Sscanf(r.Levels["case"], "c%d", &i); err != nil {
			t.Fatal(err)
		}
		effect := 0.0
		switch {
		case i >= claims/2:
			effect = 2 // true
		case i%2 == 1:
			effect = -1
		}
		if r.Levels["arm"] == "without" {
			effect = 0
		}
		return (80 + effect + 0.5*random.NormFloat64()) / 100
	})
	a := &app{db: path}
	var planned []claim.Claim
	for i := range claims {
		name := fmt.Sprint("c", i)
		planned = append(planned, claim.Claim{ID: name, Decision: claim.Greater, Delta: 1, Compare: &claim.Comparison{Study: "simulated",
			Metric: "test/top1", Measure: claim.Final, Alpha: 0.05, Planned: seeds, Selection: claim.LastEpoch, Tests: []claim.Test{{
				Cell: map[string]string{"case": name, "arm": "with"}, Than: map[string]string{"case": name}, Direction: claim.Higher, Delta: 1}}}})
	}
	all, err := a.judge(t.Context(), planned)
	if err != nil {
		t.Fatal(err)
	}
	counts := [2]map[claim.Verdict]int{{}, {}}
	for i, j := range all {
		if j.Looked != seeds {
			t.Fatalf("claim %d rests on %d seeds, want %d", i, j.Looked, seeds)
		}
		counts[2*i/claims][j.Verdict]++
	}
	if f := counts[0]; f[claim.Fails] < 14 || f[claim.Holds] > 0 {
		t.Errorf("of 20 false claims: %v, want 14 that fail and none that holds", f)
	}
	if h := counts[1]; h[claim.Holds] < 14 || h[claim.Fails] > 0 {
		t.Errorf("of 20 true claims: %v, want 14 that hold and none that fails", h)
	}
	t.Logf("false %v, true %v", counts[0], counts[1])
}
