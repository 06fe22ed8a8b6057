package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"workbench/workbench/inherited"
)

// exitPipe is the status of a program whose reader has gone, as a shell tells it (128 + SIGPIPE).
const exitPipe = 141

// output is standard output. It takes everything and keeps the first error, so that no command has to look whether what
// it says arrives, and none can forget to.
type output struct {
	mu     sync.Mutex
	to     io.WriteCloser
	closed bool // from the beginning
	err    error
}

func standardOutput() *output { return &output{to: os.Stdout, closed: inherited.StdoutClosed()} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err != nil:
	case o.closed:
		o.err = errors.New("it is closed")
	default:
		_, o.err = o.to.Write(p)
	}
	return len(p), nil
}

// finish closes standard output and gives the error for what did not arrive there: a status alone if its reader has
// gone, for nobody is there to be told.
func (o *output) finish() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.err
	if err == nil && !o.closed {
		err = o.to.Close() // a full disk behind a network may be known only now
	}
	var number syscall.Errno
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EPIPE):
		return reported{exitPipe}
	case errors.As(err, &number):
		err = number // without /dev/stdout, which is not its name
	}
	return fmt.Errorf("standard output cannot be written: %w", err)
}
