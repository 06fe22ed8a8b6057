package metric

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func init() {
	Declare(Quantity{Name: "queue_age", Title: "age of the queue", Unit: "steps", Splits: []string{Step}})
}

// Every declaration can be shown, and one by which studies compare can be judged.
func TestEveryQuantityIsDescribed(t *testing.T) {
	units := []string{"", "1", "nats", "images/s", "steps"}
	gauges := map[string]bool{}
	for _, q := range Quantities() {
		if q.Title == "" || q.Title != strings.TrimSpace(q.Title) || !slices.Contains(units, q.Unit) {
			t.Errorf("%s: title %q, unit %q, want a title and one of the units %q", q.Name, q.Title, q.Unit, units)
		}
		if q.Comparable != (q.Better != Neither) {
			t.Errorf("%s: comparable %v, better %q", q.Name, q.Comparable, q.Better)
		}
		if q.Comparable && q.Rank == 0 {
			t.Errorf("%s: comparable, but without a rank", q.Name)
		}
		if (q.Gauge.Name == "") != (q.Gauge.Help == "") || gauges[q.Gauge.Name] && q.Gauge.Name != "" {
			t.Errorf("%s: gauge %+v, want a name of its own with a help", q.Name, q.Gauge)
		}
		gauges[q.Gauge.Name] = true
		for _, split := range q.Splits {
			if name := (Name{Split: split, Quantity: q.Name}).String(); Title(name) == name {
				t.Errorf("%s has no title", name)
			}
		}
	}
}

// The names that runs have recorded so far mean what they always meant.
func TestNamesKeepTheirMeaning(t *testing.T) {
	for _, want := range []struct {
		name, title string
		better      Side
		scale       float64
		unit        string
	}{
		{"train/loss", "Training loss", Lower, 1, "nats"},
		{"train/top1", "Training accuracy (top-1)", Higher, 100, "%"},
		{"train/lr", "Learning rate", Neither, 1, ""},
		{"train/images_per_second", "Training speed", Neither, 1, "images/s"},
		{"test/loss", "Test loss", Lower, 1, "nats"},
		{"test/top1", "Test accuracy (top-1)", Higher, 100, "%"},
		{"test/top5", "Test accuracy (top-5)", Higher, 100, "%"},
		{"step/loss", "Loss of single steps", Neither, 1, "nats"},
		{"val/top1", "Validation accuracy (top-1)", Higher, 100, "%"},
		{"pretrain/train/loss", "Training loss (pretrain)", Lower, 1, "nats"},
		{"pretrain/train/lr", "Learning rate (pretrain)", Neither, 1, ""},
		{"test/knn_top1", "Test accuracy of nearest neighbours (top-1)", Higher, 100, "%"},
		{"val/ece", "Validation expected calibration error", Lower, 100, "%"},
		{"test/brier", "Test Brier score", Lower, 1, ""},
		{"pretrain/train/effective_rank", "Training effective rank of features (pretrain)", Neither, 1, ""},
		{"step/queue_age", "Age of the queue", Neither, 1, "steps"},
		{"odd", "odd", Neither, 1, ""},
		{"odd/loss", "odd/loss", Neither, 1, "nats"},
		{"test/odd", "test/odd", Neither, 1, ""},
		{"", "", Neither, 1, ""},
	} {
		scale, unit := Of(want.name).Shown()
		if title, better := Title(want.name), BetterSide(want.name); title != want.title || better != want.better ||
			scale != want.scale || unit != want.unit {
			t.Errorf("%s: got %q, better %q, ×%g %q, want %+v", want.name, title, better, scale, unit, want)
		}
	}
	for name, want := range map[string]string{"train/loss": "Loss", "test/top1": "Accuracy (top-1)", "test/odd": "odd"} {
		if got := Heading(name); got != want {
			t.Errorf("heading of %s: %q, want %q", name, got, want)
		}
	}
}

