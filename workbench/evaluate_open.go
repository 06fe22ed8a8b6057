package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/answers"
	"workbench/experiments/data"
	"workbench/experiments/start"
	"workbench/experiments/studyfile"
	"workbench/experiments/train"
	"workbench/nn"
	"workbench/nn/weights"
)

// examined is a network with its set, and what was found.
type examined struct {
	name    string // as it was asked for
	config  experiments.Config
	seed    uint64 // of the run; 1 for a file
	set     data.Set
	net     *train.Network
	opening train.Opening
	file    string // of weights; "": a run's
	report  *weights.Report
	fill    func(params []*nn.Param, write func(path string, values []float32) error) error
	remarks []string
	learnt  experiments.Choice // the set that the weights were trained on; no name: not known

	looker answers.Looker   // the network, or several that see images in several ways
	views  string           // of the looker; "": images as they are
	ways   int              // in which every image is seen; 0: one
	others []*train.Network // for images of other sizes

	answers answers.Answers
	found   findings
	spoilt  []spoilt // by corruption, in the order that was asked
}

// open finds a run or a file of weights and makes its network.
func (a *app) open(ctx context.Context, e evaluation, name string) (examined, error) {
	m := examined{name: name, seed: 1}
	var err error
	if isWeights(name) {
		err = m.fromFile(e)
	} else {
		err = a.fromRun(ctx, e, &m)
	}
	if err != nil {
		return m, err
	}
	if m.set, err = data.Open(ctx, m.config.Dataset.Name, a.data, m.config.Dataset.Options); err != nil {
		return m, err
	}
	if said := a.elsewhere(ctx, m.learnt, m.set, m.config.Dataset); said != "" {
		m.remarks = append(m.remarks, m.name+" "+said)
	}
	if err = m.build(e); err == nil {
		err = m.see(e)
	}
	return m, err
}

