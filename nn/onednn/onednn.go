//go:build !noonednn

// Package onednn runs programs on oneDNN. Convolutions choose their memory layouts and everything else follows them.
// Batch norm computes the activation and the sum after it, too. A whole step is one list of instructions over one
// arena. bridge.h declares everything of the library that is used. The build tag noonednn leaves the package out.
package onednn

/*
#cgo CFLAGS: -O3 -fopenmp -Wall
#cgo LDFLAGS: -ldnnl -lgomp -lm
#include <stdlib.h>
#include "bridge.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"workbench/nn/plan"
)

// Backend runs programs with a fixed number of threads.
type Backend struct {
	Threads   int    // 0: one a core
	RulesFile string // that Rules reads; "": the rules that are built in
}

var _ plan.Backend = Backend{}

func (Backend) Name() string { return "onednn" }

func (b Backend) threads() int {
	if b.Threads > 0 {
		return b.Threads
	}
	return runtime.NumCPU()
}

// Version of the library, "2.6.3".
func Version() string {
	v := versionNumbers()
	return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])
}

func majorVersion() int { return int(versionNumbers()[0]) }

func versionNumbers() [3]C.int {
	var v [3]C.int
	C.wb_version(&v[0])
	return v
}

// Facts about the library, recorded with each run.
func (Backend) Facts() map[string]string { return map[string]string{"onednn": Version()} }

// worker is one operating-system thread on which all work of a memory is done, because OpenMP keeps a
// team of threads for each thread that calls it.
type worker struct {
	busy  sync.Mutex // one call at a time has the two channels
	calls chan func() error
	done  chan error
}

func newWorker(threads int) (*worker, error) {
	w := &worker{calls: make(chan func() error), done: make(chan error)}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if C.wb_start(C.int(threads)) == 0 {
			started <- lastError()
			return
		}
		started <- nil
		for f := range w.calls {
			w.done <- f()
		}
		C.wb_stop()
	}()
	return w, <-started
}

// do runs f on the worker's thread and waits for it.
func (w *worker) do(f func() error) error {
	w.busy.Lock()
	defer w.busy.Unlock()
	w.calls <- f
	return <-w.done
}

func lastError() error { return errors.New("oneDNN: " + C.GoString(C.wb_last_error())) }
