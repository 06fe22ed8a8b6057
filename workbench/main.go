// Workbench trains studies of convolutional networks, records them in one file, and compares what came out, on the
// terminal and in the browser. This package is the command: flags, wiring and terminal output.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"workbench/experiments"
	"workbench/store"
)

// Exit statuses, as `workbench help` lists them.
const (
	exitOK          = 0
	exitFailed      = 1   // it could not be done, or a run failed
	exitUsage       = 2   // the command line or the study is wrong
	exitLocked      = 5   // another process is writing the database
	exitInterrupted = 130 // stopped by Ctrl-C; checkpoints are written
)

func main() { os.Exit(command(os.Args[1:])) }

// command is one call of the program.
func command(args []string) int {
	a := newApp()
	signal.Ignore(syscall.SIGXFSZ) // what exceeds a limit on the size of files is told by an error
	ctx, stop := interruptible(a)
	defer stop()
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		a.complain(err)
	}
	return exitCode(err)
}

// interruptible gives a context that the first Ctrl-C (or SIGTERM, or a lost terminal) cancels. The second ends the
// program at once.
func interruptible(a *app) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		if !a.serving.Load() {
			fmt.Fprintln(a.errors(), "stopping; Ctrl-C again stops at once and loses what is not saved")
		}
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx, cancel
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func (e usageError) Unwrap() error { return e.error }

// reported is an outcome that was already shown: only its status remains to be told.
type reported struct{ status int }

func (r reported) Error() string { return fmt.Sprintf("exit status %d", r.status) }

func exitCode(err error) int {
	var usage usageError
	var problem experiments.Problem
	var shown reported
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &shown):
		return shown.status
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, store.ErrLocked), errors.Is(err, experiments.ErrHeld):
		return exitLocked
	case errors.As(err, &usage), errors.As(err, &problem),
		errors.Is(err, experiments.ErrNotFound), errors.Is(err, experiments.ErrAmbiguous):
		return exitUsage
	}
	return exitFailed
}

// complain says what went wrong. Problems of a study begin with file, line and column, so that editors can jump there.
func (a *app) complain(err error) {
	var shown reported
	var problem experiments.Problem
	switch {
	case errors.As(err, &shown):
	case errors.As(err, &problem):
		fmt.Fprintln(a.errors(), strings.TrimRight(err.Error(), "\n"))
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.errors(), "stopped")
	default:
		fmt.Fprintf(a.errors(), "workbench: %v\n", err)
	}
}
