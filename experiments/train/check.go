package train

import (
	"fmt"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
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
	g, err := s.graph(nn.Train, s.shape())
	if err != nil {
		return err
	}
	if s.Objective(g); g.Err() != nil {
		return g.Err()
	}
	if _, err := s.moves(g.Params()); err != nil {
		return err
	}
	if err := g.Originals(); err != nil {
		return err
	}
	for _, in := range g.Inputs() {
		if in.What != strategy.ClassOf {
			continue
		}
		for i, stream := range s.Streams {
			if stream.Name == in.Stream {
				if err := labelled(s.streams[i].Part); err != nil {
					return err
				}
			}
		}
	}
	return nil
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
