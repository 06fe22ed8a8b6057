package train

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/start"
	"workbench/experiments/strategy"
	"workbench/nn/optim"
)

// continued is the number of steps that the run which this one continues has made; 0: it continues none.
func (s *stage) continued() int64 {
	all := start.Of(s.config.Start).Continues
	if len(all) == 0 || s.index > 0 {
		return 0
	}
	return int64(all[len(all)-1]) * int64(s.steps())
}

// checkContinued says what keeps a run from continuing one of fewer epochs: phases and lengths that have no such point,
// and, unless the study allows it, values that the shorter run had in its epochs and this one would not have had.
func checkContinued(c experiments.Config, own []stage, set data.Set, seed uint64) error {
	from := start.Of(c.Start)
	if len(from.Continues) == 0 {
		return nil
	}
	optimizer, err := optim.Lookup(c.Optim.Name)
	if err != nil {
		return fmt.Errorf("optim.name: %w", err)
	}
	switch swa := optimizer.Resolve(c.Optim.Options).Float("swa"); {
	case len(own) > 1:
		return fmt.Errorf("start.continue: the run has %d phases, want one: the last state of a shorter run is that of its last phase", len(own))
	case c.Patience > 0:
		return fmt.Errorf("start.continue: with patience %d a run may end before its epochs, want none", c.Patience)
	case swa > 0:
		return fmt.Errorf("start.continue: with optim.swa %v the mean of weights begins at a share of all epochs, want none", swa)
	}
	shorter := c.Clone()
	shorter.Start, shorter.Epochs = start.Parent(c.Start)
	if from.OtherRates {
		return nil
	}
	before, err := stages(shorter, set, seed)
	if err != nil {
		return err
	}
	what, at, err := differs(&own[0], &before[0])
	if err != nil || what == "" {
		return err
	}
	return fmt.Errorf("start.continue: at step %d the run of %d epochs had another %s than one of %d epochs has there, so what continues it "+
		"is no run of %d epochs; start.other_rates=true allows it, as another protocol", at, shorter.Epochs, what, c.Epochs, c.Epochs)
}

// mostCompared is how many steps of a phase are compared; of a longer one, as many that lie evenly.
const mostCompared = 1 << 20

// differs finds the first step of a shorter phase in which something that follows a course has another value than in a
// longer one. what is "" if all are the same.
func differs(longer, shorter *stage) (what string, at int64, err error) {
	a, err := longer.courses()
	if err != nil {
		return "", 0, err
	}
	b, err := shorter.courses()
	if err != nil {
		return "", 0, err
	}
	stride := max(1, shorter.total/mostCompared)
	for step := int64(0); step < shorter.total; step += stride {
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if other, is := b[name]; !is || a[name](longer.atStep(step)) != other(shorter.atStep(step)) {
				return name, step, nil
			}
		}
	}
	return "", 0, nil
}

// atStep is how far the stage is when it has made so many steps.
func (s *stage) atStep(step int64) strategy.At {
	return strategy.At{Step: int(step), Steps: int(s.total), Epoch: float64(step/int64(s.steps())) +
		float64(step%int64(s.steps()))/float64(s.steps()), Epochs: s.epochs()}
}

// courses are what changes over the stage by how far it is, by what people call it.
func (s *stage) courses() (map[string]func(strategy.At) float64, error) {
	of, err := s.schedules()
	if err != nil {
		return nil, err
	}
	all := map[string]func(strategy.At) float64{"learning rate": func(at strategy.At) float64 { return of.rate(at.Epoch) }}
	if of.momentum != nil {
		all["momentum"] = func(at strategy.At) float64 { return of.momentum(at.Epoch) }
	}
	for _, r := range s.Rates {
		all["learning rate of "+r.Match] = r.Factor
	}
	for name, scalar := range s.Scalars {
		all[s.config.Strategy.Name+"'s "+name] = scalar
	}
	return all, nil
}
