package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that is not there is told without the words of the system, wherever the error comes from; other errors stay.
func TestMissingFilesAreToldPlainly(t *testing.T) {
	t.Chdir(t.TempDir())
	_, here := os.Stat("nosuch.pt")
	_, bare := os.Stat("nosuch")
	_, deep := os.Open(filepath.Join("nowhere", "x.yaml"))
	for want, err := range map[string]error{
		"there is no file nosuch.pt":                   here,
		"net: there is no file nosuch.pt (of a study)": fmt.Errorf("net: %w (of a study)", here),
		"there is no file or folder nosuch":            bare,
		"nowhere/x.yaml: there is no folder nowhere":   deep,
		"open x: permission denied":                    &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission},
		"file does not exist":                          fs.ErrNotExist,
	} {
		if got := plainly(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What follows a pretraining is no strategy of its own, and is said to follow one.
func TestFollowersAreNoStrategies(t *testing.T) {
	got := called(t, "init", "-", "--strategy", "lp_ft")
	if got.status != exitUsage || !strings.Contains(got.err, "lp_ft follows a pretraining, as strategy.then=lp_ft of ") {
		t.Errorf("status %d, %s", got.status, got.err)
	}
	if got := asFollower("simclear"); got != "" {
		t.Errorf("simclear: %q", got)
	}
}

// The list of strategies can be read in a pipe.
func TestStrategiesAreReadInAPipe(t *testing.T) {
	for line := range strings.Lines(called(t, "strategies").out) {
		if n := len([]rune(line)); n > pipedWidth+1 {
			t.Errorf("a line has %d characters: %s", n, line)
		}
	}
}

// What experiments take is not known of the reference kernels, and the reason is said.
func TestCostsThatAreNotKnownSayWhy(t *testing.T) {
	if slowBackend == "" {
		t.Skip("this program's kernels are timed")
	}
	t.Chdir(t.TempDir())
	got := called(t, "reproduce", "strategy-co-teaching", "--appendix", "a.md")
	text, err := os.ReadFile("a.md")
	if want := "minutes not known (how long that takes was not measured: "; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("status %d, %v, want %q in\n%s", got.status, err, want, text)
	}
}
