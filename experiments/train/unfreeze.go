package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/start"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/option"
	"workbench/nn/plan"
)

// settled is what a phase has other than the study: what its strategy always says, and what that makes of the data. A
// study that says epochs means them in place of a length.
func settled(p strategy.Phase, always, said map[string]any) map[string]any {
	if len(p.Rule) == 0 {
		return always
	}
	own := maps.Clone(always)
	maps.Copy(own, p.Rule)
	if _, says := said[p.Name+".epochs"]; says {
		delete(own, "length")
	}
	return own
}

// arrange finds out which parameters move beside those that the phase names, and which blocks wait to be unfrozen.
func (s *stage) arrange() error {
	if s.FixedStatistics && s.index == 0 && !start.Of(s.config.Start).Said() {
		return fmt.Errorf("strategy.frozen_statistics: the network is drawn, and its statistics are of nothing; want start.from")
	}
	if every := s.unfreezes(); s.Norms == 0 && every == 0 && !s.FixedStatistics {
		return nil
	}
	_, params, err := s.graphs(s.shape())
	if err != nil {
		return err
	}
	if s.FixedStatistics && !slices.ContainsFunc(params, func(p *nn.Param) bool { return p.Role == nn.Running }) {
		return fmt.Errorf("strategy.frozen_statistics: has no effect: %s has no batch norm", s.config.Network())
	}
	if s.Norms > 0 {
		s.norms = map[string]bool{}
		for _, p := range params {
			s.norms[p.Path] = p.Role == nn.Scale || p.Role == nn.Shift
		}
	}
	if s.unfreezes() > 0 {
		s.blocks, _ = optim.Blocks(s.movable(params))
		s.unfrozen = s.unfrozenIn(0)
	}
	return nil
}

// unfreezes is how many epochs pass until one more block is unfrozen; 0: all move from the beginning.
func (s *stage) unfreezes() int {
	return option.Complete(optim.Common, s.config.Optim.Options).Int("unfreeze_every")
}

// movable are the parameters that the phase moves sooner or later.
func (s *stage) movable(params []*nn.Param) []*nn.Param {
	at := *s
	at.blocks = nil
	stays := at.stays()
	return slices.DeleteFunc(slices.Clone(params), func(p *nn.Param) bool {
		return !p.Trainable() || p.Original != "" || stays(p.Path)
	})
}

// unfrozenIn is how many blocks move in an epoch, counted from 0.
func (s *stage) unfrozenIn(epoch int) int {
	return 1 + min(epoch, max(s.config.Epochs, 1)-1)/max(s.unfreezes(), 1)
}

// waits tells whether a parameter is of a block that is not yet unfrozen.
func (s *stage) waits(path string) bool {
	i, of := s.blocks[path]
	return of && i <= s.lastBlock()-s.unfrozen
}

func (s *stage) lastBlock() int {
	last := 0
	for _, i := range s.blocks {
		last = max(last, i)
	}
	return last
}

// unfreeze makes the programs anew if more blocks move in the epoch that begins. What has moved goes on as it was; what
// is unfrozen has an optimizer without a past.
func (t *trainer) unfreeze() error {
	now := t.stage.unfrozenIn(t.state.Epoch)
	if t.stage.blocks == nil || now == t.stage.unfrozen || t.stage.unfrozen > t.stage.lastBlock() {
		return nil
	}
	held := map[string]experiments.Tensor{}
	for _, name := range t.names {
		tensor, err := t.tensor(name)
		if err != nil {
			return err
		}
		held[name] = tensor
	}
	t.close()
	t.names, t.stage.unfrozen = nil, now
	if err := t.compile(); err != nil {
		return err
	}
	for _, name := range t.names {
		tensor, there := held[name]
		if of, averaged := strings.CutPrefix(name, plan.AverageName("")); averaged && !there {
			tensor, there = held[of], true // an average begins as what it is of
		}
		if !there {
			continue // zero
		}
		if err := t.memory.Write(name, tensor.Data); err != nil {
			return err
		}
	}
	return nil
}

// trainingWork is the multiply-adds of all steps of a program that trains.
func (s *stage) trainingWork(shape strategy.Shape) (float64, error) {
	if s.blocks == nil {
		return s.stepsWork(shape, s.length())
	}
	sum, at := 0.0, *s
	for epoch, left := 0, s.length(); left > 0; epoch++ {
		steps, first := int64(0), at.unfrozenIn(epoch)
		for ; left > 0 && (at.unfrozenIn(epoch) == first || first > s.lastBlock()); epoch++ {
			steps += min(left, int64(s.steps()))
			left -= min(left, int64(s.steps()))
		}
		epoch--
		at.unfrozen = first
		work, err := at.stepsWork(shape, steps)
		if err != nil {
			return 0, err
		}
		sum += work
	}
	return sum, nil
}

// stepsWork is that of so many steps which are alike.
func (s *stage) stepsWork(shape strategy.Shape, steps int64) (float64, error) {
	step, err := s.training(shape, false)
	if err != nil {
		return 0, err
	}
	beside, err := s.listening(shape, step, false)
	if err != nil {
		return 0, err
	}
	return float64(steps) * (s.multiplyAdds(step) + s.multiplyAdds(beside)), nil
}

// costs of a step of the programs: where blocks are unfrozen steps are not alike, and their mean counts.
func (s *stage) costs(shape strategy.Shape, programs, listening []trained) (costs, error) {
	if s.blocks == nil {
		return costs{s.passes(programs), s.multiplyAdds(programs) + s.multiplyAdds(listening)}, nil
	}
	work, err := s.trainingWork(shape)
	return costs{s.passes(programs), work / float64(s.length())}, err
}
