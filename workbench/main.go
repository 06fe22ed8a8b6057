// Workbench trains studies of convolutional networks, records them in one file, and compares what came out, on the
// terminal and in the browser. This package is the command: flags, wiring and terminal output.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"workbench/experiments"
	"workbench/experiments/escape"
	"workbench/store"
)

// Exit statuses, as `workbench help` lists them.
const (
	exitOK          = 0
	exitFailed      = 1   // it could not be done, or a run failed
	exitUsage       = 2   // the command line or the study is wrong
	exitClaimFails  = 3   // a claim that was judged fails
	exitUndecided   = 4   // a claim is undecided, and none fails
	exitLocked      = 5   // another process is writing the database
	exitInterrupted = 130 // stopped by Ctrl-C, SIGTERM or SIGHUP; checkpoints are written
)

func main() {
	waitShortly()
	os.Exit(command(os.Args[1:]))
}

// command is one call of the program.
func command(args []string) int {
	a := newApp()
	signal.Ignore(syscall.SIGXFSZ) // what exceeds a limit on the size of files is told by an error
	out := standardOutput()
	a.out = out
	ctx, stop := interruptible(a)
	defer stop()
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		a.complain(err)
	}
	if lost := out.finish(); lost != nil {
		a.complain(lost)
		err = cmp.Or(err, lost)
	}
	return exitCode(err)
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func (e usageError) Unwrap() error { return e.error }

// reported is an outcome that was already shown: only its status remains to be told.
type reported struct{ status int }

func (r reported) Error() string { return fmt.Sprintf("exit status %d", r.status) }

// interrupted is a training that was stopped and can be continued by a command.
type interrupted struct{ again string }

func (i interrupted) Error() string { return "stopped; to continue: " + i.again }
func (i interrupted) Unwrap() error { return context.Canceled }

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
	var stopped interrupted
	switch {
	case errors.As(err, &shown):
	case errors.As(err, &problem):
		fmt.Fprintln(a.errors(), escape.Lines(strings.TrimRight(err.Error(), "\n")))
	case errors.As(err, &stopped):
		fmt.Fprintf(a.errors(), "stopped; to continue: %s\n", stopped.again)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.errors(), "stopped")
	default:
		fmt.Fprintf(a.errors(), "workbench: %s\n", escape.Lines(plainly(err)))
	}
}
