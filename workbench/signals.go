package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// interruptible gives a context that the first Ctrl-C, SIGTERM or SIGHUP (the terminal was closed) cancels, so that
// checkpoints are written. A second Ctrl-C or SIGTERM ends the program at once; a second SIGHUP does not, for a closing
// terminal may send several. A SIGHUP that the caller has turned off (nohup) stays off. A reader of standard output or
// error that goes away ends nothing: writing to it fails, and that is all.
func interruptible(a *app) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		if !a.serving.Load() {
			fmt.Fprintln(a.errors(), "stopping; Ctrl-C again stops at once and loses what is not saved")
		}
		cancel()
		for s := range signals {
			if s != syscall.SIGHUP {
				os.Exit(exitInterrupted)
			}
		}
	}()
	return ctx, cancel
}
