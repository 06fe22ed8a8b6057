package workbench

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// No target of the Makefile makes a file of its name. Without .PHONY, make would do nothing for a target if a file or a
// folder of that name were there.
func TestMakefileTargetsArePhony(t *testing.T) {
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var targets, phony []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9-]+):(?:[^=].*)?$`).FindAllStringSubmatch(string(text), -1) {
		targets = append(targets, m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^\.PHONY:(.*)$`).FindAllStringSubmatch(string(text), -1) {
		phony = append(phony, strings.Fields(m[1])...)
	}
	if len(targets) == 0 {
		t.Error("the Makefile has no targets")
	}
	for _, name := range targets {
		if !slices.Contains(phony, name) {
			t.Errorf(".PHONY lacks the target %s", name)
		}
	}
	for _, name := range phony {
		if !slices.Contains(targets, name) {
			t.Errorf(".PHONY names %s, which is no target", name)
		}
	}
}

// Every test that make runs is run by the Go that make has found: a variable that is expanded before that is empty.
func TestMakeTestsWithItsGo(t *testing.T) {
	out, err := exec.Command("make", "-n", "GO=/the/go", "lint", "check-reference", "check-races", "test-all").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := strings.Count(string(out), "\n/the/go test -p 2 "); n != 4 {
		t.Errorf("%d lines run tests with that Go, want 4:\n%s", n, out)
	}
	found, err := exec.Command("make", "-n", "check-races").CombinedOutput()
	if err != nil || !regexp.MustCompile(`(?m)^/\S*/go test -p 2 .*-race`).Match(found) {
		t.Errorf("without GO (%v):\n%s", err, found)
	}
}
