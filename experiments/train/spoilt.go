package train

import (
	"context"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
)

// spoiltTest are the images of the test split under every corruption that a run is measured with.
func spoiltTest(c experiments.Config, set data.Set) (uses []corrupt.Use, parts []data.Part, err error) {
	uses, err = corrupt.ParseAll(c.Evaluate.Corruption)
	for _, u := range uses {
		parts = append(parts, data.Part{Set: u.Of(set), Split: data.Test})
	}
	return uses, parts, err
}

// underCorruptions measures a phase that has a classifier on the spoilt images.
func (t *trainer) underCorruptions(ctx context.Context) ([]experiments.Point, error) {
	if len(t.stage.spoilt) == 0 || t.eval.Output("logits") == nil {
		return nil, nil
	}
	var shares []float64
	for _, p := range t.stage.spoilt {
		right, images := 0, 0
		err := t.look(ctx, p, func(seen strategy.Seen) error {
			right += evaluate.Count(seen.Logits, seen.Labels, t.classes).Top1
			images += len(seen.Labels)
			return nil
		})
		if err != nil {
			return nil, err
		}
		shares = append(shares, float64(right)/float64(images))
	}
	name := metric.Name{Split: metric.Test, Quantity: metric.CorruptedTop1}.String()
	return []experiments.Point{t.point(name, corrupt.Mean(t.stage.corruptions, shares))}, nil
}
