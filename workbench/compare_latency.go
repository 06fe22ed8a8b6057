package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/data"
	"workbench/experiments/machine"
	"workbench/nn/bench"
	"workbench/store"
)

// usualTiming is how long forward passes are timed where nothing else is said, all networks together.
const usualTiming = time.Minute

// passesTimed are those of a network and a batch: five turns of at least three passes, and about half a second of them.
var passesTimed = bench.Race{Rounds: 5, Turn: 100 * time.Millisecond}

// timing is a database with latencies that were just measured, which it may not have.
type timing struct {
	*store.DB
	all []experiments.Latency
}

func (t timing) Latencies(ctx context.Context, runs []string) ([]experiments.Latency, error) {
	known, err := t.DB.Latencies(ctx, runs)
	return append(known, t.all...), err
}

// latent is a network to be timed, in the circumstances of some cells.
type latent struct {
	bench.Case
	runs []string  // one of each of these cells
	last time.Time // when it was timed on this machine; zero: never
}

// timeNetworks times forward passes of the networks of a study until the time is over, those first that were not timed
// yet on this machine, and records them. Each is timed in a process of its own.
func (a *app) timeNetworks(ctx context.Context, db *store.DB, s experiments.Study, runs []experiments.RunInfo, asked sideBySide) (
	all []experiments.Latency, notes []string, err error) {
	if slowBackend != "" {
		a.log.Warn(slowBackend)
	}
	networks, err := a.latents(ctx, db, s, runs, asked)
	if err != nil {
		return nil, nil, err
	}
	budget, cancel := context.WithTimeout(ctx, asked.latency)
	defer cancel()
	session := bench.Session{Start: startBenchChild, Race: passesTimed}
	timed := 0
	for i, n := range networks {
		a.log.Info("timing forward passes", "network", n.Name, "images", shape(n.Input[:]), "number",
			fmt.Sprintf("%d of %d", i+1, len(networks)))
		some, err := n.time(budget, session)
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case budget.Err() != nil:
		case err != nil:
			a.log.Error("not timed", "network", n.Name, "error", err)
			notes = append(notes, fmt.Sprintf("%s was not timed: %v", n.Name, err))
		default:
			timed++
			all = append(all, some...)
		}
		if budget.Err() != nil {
			break
		}
	}
	if timed < len(networks) {
		notes = append(notes, fmt.Sprintf("%d of %d networks were timed within %v: said again, the command begins with the others",
			timed, len(networks), asked.latency))
	}
	recorded, err := a.recordLatencies(ctx, all)
	return all, append(notes, recorded...), err
}

// latents are the networks of the cells that were asked for, each once.
func (a *app) latents(ctx context.Context, db *store.DB, s experiments.Study, runs []experiments.RunInfo,
	asked sideBySide) ([]latent, error) {
	cells, err := s.Cells()
	if err != nil {
		return nil, err
	}
	wanted, err := analysis.Architectures(ctx, db, s, runs, analysis.Asked{Models: asked.Models})
	if err != nil {
		return nil, err
	}
	sets := &openSets{ctx: ctx, dir: a.data, open: map[string]data.Set{}}
	var list []latent
	at := map[string]int{}
	for _, cell := range cells {
		shown := slices.ContainsFunc(wanted.Rows, func(r analysis.Architecture) bool { return r.Cell == cell.Key })
		run := slices.IndexFunc(runs, func(r experiments.RunInfo) bool { return r.Cell == cell.Key })
		if !shown || run < 0 {
			continue
		}
		images, err := sets.info(cell.Config.Dataset)
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", cell.Key, err)
		}
		c, err := passOf(cell.Config, images, asked.threads)
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", cell.Key, err)
		}
		key, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		if _, met := at[string(key)]; !met {
			at[string(key)] = len(list)
			list = append(list, latent{Case: c})
		}
		n := &list[at[string(key)]]
		n.runs = append(n.runs, runs[run].ID)
	}
	return oldestFirst(ctx, db, list)
}

