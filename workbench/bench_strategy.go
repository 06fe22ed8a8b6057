package main

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/bench"
	"workbench/nn/nearest"
)

// strategyTarget is how many times as fast as lightly a step of a strategy shall be.
const strategyTarget = 1.5

// strategyBatch is the images of a step of a strategy, each in two views.
const strategyBatch = 128

// strategyNetworks are measured if none is named.
var strategyNetworks = []string{"resnet20_cifar", "resnet18", "stem=small"}

// benchHeads has the strategies whose steps are measured, with the heads that lightly's benchmark of CIFAR-10 gives
// them; both views are passes of their own there.
var benchHeads = map[string]map[string]any{
	"byol":   {"hidden": 1024, "projection": 256},
	"simclr": {"hidden": 512, "projection": 128, "one_pass": false},
}

func benchedStrategies() []string { return slices.Sorted(maps.Keys(benchHeads)) }

func (b *benching) checkStrategy() error {
	if b.strategy == "" {
		return nil
	}
	if benchHeads[b.strategy] == nil {
		return fmt.Errorf("unknown --strategy %q%s", b.strategy, nearest.Hint(b.strategy, benchedStrategies()))
	}
	if b.like.Inference || b.tune {
		return fmt.Errorf("--strategy %s measures training: not with --inference or --tune", b.strategy)
	}
	if b.like.Batch == 0 {
		b.like.Batch = strategyBatch
	}
	if b.side == 0 {
		b.side = 32
	}
	return nil
}

// train makes the cases such of the strategy. Two networks that differ in their classes alone are one here.
func (b *benching) train(cases []bench.Case) error {
	for i := range cases {
		c := &cases[i]
		c.Strategy, c.StrategyOptions, c.Target = b.strategy, benchHeads[b.strategy], strategyTarget
		if _, err := strategy.Lookup(c.Strategy); err != nil {
			return err
		}
	}
	return nil
}

// unchanging is the key of every random number: steps are to be alike.
func unchanging(string) uint64 { return 1 }

// benchStrategies builds what a step of a case's strategy computes, at the beginning of a training.
func benchStrategies(c bench.Case, b *nn.Builder, network func(*nn.Builder, nn.Tensor, int) nn.Tensor,
) (bench.Objective, error) {
	var read bench.Objective
	s, err := strategy.Lookup(c.Strategy)
	if err != nil {
		return read, err
	}
	about := strategy.About{Info: data.Info{Classes: make([]string, c.Classes)}, Batch: c.Batch, Epochs: 1}
	phases, err := s.Phases(s.Resolve(c.StrategyOptions), about)
	if err != nil {
		return read, err
	}
	shape := strategy.Shape{Batch: c.Batch, Channels: c.Input[0], Height: c.Input[1], Width: c.Input[2], Classes: c.Classes}
	g := strategy.NewGraph(b, &phases[0], shape, network)
	read.Loss = phases[0].Objective(g).Loss
	if err := g.Err(); err != nil {
		return read, err
	}
	read.Numbers = map[string]func([]float32){}
	for _, in := range g.Inputs() {
		switch {
		case in.What == strategy.Images:
			read.Images = append(read.Images, in.Name)
		case in.Floats != nil:
			read.Numbers[in.Name] = func(dst []float32) { in.Floats(strategy.At{}, unchanging, dst) }
		default:
			return read, fmt.Errorf("strategy %s reads %s, which nobody fills here", c.Strategy, in.Name)
		}
	}
	return read, nil
}
