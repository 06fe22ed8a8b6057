package experiments

import "errors"

// Errors that callers distinguish with errors.Is.
var (
	ErrNotFound     = errors.New("not found")
	ErrAmbiguous    = errors.New("ambiguous")
	ErrHeld         = errors.New("another process is working at it")
	ErrFenced       = errors.New("a newer attempt has taken over")
	ErrNoCheckpoint = errors.New("no checkpoint")
)
