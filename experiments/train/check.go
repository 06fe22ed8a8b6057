package train

import (
	"fmt"
	"slices"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
)

// Check says what keeps a run from being trained on a data set, before it begins: phases that do not fit together or to
// the data, streams without images, a graph that cannot be built, labels that the loss reads and the set does not have.
// It builds every phase symbolically and computes nothing.
func Check(c experiments.Config, set data.Set, seed uint64) error {
	all, err := stages(c, set, seed)
	if err != nil {
		return err
	}
	for i := range all {
		if err := all[i].check(); err != nil && all[i].Name != "" {
			return fmt.Errorf("phase %s: %w", all[i].Name, err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) check() error {
	turns, _, err := s.built(s.shape())
	if err != nil {
		return err
	}
	for _, turn := range turns {
		if err := turn.graph.Originals(); err != nil {
			return err
		}
		for _, in := range turn.graph.Inputs() {
			if err := s.lends(in); err != nil {
				return err
			}
		}
	}
	return nil
}

// lends says whether a stream has what an input reads of it.
func (s *stage) lends(in strategy.Input) error {
	if in.What != strategy.ClassOf {
		return nil
	}
	i := slices.IndexFunc(s.Streams, func(stream strategy.Stream) bool { return stream.Name == in.Stream })
	return labelled(s.streams[i].Part)
}

// labelled says whether every image has a label.
func labelled(p data.Part) error {
	for row := range p.Len() {
		if label := p.Label(row); label < 0 {
			return fmt.Errorf("image %d of the %s has no label, which the loss reads", p.Sample(row), p)
		}
	}
	return nil
}
