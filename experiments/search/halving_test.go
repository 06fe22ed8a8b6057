package search

import (
	"fmt"
	"math"
	"testing"
)

// Worked by hand: the last rung has all epochs, each before it a part of one in eta, and eta times as many trials.
func TestRungs(t *testing.T) {
	for _, c := range []struct {
		trials, epochs, eta int
		want                string
	}{
		{27, 27, 3, "[{27 1} {9 3} {3 9} {1 27}]"},
		{9, 9, 3, "[{9 1} {3 3} {1 9}]"},
		{8, 8, 2, "[{8 1} {4 2} {2 4} {1 8}]"},
		{8, 30, 3, "[{8 10} {2 30}]"},            // no rung of 8/9 trials
		{100, 10, 3, "[{100 1} {33 3} {11 10}]"}, // no epoch is shorter than one
		{10, 5, 2, "[{10 1} {5 2} {2 5}]"},
		{4, 4, 4, "[{4 1} {1 4}]"},
		{2, 100, 3, "[{2 100}]"},
		{100, 2, 3, "[{100 2}]"},
	} {
		if got := fmt.Sprint(Rungs(c.trials, c.epochs, c.eta)); got != c.want {
			t.Errorf("%d trials, %d epochs, eta %d: %s, want %s", c.trials, c.epochs, c.eta, got, c.want)
		}
	}
}

// Worked by hand: the better side counts, of equal ones the earlier, and a trial without all its seeds never.
func TestPromotion(t *testing.T) {
	scores := []Score{{0, 0.5, true}, {1, 0.9, false}, {2, 0.7, true}, {3, 0.7, true}, {4, 0.1, true}, {5, math.NaN(), false}}
	for _, c := range []struct {
		n      int
		higher bool
		want   string
	}{
		{1, true, "[2]"}, {2, true, "[2 3]"}, {3, true, "[2 3 0]"}, {9, true, "[2 3 0 4]"},
		{1, false, "[4]"}, {3, false, "[4 0 2]"}, {0, true, "[]"},
	} {
		if got := fmt.Sprint(Best(scores, c.n, c.higher)); got != c.want {
			t.Errorf("best %d of higher=%v: %s, want %s", c.n, c.higher, got, c.want)
		}
	}
}

// Every arm promotes its own trials: as many as the rung has, of an arm with fewer one in eta of its own, at least one.
func TestPromotionByArm(t *testing.T) {
	p := plan(t, study(t, `search: {optim.lr: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}`),
		Asked{Trials: 6, Method: ByHalving, Eta: 2, Seeds: []uint64{9}})
	if got := fmt.Sprint(p.Rungs); got != "[{6 2} {3 4} {1 8}]" {
		t.Fatalf("rungs %s", got)
	}
	scores := [][]Score{{{0, 1, true}, {1, 2, true}, {2, 6, true}, {3, 5, true}, {4, 4, true}, {5, 3, true}},
		{{0, 6, false}, {1, 5, true}, {2, 1, true}, {3, 2, false}, {4, 3, false}, {5, 4, false}}}
	if got := fmt.Sprint(p.Next(1, scores, true), p.Next(2, scores, true), p.Next(1, scores, false)); got !=
		"[[2 3 4] [1 2]] [[2] [1]] [[0 1 5] [1 2]]" {
		t.Errorf("promoted %s", got)
	}
	p.first[1] = []int{0}
	if got := fmt.Sprint(p.Next(2, [][]Score{scores[0], {{0, 6, true}}}, true)); got != "[[2] [0]]" {
		t.Errorf("an arm of one configuration promotes %s", got)
	}
}
