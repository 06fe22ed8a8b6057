package main

import (
	"slices"
	"time"

	"workbench/experiments"
)

// forecast says how long the training of a study still takes. It knows what every run costs in multiply-adds, and
// learns from the runs that go on how many seconds those take, for each cell by itself where it has seen it.
type forecast struct {
	jobs    int
	cost    map[string]float64               // of the runs to be trained that have not ended, by id
	cell    map[string]string                // of a run
	speed   map[string]float64               // seconds a multiply-add, by cell
	running map[string]*experiments.Progress // nil: no report yet
}

func newForecast(jobs int) *forecast {
	return &forecast{jobs: max(jobs, 1), cost: map[string]float64{}, cell: map[string]string{}, speed: map[string]float64{},
		running: map[string]*experiments.Progress{}}
}

// expect adds a run that is to be trained.
func (f *forecast) expect(r experiments.Run, cost float64) { f.cost[r.ID], f.cell[r.ID] = cost, r.Cell }

func (f *forecast) begin(run string) { f.running[run] = nil }

func (f *forecast) end(run string) {
	delete(f.running, run)
	delete(f.cost, run)
}

// report learns from the progress of a run whose steps have so many images.
func (f *forecast) report(p experiments.Progress, batch int) {
	f.running[p.Run] = &p
	if cost := f.cost[p.Run]; cost > 0 && p.ImagesPerSec > 0 {
		f.speed[f.cell[p.Run]] = float64(p.Steps) * float64(batch) / p.ImagesPerSec / cost
	}
}

// left is the time until the last run ends, if the waiting ones begin as workers become free. It is not known before
// the first report.
func (f *forecast) left() (time.Duration, bool) {
	if len(f.speed) == 0 {
		return 0, false
	}
	mean := 0.0
	for _, s := range f.speed {
		mean += s / float64(len(f.speed))
	}
	takes := func(run string) float64 {
		if s, seen := f.speed[f.cell[run]]; seen {
			return f.cost[run] * s
		}
		return f.cost[run] * mean
	}
	var now, waiting []float64
	for run := range f.cost {
		switch p, runs := f.running[run]; {
		case !runs:
			waiting = append(waiting, takes(run))
		case p == nil:
			now = append(now, takes(run))
		default:
			now = append(now, p.Left.Seconds())
		}
	}
	return time.Duration(makespan(now, waiting, f.jobs) * float64(time.Second)), true
}

// makespan is when the last of the jobs ends, in seconds, if some go on already and the others begin as workers become
// free, the longest first.
func makespan(now, waiting []float64, workers int) float64 {
	ends := make([]float64, max(workers, len(now), 1))
	copy(ends, now)
	slices.Sort(waiting)
	for _, seconds := range slices.Backward(waiting) {
		first := 0
		for i := range ends {
			if ends[i] < ends[first] {
				first = i
			}
		}
		ends[first] += seconds
	}
	return slices.Max(ends)
}
