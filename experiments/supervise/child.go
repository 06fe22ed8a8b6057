package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"

	"workbench/experiments"
)

// ServeChild is the whole life of a training process: it reads one job from in, trains, and sends the records to out.
// A stop request cancels the training, and so does the end of in, which means that the supervisor is gone. The
// returned error says why the supervisor could not be understood or reached. How the training ended is told to the
// supervisor in a message instead.
func ServeChild(ctx context.Context, in io.Reader, out io.Writer, train TrainFunc) error {
	frames := &frameReader{r: in}
	job, err := frames.job()
	if err != nil {
		return fmt.Errorf("reading the job: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		// Anything that comes after the job means stop: the request, the end of the stream, or damage.
		_, _ = frames.next()
	}()
	emit := func(r experiments.Record) error {
		if err := writeRecord(out, r); err != nil {
			return fmt.Errorf("sending a record to the supervisor: %w", err)
		}
		return nil
	}
	var diverged *experiments.DivergedError
	switch err := train.protected(ctx, job, emit); {
	case err == nil:
		return writeFrame(out, frameDone, nil)
	case errors.As(err, &diverged):
		return writeDiverged(out, *diverged)
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return writeFrame(out, frameStopped, nil)
	default:
		text := err.Error()
		return writeFrame(out, frameFailure, []byte(text[:min(len(text), maxFrame)]))
	}
}
