package dashboard

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"workbench/experiments"
)

// changeSource is the part of experiments.Source the hub follows.
type changeSource interface {
	Changes(ctx context.Context, after int64, max int) ([]experiments.Change, error)
	LastChange(ctx context.Context) (int64, error)
}

// hub is one poller for all event streams. It polls only while somebody is subscribed.
type hub struct {
	source changeSource
	every  time.Duration
	log    *slog.Logger

	mu      sync.Mutex
	clients map[*subscriber]struct{}
	stop    context.CancelFunc // of the running poller; nil if none runs
	closed  bool
	dropped int
}

// subscriber receives batches of changes in order. Its channel is closed when it is too slow or the hub closes.
type subscriber struct {
	batches chan []experiments.Change
}

// backlog is how many batches a slow client may lag behind before it is dropped; it comes back with Last-Event-ID.
const (
	backlog   = 32
	batchSize = 500
)

func newHub(source changeSource, every time.Duration, log *slog.Logger) *hub {
	return &hub{source: source, every: every, log: log, clients: map[*subscriber]struct{}{}}
}

// subscribe joins from the next poll on; a poller that has to be started begins after the given change. False when
// the hub is closed or full.
func (h *hub) subscribe(after int64) (*subscriber, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.clients) >= mostStreams {
		return nil, false
	}
	sub := &subscriber{make(chan []experiments.Change, backlog)}
	h.clients[sub] = struct{}{}
	if h.stop == nil {
		ctx, cancel := context.WithCancel(context.Background())
		h.stop = cancel
		go h.poll(ctx, after)
	}
	return sub, true
}

func (h *hub) leave(sub *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(sub)
	if len(h.clients) == 0 && h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

func (h *hub) remove(sub *subscriber) {
	if _, member := h.clients[sub]; member {
		delete(h.clients, sub)
		close(sub.batches)
	}
}

// close ends every stream; later subscriptions are refused.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for sub := range h.clients {
		h.remove(sub)
	}
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// counts for the metrics: streams open now, streams dropped so far.
func (h *hub) counts() (clients, dropped int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients), h.dropped
}

func (h *hub) poll(ctx context.Context, after int64) {
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	failing := false
	for {
		changes, err := h.look(ctx, after)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			h.log.Warn("changes cannot be read; trying again", "error", err)
		}
		failing = err != nil
		if err == nil && len(changes) == 0 {
			after = h.rewind(ctx, after)
		}
		if len(changes) > 0 {
			after = changes[len(changes)-1].Seq
			h.broadcast(ctx, changes)
			if len(changes) == batchSize {
				continue // more is waiting
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// rewind goes back to the newest change if it has a lower number than those that were told: another database has taken
// the place of the one before. All streams end, and their clients come back for what is there now.
func (h *hub) rewind(ctx context.Context, after int64) int64 {
	var last int64
	err := guarded(func() (err error) {
		last, err = h.source.LastChange(ctx)
		return err
	})
	if err != nil || last >= after {
		return after
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() == nil {
		for sub := range h.clients {
			h.remove(sub)
		}
	}
	return last
}

// look reads a page of changes.
func (h *hub) look(ctx context.Context, after int64) (changes []experiments.Change, err error) {
	err = guarded(func() (err error) {
		changes, err = h.source.Changes(ctx, after, batchSize)
		return err
	})
	return changes, err
}

// guarded makes an error of a panic: nothing else would catch one here, and it would end the program.
func guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = newPanicked(p)
		}
	}()
	return do()
}

// broadcast never waits: who cannot take a batch now is dropped. A poller that was stopped meanwhile says nothing.
func (h *hub) broadcast(ctx context.Context, changes []experiments.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	for sub := range h.clients {
		select {
		case sub.batches <- changes:
		default:
			h.remove(sub)
			h.dropped++
		}
	}
}
