package studyfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workbench/experiments"
)

const varied = tinyStudy + "factors:\n  - {key: batch, levels: [50, 100]}\n"

// A study places what is found wrong with it later in its file or in an override. Other errors stay as they are.
func TestProblemsFoundLaterHavePlaces(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "a.yaml")
	if err := os.WriteFile(file, []byte(varied), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Open(file, []string{"optim.lr=0.5", "metric=test/loss"})
	if err != nil || l.Name != "tiny" || l.Base.Optim.Options["lr"] != 0.5 || l.Folder() != folder {
		t.Fatalf("got %+v in %q, %v", l.Study, l.Folder(), err)
	}
	later := func(path string) string {
		return l.Locate(experiments.Problem{Path: path, Message: "no"}).Error()
	}
	for path, want := range map[string]string{
		"epochs":   file + ":7:11: epochs: no\n    7 |   epochs: 1\n      |           ^",
		"optim.lr": "override \"optim.lr=0.5\", column 10: optim.lr: no\n      | optim.lr=0.5\n      |          ^",
		experiments.AtName("optim.lr"): "override \"optim.lr=0.5\", column 1: name of optim.lr: no\n      | optim.lr=0.5\n" +
			"      | ^",
		"nowhere": file + ":3:3: nowhere: no\n    3 |   dataset: {name: shapes, train: 200, test: 100}\n      |   ^", // where the base begins
	} {
		if got := later(path); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
		}
	}
	plain := errors.New("plain")
	if got := l.Locate(plain); got != plain {
		t.Errorf("another error: got %v", got)
	}
	changed := l.Study
	changed.Metric = "x"
	as, err := l.As(changed)
	wanted := `override "metric=test/loss", column 8: metric: unknown name "x": `
	if err == nil || !strings.HasPrefix(err.Error(), wanted) {
		t.Errorf("a study made of it: got %v, want %s", err, wanted)
	}
	changed.Metric = "test/top1"
	if as, err = l.As(changed); err != nil || as.Metric != "test/top1" || as.Folder() != folder ||
		as.Locate(experiments.Problem{Path: "epochs", Message: "no"}).Error() != later("epochs") {
		t.Errorf("a study made of it: got %+v in %q, %v", as.Study, as.Folder(), err)
	}
	shipped, err := Open("quickstart", nil)
	if err != nil || shipped.Folder() != "." {
		t.Errorf("a shipped study lies in %q, %v", shipped.Folder(), err)
	}
}

// A study that is changed leaves the one that it was made of as it was.
func TestChangedStudiesAreOthers(t *testing.T) {
	before := mustLoad(t, varied+"baseline: {batch: 100}\n")
	text, err := Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	for override, want := range map[string]string{
		"optim.lr=0.5": "batch: 50 100", "model.width=8": "batch: 50 100", "batch=50": "", "batch=1,2": "batch: 1 2",
		"epochs=1,2": "batch: 50 100; epochs: 1 2", "~dataset.train": "batch: 50 100", "baseline.batch=50": "batch: 50 100",
		"seeds=7,": "batch: 50 100", "search.optim.lr=1,2": "batch: 50 100",
	} {
		l, err := Change(before, []string{override})
		if err != nil || outline(l.Study) != want || l.Folder() != "" {
			t.Errorf("%s: got %q in %q, %v, want %q", override, outline(l.Study), l.Folder(), err, want)
		}
		if after, err := Marshal(before); err != nil || string(after) != string(text) {
			t.Errorf("%s changed the study that it was made of (%v):\n%s", override, err, after)
		}
		if changed, err := Marshal(l.Study); err != nil || string(changed) == string(text) {
			t.Errorf("%s changed nothing (%v)", override, err)
		}
	}
	_, err = Change(before, []string{"batch=0"})
	if err == nil || !strings.HasPrefix(err.Error(), `override "batch=0", column 7: batch: want`) {
		t.Errorf("got %v", err)
	}
	before.Report = "x"
	if _, err := Change(before, nil); err == nil || !strings.HasPrefix(err.Error(), `study tiny: report: unknown name "x"`) {
		t.Errorf("got %v", err)
	}
}
