package train

import (
	"context"
	"fmt"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
)

// evaluate measures the test split, and what was held out from training, in inference mode.
func (t *trainer) evaluate(ctx context.Context) ([]experiments.Point, error) {
	if err := t.renew(ctx); err != nil {
		return nil, err
	}
	points, err := t.measure(ctx, metric.Test, data.Part{Set: t.set, Split: data.Test})
	if err != nil {
		return nil, err
	}
	spoilt, err := t.underCorruptions(ctx)
	if points = append(points, spoilt...); err != nil || t.stage.val.Len() == 0 {
		return points, err
	}
	held, err := t.measure(ctx, metric.Val, t.stage.val)
	return append(points, held...), err
}

// measure evaluates a part, whose metrics are of the split.
func (t *trainer) measure(ctx context.Context, split string, p data.Part) ([]experiments.Point, error) {
	var results []evaluate.Result
	classified := evaluate.Classification{Classes: t.classes}
	meters, err := t.meters()
	if err != nil {
		return nil, err
	}
	witness, err := t.witnessed(split)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	err = t.look(ctx, p, func(seen strategy.Seen) error {
		if len(seen.Logits) > 0 {
			classified.Add(seen.Logits, seen.Labels)
			t.witness(witness, split, seen)
		}
		return each(meters, func(m *evaluate.Meter) error { return m.Add(read(m, seen), seen.Labels) })
	})
	if split == metric.Test {
		t.portrait.pace.tested, t.portrait.pace.images = time.Since(began), p.Len()
	}
	if err == nil && needBank(meters) {
		err = t.look(ctx, t.stage.train, func(seen strategy.Seen) error {
			return each(meters, func(m *evaluate.Meter) error {
				if m.Bank == evaluate.NoBank {
					return nil
				}
				return m.AddBank(read(m, seen), seen.Labels)
			})
		})
	}
	if err != nil {
		return nil, err
	}
	if t.eval.Output("logits") != nil {
		results = append(results, evaluate.Result{Values: classified.Values()})
	}
	for _, m := range meters {
		r, err := m.Result(ctx)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return t.told(split, results)
}

// meters are the evaluators that the phase wants, at their beginning.
func (t *trainer) meters() ([]*evaluate.Meter, error) {
	var all []*evaluate.Meter
	for _, use := range t.stage.Measure {
		width := func(output string) int { return len(t.eval.Output(output)) / t.stage.shape().Batch }
		m, err := use.New(evaluate.Shape{Classes: t.classes, Features: width("features"), Embeddings: width("embeddings")})
		if err != nil {
			return nil, err
		}
		if m.Bank == evaluate.HeldOut {
			return nil, fmt.Errorf("evaluator %s wants pictures that are neither trained on nor tested, which no phase lends", m.Name)
		}
		all = append(all, m)
	}
	return all, nil
}

func each(meters []*evaluate.Meter, do func(*evaluate.Meter) error) error {
	for _, m := range meters {
		if err := do(m); err != nil {
			return err
		}
	}
	return nil
}

func needBank(meters []*evaluate.Meter) bool {
	for _, m := range meters {
		if m.Bank != evaluate.NoBank {
			return true
		}
	}
	return false
}

// read is what an evaluator reads of what was seen.
func read(m *evaluate.Meter, seen strategy.Seen) []float32 {
	switch m.Reads {
	case evaluate.Features:
		return seen.Features
	case evaluate.Embeddings:
		return seen.Embeddings
	case evaluate.Online:
		return seen.Online
	}
	return seen.Logits
}

// told turns what was measured into points, and notes into lines of the run's log.
func (t *trainer) told(split string, results []evaluate.Result) ([]experiments.Point, error) {
	var points []experiments.Point
	for _, r := range results {
		for _, v := range r.Values {
			points = append(points, t.point(metric.Name{Split: split, Quantity: v.Quantity}.String(), v.Value))
		}
		for _, note := range r.Notes {
			line := fmt.Sprintf("%s, epoch %d: %s", t.stage.metric(split), t.state.Epoch+1, note)
			if err := t.emit(experiments.Record{Log: line}); err != nil {
				return nil, err
			}
		}
	}
	return points, nil
}
