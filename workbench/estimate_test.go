package main

import (
	"testing"

	"workbench/experiments"
	"workbench/experiments/train"
)

// A cell of which nothing is known takes as long as the others in the mean, at least as the fastest of them and at most
// as the slowest.
func TestUnknownCellsTakeAsLongAsOthers(t *testing.T) {
	e := estimate{paces: map[string]paceOf{
		"a": {Pace: train.Pace{Middle: 2, Fastest: 1, Slowest: 3}},
		"b": {Pace: train.Pace{Middle: 4, Fastest: 3.5, Slowest: 7}, timed: true},
	}, work: map[string]train.Work{"a": {Training: 10}, "b": {Training: 10}, "new": {Training: 80, Evaluation: 20}}}
	for cell, want := range map[string][3]float64{"a": {20, 10, 30}, "b": {40, 35, 70}, "new": {300, 100, 700}} {
		if middle, least, most := e.takes(cell); [3]float64{middle, least, most} != want {
			t.Errorf("%s takes %v, %v to %v, want %v", cell, middle, least, most, want)
		}
	}
	runs := []experiments.Run{{Cell: "a"}, {Cell: "new"}}
	for jobs, want := range map[int][3]float64{1: {320, 110, 730}, 2: {300, 100, 700}} {
		if middle, least, most := e.all(runs, jobs); [3]float64{middle.Seconds(), least.Seconds(), most.Seconds()} != want {
			t.Errorf("%d at a time take %v, %v to %v, want %v s", jobs, middle, least, most, want)
		}
	}
	if got, want := e.source(), "1 cell by earlier runs on this processor, 1 cell by a few training steps timed just now, "+
		"1 cell by the mean of the others"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
