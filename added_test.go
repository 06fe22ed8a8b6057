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

// added are files that a user of the project would add, each with the folder that it belongs to.
var added = map[string]string{
	"testdata/added/lion.go":     "nn/optim",
	"testdata/added/inverse.go":  "nn/optim",
	"testdata/added/negative.go": "experiments/data/augment",
	"testdata/added/stripes.go":  "experiments/data",
}

// overlayOfAdded makes the go command see the files in their folders.
func overlayOfAdded(t *testing.T) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	for file, folder := range added {
		replace[filepath.Join(root, folder, filepath.Base(file))] = filepath.Join(root, file)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "overlay.json", overlay)
}

// quickTags are those of the Makefile, for which SQLite is compiled already, and no oneDNN.
func quickTags(t *testing.T) string {
	t.Helper()
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^TAGS := (\S+)$`).FindSubmatch(makefile)
	if found == nil {
		t.Fatal("the Makefile has no line TAGS := …")
	}
	return string(found[1]) + ",noonednn"
}

const addedStudy = `
seeds: 1
base:
  dataset: {name: stripes, train: 48, test: 16, val: 0.25}
  augment: {flip: true, negative: 0.5}
  model: {name: resnet_mini, depth: 8, width: 2}
  optim: {name: lion, lr: 0.001, beta2: 0.95}
  schedule: {name: inverse_sqrt, scale: 0.5}
  batch: 16
  epochs: 2
factors:
  - {key: optim.weight_decay, levels: [0, 0.1]}
`

// An optimizer, a schedule, an augmentation and a data set are one file each: nothing else names them, and they are
// found in studies, in the explanation of keys, in completion and in the tests that walk the registries.
func TestOneFileAddsAThing(t *testing.T) {
	overlay := overlayOfAdded(t)
	program := filepath.Join(t.TempDir(), "workbench")
	// Without oneDNN, whose sources would be compiled again for every change of an optimizer: how it runs an optimizer
	// without a kernel is tested beside it.
	build := exec.Command("go", "build", "-tags", quickTags(t), "-buildvcs=false", "-overlay", overlay, "-o", program, "./workbench")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir := t.TempDir()
	workbench := func(args ...string) string {
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("workbench %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	study := write(t, "added.yaml", []byte(addedStudy))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"options", "optim", "lion"}, "optim.beta2"},
		{[]string{"options", "schedule", "inverse_sqrt"}, "epochs in which the rate falls to 1/√2"},
		{[]string{"options", "augment"}, "augment.negative"},
		{[]string{"__complete", "run", "quickstart", "optim.name="}, "optim.name=lion"},
		{[]string{"options", "dataset", "stripes"}, "share of the pixels that are drawn anew"},
		{[]string{"data", "check", "stripes"}, "1×12×12"},
		{[]string{"run", study, "--threads", "1"}, "2 trained"},
		{[]string{"run", study, "--threads", "1"}, "2 done before"},
	} {
		if out := workbench(c.args...); !strings.Contains(out, c.want) {
			t.Errorf("workbench %s does not say %q:\n%s", strings.Join(c.args, " "), c.want, out)
		}
	}
	wrong := exec.Command(program, "run", study, "optim.name=sgd", "--dry-run")
	if out, err := wrong.CombinedOutput(); err == nil || !strings.Contains(string(out), "only adam, adamw, lamb, lion, rmsprop") {
		t.Errorf("beta2 beside sgd: %v\n%s", err, out)
	}
	tests := exec.Command("go", "test", "-overlay", overlay, "-count=1",
		"-skip", "^TestDefaultsAreThoseOfTheirSources$", // its rows give sources, which these have not
		"./nn/optim", "./experiments/data/augment", "./experiments/data", "./experiments")
	if out, err := tests.CombinedOutput(); err != nil {
		t.Errorf("the tests that walk the registries: %v\n%s", err, out)
	}
}
