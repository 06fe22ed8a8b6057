package experiments_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

// pinnedStudies are the texts whose runs are pinned, by the first word of a line of testdata/identities.txt.
var pinnedStudies = map[string]string{
	"one": `
base:
  dataset: {name: shapes, noise: 1}
  model: {name: resnet_mini}
  optim: {lr: 0.5}
  epochs: 4
seeds: [3]`,
	"groups": `
base:
  dataset: {name: shapes}
  model: {name: resnet_mini}
  optim:
    lr: 0.5
    groups:
      - {match: "layer1.**", lr_scale: 0.1}
      - {match: "layer2.**", weight_decay: 0}
      - {match: "fc.*", lr_scale: 2, weight_decay: 1e-3}
      - {match: conv1.weight, frozen: true}
  epochs: 4
seeds: [3]`,
	"factors": `
base:
  dataset: {name: shapes}
  model: {name: resnet_mini, depth: 8}
  optim: {lr: 0.5, nesterov: true}
  schedule: {warmup_epochs: 1}
  epochs: 4
  checkpoint: {every: 2}
factors:
  - key: optim.name
    levels: [sgd, adam, rmsprop]
  - name: course
    levels:
      steps: {schedule.name: step, schedule.milestones: [2, 3], schedule.gamma: 0.5}
      waves: {schedule: {name: restarts, period: 2}}
  - name: groups
    levels:
      none: {optim.groups: []}
      frozen: {optim.groups: [{match: "conv1.*", frozen: true}]}
seeds: [1, 7]`,
}

// pin is one line of the file: a study with overrides, and what its runs are.
type pin struct {
	what     string // the study's name here, or that of one that ships, and the overrides
	digest   string // SHA-256 of identities, cells and recorded configurations, first 16 hex digits
	identity string // of the first run
}

func pins(t *testing.T) []pin {
	t.Helper()
	text, err := os.ReadFile("testdata/identities.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []pin
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		fields := strings.SplitN(line, " ", 3)
		if len(fields) != 3 {
			t.Fatalf("line %q: want an identity, a digest and a study", line)
		}
		all = append(all, pin{identity: fields[0], digest: fields[1], what: fields[2]})
	}
	return all
}

// pinnedRuns are the runs of a study with overrides.
func pinnedRuns(t *testing.T, what string) []experiments.Run {
	t.Helper()
	words := strings.Fields(what)
	name := words[0]
	if text, here := pinnedStudies[name]; here {
		name = filepath.Join(t.TempDir(), name+".yaml")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := studyfile.Load(name, words[1:])
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "digest", nil })
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return runs
}

func pinOf(t *testing.T, what string) pin {
	runs := pinnedRuns(t, what)
	h := sha256.New()
	for _, r := range runs {
		config, err := json.Marshal(r.Config)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(h, r.ID, r.Cell, r.Seed, string(config))
	}
	return pin{what: what, digest: fmt.Sprintf("%x", h.Sum(nil))[:16], identity: runs[0].ID}
}

// Identities are part of every database, and so are the recorded configurations: a run that was done under one is
// found by it, and compared by the other. If a line fails, undo the change or raise identityVersion. Lines are added,
// never changed.
func TestIdentitiesStay(t *testing.T) {
	for _, want := range pins(t) {
		if got := pinOf(t, want.what); got != want {
			t.Errorf("got  %s %s %s\nwant %s %s", got.identity, got.digest, got.what, want.identity, want.digest)
		}
	}
}

// Every pinned choice is a run of its own, but for those that a result cannot show.
func TestIdentitySeesEveryChoice(t *testing.T) {
	same := []string{"one checkpoint.every=2", "one recompute=cheap", "one recompute=segments", "one micro_batch=64", "one +model.width=8",
		"one optim.momentum=0.9", "one schedule.gamma=0", "one recompute=none", "one strategy.name=supervised"}
	seen := map[string]string{}
	for _, p := range pins(t) {
		sweep := strings.Contains(strings.ReplaceAll(p.what, "[2,3]", ""), ",") && !strings.Contains(p.what, "seeds")
		if strings.HasPrefix(p.what, "one ") && !sweep && !slices.Contains(same, p.what) {
			if other, twice := seen[p.identity]; twice {
				t.Errorf("%q and %q have the same identity", p.what, other)
			}
			seen[p.identity] = p.what
		}
	}
	for _, what := range same {
		if got, want := pinOf(t, what).identity, pinOf(t, "one").identity; got != want {
			t.Errorf("%s has identity %s, want %s: it changes no result", what, got, want)
		}
	}
}

// Every key that was recorded from the beginning, every name and every key of no section is in a line. Options that
// come later change no earlier identity (see option.Option.Later), which the other lines show.
func TestEveryKeyIsPinned(t *testing.T) {
	var all strings.Builder
	for _, p := range pins(t) {
		all.WriteString(" " + p.what)
	}
	paths := experiments.RecordedPaths()
	for _, s := range experiments.Sections() {
		if len(s.Names) > 0 {
			paths = append(paths, s.Name+".name")
		}
	}
	keys, err := experiments.Keys("", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		paths = append(paths, k.Path)
	}
	for _, path := range paths {
		if path != "optim.groups" && !strings.Contains(all.String(), " "+path+"=") {
			t.Errorf("testdata/identities.txt has no line that sets %s", path)
		}
	}
}
