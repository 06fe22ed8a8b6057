package main

import (
	"context"
	"encoding/json"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/studyfile"
	"workbench/nn"
)

// worklist is a study ready to be trained: its runs, and what each of its networks costs.
type worklist struct {
	study    experiments.Study
	runs     []experiments.Run
	networks map[string]nn.Summary // by cell key
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

// load reads the study with the changes of the command line.
func (a *app) load(ctx context.Context, t training) (study experiments.Study, err error) {
	if t.recorded {
		study, err = a.recordedStudy(ctx, t.study)
	} else {
		study, err = studyfile.Load(t.study, t.overrides)
	}
	if err != nil || t.seeds == "" {
		return study, err
	}
	if study.Seeds, err = studyfile.ParseSeeds(t.seeds); err != nil {
		return study, usagef("--seeds: %w", err)
	}
	return study, nil
}

// recordedStudy is a study as the database has it.
func (a *app) recordedStudy(ctx context.Context, name string) (experiments.Study, error) {
	db, err := a.read()
	if err != nil {
		return experiments.Study{}, err
	}
	defer db.Close()
	info, err := db.Study(ctx, name)
	return info.Study, err
}

// prepare checks what the text of a study does not show, before anything is trained: its data, its networks.
func (a *app) prepare(ctx context.Context, study experiments.Study) (worklist, error) {
	w := worklist{study: study, sets: &openSets{ctx: ctx, dir: a.data, open: map[string]data.Set{}}}
	var err error
	if w.networks, err = study.Networks(w.sets.info); err != nil {
		if !w.sets.failed {
			err = usageError{err} // the data are there, a level asks for a network that cannot be
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
			return w, usagef("cell %s: batch %d is larger than the %d training images of %s", r.Cell, r.Config.Batch, n, r.Config.Dataset.Name)
		}
	}
	return w, nil
}

// cost is the multiply-adds of one training. A step does a forward pass, the gradient of the inputs and the gradient of
// the weights, each of about the same cost. An evaluation is a forward pass.
func (w worklist) cost(r experiments.Run) (float64, error) {
	set, err := w.sets.get(r.Config.Dataset)
	if err != nil {
		return 0, err
	}
	c := r.Config
	steps := c.Epochs * (set.Len(data.Train) / c.Batch)
	every := max(c.Evaluate.Every, 1)
	evaluations := (c.Epochs + every - 1) / every
	images := 3*float64(steps)*float64(c.Batch) + float64(evaluations)*float64(set.Len(data.Test))
	return images * float64(w.networks[r.Cell].MACs), nil
}
