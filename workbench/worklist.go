package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/studyfile"
	"workbench/experiments/train"
	"workbench/nn"
)

// worklist is a study ready to be trained: its runs, and what each of its networks costs.
type worklist struct {
	study    experiments.Study
	runs     []experiments.Run
	networks map[string]nn.Summary // by cell key
	works    map[string]train.Work // what was counted, by what decides it
	sets     *openSets
}

// openSets opens every data set of a study once.
type openSets struct {
	ctx  context.Context
	dir  string
	open map[string]data.Set // by configuration

	failed bool // one could not be opened
}

func (o *openSets) get(c experiments.Choice) (data.Set, error) {
	key, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("data set %s: %w", c.Name, err)
	}
	if set, ok := o.open[string(key)]; ok {
		return set, nil
	}
	set, err := data.Open(o.ctx, c.Name, o.dir, c.Options)
	if err != nil {
		o.failed = true
		return nil, err
	}
	o.open[string(key)] = set
	return set, nil
}

func (o *openSets) digest(c experiments.Choice) (string, error) {
	set, err := o.get(c)
	if err != nil {
		return "", err
	}
	return set.Digest(), nil
}

func (o *openSets) info(c experiments.Choice) (data.Info, error) {
	set, err := o.get(c)
	if err != nil {
		return data.Info{}, err
	}
	return set.Info(), nil
}

// load reads the study with the changes of the command line: from the file of that path, from those that ship with the
// program, or else as the database has it. A version ("tiny@2") is always that of the database.
func (a *app) load(ctx context.Context, name string, overrides []string, seeds string) (studyfile.Located, error) {
	study, err := studyfile.Open(name, overrides)
	if errors.Is(err, experiments.ErrNotFound) && !studyfile.IsPath(name) {
		study, err = a.stored(ctx, name, overrides, err)
	}
	if err != nil {
		return study, err
	}
	return seeded(study, seeds)
}

// loadScaled is load for a study at another of its sizes, which its file has.
func (a *app) loadScaled(ctx context.Context, t training) (studyfile.Located, error) {
	if t.scale == "" {
		return a.load(ctx, t.study, t.overrides, t.seeds)
	}
	study, err := studyfile.OpenScaled(t.study, t.scale, t.overrides)
	if errors.Is(err, studyfile.ErrNoScale) {
		err = usagef("--scale: %w", err)
	}
	if err != nil {
		return study, err
	}
	return seeded(study, t.seeds)
}

// seeded is a study with the seeds that were asked for, if any were.
func seeded(study studyfile.Located, seeds string) (studyfile.Located, error) {
	if seeds == "" {
		return study, nil
	}
	var err error
	if study.Seeds, err = studyfile.ParseSeeds(seeds); err != nil {
		return study, usagef("--seeds: %w", err)
	}
	if err := study.SeedsSeen(); err != nil {
		return study, usagef("--seeds: %w", err)
	}
	return study, nil
}

// stored is the definition that the database has of a study that is no file and does not ship with the program; unknown
// is the error if there is none.
func (a *app) stored(ctx context.Context, name string, overrides []string, unknown error) (studyfile.Located, error) {
	db, err := a.read()
	if isMissing(err) {
		return studyfile.Located{}, unknown
	}
	if err != nil {
		return studyfile.Located{}, err
	}
	defer db.Close()
	info, err := db.Study(ctx, name)
	if err != nil {
		if _, _, version := experiments.SplitVersion(name); !version && errors.Is(err, experiments.ErrNotFound) {
			err = unknown
		}
		return studyfile.Located{}, err
	}
	return studyfile.Change(info.Study, overrides)
}

