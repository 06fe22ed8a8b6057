package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"workbench/experiments/answers"
	"workbench/experiments/data"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/evaluate"
)

// spoilt are corruptions with what evaluators found on images that are spoilt by them.
type spoilt struct {
	corrupt.Use
	values []evaluate.Value
}

// checkCorruptions reads what is asked, and says what does not go with it.
func (e *evaluation) checkCorruptions() error {
	for _, text := range e.corruption {
		uses, err := corrupt.Parse(text)
		if err != nil {
			return usagef("--corruption: %w", err)
		}
		for _, u := range uses {
			if !u.In(e.uses) {
				e.uses = append(e.uses, u)
			}
		}
	}
	switch {
	case len(e.uses) > 0 && e.ensemble:
		return usagef("--corruption measures each network by itself, --ensemble all together; want one or the other")
	}
	return nil
}

// onSpoilt are the evaluators of spoilt images.
var onSpoilt = []string{"classification", "calibration"}

// spoil measures the network on images of a part under every corruption that is asked.
func (m *examined) spoil(ctx context.Context, e evaluation, p data.Part) error {
	if logits, _ := m.net.Answers(); !logits && len(e.uses) > 0 {
		return errors.New("the network has no classifier, whose answers --corruption measures")
	}
	for _, u := range e.uses {
		var meters []*evaluate.Meter
		for _, name := range onSpoilt {
			meter, err := evaluate.Use{Name: name}.New(m.net.Shape())
			if err != nil {
				return err
			}
			meters = append(meters, meter)
		}
		p := p
		p.Set = u.Of(m.set)
		a, err := answers.Collect(ctx, m.looker, p, data.View{}, meters)
		if err != nil {
			return fmt.Errorf("corruption %s:%d: %w", u.Name, u.Strength, err)
		}
		results, err := answers.Measure(ctx, a, m.looker, answers.Parts{}, meters)
		if err != nil {
			return err
		}
		one := spoilt{Use: u}
		for _, r := range results {
			one.values = append(one.values, r.Values...)
		}
		m.spoilt = append(m.spoilt, one)
	}
	return nil
}

// spoiltListing has a row for each network and corruption, and the mean over these; what a mean is of is a remark.
func (e evaluation) spoiltListing(all []examined) (l listing, remarks []string) {
	quantities := []string{"top1", "loss", "ece"}
	l = listing{key: "corruptions", title: "On spoilt images", columns: []column{{"network", "network", false},
		{"corruption", "corruption", false}, {"strength", "strength", true}, {"error", "error %", true}}}
	for _, q := range quantities {
		l.columns = append(l.columns, column{q, headOf(e.metric(q)), true})
	}
	for _, m := range all {
		row := func(name string, strength cell, of []spoilt) {
			cells := []cell{text(m.name), text(name), strength, share(1 - meanOver(of, "top1"))}
			for _, q := range quantities {
				cells = append(cells, value(e.metric(q), meanOver(of, q)))
			}
			l.rows = append(l.rows, cells)
		}
		for _, s := range m.spoilt {
			row(s.Name, counted(int64(s.Strength)), []spoilt{s})
		}
		if len(m.spoilt) > 1 {
			row("mean", cell{nil, missing}, m.spoilt)
		}
	}
	if len(e.uses) > 1 {
		remarks = append(remarks, "mean: over the corruptions of their means over strengths, so its error is the mean corruption error "+
			"without a division by AlexNet's errors; of CIFAR-10-C's fifteen corruptions these are left out here: "+
			strings.Join(corrupt.LeftOut, ", "))
	}
	if info := all[0].set.Info(); info.Height != 32 || info.Width != 32 {
		remarks = append(remarks, fmt.Sprintf("the constants of the corruptions are those for images of 32×32 pixels, these have %d×%d",
			info.Height, info.Width))
	}
	return l, remarks
}

// meanOver is the mean over corruptions of the mean of a quantity over their strengths.
func meanOver(all []spoilt, quantity string) float64 {
	var uses []corrupt.Use
	var values []float64
	for _, s := range all {
		for _, v := range s.values {
			if v.Quantity == quantity {
				uses, values = append(uses, s.Use), append(values, v.Value)
			}
		}
	}
	return corrupt.Mean(uses, values)
}
