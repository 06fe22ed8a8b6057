package diagnosis

import (
	"context"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/portrait"
)

// mostPortraits of layers are read of a run: the newest.
const mostPortraits = 200

// Run reads what a source has of a run and says what is found.
func Run(ctx context.Context, from experiments.Source, run experiments.RunInfo) ([]Finding, error) {
	series, layers, err := read(ctx, from, run)
	if err != nil {
		return nil, err
	}
	return Of(run, series, layers), nil
}

func read(ctx context.Context, from experiments.Source, run experiments.RunInfo) (series []experiments.Series, layers []Layers, err error) {
	if series, err = from.Series(ctx, []string{run.ID}, names(phaseOf(run)), 0); err != nil {
		return nil, nil, err
	}
	made, err := from.Artefacts(ctx, run.ID)
	if err != nil {
		return nil, nil, err
	}
	name := portrait.LayersName
	if phase := phaseOf(run); phase != "" {
		name = phase + "/" + name
	}
	var steps []int64
	for _, m := range made {
		if m.Name == name {
			steps = append(steps, m.Step)
		}
	}
	for _, step := range steps[max(0, len(steps)-mostPortraits):] {
		a, err := from.Artefact(ctx, run.ID, name, step)
		if err != nil {
			return nil, nil, fmt.Errorf("%s at step %d: %w", name, step, err)
		}
		table, err := portrait.Decode[portrait.Layers](a.Data)
		if err != nil {
			return nil, nil, fmt.Errorf("%s at step %d: %w", name, step, err)
		}
		layers = append(layers, Layers{step, table})
	}
	return series, layers, nil
}

// names are the metrics that rules look at.
func names(phase string) (all []string) {
	for _, n := range []metric.Name{{Split: metric.Train, Quantity: "loss"}, {Split: metric.Train, Quantity: "top1"},
		{Split: metric.Train, Quantity: metric.Memorised}, {Split: metric.Train, Quantity: "data_wait"},
		{Split: metric.Test, Quantity: "loss"}, {Split: metric.Test, Quantity: "top1"},
		{Split: metric.Val, Quantity: "loss"}, {Split: metric.Val, Quantity: "top1"}} {
		n.Phase = phase
		all = append(all, n.String())
	}
	return all
}
