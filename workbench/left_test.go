package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

func TestMakespan(t *testing.T) {
	for _, c := range []struct {
		now, waiting []float64
		workers      int
		want         float64
	}{
		{nil, nil, 2, 0},
		{nil, []float64{3, 3, 3}, 1, 9},
		{nil, []float64{3, 3, 3}, 2, 6},
		{[]float64{5}, []float64{2, 1, 2}, 2, 5},
		{[]float64{1, 4}, []float64{6}, 2, 7},
		{[]float64{1, 4}, nil, 1, 4},
	} {
		if got := makespan(c.now, c.waiting, c.workers); got != c.want {
			t.Errorf("%v going on and %v waiting for %d workers end after %v, want %v", c.now, c.waiting, c.workers, got, c.want)
		}
	}
}

// The time left is that of the whole study: of the runs that go on and of those that wait, each at the speed of its
// cell.
func TestTimeLeftIsThatOfTheStudy(t *testing.T) {
	f := newForecast(2)
	for id, cell := range map[string]string{"a1": "a", "a2": "a", "b1": "b", "b2": "b"} {
		cost := map[string]float64{"a": 100, "b": 400}[cell]
		f.expect(experiments.Run{ID: id, Cell: cell}, cost)
	}
	left := func(when string, want float64) {
		t.Helper()
		if got, known := f.left(); math.IsNaN(want) == known || known && math.Abs(got.Seconds()-want) > 1e-6 {
			t.Errorf("%s: %v left (known: %v), want %v s", when, got, known, want)
		}
	}
	f.begin("a1")
	left("before any report", math.NaN())
	// 10 steps of 16 images at 16 images a second: 10 s a run of a, and of b four times as much by its cost
	f.report(experiments.Progress{Run: "a1", Steps: 10, ImagesPerSec: 16, Left: 8 * time.Second}, 16)
	left("one cell is known", 50) // a1 8 then b2 40, b1 40 then a2 10: the longest first
	f.begin("b1")
	f.report(experiments.Progress{Run: "b1", Steps: 10, ImagesPerSec: 8, Left: 15 * time.Second}, 16)
	left("both are known", 28+0+0) // a1 8 then b2 20; b1 15 then a2 10
	f.end("a1")
	f.end("b1")
	f.begin("b2")
	left("two have ended", 20)
	f.end("b2")
	f.end("a2")
	left("all have ended", 0)
}

// The line beside a bar says whose loss it shows, and goes without the least important parts where it is too long.
func TestProgressLineFits(t *testing.T) {
	r := &runBar{}
	r.state.Store(&experiments.Progress{Epoch: 3, Epochs: 10, Loss: 1.234, Top1: 0.567, ImagesPerSec: 1234.5, Left: 65 * time.Second})
	for width, want := range map[int]string{
		200: "epoch 3/10  train loss 1.234  train accuracy 56.7 %  1234 images/s  left 1 m 05 s",
		70:  "epoch 3/10  train loss 1.234  train accuracy 56.7 %  left 1 m 05 s",
		50:  "epoch 3/10  train loss 1.234  left 1 m 05 s",
		30:  "epoch 3/10  left 1 m 05 s",
		12:  "epoch 3/10",
	} {
		if got := r.line(width); got != want || len([]rune(got)) > width {
			t.Errorf("in %d characters: %q, want %q", width, got, want)
		}
	}
}

func TestLinesSayWhatIsLeft(t *testing.T) {
	tr := tracker{runs: 3, ended: 1, study: newForecast(1)}
	tr.study.expect(experiments.Run{ID: "a", Cell: "a"}, 100)
	tr.study.begin("a")
	if got := tr.remaining(); got != "  (1 of 3 runs)" {
		t.Errorf("before a report: %q", got)
	}
	tr.study.report(experiments.Progress{Run: "a", Steps: 10, ImagesPerSec: 10, Left: 12 * time.Second}, 10)
	if got := tr.remaining(); !strings.Contains(got, "about 12 s left") {
		t.Errorf("after a report: %q", got)
	}
}
