package workbench

import (
	"os"
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
