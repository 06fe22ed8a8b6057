package data

import (
	"context"
	"sync"
)

// pass is one way through a stretch of the stream. Workers fill batches ahead, each of them every len(lanes)-th batch,
// and the consumer takes the batches in order.
type pass struct {
	Loader
	views []maker
	begin int // position of the first image of step 0
	end   int // position behind the last image
	from  int // first step that is wanted
	steps int // all steps, with those before from
}

// lane connects one worker with the consumer. Two batches go round in it, so that one is used while the other is
// filled.
type lane struct {
	ready chan filled
	free  chan Batch
}

// filled is a batch, or why there is none.
type filled struct {
	Batch
	err error
}

func (p pass) run(ctx context.Context, yield func(Batch, error) bool) {
	working, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop()
	lanes := make([]lane, min(max(p.Workers, 1), p.steps-p.from))
	for w := range lanes {
		lanes[w] = lane{ready: make(chan filled, 2), free: make(chan Batch, 2)}
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
		if !yield(b.Batch, b.err) || b.err != nil {
			return
		}
		lane.free <- b.Batch // never blocks: there is room for both
	}
}

// work fills every stride-th batch, beginning with first.
func (p pass) work(ctx context.Context, l lane, first, stride int) {
	images := newReader(p.Loader, p.views)
	for step := first; step < p.steps; step += stride {
		b, ok := receive(ctx, l.free)
		if !ok {
			return
		}
		err := p.fill(ctx, images, step, &b)
		if err != nil {
			b = Batch{}
		}
		l.ready <- filled{b, err} // never blocks: there is room for both
		if err != nil {
			return // the consumer ends with it
		}
	}
}

// receive waits for a batch. If the context is done, that goes first.
func receive[T any](ctx context.Context, from <-chan T) (b T, ok bool) {
	select {
	case b = <-from:
		return b, ctx.Err() == nil
	case <-ctx.Done():
		return b, false
	}
}

func (p pass) empty() Batch {
	info := p.Part.Set.Info()
	pictures := func() []float32 { return make([]float32, p.Batch*info.Size()) }
	numbers := func() []int32 { return make([]int32, p.Batch) }
	b := Batch{Labels: numbers(), Rows: numbers(), Samples: numbers()}
	for _, view := range p.views {
		var target Target
		if view.task != nil {
			target.Classes = numbers()
		}
		if view.original {
			target.Picture = pictures()
		}
		b.Views, b.Targets = append(b.Views, pictures()), append(b.Targets, target)
	}
	if !p.Bare {
		b.Images = b.Views[0]
	}
	if p.Candidates != nil || p.Mixing.On() {
		b.Soft = make([]float32, p.Batch*len(info.Classes))
	}
	return b
}

// fill loads the images of one step. It stops early when the context is done, because nobody takes the batch then.
func (p pass) fill(ctx context.Context, images *reader, step int, b *Batch) error {
	first := p.begin + step*p.Batch
	b.Index, b.N = step, min(p.Batch, p.end-first)
	for row := range b.N {
		if ctx.Err() != nil {
			return nil
		}
		if err := images.read(first+row, b, row); err != nil {
			return err
		}
	}
	p.mix(step, b)
	b.clear()
	return nil
}

// clear empties the unused rows.
func (b *Batch) clear() {
	size := len(b.Images) / len(b.Labels)
	for k, target := range b.Targets {
		clear(b.Views[k][b.N*size:])
		if target.Picture != nil {
			clear(target.Picture[b.N*size:])
		}
	}
	clear(b.Soft[b.N*len(b.Soft)/len(b.Labels):])
	clear(b.Labels[b.N:])
	for row := b.N; row < len(b.Labels); row++ {
		b.Rows[row], b.Samples[row] = -1, -1
		for _, target := range b.Targets {
			if target.Classes != nil {
				target.Classes[row] = -1
			}
		}
	}
}
