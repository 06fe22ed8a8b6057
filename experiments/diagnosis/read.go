package diagnosis

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/portrait"
)

// Bounds of what is read of a run's portraits of layers, the newest first: how many, and bytes of all.
const (
	mostPortraits = 200
	mostBytes     = 24 << 20
)

// ErrUnreadable is that of a portrait which is damaged, or no portrait of layers. Everything else can still be read.
var ErrUnreadable = errors.New("cannot be read")

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
	for _, step := range readable(made, name) {
		a, err := from.Artefact(ctx, run.ID, name, step)
		if ctx.Err() != nil || errors.Is(err, experiments.ErrMissing) || errors.Is(err, experiments.ErrReplaced) {
			return nil, nil, err // the reader or the database has left
		}
		var table portrait.Layers
		if err == nil {
			table, err = portrait.Decode[portrait.Layers](a.Data)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s at step %d %w: %w", name, step, ErrUnreadable, err)
		}
		layers = append(layers, Layers{step, table})
	}
	return series, layers, nil
}

// readable are the steps of the artefacts of a name that are read, in their order.
func readable(made []experiments.ArtefactInfo, name string) (steps []int64) {
	left := int64(mostBytes)
	for _, m := range slices.Backward(made) {
		if m.Name != name {
			continue
		}
		if left -= m.Bytes; left < 0 || len(steps) == mostPortraits {
			break
		}
		steps = append(steps, m.Step)
	}
	slices.Reverse(steps)
	return steps
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
