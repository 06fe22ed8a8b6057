package train

import (
	"fmt"
	"slices"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/data/augment"
	"workbench/experiments/iec"
	"workbench/experiments/machine"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
)

// Check says what keeps a run from being trained on a data set, before it begins: phases that do not fit together or to
// the data, streams without images, a graph that cannot be built, labels that the loss reads and the set does not have.
// It builds every phase symbolically and computes nothing.
func Check(c experiments.Config, set data.Set, seed uint64) error {
	all, err := stages(c, set, seed)
	if err != nil {
		return err
	}
	if err := checkContinued(c, all, set, seed); err != nil {
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
	turns, how, err := s.built(s.shape())
	if err != nil {
		return err
	}
	memory, _ := machine.Memory() // 0, which is no bound, where the machine does not say
	if err := holds(turns, how, memory); err != nil {
		return err
	}
	for _, l := range s.streams {
		if alike(l.Views) {
			return fmt.Errorf("the loss compares %d views of each image, and nothing makes them differ; want augmentations, such as "+
				"augment: {resized_crop: true, flip: true, jitter: 0.8}", len(l.Views))
		}
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

// alike tells whether several views show every image as it is.
func alike(views []data.View) bool {
	plain := func(v data.View) bool { return v.Emit == "" && len(augment.Active(v.Augment)) == 0 }
	return len(views) > 1 && !slices.ContainsFunc(views, func(v data.View) bool { return !plain(v) })
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

// holds says if the parameters of a phase alone, with a gradient of each that moves, need more bytes than there are;
// 0 is no bound. Heads of a strategy are as wide as its options say, which no network's size shows.
func holds(turns []trained, how plan.Training, memory int64) error {
	var need float64
	var largest *nn.Param
	known := map[string]bool{}
	for _, turn := range turns {
		for _, p := range turn.graph.Params() {
			if known[p.Path] {
				continue
			}
			known[p.Path] = true
			bytes := 4 * float64(p.Shape.Size())
			if need += bytes; p.Trainable() && how.Moves(p) {
				need += bytes
			}
			if largest == nil || p.Shape.Size() > largest.Shape.Size() {
				largest = p
			}
		}
	}
	if memory <= 0 || need <= float64(memory) {
		return nil
	}
	return fmt.Errorf("its parameters and their gradients need %s, the largest is %s %v; this machine has %s of memory",
		iec.Bytes(int64(need)), largest.Path, largest.Shape, iec.Bytes(memory))
}
