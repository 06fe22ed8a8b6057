package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"workbench/experiments/supervise"
)

// One run that did not end well makes the status of the whole study, whatever the others came to.
func TestEveryOutcomeHasItsStatus(t *testing.T) {
	for result, want := range map[supervise.Result]int{
		supervise.Trained: exitOK, supervise.Skipped: exitOK, supervise.NotStarted: exitOK,
		supervise.Broke: exitFailed, supervise.Diverged: exitFailed, supervise.StillFailed: exitFailed, supervise.StillDiverged: exitFailed,
		supervise.Blocked: exitFailed, supervise.Stopped: exitFailed, supervise.HeldBack: exitLocked,
	} {
		s := supervise.Summary{Outcomes: []supervise.Outcome{{Result: supervise.Trained}, {Result: result}, {Result: supervise.Skipped}}}
		if got := exitCode(verdict(s)); got != want {
			t.Errorf("%s: status %d, want %d", result, got, want)
		}
		if said[result] == "" {
			t.Errorf("%s has no words", result)
		}
	}
}

// A run whose process crashes has failed, is left alone, and is tried again with --failed.
func TestFailedRunsAreTriedAgainWhenAsked(t *testing.T) {
	dir := folderWith(t, brief)
	cmd := workbenchIn(dir, "run", "long.yaml", "--jobs", "1")
	crash := func() {
		crashed := 0
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", cmd.Process.Pid))
		for _, file := range threads {
			children, read := os.ReadFile(file)
			err = errors.Join(err, read)
			for _, word := range strings.Fields(string(children)) {
				child, _ := strconv.Atoi(word)
				err = errors.Join(err, syscall.Kill(child, syscall.SIGSEGV))
				crashed++
			}
		}
		if err != nil || crashed != 1 {
			t.Errorf("%v, %d processes crashed, want 1", err, crashed)
		}
	}
	if status, said := afterEpoch(t, cmd, crash); status != exitFailed || !strings.Contains(said, "1 failed") {
		t.Fatalf("status %d, want %d\n%s", status, exitFailed, said)
	}
	for _, test := range []struct {
		flag   string
		status int
		say    string
	}{{"--quiet", exitFailed, "1 failed before"}, {"--failed", exitOK, "1 trained"}, {"--failed", exitOK, "1 done before"}} {
		status, said := afterEpoch(t, workbenchIn(dir, "run", "long.yaml", "--jobs", "1", test.flag), func() {})
		if status != test.status || !strings.Contains(said, test.say) {
			t.Errorf("%s: status %d, want %d and %q in\n%s", test.flag, status, test.status, test.say, said)
		}
	}
}
