package train

import (
	"fmt"

	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// ascent is the first pass of the stage's updates; its radius is 0 where they have one pass.
func (s *stage) ascent() plan.Ascent {
	optimizer, err := optim.Lookup(s.config.Optim.Name)
	if err != nil {
		return plan.Ascent{} // moves says so
	}
	given := optimizer.Resolve(s.config.Optim.Options)
	return plan.Ascent{Radius: given.Float("sam"), Adaptive: given.Bool("sam_adaptive")}
}

// sharpen makes of two equal graphs the two passes of an update. The second one tells nothing: losses and hits are
// those at the weights themselves, as they are without it. Both passes see the same images and draw the same numbers.
func (s *stage) sharpen(turns []trained) error {
	if len(s.Turns) > 0 {
		return fmt.Errorf("optim.sam: a step of %s has several losses, sharpness is that of one; want 0", s.config.Strategy.Name)
	}
	for _, u := range turns[0].graph.Updates() {
		if u.Param.Role == nn.Memory {
			return fmt.Errorf("optim.sam: the loss of %s reads %s, which each pass would change; want 0", s.config.Strategy.Name, u.Param.Path)
		}
	}
	turns[0].pass, turns[1].pass = plan.Ascend, plan.Descend
	turns[1].objective = strategy.Objective{Loss: turns[1].objective.Loss}
	return nil
}

// passing is how parameters move in a pass.
func (s *stage) passing(how plan.Training, pass plan.Pass) plan.Training {
	if how.Pass = pass; pass == plan.Ascend {
		how.Optimizer, how.Averaging = s.ascent(), plan.Averaging{}
		how.Gradients = plan.Gradients{MicroBatches: how.Gradients.MicroBatches}
	}
	return how
}