// prepare checks what the text of a study does not show, before anything is trained: its data, its networks.
func (a *app) prepare(ctx context.Context, study studyfile.Located) (worklist, error) {
	w := worklist{study: study.Study, works: map[string]train.Work{}, sets: &openSets{ctx: ctx, dir: a.data, open: map[string]data.Set{}}}
	var err error
	if w.study, err = a.pinned(ctx, study.Study, study.Folder()); err != nil {
		return w, usageError{study.Locate(err)}
	}
	study.Study = w.study
	if w.networks, err = study.Networks(w.sets.info); err != nil {
		var wrong *data.OptionError
		switch {
		case !w.sets.failed: // the data are there, a level asks for a network that cannot be
			err = usageError{study.Locate(err)}
		case errors.As(err, &wrong):
			err = usageError{study.Locate(experiments.Problem{Path: "dataset." + wrong.Option, Message: wrong.Err.Error()})}
		}
		return w, err
	}
	if w.runs, err = study.Runs(w.sets.digest); err != nil {
		return w, err
	}
	for _, r := range w.runs {
		set, err := w.sets.get(r.Config.Dataset)
		if err != nil {
			return w, err
		}
		if n := set.Len(data.Train); r.Config.Batch > n {
			message := fmt.Sprintf("cell %s: batch %d is larger than the %d training images of %s", r.Cell, r.Config.Batch, n, r.Config.Dataset.Name)
			return w, usageError{study.Locate(experiments.Problem{Path: "batch", Message: message})}
		}
	}
	if err := w.check(study); err != nil {
		return w, err
	}
	if err := a.begins(ctx, w, study); err != nil {
		return w, err
	}
	return w, a.teaches(ctx, w, study)
}

// check builds what the strategies of the study train, once for each kind of run.
func (w worklist) check(study studyfile.Located) error {
	built := map[string]bool{}
	for _, r := range w.runs {
		c := r.Config
		key := fmt.Sprint(c.Dataset, c.Model, c.Strategy, c.Optim.Options["sam"], c.Batch, c.MicroBatch, c.Phases, c.Until)
		if r.Continues() != "" { // then all that follows a course counts
			key = r.Cell
		}
		if built[key] {
			continue
		}
		built[key] = true
		set, err := w.sets.get(r.Config.Dataset)
		if err != nil {
			return err
		}
		if err := train.Check(r.Config, set, r.Seed); err != nil {
			return usageError{study.Locate(problemOf(r.Cell, err))}
		}
	}
	return nil
}

// problemOf is the problem of a cell that cannot be trained. It stands at the key that the error begins with, if it
// does, or else at the strategy.
func problemOf(cell string, err error) experiments.Problem {
	text := strings.TrimPrefix(err.Error(), "strategy ")
	p := experiments.Problem{Path: "strategy.name", Message: fmt.Sprintf("cell %s: %v", cell, err)}
	for _, part := range strings.Split(text, ": ") {
		if experiments.Check(part) == nil {
			p.Path = part
			break
		}
	}
	return p
}

// workKey is what decides how much a run executes, as text.
func workKey(r experiments.Run) string {
	return fmt.Sprint(sameCost(r.Config), r.Config.Epochs, r.Config.Evaluate.Every, r.Config.Until, len(r.Needs))
}

// network is the size of a run's network. That of a run with which others begin is theirs.
func (w worklist) network(r experiments.Run) nn.Summary {
	if net, ofCell := w.networks[r.Cell]; ofCell {
		return net
	}
	i := slices.IndexFunc(w.runs, func(other experiments.Run) bool { return slices.Contains(other.Needs, r.ID) })
	if i < 0 {
		return nn.Summary{}
	}
	return w.network(w.runs[i])
}

// work is what a run executes. What another run does for it does not count.
func (w worklist) work(r experiments.Run) (train.Work, error) {
	key := workKey(r)
	if known, counted := w.works[key]; counted {
		return known, nil
	}
	set, err := w.sets.get(r.Config.Dataset)
	if err != nil {
		return train.Work{}, err
	}
	work, err := train.WorkOf(r.Config, set)
	if err != nil {
		return work, fmt.Errorf("cell %s: %w", r.Cell, err)
	}
	for _, other := range w.runs {
		if len(r.Needs) == 0 {
			break
		}
		if slices.Contains(r.Needs, other.ID) {
			done, err := w.work(other)
			if err != nil {
				return work, err
			}
			work = train.Work{Training: work.Training - done.Training, Evaluation: work.Evaluation - done.Evaluation}
		}
	}
	w.works[key] = work
	return work, nil
}
