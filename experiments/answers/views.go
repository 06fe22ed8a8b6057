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

// mostAtOnce is how many images are looked at in one way before they are in the next, so that the answers of all views
// to them fit into memory.
const mostAtOnce = 4000

// Look gives the answers in the order of the part, many at a time.
func (v Views) Look(ctx context.Context, p data.Part, view data.View, each func(strategy.Seen) error) error {
	for from := 0; from < p.Len(); from += mostAtOnce {
		to := min(from+mostAtOnce, p.Len())
		some := data.Part{Set: p.Set, Split: p.Split}
		var rows []int32
		for row := from; row < to; row++ {
			rows, some.Index = append(rows, int32(row)), append(some.Index, int32(p.Sample(row)))
		}
		if p.Labels != nil {
			some.Labels = p.Labels[from:to]
		}
		mean, err := v.together(ctx, some, view)
		if err == nil {
			err = each(strategy.Seen{Rows: rows, Labels: slices.Clone(mean.Labels), Logits: mean.Logits})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// together is what all views say of a part.
func (v Views) together(ctx context.Context, p data.Part, view data.View) (Answers, error) {
	var all []Answers
	for _, s := range v {
		seen := p
		seen.Set = s.Of(p.Set)
		var a Answers
		err := s.Net.Look(ctx, seen, view, func(one strategy.Seen) error {
			a.Labels, a.Logits = append(a.Labels, one.Labels...), append(a.Logits, one.Logits...)
			a.Classes = len(one.Logits) / len(one.Rows)
			return nil
		})
		if err != nil {
			return Answers{}, fmt.Errorf("view %s: %w", s.Name, err)
		}
		all = append(all, a)
	}
	return Mean(all)
}
