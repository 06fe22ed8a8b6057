package answers

import (
	"context"
	"fmt"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
)

// Views is a network that looks at every image in several ways, and says what its answers say together: see Mean. It
// has no features.
type Views []Seeing

// Seeing is one way to look.
type Seeing struct {
	Name string
	Net  Looker // for images of the size that Of gives
	Of   func(data.Set) data.Set
}

// Shape is that of the answers.
func (v Views) Shape() evaluate.Shape {
	if len(v) == 0 {
		return evaluate.Shape{}
	}
	return evaluate.Shape{Classes: v[0].Net.Shape().Classes}
}

// Look gives all answers at once.
func (v Views) Look(ctx context.Context, p data.Part, view data.View, each func(strategy.Seen) error) error {
	var all []Answers
	var rows []int32
	for _, s := range v {
		seen := p
		seen.Set = s.Of(p.Set)
		a := Answers{}
		err := s.Net.Look(ctx, seen, view, func(one strategy.Seen) error {
			a.Labels, a.Logits = append(a.Labels, one.Labels...), append(a.Logits, one.Logits...)
			if len(all) == 0 {
				rows = append(rows, one.Rows...)
			}
			a.Classes = len(one.Logits) / len(one.Rows)
			return nil
		})
		if err != nil {
			return fmt.Errorf("view %s: %w", s.Name, err)
		}
		all = append(all, a)
	}
	mean, err := Mean(all)
	if err != nil {
		return err
	}
	return each(strategy.Seen{Rows: rows, Labels: slices.Clone(mean.Labels), Logits: mean.Logits})
}