func TestDirectionOfWhatStudiesCompare(t *testing.T) {
	for name, want := range map[string]string{
		"test/top1": "true <nil>", "train/loss": "false <nil>", "pretrain/test/top1": "true <nil>",
		"test/knn_top1": "true <nil>", "tune/test/probe_loss": "false <nil>", // where a run has them
		"test/top2":  `false metric "test/top2" has no better side: did you mean test/top1 or test/top5 or test/loss?`,
		"train/top5": `false metric "train/top5" has no better side: did you mean train/top1 or train/loss?`,
	} {
		higher, err := HigherIsBetter(name)
		if got := fmt.Sprint(higher, " ", err); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	want := "[test/top1 test/top5 test/loss train/top1 train/loss]"
	if got := fmt.Sprint(Comparable()); got != want {
		t.Errorf("comparable: %s, want %s", got, want)
	}
	if got := Comparable("", "tune"); len(got) != 10 || got[5] != "tune/test/top1" {
		t.Errorf("comparable in two phases: %s", got)
	}
}

func TestOrdered(t *testing.T) {
	names := []string{"odd", "pretrain/train/loss", "step/loss", "test/loss", "test/top1", "test/top5", "train/loss", "train/lr",
		"train/top1"}
	for first, want := range map[string]string{
		"test/top1": "[test/top1 train/top1 test/loss train/loss odd pretrain/train/loss step/loss test/top5 train/lr]",
		"test/loss": "[test/loss train/loss test/top1 train/top1 odd pretrain/train/loss step/loss test/top5 train/lr]",
		"test/top5": "[test/top5 test/loss train/loss test/top1 train/top1 odd pretrain/train/loss step/loss train/lr]",
		"odd":       "[odd test/loss train/loss test/top1 train/top1 pretrain/train/loss step/loss test/top5 train/lr]",
	} {
		before := slices.Clone(names)
		if got := fmt.Sprint(Ordered(names, first)); got != want {
			t.Errorf("first %s: %s, want %s", first, got, want)
		}
		if !slices.Equal(names, before) {
			t.Fatal("the caller's names were sorted")
		}
	}
}

func TestDeclareRefuses(t *testing.T) {
	good := Quantity{Name: "refused", Title: "refused", Splits: []string{Test}}
	for want, edit := range map[string]func(*Quantity){
		`without "/"`:                 func(q *Quantity) { q.Name = "a/b" },
		"want a title":                func(q *Quantity) { q.Title = "" },
		"want the splits":             func(q *Quantity) { q.Splits = nil },
		`unknown split "dev"`:         func(q *Quantity) { q.Splits = []string{"dev"} },
		`want unit "1" for a ratio`:   func(q *Quantity) { q.Percent = true },
		"want a better side":          func(q *Quantity) { q.Comparable = true },
		`got "left"`:                  func(q *Quantity) { q.Better = "left" },
		`"queue_age" is declared twi`: func(q *Quantity) { q.Name = "queue_age" },
	} {
		q := good
		edit(&q)
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %q, want one that says %s", got, want)
				}
			}()
			Declare(q)
		}()
	}
	for _, q := range Quantities() {
		Declare(q) // the same again is no contradiction
	}
}

// What stands for the accuracy of a phase is the accuracy, else that of neighbours before that under corruptions, and
// nothing of another phase or split.
func TestKinOfAMetric(t *testing.T) {
	all := []string{"probe/test/corrupted_top1", "pretrain/test/knn_top1", "probe/val/top1", "probe/test/online_top1", "probe/test/loss"}
	for phase, want := range map[string]string{"pretrain": "pretrain/test/knn_top1", "probe": "probe/test/online_top1", "": ""} {
		if got := Kin(TestTop1, phase, all); got != want {
			t.Errorf("phase %q: %q, want %q", phase, got, want)
		}
	}
	if got := Kin(TestTop1, "probe", append(all, "probe/test/top1")); got != "probe/test/top1" {
		t.Errorf("beside the accuracy itself: %q", got)
	}
}
