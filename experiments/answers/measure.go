package answers

import (
	"context"
	"fmt"

	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
)

// Parts are the images that an evaluation needs.
type Parts struct {
	Test  data.Part
	Train data.Part // what evaluators compare with
	Val   data.Part // what evaluators are fitted on: neither trained on nor under test; empty: there is none
}

// Collect are the answers of a network to images under a view. Meters that read features are fed with those.
func Collect(ctx context.Context, net Looker, p data.Part, v data.View, meters []*evaluate.Meter) (Answers, error) {
	a := Answers{Classes: net.Shape().Classes}
	err := net.Look(ctx, p, v, func(seen strategy.Seen) error {
		for i, label := range seen.Labels {
			if label < 0 {
				return fmt.Errorf("image %d of the %s has no label to compare an answer with", p.Sample(int(seen.Rows[i])), p)
			}
		}
		a.Labels = append(a.Labels, seen.Labels...)
		a.Logits = append(a.Logits, seen.Logits...)
		for _, m := range meters {
			if m.Reads == evaluate.Features {
				if err := m.Add(seen.Features, seen.Labels); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return a, err
}

// Measure gives the meters that read logits the answers, and all meters what they compare with, and returns what they
// find, in their order.
func Measure(ctx context.Context, a Answers, net Looker, parts Parts, meters []*evaluate.Meter) ([]evaluate.Result, error) {
	for _, m := range meters {
		if m.Reads == evaluate.Features {
			continue
		}
		if err := m.Add(a.Logits, a.Labels); err != nil {
			return nil, err
		}
	}
	if err := fill(ctx, net, evaluate.Training, parts.Train, meters); err != nil {
		return nil, err
	}
	if err := fill(ctx, net, evaluate.HeldOut, parts.Val, meters); err != nil {
		return nil, err
	}
	var all []evaluate.Result
	for _, m := range meters {
		r, err := m.Result(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// fill shows the meters of a bank its images.
func fill(ctx context.Context, net Looker, bank evaluate.Bank, p data.Part, meters []*evaluate.Meter) error {
	var own []*evaluate.Meter
	for _, m := range meters {
		if m.Bank == bank {
			own = append(own, m)
		}
	}
	switch empty := p.Set == nil || p.Len() == 0; {
	case len(own) == 0:
		return nil
	case empty && bank == evaluate.HeldOut:
		return fmt.Errorf("evaluator %s wants pictures that are neither trained on nor under test; want dataset.val, a share of the "+
			"training images, as the training had it", own[0].Name)
	case empty:
		return fmt.Errorf("evaluator %s compares with training images, and the set has none", own[0].Name)
	}
	return net.Look(ctx, p, data.View{}, func(seen strategy.Seen) error {
		for _, m := range own {
			rows := seen.Logits
			if m.Reads == evaluate.Features {
				rows = seen.Features
			}
			if err := m.AddBank(rows, seen.Labels); err != nil {
				return err
			}
		}
		return nil
	})
}
