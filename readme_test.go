package workbench

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is the README's only code block of a language.
func block(t *testing.T, readme, language string) string {
	t.Helper()
	found := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)```\n").FindAllStringSubmatch(readme, -1)
	if len(found) != 1 {
		t.Fatalf("the README has %d blocks of %s, want 1", len(found), language)
	}
	return found[0][1]
}

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// withExample builds the program with the README's architecture among the others.
func withExample(t *testing.T, readme string) (program string) {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	example := write(t, "example.go", []byte(block(t, readme, "go")))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "nn/zoo/readme_example.go"): example}})
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(t.TempDir(), "workbench")
	build := exec.Command("go", "build", "-tags", quickTags(t), "-buildvcs=false", "-overlay", write(t, "overlay.json", overlay),
		"-o", program, "./workbench")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("with the README's architecture: %v\n%s", err, out)
	}
	return program
}

// What the README shows must work: its architecture, its study, its commands.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	program := withExample(t, readme)
	workbench := func(args ...string) string {
		out, err := exec.Command(program, args...).CombinedOutput()
		if err != nil {
			t.Errorf("workbench %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	if out := workbench("models", "lenet_relu"); !strings.Contains(out, "lenet_relu") {
		t.Errorf("workbench models does not list the README's architecture:\n%s", out)
	}
	workbench("describe", "lenet_relu")
	workbench("run", write(t, "study.yaml", []byte(block(t, readme, "yaml"))), "--dry-run")

	calls := regexp.MustCompile("bin/workbench (\\w+)([^#`\n]*)").FindAllStringSubmatch(readme, -1)
	if len(calls) < 7 {
		t.Errorf("found %d calls of the program, want at least 7", len(calls))
	}
	for _, call := range calls {
		words, _, _ := strings.Cut(call[1]+call[2], " -")
		help := workbench(append(strings.Fields(words), "--help")...)
		for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(call[2], -1) {
			if !strings.Contains(help, flag) {
				t.Errorf("the README uses %s with workbench %s, which does not know it", flag, call[1])
			}
		}
	}
}

func TestReadmeNamesFoldersAndTargets(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z]+/)`|\\]\\(([a-z/]+)\\)").FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(m[1] + m[2]); err != nil {
			t.Errorf("the README names a folder that is not there: %v", err)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^    make (\S+)`).FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(string(makefile), "\n"+m[1]+": ") {
			t.Errorf("the README says make %s, which the Makefile does not have", m[1])
		}
	}
}
