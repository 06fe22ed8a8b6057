//go:build !race

package train

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/portrait"
)

// A run that looks for wrong labels keeps which it found, by the images' numbers in the split, with the set's own
// labels.
func TestConfidentLearningShowsItsIssues(t *testing.T) {
	job := strategyJob(t, "confident_learning")
	job.Run.Config.Dataset.Options = map[string]any{"train": 60, "test": 10, "label_noise": "symmetric", "label_noise_rate": 0.4,
		"per_class": 4}
	job.Run.Config.Strategy.Options = map[string]any{"folds": 2, "filter": "predicted_neq_given"}
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	var tables []portrait.LabelIssues
	for _, r := range records {
		if r.Artefact != nil && r.Artefact.Name == "folds/"+portrait.LabelIssuesName {
			table, err := portrait.Decode[portrait.LabelIssues](r.Artefact.Data)
			if err != nil {
				t.Fatal(err)
			}
			tables = append(tables, table)
		}
	}
	if len(tables) != 1 {
		t.Fatalf("%d tables of issues, want 1", len(tables))
	}
	table, kept := tables[0], values(records)["retrain/train/kept"]
	if left := 1 - float64(table.Found)/float64(table.Images); len(kept) == 0 || math.Abs(kept[0]-left) > 1e-6 {
		t.Errorf("kept are %v, %d of %d labels were found", kept, table.Found, table.Images)
	}
	if table.Filter != "predicted_neq_given" || table.Found != len(table.Shown) || table.Found < 5 {
		t.Errorf("%+v", table)
	}
	set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for _, one := range table.Shown {
		if one.True != set.Label(data.Train, one.Image) || one.Suggested == one.Label || !(one.Quality > 0 && one.Quality <= 0.5) {
			t.Errorf("%+v, the set's label is %d", one, set.Label(data.Train, one.Image))
		}
		if one.True != one.Label {
			wrong++
		}
	}
	if wrong == 0 || wrong == table.Found {
		t.Errorf("%d of %d labels that were found are not the set's", wrong, table.Found)
	}
	if !slices.IsSortedFunc(table.Shown, func(a, b portrait.LabelIssue) int { return cmp.Compare(a.Quality, b.Quality) }) {
		t.Error("the least believed do not come first")
	}
}

// Patience never ends the folds before the epoch that looks for wrong labels; what follows stops early all the same.
func TestPatienceLeavesTheFoldsWhole(t *testing.T) {
	job := strategyJob(t, "confident_learning")
	job.Run.Config.Dataset.Options = map[string]any{"train": 60, "test": 10, "val": 0.2, "label_noise": "symmetric", "label_noise_rate": 0.4}
	job.Run.Config.Epochs, job.Run.Config.Patience = 6, 1
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := values(records)
	if n := len(got["folds/val/top1"]); n != 6 {
		t.Errorf("the folds have %d evaluations, want 6", n)
	}
	if !slices.ContainsFunc(records, func(r experiments.Record) bool {
		return r.Artefact != nil && r.Artefact.Name == "folds/"+portrait.LabelIssuesName
	}) {
		t.Error("no labels were looked for")
	}
}
