package supervise

import (
	"context"
	"fmt"
	"runtime/debug"

	"workbench/experiments"
)

// TrainFunc makes one attempt and reports its records in order through emit. It returns nil when the run is complete.
// When ctx is cancelled it emits a checkpoint and returns an error that is context.Canceled. The function that really
// trains is train.Run.
type TrainFunc func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error

// Launcher starts attempts somewhere and waits for them. Its contract is that of TrainFunc; emit is called from one
// goroutine at a time. When the place of the training is lost and the run is none the worse for it, the error is
// ErrGone.
type Launcher interface {
	Launch(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error
}

// InProcess trains in the calling process. It serves tests, and places where no process can be started.
type InProcess struct{ Train TrainFunc }

// Launch calls Train; a panic becomes an error.
func (l InProcess) Launch(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
	return l.Train.protected(ctx, job, emit)
}

// protected turns a panic of the training's own goroutine into an error, and logs where it happened.
func (train TrainFunc) protected(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		err = fmt.Errorf("the trainer crashed: %v", p)
		if lost := emit(experiments.Record{Log: fmt.Sprintf("panic: %v\n%s", p, debug.Stack())}); lost != nil {
			err = fmt.Errorf("%w (and its stack could not be logged: %v)", err, lost)
		}
	}()
	return train(ctx, job, emit)
}
