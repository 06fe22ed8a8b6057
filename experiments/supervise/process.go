package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"workbench/experiments"
)

// ErrGone says that the process of an attempt vanished without saying why, and that nothing the run did was the cause.
// The run can continue from its checkpoint.
var ErrGone = errors.New("its process is gone")

// ProcessLauncher trains every run in a process of its own, so that a crash or an exhausted memory ends only that run.
// The process is this program, started again with Args; it calls ServeChild with its standard input and file
// descriptor 3.
type ProcessLauncher struct {
	Args  []string      // of the child; the program itself is os.Executable
	Env   []string      // added to the environment, "KEY=value"
	Grace time.Duration // from the stop request until the child is killed; 0: 30 s
}

// Launch starts the child, hands it the job and passes its records on. When ctx ends, the child is asked to stop; it
// writes its checkpoint and ends. A child that still runs after Grace is killed.
func (l ProcessLauncher) Launch(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
	c, err := l.start()
	if err != nil {
		return fmt.Errorf("starting the training process: %w", err)
	}
	defer c.records.Close()
	ended, late, unsent := make(chan struct{}), make(chan bool), make(chan error, 1)
	go func() { late <- c.control(ctx, ended, c.send(job, unsent)) }()
	told, err := c.receive(emit)
	if !told && !errors.Is(err, io.EOF) { // the child would write, but nobody reads any more
		_ = c.cmd.Process.Kill()
	}
	died := c.cmd.Wait()
	close(ended)
	if tooLate := <-late; tooLate && !told {
		return fmt.Errorf("%w: it did not stop within %v and was killed: %w", ErrGone, c.grace, context.Cause(ctx))
	}
	if told || !errors.Is(err, io.EOF) {
		return err
	}
	select {
	case err := <-unsent:
		return fmt.Errorf("the job cannot be sent to the training process: %w", err)
	default:
	}
	return c.death(died, emit)
}

func (l ProcessLauncher) grace() time.Duration {
	if l.Grace > 0 {
		return l.Grace
	}
	return 30 * time.Second
}

// child is a running training process.
type child struct {
	cmd     *exec.Cmd
	orders  io.WriteCloser // its standard input
	records *os.File
	stderr  *lastWords
	grace   time.Duration
	kills   uint64 // of the kernel's out-of-memory killer when it started
}

func (l ProcessLauncher) start() (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	records, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	c := &child{cmd: exec.Command(program, l.Args...), records: records, stderr: &lastWords{}, grace: l.grace(), kills: memoryKills()}
	c.cmd.Env = append(os.Environ(), l.Env...)
	c.cmd.ExtraFiles = []*os.File{theirs}
	c.cmd.Stderr = c.stderr
	c.cmd.SysProcAttr = apart()
	if c.orders, err = c.cmd.StdinPipe(); err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		records.Close()
		return nil, err
	}
	return c, nil
}

// send hands the job over. It returns a channel that is closed when all is sent. A job that cannot be written ends the
// child, and the reason goes to unsent. If the child died while it read, the end of its records shows it.
func (c *child) send(job experiments.Job, unsent chan<- error) (sent <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := writeJob(c.orders, job); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, os.ErrClosed) {
			unsent <- err
			_ = c.cmd.Process.Kill()
		}
	}()
	return done
}

// control sends the stop request when ctx ends. It returns when the child has ended, and tells whether the child had to
// be killed.
func (c *child) control(ctx context.Context, ended, sent <-chan struct{}) (killed bool) {
	select {
	case <-ended:
		return false
	case <-ctx.Done():
	}
	deadline := time.NewTimer(c.grace)
	defer deadline.Stop()
	select {
	case <-ended:
		return false
	case <-sent:
		_ = writeFrame(c.orders, frameStop, nil)
		_ = c.orders.Close()
	case <-deadline.C:
		_ = c.cmd.Process.Kill()
		return true
	}
	select {
	case <-ended:
		return false
	case <-deadline.C:
		_ = c.cmd.Process.Kill()
		return true
	}
}

// receive passes records on until the child says how it ended; told is then true. If the child does not say it, the
// error is io.EOF when the stream just ended, and otherwise tells why the stream could not be read or passed on.
func (c *child) receive(emit func(experiments.Record) error) (told bool, err error) {
	frames := &frameReader{r: c.records}
	for {
		f, err := frames.next()
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF // the child died while it wrote
		}
		if err != nil {
			return false, err
		}
		switch f.kind {
		case frameDone:
			return true, nil
		case frameStopped:
			return true, context.Canceled
		case frameDiverged:
			return true, readDiverged(f.payload)
		case frameFailure:
			return true, errors.New(string(f.payload))
		}
		r, err := frames.record(f)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		if err == nil {
			err = emit(r)
		}
		if err != nil {
			return false, err
		}
	}
}
