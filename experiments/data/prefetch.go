package data

import (
	"context"
	"sync"
)

// pass is one walk through an epoch. Workers fill batches ahead, each of them every len(lanes)-th batch, and the
// consumer takes the batches in order.
type pass struct {
	Loader
	order []int32
	epoch int
	steps int
	from  int
}

// lane connects one worker with the consumer. Two batches go round in it, so that one is used while the other is
// filled.
type lane struct {
	ready chan Batch
	free  chan Batch
}

func (p pass) run(ctx context.Context, yield func(Batch, error) bool) {
	working, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop()
	lanes := make([]lane, min(max(p.Workers, 1), p.steps-p.from))
	for w := range lanes {
		lanes[w] = lane{ready: make(chan Batch, 2), free: make(chan Batch, 2)}
		lanes[w].free <- p.empty()
		lanes[w].free <- p.empty()
		workers.Go(func() { p.work(working, lanes[w], p.from+w, len(lanes)) })
	}
	for step := p.from; step < p.steps; step++ {
		lane := lanes[(step-p.from)%len(lanes)]
		b, ok := receive(ctx, lane.ready)
		if !ok {
			yield(Batch{}, context.Cause(ctx))
			return
		}
		if !yield(b, nil) {
			return
		}
		lane.free <- b // never blocks: there is room for both
	}
}

// work fills every stride-th batch, beginning with first.
func (p pass) work(ctx context.Context, l lane, first, stride int) {
	images, _ := newAugmenter(p.Loader, p.epoch) // Epoch has checked that it can be made
	for step := first; step < p.steps; step += stride {
		b, ok := receive(ctx, l.free)
		if !ok {
			return
		}
		p.fill(ctx, images, step, &b)
		l.ready <- b // never blocks: there is room for both
	}
}

// receive waits for a batch. If the context is done, that goes first.
func receive(ctx context.Context, from <-chan Batch) (Batch, bool) {
	select {
	case b := <-from:
		return b, ctx.Err() == nil
	case <-ctx.Done():
		return Batch{}, false
	}
}

func (p pass) empty() Batch {
	return Batch{
		Images:  make([]float32, p.Batch*p.Set.Info().Size()),
		Labels:  make([]int32, p.Batch),
		Samples: make([]int32, p.Batch),
	}
}

// fill loads the images of one step. It stops early when the context is done, because nobody takes the batch then.
func (p pass) fill(ctx context.Context, images *augmenter, step int, b *Batch) {
	size := len(images.picture.Values)
	samples := p.order[step*p.Batch : min((step+1)*p.Batch, len(p.order))]
	b.Index, b.N = step, len(samples)
	for row, i := range samples {
		if ctx.Err() != nil {
			return
		}
		images.image(int(i), b.Images[row*size:(row+1)*size])
		b.Labels[row], b.Samples[row] = int32(p.Set.Label(p.Split, int(i))), i
	}
	clear(b.Images[b.N*size:])
	clear(b.Labels[b.N:])
	for row := b.N; row < p.Batch; row++ {
		b.Samples[row] = -1
	}
}
