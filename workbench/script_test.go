package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"workbench/nn/plan"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "workbench" && signal.Ignored(syscall.SIGHUP) {
		// Under nohup the programs that tests start would ignore the signal, too. Those of a process that handles it do not.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	testscript.Main(m, map[string]func(){"workbench": main})
}

// small makes the study quickstart one that trains in a moment, with the reference kernels too.
const small = "model.width=1 model.depth=8,14 dataset.train=32 dataset.test=16 batch=16 epochs=2"

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SMALL", small)
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "occupy": occupy, "truncate": truncate},
		Condition: condition,
	})
}

// condition knows [choice]: the backend has several algorithms for a convolution.
func condition(name string) (bool, error) {
	if name != "choice" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	_, ok := backend(1).(plan.Chooser)
	return ok, nil
}

// exits STATUS COMMAND... runs a command and checks its exit status; stdout and stderr look at its output as after
// exec. $SMALL stands for several arguments.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var words []string
	for _, arg := range args[2:] {
		if arg == small {
			words = append(words, strings.Fields(arg)...)
		} else {
			words = append(words, arg)
		}
	}
	err = ts.Exec(args[1], words...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// occupy VARIABLE takes a free port until the script ends and puts its address into the variable.
func occupy(ts *testscript.TestScript, neg bool, args []string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = ln.Close() })
	ts.Setenv(args[0], ln.Addr().String())
}

// truncate FILE BYTES makes a file of zeros of that size.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	path := ts.MkAbs(args[0])
	f, err := os.Create(path)
	ts.Check(err)
	ts.Check(f.Truncate(size))
	ts.Check(f.Close())
}
