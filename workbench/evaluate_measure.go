package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"workbench/experiments/answers"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/stats"
)

// findings are what evaluators found of a network.
type findings struct {
	values  []evaluate.Value
	tables  []evaluate.Table
	latency float64 // seconds an image by itself; 0: not timed
}

// meters are the evaluators that are used, at their beginning.
func (e evaluation) meters(shape evaluate.Shape, logits bool, bank int) ([]*evaluate.Meter, error) {
	var all []*evaluate.Meter
	for _, name := range slices.Concat(always, e.with) {
		about, err := evaluate.Lookup(name)
		if err != nil {
			return nil, err
		}
		if about.Reads == evaluate.Logits && !logits {
			continue // the run has trained no classifier
		}
		use := evaluate.Use{Name: name}
		if name == "knn" && bank > 0 {
			use.Options = map[string]any{"k": min(200, bank)} // as pretrainings are measured
		}
		m, err := use.New(shape)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the network has no classifier: want --with knn, probe or collapse, which read features")
	}
	return all, nil
}

// readsFeatures tells whether an evaluator wants more than logits.
func (e evaluation) readsFeatures() bool {
	return slices.ContainsFunc(e.with, func(name string) bool {
		about, err := evaluate.Lookup(name)
		return err == nil && about.Reads == evaluate.Features
	})
}

func (m *examined) measure(ctx context.Context, e evaluation) error {
	parts, err := m.parts(e.split)
	if err != nil {
		return err
	}
	logits, _ := m.net.Answers()
	meters, err := e.meters(m.net.Shape(), logits, parts.Train.Len())
	if err != nil {
		return err
	}
	e.told.begin(m.name, e.passes(m, parts, meters))
	defer e.told.end()
	if m.answers, err = answers.Collect(ctx, m.looker, parts.Test, data.View{}, meters); err != nil {
		return err
	}
	results, err := answers.Measure(ctx, m.answers, m.looker, parts, meters)
	if err != nil {
		return err
	}
	m.take(results)
	if err := m.suspect(ctx, e, parts.Train); err != nil {
		return err
	}
	if err := m.spoil(ctx, e, parts.Test); err != nil {
		return err
	}
	if e.latency {
		m.found.latency, err = m.latency(ctx, e)
	}
	return err
}

func (m *examined) take(results []evaluate.Result) {
	for _, r := range results {
		m.found.values = append(m.found.values, r.Values...)
		m.found.tables = append(m.found.tables, r.Tables...)
		m.remarks = append(m.remarks, r.Notes...)
	}
}

// together measures several networks as one.
func (e evaluation) together(ctx context.Context, all []examined) (examined, error) {
	m := examined{name: "ensemble", views: all[0].views, set: all[0].set, config: all[0].config, seed: all[0].seed}
	var each []answers.Answers
	for _, one := range all {
		each = append(each, one.answers)
	}
	var err error
	if m.answers, err = answers.Mean(each); err != nil {
		return m, err
	}
	e.with = nil
	meters, err := e.meters(evaluate.Shape{Classes: m.answers.Classes}, true, 0)
	if err != nil {
		return m, err
	}
	results, err := answers.Measure(ctx, m.answers, nil, answers.Parts{}, meters)
	m.take(results)
	return m, err
}

const (
	latencyPasses = 50
	latencyLimit  = 5 * time.Second
)

// latency is the median time of a pass of one image.
func (m *examined) latency(ctx context.Context, e evaluation) (seconds float64, err error) {
	e.batch = 1
	single := *m
	if err := single.build(e); err != nil {
		return 0, err
	}
	defer func() { err = joinClose(err, &single) }()
	var all []float64
	deadline := time.Now().Add(latencyLimit)
	for i := range latencyPasses + 3 {
		began := time.Now()
		if err := single.net.Pass(); err != nil {
			return 0, err
		}
		if i >= 3 { // the first passes touch their memory
			all = append(all, time.Since(began).Seconds())
		}
		if ctx.Err() != nil || i > 5 && time.Now().After(deadline) {
			break
		}
	}
	return stats.Median(all), ctx.Err()
}

func joinClose(err error, m *examined) error {
	if closed := m.close(); err == nil {
		err = closed
	}
	return err
}
