package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"workbench/experiments"
	"workbench/experiments/machine"
	"workbench/experiments/stats"
	"workbench/experiments/train"
)

// paceOf is how fast a cell trains, and how that is known.
type paceOf struct {
	train.Pace
	earlier int  // runs on this machine that showed it; 0: none
	timed   bool // just now; else, without earlier runs, it is the mean of the other cells'
}

const (
	estimating = 4 * time.Second // all networks together
	stepWork   = 2e9             // multiply-adds of a step that is timed
)

// estimate is the time that the runs of a study need, each with so many threads.
type estimate struct {
	threads int
	paces   map[string]paceOf // by cell
	work    map[string]train.Work
}

// pricing is for all networks of a study where many studies are estimated.
const pricing = time.Second

// estimate is estimateWithin the time that a single study may take.
func (a *app) estimate(ctx context.Context, w worklist, earlier []experiments.RunInfo, threads int) (estimate, error) {
	return a.estimateWithin(ctx, w, earlier, threads, estimating)
}

// estimateWithin looks for earlier runs of each cell, on this processor and with as many threads, and times steps of
// the others.
func (a *app) estimateWithin(ctx context.Context, w worklist, earlier []experiments.RunInfo, threads int,
	most time.Duration) (estimate, error) {
	e := estimate{threads: threads, paces: map[string]paceOf{}, work: map[string]train.Work{}}
	budget, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for _, r := range w.runs {
		if _, seen := e.work[r.Cell]; seen {
			continue
		}
		work, err := w.work(r)
		if err != nil {
			return e, err
		}
		e.work[r.Cell] = work
		if p, known := e.seen(r, w, earlier); known {
			e.paces[r.Cell] = p
			continue
		}
		if budget.Err() != nil || slowBackend != "" {
			continue
		}
		set, err := w.sets.get(r.Config.Dataset)
		if err != nil {
			return e, err
		}
		pace, err := train.Measure(budget, r.Config, set, backend(threads), stepWork)
		if err != nil {
			return e, fmt.Errorf("cell %s: timing its training: %w", r.Cell, err)
		}
		e.paces[r.Cell] = paceOf{Pace: pace, timed: true}
	}
	return e, ctx.Err()
}

// seen is the pace of earlier runs of the same network, batch and precision.
func (e estimate) seen(r experiments.Run, w worklist, earlier []experiments.RunInfo) (paceOf, bool) {
	cpu := machine.Facts()["cpu"]
	want := sameCost(r.Config)
	var all []float64
	for _, past := range earlier {
		if past.Status != experiments.Done || past.Seconds <= 0 || past.Environment["threads"] != strconv.Itoa(e.threads) ||
			past.Environment["cpu"] != cpu || past.Environment["backend"] != backend(1).Name() || sameCost(past.Config) != want {
			continue
		}
		if past.Begins() == "" {
			past.Needs = nil // it did all of it, whatever another run would do for it now
		} else if !slices.ContainsFunc(w.runs, func(r experiments.Run) bool { return r.ID == past.Begins() }) {
			continue // what the other run did for it is not known here
		}
		if executed, err := w.work(past.Run); err == nil && executed.All() > 0 {
			all = append(all, past.Seconds/executed.All())
		}
	}
	if len(all) == 0 {
		return paceOf{}, false
	}
	spread := stats.Range(all)
	return paceOf{Pace: train.Pace{Middle: stats.Median(all), Fastest: spread.Low, Slowest: spread.High}, earlier: len(all)}, true
}

// sameCost is what decides how long a step takes, as text.
func sameCost(c experiments.Config) string {
	return fmt.Sprint(c.Dataset, c.Model, c.Optim.Name, c.Optim.Options["sam"], c.Batch, c.MicroBatch, c.Precision, c.Algorithms, c.Recompute,
		c.Augment, c.Strategy, c.Phases)
}

// known tells whether any pace is.
func (e estimate) known() bool { return len(e.paces) > 0 }

// takes is how many seconds a run of a cell needs: in the middle, at least and at most.
func (e estimate) takes(cell string) (middle, least, most float64) {
	p, known := e.paces[cell]
	if !known {
		n := float64(len(e.paces))
		p.Fastest = math.Inf(1)
		for _, other := range e.paces {
			p.Middle += other.Middle / n
			p.Fastest, p.Slowest = min(p.Fastest, other.Fastest), max(p.Slowest, other.Slowest)
		}
	}
	all := e.work[cell].All()
	return all * p.Middle, all * p.Fastest, all * p.Slowest
}

// all is when the last of the runs is done, jobs at a time.
func (e estimate) all(runs []experiments.Run, jobs int) (middle, least, most time.Duration) {
	var m, l, s []float64
	for _, r := range runs {
		a, b, c := e.takes(r.Cell)
		m, l, s = append(m, a), append(l, b), append(s, c)
	}
	span := func(seconds []float64) time.Duration {
		return time.Duration(makespan(nil, seconds, jobs) * float64(time.Second))
	}
	return span(m), span(l), span(s)
}

// source says how the paces are known.
func (e estimate) source() string {
	earlier, timed, others := 0, 0, 0
	for cell := range e.work {
		switch p, known := e.paces[cell]; {
		case !known:
			others++
		case p.timed:
			timed++
		default:
			earlier++
		}
	}
	s := ""
	add := func(n int, how string) {
		if n > 0 {
			if s != "" {
				s += ", "
			}
			s += fmt.Sprintf("%d cell%s %s", n, plural(n), how)
		}
	}
	add(earlier, "by earlier runs on this processor")
	add(timed, "by a few training steps timed just now")
	add(others, "by the mean of the others")
	return s
}