// isWeights tells whether an argument is a file, and not a run.
func isWeights(name string) bool {
	if about, err := os.Stat(name); err == nil && !about.IsDir() {
		return true
	}
	return strings.ContainsAny(name, `/\`) || ending(name) == asSafetensors || slices.Contains(otherFormats, ending(name))
}

func (m *examined) fromFile(e evaluation) error {
	f, err := weights.Open(m.name)
	if err != nil {
		return err
	}
	defer f.Close()
	m.file = m.name
	m.config = experiments.Defaults()
	m.config.Epochs = 1
	if err := m.config.Set("optim.lr", 1.0); err != nil {
		return err
	}
	m.learnt = learntBy(f)
	if m.config.Model.Name, err = registered(e.model); err != nil {
		return usageError{err}
	}
	m.config.Dataset.Name = e.dataset
	for _, c := range []struct {
		of            *experiments.Choice
		name, options string // as the file notes them
	}{{&m.config.Model, metadataModel, metadataOptions}, {&m.config.Dataset, metadataSet, metadataSetOptions}} {
		if c.of.Name != "" && c.of.Name != f.Metadata[c.name] {
			continue // what is noted is another's
		}
		c.of.Name = f.Metadata[c.name]
		if noted := f.Metadata[c.options]; noted != "" {
			if err := json.Unmarshal([]byte(noted), &c.of.Options); err != nil {
				return fmt.Errorf("%s: metadata %s: %w", m.name, c.options, err)
			}
		}
	}
	if want := m.unsaid(); want != "" {
		return usagef("%s: the file does not say what it is of; want %s", m.name, want)
	}
	if err := m.change(e.overrides); err != nil {
		return err
	}
	from := start.Start{File: m.name, Allow: e.read.Allow, Part: e.read.Part, BGR: e.read.BGR, Gray: e.read.Gray}
	m.fill = func(params []*nn.Param, write func(string, []float32) error) error {
		f, err := train.OpenStart(from)
		if err != nil {
			return err
		}
		defer f.Close()
		report, err := train.Compare(f, m.config, m.set.Info(), from)
		if err != nil {
			return fmt.Errorf("%s as %s: %w", m.name, m.config.Network(), err)
		}
		if err = report.Err(); err == nil && report.Verdict == weights.AllButHead {
			err = fmt.Errorf("its last layer is not one for the %d classes of %s\n%s", len(m.set.Info().Classes), m.config.Dataset.Name, report)
		}
		if err != nil {
			return fmt.Errorf("%s as %s: %w", m.name, m.config.Network(), err)
		}
		m.report = report
		return report.Load(func(t weights.Taken, values []float32) error { return write(t.Param.Path, values) })
	}
	return nil
}

// unsaid are the flags without which nobody knows what a file is of.
func (m *examined) unsaid() string {
	var want []string
	if m.config.Model.Name == "" {
		want = append(want, "--model NETWORK (workbench models lists them)")
	}
	if m.config.Dataset.Name == "" {
		want = append(want, "--dataset SET (workbench data list)")
	}
	return strings.Join(want, " and ")
}

func (a *app) fromRun(ctx context.Context, e evaluation, m *examined) error {
	db, err := a.read()
	if err != nil {
		return err
	}
	defer db.Close()
	r, err := db.Run(ctx, m.name)
	if err != nil {
		return err
	}
	last, err := db.Restore(ctx, r.ID)
	if err != nil {
		return err
	}
	if r.Status != experiments.Done {
		m.remarks = append(m.remarks, fmt.Sprintf("run %s is %s: these are its weights of step %d", r.ID, r.Status, last.Step))
	}
	m.name, m.config, m.seed = r.ID, r.Config.Written(), r.Seed
	m.learnt = m.config.Clone().Dataset
	if e.dataset != "" && e.dataset != m.config.Dataset.Name {
		m.config.Dataset = experiments.Choice{Name: e.dataset}
	}
	if err := m.change(e.overrides); err != nil {
		return err
	}
	held, averaged := train.Weights(last, e.weights == start.Evaluated)
	if e.weights == start.Trained {
		held = train.Moved(m.config, held)
	}
	if averaged {
		m.remarks = append(m.remarks, fmt.Sprintf("run %s: the moving average of its weights is measured, as in training", r.ID))
	}
	m.fill = func(params []*nn.Param, write func(string, []float32) error) error {
		values := map[string]experiments.Tensor{}
		for _, t := range held {
			values[t.Name] = t
		}
		for _, p := range params {
			t, has := values[p.Path]
			if !has || !p.Shape.Equal(t.Shape) {
				return fmt.Errorf("run %s: %s is %v in the network for %s, its checkpoint has %v", r.ID, p.Path, p.Shape,
					m.config.Dataset.Name, t.Shape)
			}
			if err := write(p.Path, t.Data); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// change applies PATH=VALUE to the configuration.
func (m *examined) change(overrides []string) error {
	study := experiments.DefaultStudy()
	study.Name, study.Base, study.Seeds = "evaluation", m.config, []uint64{1}
	changed, err := studyfile.Change(study, overrides)
	if err != nil {
		return usageError{err}
	}
	if len(changed.Factors) > 0 {
		return usagef("%s: want one value, got a factor", changed.Factors[0].Name)
	}
	m.config = changed.Base
	return nil
}

// build makes the network for the images of the set.
func (m *examined) build(e evaluation) (err error) {
	m.net, err = m.opened(e, m.set.Info())
	return err
}

// opened is the network for images of a kind, with its weights.
func (m *examined) opened(e evaluation, info data.Info) (*train.Network, error) {
	o := train.Opening{Config: m.config, Info: info, Classes: len(info.Classes), Batch: e.batch,
		Features: e.readsFeatures(), Fill: m.fill}
	if m.net == nil {
		m.opening = o
	}
	return train.Open(o, backend(e.threads))
}

// statisticsImages is how many clean training images weights from elsewhere are tried on.
const statisticsImages = 512

// suspect compares the statistics of clean images with those that a file's weights come with, and says at which layer
// they part, if they do. A file that loads is not yet a network that works.
func (m *examined) suspect(ctx context.Context, e evaluation, clean data.Part) error {
	if m.file == "" {
		return nil
	}
	shifts, err := train.Statistics(ctx, m.opening, clean, statisticsImages, backend(e.threads))
	if err != nil {
		return err
	}
	m.remarks = append(m.remarks, train.Suspect(shifts)...)
	return nil
}

func (m *examined) close() (err error) {
	for _, net := range m.others {
		err = errors.Join(err, net.Close())
	}
	if m.net != nil {
		err = errors.Join(err, m.net.Close())
	}
	return err
}

// parts are the images that are examined, and those that evaluators compare with.
func (m *examined) parts(split string) (answers.Parts, error) {
	trained, held, err := data.Choose(m.set, m.config.Dataset.Options, m.seed)
	if err != nil {
		return answers.Parts{}, err
	}
	parts := answers.Parts{Test: data.Part{Set: m.set, Split: data.Test}, Train: trained, Val: held}
	switch split {
	case "train":
		parts.Test = trained
	case "val":
		if parts.Test = held; held.Len() == 0 {
			return parts, errors.New("no images were held out for validation; want dataset.val, as the training had it")
		}
	}
	if parts.Test.Len() == 0 {
		return parts, fmt.Errorf("the %s has no images", parts.Test)
	}
	return parts, nil
}
