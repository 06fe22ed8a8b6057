package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// long is a study of one run that cannot end within a moment.
const long = `
seeds: 1
base:
  dataset: {name: shapes, train: 256, test: 16}
  model: {name: resnet_mini, depth: 8, width: 2}
  optim: {lr: 0.05, momentum: 0.9}
  batch: 16
  epochs: 12
`

// workbenchIn makes a call of the program, as the scripts make them, in a folder of its own.
func workbenchIn(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("workbench", args...)
	cmd.Dir = dir
	return cmd
}

// stopAfterEpoch starts the study, sends the signals when the first epoch is told, each when the program has answered
// the one before, and gives the exit status.
func stopAfterEpoch(t *testing.T, dir string, signals ...syscall.Signal) (status int, said string) {
	t.Helper()
	return signalled(t, workbenchIn(dir, "run", "long.yaml", "--threads", "1"), signals...)
}

// signalled is stopAfterEpoch for any call.
func signalled(t *testing.T, cmd *exec.Cmd, signals ...syscall.Signal) (status int, said string) {
	t.Helper()
	return watched(t, cmd, []string{"epoch 1/", "stopping;"}, func() {
		if len(signals) > 0 {
			if err := cmd.Process.Signal(signals[0]); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Error(err)
			}
			signals = signals[1:]
		}
	})
}

// afterEpoch makes a call of the program and acts when its first epoch is told.
func afterEpoch(t *testing.T, cmd *exec.Cmd, act func()) (status int, said string) {
	t.Helper()
	return watched(t, cmd, []string{"epoch 1/"}, act)
}

// watched makes a call of the program, acts when it says one of the words, and gives its exit status and what it said.
func watched(t *testing.T, cmd *exec.Cmd, words []string, act func()) (status int, said string) {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(io.TeeReader(stderr, (*builder)(&said)))
	for lines.Scan() {
		if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(lines.Text(), word) }) {
			act()
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), said
}

// builder appends what is written to a string.
type builder string

func (b *builder) Write(p []byte) (int, error) {
	*b += builder(p)
	return len(p), nil
}

type shown struct {
	Run struct {
		Status  string `json:"status"`
		Attempt int    `json:"attempt"`
		Weights string `json:"weights_digest"`
	} `json:"run"`
}

func latest(t *testing.T, dir string) shown {
	t.Helper()
	out, err := workbenchIn(dir, "show", "latest", "--format", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var s shown
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStoppedRunsContinueToTheSameWeights(t *testing.T) {
	folder := func() string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "long.yaml"), []byte(long), 0o644); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	finish := func(dir string) shown {
		if out, err := workbenchIn(dir, "run", "long.yaml", "--threads", "1").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return latest(t, dir)
	}
	alone := finish(folder())
	if alone.Run.Status != "done" || alone.Run.Weights == "" {
		t.Fatalf("the run that was left alone: %+v", alone)
	}
	tests := []struct {
		name    string
		signals []syscall.Signal
		status  int
		say     string
	}{
		{"Ctrl-C", []syscall.Signal{syscall.SIGINT}, exitInterrupted, "1 interrupted"},
		{"a closing terminal", []syscall.Signal{syscall.SIGHUP, syscall.SIGHUP}, exitInterrupted, "1 interrupted"},
		{"kill -9", []syscall.Signal{syscall.SIGKILL}, -1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := folder()
			status, said := stopAfterEpoch(t, dir, test.signals...)
			if status != test.status || !strings.Contains(said, test.say) {
				t.Fatalf("exit status %d, want %d, and %q in:\n%s", status, test.status, test.say, said)
			}
			again := finish(dir)
			if again.Run.Status != "done" || again.Run.Attempt != 2 || again.Run.Weights != alone.Run.Weights {
				t.Errorf("continued: %+v, want done in attempt 2 with the weights of %+v", again.Run, alone.Run)
			}
		})
	}
}

// endless trains until it is stopped.
var endless = strings.Replace(long, "epochs: 12", "epochs: 100000", 1)

func TestSecondInterruptEndsAtOnce(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "long.yaml"), []byte(endless), 0o644); err != nil {
		t.Fatal(err)
	}
	status, said := stopAfterEpoch(t, dir, syscall.SIGINT, syscall.SIGINT)
	if status != exitInterrupted {
		t.Errorf("exit status %d, want %d\n%s", status, exitInterrupted, said)
	}
	if out, err := workbenchIn(dir, "show", "latest").CombinedOutput(); err != nil {
		t.Errorf("the database afterwards: %v\n%s", err, out)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "long.yaml"), []byte(endless), 0o644); err != nil {
		t.Fatal(err)
	}
	first := workbenchIn(dir, "run", "long.yaml")
	stderr, err := first.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "epoch 1/") {
	}
	out, err := workbenchIn(dir, "run", "long.yaml").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitLocked || !strings.Contains(string(out), "in use by another process") {
		t.Errorf("got %v, want exit status %d\n%s", err, exitLocked, out)
	}
	if out, err := workbenchIn(dir, "runs").CombinedOutput(); err != nil || !strings.Contains(string(out), "running") {
		t.Errorf("listing beside the first process: %v\n%s", err, out)
	}
	if err := first.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, stderr)
	_ = first.Wait()
}