// oldestFirst puts the networks first that were not timed on this machine, then those that were longest ago.
func oldestFirst(ctx context.Context, db *store.DB, list []latent) ([]latent, error) {
	for i := range list {
		known, err := db.Latencies(ctx, list[i].runs)
		if err != nil {
			return nil, err
		}
		for _, l := range known {
			if analysis.Machine(l) == analysis.Machine(list[i].here()) && l.Time.After(list[i].last) {
				list[i].last = l.Time
			}
		}
	}
	slices.SortStableFunc(list, func(x, y latent) int { return x.last.Compare(y.last) })
	return list, nil
}

// passOf is a forward pass of one image as a cell's network makes it after training.
func passOf(c experiments.Config, images data.Info, threads int) (bench.Case, error) {
	return bench.NewCase(bench.Case{Model: c.Model.Name, Options: c.Model.Options, Batch: 1, Classes: len(images.Classes),
		Input: [3]int{images.Channels, images.Height, images.Width}, Inference: true, Precision: cmp.Or(c.Precision, bench.Float32),
		Algorithms: cmp.Or(c.Algorithms, bench.Auto), Threads: threads})
}

// here is a latency of the network on this machine, without its times.
func (n latent) here() experiments.Latency {
	facts := machine.Facts()
	return experiments.Latency{Host: facts["host"], CPU: facts["cpu"], Backend: backend(1).Name(), Threads: n.Threads, Precision: n.Precision,
		Batch: n.Batch}
}

// time passes of one image and of a batch.
func (n latent) time(ctx context.Context, s bench.Session) (all []experiments.Latency, err error) {
	for _, batch := range []int{1, ownBatch} {
		n.Batch = batch
		r, err := s.Measure(ctx, n.Case)
		if err != nil {
			return nil, err
		}
		l := n.here()
		l.Passes, l.Median, l.Slow, l.Time = r.Ours.Steps.Steps(), r.Ours.Steps.Median(), r.Ours.Steps.Slow(), time.Now()
		for _, l.Run = range n.runs {
			all = append(all, l)
		}
	}
	return all, nil
}

// recordLatencies writes them into the database, unless another process does write it.
func (a *app) recordLatencies(ctx context.Context, all []experiments.Latency) (notes []string, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	db, err := store.OpenWithin(a.db, time.Second)
	if errors.Is(err, store.ErrLocked) {
		return []string{"the latencies are not recorded, and may be too long: another process writes the database and trains"}, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, errors.Join(db.Late(ctx, all), db.Close())
}

// aboutLatencies says how those that are shown were measured.
func aboutLatencies(found analysis.Compared) []string {
	if found.Machine == "" {
		return nil
	}
	var precisions, cpus []string
	batch, fewest := 0, 0
	for _, r := range found.Rows {
		for _, l := range []*experiments.Latency{r.Latency, r.Batch} {
			if l == nil {
				continue
			}
			precisions, cpus = append(precisions, l.Precision), append(cpus, l.CPU)
			batch = max(batch, l.Batch)
			if fewest == 0 || l.Passes < fewest {
				fewest = l.Passes
			}
		}
	}
	distinct := func(list []string) string {
		slices.Sort(list)
		return strings.Join(slices.Compact(list), " and ")
	}
	return []string{fmt.Sprintf("latency of a forward pass of one image, and an image's share of a pass of %d: median of %d passes or more "+
		"after warm ones, in brackets what nine of ten do not exceed; %s, %s, %s", batch, fewest, found.Machine, distinct(precisions),
		distinct(cpus))}
}

// latency is an image's share of a pass.
func latency(l *experiments.Latency) cell {
	if l == nil {
		return cell{nil, missing}
	}
	each := func(pass float64) float64 { return 1000 * pass / float64(l.Batch) }
	return cell{l.Median / float64(l.Batch), fmt.Sprintf("%.3g ms (%.3g)", each(l.Median), each(l.Slow))}
}
