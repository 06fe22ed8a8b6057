package store

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

// edited is the study with another length, and its runs, whose ids begin with the letter.
func edited(epochs int, letter string, seeds ...uint64) (experiments.Study, []experiments.Run) {
	s := experiments.DefaultStudy()
	s.Name, s.Seeds = "tiny", seeds
	s.Base.Dataset.Name, s.Base.Model.Name, s.Base.Epochs, s.Base.Batch = "shapes", "resnet20_cifar", epochs, 16
	var runs []experiments.Run
	for _, seed := range seeds {
		runs = append(runs, experiments.Run{ID: fmt.Sprint(letter, seed), Study: s.Name, Cell: "base", Levels: map[string]string{},
			Seed: seed, Config: recorded(s.Base), DataDigest: "abc"})
	}
	return s, runs
}

func enlist(t *testing.T, db *DB, s experiments.Study, runs []experiments.Run) experiments.StudyInfo {
	t.Helper()
	check(t, db.Enlist(ctx, s, runs))
	return must[experiments.StudyInfo](t)(db.Study(ctx, s.Name))
}

func refs(t *testing.T, db *DB, study string) string {
	t.Helper()
	var all []string
	for _, r := range must[[]experiments.RunInfo](t)(db.Runs(ctx, experiments.RunFilter{Study: study})) {
		all = append(all, r.ID+" "+r.StudyRef())
	}
	return strings.Join(all, ", ")
}

// A study that is edited keeps what its earlier definitions trained.
func TestEditedStudiesKeepTheirVersions(t *testing.T) {
	db, _ := fresh(t, 1)
	s1, runs := edited(3, "a", 1, 2)
	enlist(t, db, s1, runs)
	finish(t, db, begin(t, db, "a1"), 1)
	finish(t, db, begin(t, db, "a2"), 1)
	s2, runs := edited(30, "b", 1, 2)
	info := enlist(t, db, s2, runs)
	if info.Version != 2 || !info.Current() || info.Label() != "epochs=30" || info.Study.Base.Epochs != 30 || info.Ref() != "tiny@2" ||
		info.Counts[experiments.Done] != 0 || info.All[experiments.Done] != 2 || info.All[experiments.Queued] != 2 {
		t.Errorf("the new version: %+v", info)
	}
	if got := refs(t, db, "tiny"); got != "b2 tiny, b1 tiny, a2 tiny@1, a1 tiny@1" {
		t.Errorf("runs of all versions: %s", got)
	}
	if got := refs(t, db, "tiny@1"); got != "a2 tiny@1, a1 tiny@1" {
		t.Errorf("runs of the first: %s", got)
	}
	if got := refs(t, db, ""); got != "b2 tiny, b1 tiny, a2 tiny@1, a1 tiny@1, r0 depth" {
		t.Errorf("all runs: %s", got)
	}
	first := must[experiments.StudyInfo](t)(db.Study(ctx, "tiny@1"))
	if first.Version != 1 || first.Current() || first.Label() != "" || first.Study.Base.Epochs != 3 || first.Counts[experiments.Done] != 2 {
		t.Errorf("the first version: %+v", first)
	}
	for ref, want := range map[string]string{"tiny@3": `version 3 of study tiny`, "tinny@1": "did you mean tiny", "tiny@0": "it has 1, 2",
		"tiny@x": "did you mean tiny", "tiny@01": "want one of depth, tiny",
		"tiny.yaml": "did you mean tiny?", "studies/tiny.yml": "did you mean tiny?"} {
		if _, err := db.Study(ctx, ref); !errors.Is(err, experiments.ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", ref, err, want)
		}
	}
}

// Going back to a definition is no new version, one that trained nothing makes room, and what changes no run is none.
func TestVersionsAreWhatTrained(t *testing.T) {
	db, _ := fresh(t, 1)
	s1, runs1 := edited(3, "a", 1)
	enlist(t, db, s1, runs1)
	finish(t, db, begin(t, db, "a1"), 1)
	for _, epochs := range []int{4, 5} { // the first of them trains nothing
		s, runs := edited(epochs, fmt.Sprint("e", epochs, "s"), 1)
		if info := enlist(t, db, s, runs); info.Version != 2 || info.Study.Base.Epochs != epochs || info.Counts[experiments.Queued] != 1 {
			t.Errorf("%d epochs: %+v", epochs, info)
		}
	}
	if got := refs(t, db, "tiny"); got != "e5s1 tiny, a1 tiny@1" {
		t.Errorf("runs %s", got)
	}
	s1.Metric, s1.Report, s1.Base.Checkpoint.Every = "test/loss", "best", 2
	more, runs := edited(3, "a", 1, 2)
	s1.Seeds = more.Seeds
	info := enlist(t, db, s1, runs)
	if info.Version != 1 || len(info.Versions) != 1 || info.Study.Metric != "test/loss" || info.Counts[experiments.Done] != 1 ||
		info.Counts[experiments.Queued] != 1 {
		t.Errorf("back at the first, with a seed more: %+v", info)
	}
	s1.Seeds = s1.Seeds[1:] // the seed that was trained stays, one that was not goes
	info = enlist(t, db, s1, runs[1:])
	if got := refs(t, db, "tiny"); got != "a2 tiny, a1 tiny" || !reflect.DeepEqual(info.Study.Seeds, []uint64{2}) {
		t.Errorf("runs %s, seeds %v", got, info.Study.Seeds)
	}
	s1.Seeds = []uint64{1}
	enlist(t, db, s1, runs[:1])
	if got := refs(t, db, "tiny"); got != "a1 tiny" {
		t.Errorf("runs %s", got)
	}
}

// Whoever watches a version that is not the current one hears of its runs, too.
func TestChangesOfEveryVersion(t *testing.T) {
	db, _ := fresh(t, 1)
	s, runs := edited(3, "a", 1)
	enlist(t, db, s, runs)
	a := begin(t, db, "a1")
	s, runs = edited(30, "b", 1)
	enlist(t, db, s, runs)
	last := must[int64](t)(db.LastChange(ctx))
	finish(t, db, a, 1)
	changes := must[[]experiments.Change](t)(db.Changes(ctx, last, 0))
	if len(changes) == 0 || changes[0].Study != "tiny" || changes[0].Run != "a1" {
		t.Errorf("changes %+v", changes)
	}
}
