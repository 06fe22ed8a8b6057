package train

import (
	"fmt"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
)

// graph builds the network of a configuration for batches of images of a data set.
func graph(c experiments.Config, info data.Info, mode nn.Mode, batch int) (*nn.Builder, nn.Tensor, error) {
	variant, settings, err := c.Variant()
	if err != nil {
		return nil, nn.Tensor{}, err
	}
	b := nn.NewBuilder(mode, false)
	stays, _ := c.Frozen()
	b.Freeze(stays)
	x := b.Input("image", batch, info.Channels, info.Height, info.Width)
	return b, variant.Build(b, x, len(info.Classes), settings), nil
}

// lowerTraining returns the program that trains on a micro-batch, with the graph that it was made from.
func lowerTraining(c experiments.Config, info data.Info, batch int, cycles bool) (*plan.Program, *nn.Builder, error) {
	method, err := strategy.Lookup(c.Strategy.Name)
	if err != nil {
		return nil, nil, fmt.Errorf("strategy.name: %w", err)
	}
	b, logits, err := graph(c, info, nn.Train, batch)
	if err != nil {
		return nil, nil, err
	}
	loss := method.Loss(b, logits, b.Labels("label", batch), method.Resolve(c.Strategy.Options))
	if err := b.Err(); err != nil {
		return nil, nil, err
	}
	how, err := training(c, b.Params())
	if err != nil {
		return nil, nil, err
	}
	how.Loss, how.CycleMomentum = loss, cycles
	p, err := plan.LowerTraining(b, map[string]nn.Tensor{"logits": logits}, how)
	return p, b, err
}

// lowerInference returns the program that evaluates a batch.
func lowerInference(c experiments.Config, info data.Info, batch int) (*plan.Program, error) {
	b, logits, err := graph(c, info, nn.Infer, batch)
	if err != nil {
		return nil, err
	}
	return plan.Lower(b, map[string]nn.Tensor{"logits": logits})
}
