package train

import (
	"fmt"

	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// listening is the program of the phase's online classifier, which reads what the first of its programs computes; none
// if it has no such classifier.
func (s *stage) listening(shape strategy.Shape, programs []trained, cycles bool) ([]trained, error) {
	if s.Online == nil {
		return nil, nil
	}
	optimizer, err := optim.Lookup(s.config.Optim.Name)
	if err != nil {
		return nil, fmt.Errorf("optim.name: %w", err)
	}
	g, err := s.graph(nn.Train, shape)
	if err != nil {
		return nil, err
	}
	var shapes []op.Shape
	for _, features := range programs[0].graph.Heard() {
		shapes = append(shapes, features.Shape())
	}
	all := trained{graph: g, objective: g.Listen(shapes)}
	if err := g.Err(); err != nil {
		return nil, fmt.Errorf("strategy.online: %w", err)
	}
	err = all.lower(plan.Training{Optimizer: optimizer.New(optimizer.Resolve(s.config.Optim.Options)), CycleMomentum: cycles,
		Gradients: plan.Gradients{MicroBatches: s.config.MicroBatches()}, Slots: s.slots})
	return []trained{all}, err
}

// listen trains the online classifier on what a program has just computed of part k of n of the batches.
func (t *trainer) listen(from turn, all batches, k, n int) error {
	own, at := *t.listener, t.at()
	t.fill(own, all, k, n)
	for i := 0; from.Output(strategy.HeardName(i)) != nil; i++ {
		copy(own.Floats(strategy.HeardName(i)), from.Output(strategy.HeardName(i)))
	}
	own.Floats("lr")[0] = float32(t.stage.Online.Rate * t.schedules.factor(at.Epoch))
	t.writeStep(own, at)
	if n > 1 {
		own.Ints("micro_batch")[0] = int32(k)
	}
	if err := own.RunAll(); err != nil {
		return fmt.Errorf("online classifier: %w", err)
	}
	t.note(own, n)
	return nil
}
