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
	ErrNoCheckpoint = errors.New("no checkpoint")
)

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
