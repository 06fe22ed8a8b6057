package metric

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// What every supervised run records, as it was always declared: dashboards, studies and Prometheus name these.
func TestDeclaredQuantities(t *testing.T) {
	want := []Quantity{
		{Name: "top1", Title: "accuracy (top-1)", Unit: "1", Percent: true, Better: Higher, Comparable: true,
			Splits: []string{"train", "val", "test"}, Rank: 1, Chart: 2,
			Gauge: Gauge{Name: "run_accuracy_ratio", Help: "Newest top-1 accuracy of an active run."}},
		{Name: "top5", Title: "accuracy (top-5)", Unit: "1", Percent: true, Better: Higher, Comparable: true,
			Splits: []string{"val", "test"}, Rank: 2},
		{Name: "loss", Title: "loss", Unit: "nats", Better: Lower, Comparable: true, Splits: []string{"step", "train", "val", "test"},
			Rank: 3, Chart: 1, Gauge: Gauge{Name: "run_loss", Help: "Newest loss of an active run, in nats an image."}},
		{Name: "data_wait", Title: "share of the time that training waited for data", Unit: "1", Percent: true, Timed: true,
			Splits: []string{"train"}},
		{Name: "images_per_second", Title: "training speed", Unit: "images/s", Timed: true, Splits: []string{"train"}},
		{Name: "lr", Title: "learning rate", Splits: []string{"train"},
			Gauge: Gauge{Name: "run_learning_rate", Help: "Newest learning rate of an active run."}},
		{Name: "queue_age", Title: "age of the queue", Unit: "steps", Splits: []string{"step"}},
	}
	got := slices.DeleteFunc(Quantities(), func(q Quantity) bool { return q.Asked })
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("quantity %d: got %+v, want %+v", i, got, want)
		}
	}
	if names := fmt.Sprint(Test, Val, Train, Step, judged, recorded); names != "testvaltrainstep[test val train] [test train]" {
		t.Errorf("splits %s", names)
	}
}

// Places are compared by their numbers, and no place (0) comes last.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ a, b, want int }{{0, 0, 0}, {3, 3, 0}, {1, 2, -1}, {2, 1, 1}, {1, 0, -1}, {0, 1, 1}} {
		if got := ranked(c.a, c.b); cmp.Compare(got, 0) != c.want {
			t.Errorf("%d beside %d: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// Charts stand by their places, and each has its evaluations before its training; what has no place comes by name.
func TestOrderOfCharts(t *testing.T) {
	names := []string{"val/loss", "train/top1", "zeta", "test/top1", "step/loss", "train/loss", "val/top1", "p/test/top1",
		"alpha", "test/loss"}
	for first, want := range map[string]string{
		"zeta":        "zeta test/loss val/loss train/loss test/top1 val/top1 train/top1 alpha p/test/top1 step/loss",
		"p/test/top1": "p/test/top1 alpha step/loss test/loss test/top1 train/loss train/top1 val/loss val/top1 zeta",
		"val/top1":    "val/top1 train/top1 test/loss val/loss train/loss test/top1 alpha p/test/top1 step/loss zeta",
		"nowhere":     "test/loss val/loss train/loss test/top1 val/top1 train/top1 alpha p/test/top1 step/loss zeta",
	} {
		for range 3 { // whatever their order was
			names = append(names[3:], names[:3]...)
			if got := strings.Join(Ordered(names, first), " "); got != want {
				t.Errorf("first %s: %s, want %s", first, got, want)
			}
		}
	}
}

// A declaration that says too little is refused with what it lacks.
func TestWhatDeclarationsLack(t *testing.T) {
	good := Quantity{Name: "refused", Title: "refused", Splits: []string{Test}}
	for want, edit := range map[string]func(*Quantity){
		`metric: quantity "": want a name without "/"`:                                 func(q *Quantity) { q.Name = "" },
		`metric: quantity "a/b": want a name without "/"`:                              func(q *Quantity) { q.Name = "a/b" },
		`metric: quantity "refused": want a title`:                                     func(q *Quantity) { q.Title = "" },
		`metric: quantity "refused": want the splits on which it is recorded`:          func(q *Quantity) { q.Splits = []string{} },
		`metric: quantity "refused": want unit "1" for a ratio, got "%"`:               func(q *Quantity) { q.Percent, q.Unit = true, "%" },
		`metric: quantity "refused": want better "higher", "lower" or none, got "x"`:   func(q *Quantity) { q.Better = "x" },
		`metric: quantity "refused": want a better side, because it is comparable`:     func(q *Quantity) { q.Comparable = true },
		`metric: quantity "refused": unknown split "dev"`:                              func(q *Quantity) { q.Splits = []string{Step, "dev"} },
		`metric: quantity "lr" is declared twice: got {Name:lr Title:refused Unit: Pe`: func(q *Quantity) { q.Name = "lr" },
	} {
		q := good
		edit(&q)
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			}()
			Declare(q)
		}()
	}
	if slices.ContainsFunc(Quantities(), func(q Quantity) bool { return q.Name == "refused" }) || table["lr"].Title != "learning rate" {
		t.Error("what was refused is in the table")
	}
	for _, q := range []Quantity{{Better: Higher}, {Better: Lower}, {Better: Neither, Splits: []string{Step, Train, Val, Test}},
		{Percent: true, Unit: "1"}, {Better: Lower, Comparable: true}} {
		q.Name, q.Title, q.Splits = "good", "good", append(q.Splits, Test)
		if err := q.check(); err != nil {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

// People read a ratio that is no percentage without a unit.
func TestUnitsThatPeopleRead(t *testing.T) {
	for _, c := range []struct {
		q     Quantity
		scale float64
		unit  string
	}{{Quantity{Unit: "1", Percent: true}, 100, "%"}, {Quantity{Unit: "1"}, 1, ""}, {Quantity{Unit: "nats"}, 1, "nats"}, {Quantity{}, 1, ""}} {
		if scale, unit := c.q.Shown(); scale != c.scale || unit != c.unit {
			t.Errorf("%+v is read ×%v in %q, want ×%v in %q", c.q, scale, unit, c.scale, c.unit)
		}
	}
}

// A side is that of a split on which the quantity is recorded and judged.
func TestSidesOfSplits(t *testing.T) {
	for name, want := range map[string]Side{"train/top5": Neither, "val/top5": Higher, "test/top5": Higher, "step/top1": Neither,
		"step/loss": Neither, "val/loss": Lower, "p/val/loss": Lower, "test/lr": Neither, "train/lr": Neither,
		"loss": Neither, "dev/loss": Neither,
		"step/queue_age": Neither} {
		if got := BetterSide(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
