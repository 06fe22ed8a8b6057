package main

import (
	"os"
	"syscall"

	"workbench/workbench/inherited"
)

// A thread of oneDNN that has done its share of a layer first spins, then sleeps, until the others have done theirs.
// The OpenMP library spins for milliseconds. On a machine that has other work these are taken from the very thread that
// is waited for: beside eight busy processes on two cores ResNet-20 trained at 63 to 267 images/s, and with short waits
// at 291 to 363. On an idle machine both are one: 1,102 and 1,120 (medians of three, Intel Xeon with AVX-512).
const (
	spinVariable = "GOMP_SPINCOUNT"
	spinCount    = "1000"
)

// waitShortly lets this process and all that it starts spin for a short time. The library reads its environment when it
// is loaded, before any of Go's code runs, so the program begins once more. Whoever has set how to wait is left alone.
func waitShortly() {
	for _, name := range []string{spinVariable, "OMP_WAIT_POLICY"} {
		if _, said := os.LookupEnv(name); said {
			return
		}
	}
	if os.Setenv(spinVariable, spinCount) != nil {
		return
	}
	if inherited.StdoutClosed() {
		syscall.CloseOnExec(syscall.Stdout) // Go has opened something else in its place
	}
	if self, err := os.Executable(); err == nil {
		_ = syscall.Exec(self, os.Args, os.Environ()) // what stops it costs speed and nothing else
	}
}
