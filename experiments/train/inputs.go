package train

import (
	"context"
	"iter"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn/rng"
)

// batches are what one update reads: a batch of each stream, in the order of the phase.
type batches []data.Batch

// batchesOf yields the batches of what is left of an epoch: those of the first stream, with the next of each other one.
func (t *trainer) batchesOf(ctx context.Context, epoch, from int) iter.Seq2[batches, error] {
	return func(yield func(batches, error) bool) {
		all := make(batches, len(t.stage.streams))
		next := make([]func() (data.Batch, error, bool), len(all))
		for i, l := range t.stage.streams[1:] {
			pull, stop := iter.Pull2(l.Cycle(ctx, epoch*t.stage.steps()+from))
			defer stop()
			next[i+1] = pull
		}
		pace := t.stage.streams[0]
		pace.Bare = t.stage.Cached != nil
		for b, err := range pace.Epoch(ctx, epoch, from) {
			all[0] = b
			for i := 1; i < len(all) && err == nil; i++ {
				var more bool
				if all[i], err, more = next[i](); !more && err == nil {
					err = ctx.Err() // a cycle ends for no other reason
				}
			}
			if !yield(all, err) || err != nil {
				return
			}
		}
	}
}

// of finds the batch of a stream.
func (t *trainer) of(all batches, stream string) data.Batch {
	for i, s := range t.stage.Streams {
		if s.Name == stream {
			return all[i]
		}
	}
	return data.Batch{} // no graph has an input of a stream that is not there
}

// fill writes part k of n of the batches, and what follows from the place in the phase, into a program's inputs.
func (t *trainer) fill(exe turn, all batches, k, n int) {
	for _, in := range exe.inputs {
		if in.What == strategy.Computed {
			t.compute(exe, in)
			continue
		}
		b := t.of(all, in.Stream)
		switch in.What {
		case strategy.Images:
			copy(exe.Floats(in.Name), part(b.Views[in.View], k, n))
		case strategy.PictureOf:
			copy(exe.Floats(in.Name), part(b.Targets[in.View].Picture, k, n))
		case strategy.SoftOf:
			copy(exe.Floats(in.Name), part(b.Soft, k, n))
		case strategy.FeaturesOf:
			t.gather(exe.Floats(in.Name), part(b.Rows, k, n))
		case strategy.ClassOf:
			copy(exe.Ints(in.Name), part(b.Labels, k, n))
		case strategy.TargetOf:
			copy(exe.Ints(in.Name), part(b.Targets[in.View].Classes, k, n))
		case strategy.TruthOf:
			t.truth(exe.Ints(in.Name), in.Stream, part(b.Rows, k, n))
		case strategy.RowOf:
			copy(exe.Ints(in.Name), part(b.Rows, k, n))
		}
	}
}

// truth writes the set's own labels of rows of a stream.
func (t *trainer) truth(labels []int32, stream string, rows []int32) {
	i := slices.IndexFunc(t.stage.Streams, func(s strategy.Stream) bool { return s.Name == stream })
	for k := range labels {
		labels[k] = int32(t.stage.streams[i].Part.True(int(rows[k])))
	}
}

// compute fills an input that is of no batch. It depends on the run's seed, the phase and the step alone.
func (t *trainer) compute(exe turn, in strategy.Input) {
	at := t.at()
	random := func(name string) uint64 {
		return rng.Key(t.job.Run.Seed, "strategy/"+t.stage.Name+"/"+name, uint64(at.Step))
	}
	if dst := exe.Floats(in.Name); dst != nil && in.Floats != nil {
		in.Floats(at, random, dst)
	}
	if dst := exe.Ints(in.Name); dst != nil && in.Ints != nil {
		in.Ints(at, random, dst)
	}
}

// part k of n equal parts.
func part[T any](all []T, k, n int) []T { return all[k*len(all)/n : (k+1)*len(all)/n] }
