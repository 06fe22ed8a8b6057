package experiments

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Errors that callers distinguish with errors.Is.
var (
	ErrNotFound     = errors.New("not found")
	ErrAmbiguous    = errors.New("ambiguous")
	ErrHeld         = errors.New("another process is working at it")
	ErrFenced       = errors.New("a newer attempt has taken over")
	ErrBlocked      = errors.New("it needs a run that is not done")
	ErrDiverged     = errors.New("it diverged")
	ErrNoCheckpoint = errors.New("no checkpoint")

	// What may befall a database while it is in use. The texts are for readers of pages, so they name no path.
	ErrMissing  = errors.New("the file of the database was deleted or moved")
	ErrReplaced = errors.New("another file has taken the place of the database")
	ErrDamaged  = errors.New("the file of the database is damaged")
)

// DivergedError says what of a run became a value that is no number, NaN or infinite. It is ErrDiverged.
type DivergedError struct {
	Metric string  `json:"metric"` // or the name of a tensor
	Value  float64 `json:"value"`
	Step   int64   `json:"step"`  // optimizer steps done
	Epoch  int     `json:"epoch"` // the running one, from 1
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("%s is %v at step %d (epoch %d)", e.Metric, e.Value, e.Step, e.Epoch)
}

func (e *DivergedError) Unwrap() error { return ErrDiverged }

// BlockedError says which of the runs that a run needs are not done. It is ErrBlocked.
type BlockedError struct {
	Run string
	By  map[string]Status // the runs that it waits for
}

func (e *BlockedError) Error() string {
	var waits []string
	for _, id := range slices.Sorted(maps.Keys(e.By)) {
		waits = append(waits, fmt.Sprintf("%s (%s)", id, e.By[id]))
	}
	return fmt.Sprintf("run %s: %v: %s", e.Run, ErrBlocked, strings.Join(waits, ", "))
}

func (e *BlockedError) Unwrap() error { return ErrBlocked }
