package guard

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
)

// Kitchen bounds what answers cost: how many are made at once, and how many bytes of made ones wait for their readers.
type Kitchen struct {
	places   *semaphore.Weighted
	bytes    *semaphore.Weighted
	patience time.Duration
	largest  int64
}

// NewKitchen makes at most cooks answers at once, each of at most largest bytes, of which together at most bytes wait
// to be read. Who gets no place within patience is refused.
func NewKitchen(cooks int, largest, bytes int64, patience time.Duration) *Kitchen {
	return &Kitchen{semaphore.NewWeighted(int64(cooks)), semaphore.NewWeighted(max(largest, bytes)), patience, largest}
}

var errBusy = refuse(http.StatusServiceUnavailable, "The server is busy with other readers. Try again in some seconds.")

// Make has an answer made by cook, which returns its bytes. The caller calls done when they were written.
func (k *Kitchen) Make(ctx context.Context, cook func() ([]byte, error)) (answer []byte, done func(), err error) {
	if err := k.wait(ctx, k.places, 1); err != nil {
		return nil, nil, err
	}
	defer k.places.Release(1)
	if answer, err = cook(); err != nil {
		return nil, nil, err
	}
	n := int64(len(answer))
	if n > k.largest {
		return nil, nil, TooLarge(k.largest)
	}
	// The place is kept meanwhile: or answers that wait for a reader's turn would have no bound.
	if err := k.wait(ctx, k.bytes, n); err != nil {
		return nil, nil, err
	}
	return answer, func() { k.bytes.Release(n) }, nil
}

// TooLarge refuses an answer of more bytes than are sent.
func TooLarge(most int64) error {
	return refuse(http.StatusBadRequest, "The answer is larger than %d MiB. Ask for fewer runs, columns, metrics or points.", most>>20)
}

func (k *Kitchen) wait(ctx context.Context, of *semaphore.Weighted, n int64) error {
	waiting, cancel := context.WithTimeout(ctx, k.patience)
	defer cancel()
	err := of.Acquire(waiting, n)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return errBusy
	}
	return err
}
