package experiments_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/studyfile"
	"workbench/nn/option"
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
  - name: name # as factors of names were called
    key: optim.name
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
		"one optim.momentum=0.9", "one schedule.gamma=0", "one recompute=none", "one evaluate.portrait=auto", "one strategy.name=supervised"}
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

// everyOption is a configuration in which nothing is as it is by default.
func everyOption() experiments.Config {
	return experiments.Config{
		Dataset:  experiments.Choice{Name: "shapes", Options: map[string]any{"train": 5, "noise": 1.0}},
		Augment:  map[string]any{"flip": true, "pad": 2, "veil": true, "veil_shade": 0.25},
		Model:    experiments.Choice{Name: "m", Options: map[string]any{"width": 4, "depth": 8}},
		Strategy: experiments.Choice{Name: "supervised", Options: map[string]any{"label_smoothing": 0.1}},
		Optim: experiments.Choice{Name: "sgd", Options: map[string]any{"weight_decay": 0.5, "lr": 0.25, "nesterov": true, "momentum": 0.0,
			"zeta": 1, "alpha": 2, "ema": 0.0, "trust": 0.125}},
		Schedule: experiments.Choice{Name: "step", Options: map[string]any{"gamma": 0.5, "milestones": []float64{2}, "warmup_epochs": 1.0}},
		Batch:    7, Epochs: 9, MicroBatch: 1, Precision: "bf16", Algorithms: "direct", Recompute: "cheap",
		Evaluate: experiments.EvaluateConfig{Every: 2, Portrait: "none"}, Checkpoint: experiments.CheckpointConfig{Every: 3},
	}
}

// Databases hold these bytes, and identities hash what they say.
func TestConfigurationsAreRecordedInOneWay(t *testing.T) {
	plain := experiments.Defaults()
	plain.MicroBatch, plain.Recompute, plain.Evaluate.Portrait = 0, "", ""
	for _, c := range []struct {
		config experiments.Config
		want   string
		paths  string // with their values, as Settings lists them
	}{
		{everyOption(), `{"dataset":{"name":"shapes","options":{"noise":1,"train":5}},"augment":{"pad":2,"flip":true,"veil":true,"veil_shade":0.25},` +
			`"model":{"name":"m","options":{"depth":8,"width":4}},"strategy":{"name":"supervised","label_smoothing":0.1},` +
			`"optim":{"name":"sgd","lr":0.25,"momentum":0,"nesterov":true,"weight_decay":0.5,"decay_all":false,"trust":0.125,"alpha":2,"zeta":1},` +
			`"schedule":{"name":"step","warmup_epochs":1,"milestones":[2],"gamma":0.5},"batch":7,"epochs":9,"micro_batch":1,"precision":"bf16",` +
			`"algorithms":"direct","recompute":"cheap","evaluate":{"every":2,"portrait":"none"},"checkpoint":{"every":3}}`,
			"dataset.name=shapes dataset.noise=1 dataset.train=5 augment.pad=2 augment.flip=true augment.veil=true augment.veil_shade=0.25 " +
				"model.name=m model.depth=8 model.width=4 strategy.name=supervised strategy.label_smoothing=0.1 optim.name=sgd optim.lr=0.25 " +
				"optim.momentum=0 optim.nesterov=true optim.weight_decay=0.5 optim.decay_all=false optim.trust=0.125 optim.alpha=2 optim.zeta=1 " +
				"schedule.name=step schedule.warmup_epochs=1 schedule.milestones=[2] schedule.gamma=0.5 batch=7 epochs=9 micro_batch=1 " +
				"precision=bf16 algorithms=direct recompute=cheap evaluate.every=2 evaluate.portrait=none checkpoint.every=3"},
		{plain, `{"dataset":{"name":""},"augment":{"pad":0,"flip":false},"model":{"name":""},"strategy":{"name":"supervised","label_smoothing":0},` +
			`"optim":{"name":"sgd","lr":0,"nesterov":false,"weight_decay":0,"decay_all":false},"schedule":{"name":"constant","warmup_epochs":0},` +
			`"batch":64,"epochs":0,"precision":"float32","algorithms":"auto","evaluate":{"every":1},"checkpoint":{"every":1}}`,
			"dataset.name= augment.pad=0 augment.flip=false model.name= strategy.name=supervised strategy.label_smoothing=0 optim.name=sgd " +
				"optim.lr=0 optim.nesterov=false optim.weight_decay=0 optim.decay_all=false schedule.name=constant schedule.warmup_epochs=0 " +
				"batch=64 epochs=0 precision=float32 algorithms=auto evaluate.every=1 checkpoint.every=1"},
	} {
		text, err := json.Marshal(c.config)
		if err != nil || string(text) != c.want {
			t.Errorf("recorded as\n%s, %v\nwant\n%s", text, err, c.want)
		}
		var listed []string
		for _, s := range c.config.Settings() {
			listed = append(listed, s.Path+"="+option.Label(s.Value))
		}
		if got := strings.Join(listed, " "); got != c.paths {
			t.Errorf("listed as\n%s\nwant\n%s", got, c.paths)
		}
		var back experiments.Config
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(back)
		if err != nil || string(again) != c.want {
			t.Errorf("comes back as\n%s, %v\nwant\n%s", again, err, c.want)
		}
	}
}

// What was read before does not shine through, and what is not recorded stays.
func TestRecordsReplaceWhatTheyName(t *testing.T) {
	c := everyOption()
	if err := json.Unmarshal([]byte(`{"optim":{"lr":0.5},"dataset":{"name":"x"},"batch":3,"evaluate":{},"schedule":null}`), &c); err != nil {
		t.Fatal(err)
	}
	want := everyOption()
	want.Optim = experiments.Choice{Options: map[string]any{"lr": 0.5}}
	want.Dataset, want.Schedule, want.Batch = experiments.Choice{Name: "x"}, experiments.Choice{}, 3
	if got, want := fmt.Sprint(c), fmt.Sprint(want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for text, want := range map[string]string{
		`{"batch":"x"}`:    "batch: json: cannot unmarshal string into Go value of type int",
		`{"evaluate":[]}`:  "evaluate.every: json: cannot unmarshal array into Go value of type map[string]json.RawMessage",
		`{"optim":3}`:      "optim: want a group of keys, got 3",
		`{"dataset":"x"}`:  `dataset: want a group of keys, got "x"`,
		`[]`:               "json: cannot unmarshal array into Go value of type map[string]json.RawMessage",
		`{"precision":{}}`: "precision: json: cannot unmarshal object into Go value of type string",
	} {
		if err := json.Unmarshal([]byte(text), &c); fmt.Sprint(err) != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	var a experiments.Assignment
	if err := json.Unmarshal([]byte(`{"path":3}`), &a); err == nil {
		t.Error("a level sets the path 3")
	}
	if err := a.UnmarshalJSON([]byte(`{"path":"a","value":1e999}`)); err == nil {
		t.Errorf("a level sets a number that none is: %v", a)
	}
}

func TestDefaultsOfAStudy(t *testing.T) {
	none := map[string]any{}
	want := experiments.Study{
		Base: experiments.Config{Augment: none, Strategy: experiments.Choice{Name: "supervised", Options: none},
			Optim: experiments.Choice{Name: "sgd", Options: none}, Schedule: experiments.Choice{Name: "constant", Options: none},
			Batch: 64, Precision: "float32", Algorithms: "auto", Recompute: "none",
			Evaluate: experiments.EvaluateConfig{Every: 1, Portrait: "auto"}, Checkpoint: experiments.CheckpointConfig{Every: 1}},
		Design: "factorial", Seeds: []uint64{1, 2, 3}, Metric: "test/top1", Report: "last",
	}
	if got := experiments.DefaultStudy(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMicroBatches(t *testing.T) {
	for _, c := range [][3]int{{64, 0, 1}, {64, 64, 1}, {64, 16, 4}, {64, 1, 64}} {
		if got := (experiments.Config{Batch: c[0], MicroBatch: c[1]}).MicroBatches(); got != c[2] {
			t.Errorf("%d of %d: %d, want %d", c[1], c[0], got, c[2])
		}
	}
	config := goodConfig()
	if _, some := config.Frozen(); some {
		t.Error("without groups something is frozen")
	}
	group := func(frozen bool) option.Group {
		return option.Group{{Key: "match", Value: "fc.*"}, {Key: "frozen", Value: frozen}}
	}
	config.Optim.Options["groups"] = []option.Group{group(false)}
	if _, some := config.Frozen(); some {
		t.Error("a group that is not frozen is")
	}
	config.Optim.Options["groups"] = []option.Group{group(true)}
	if stays, some := config.Frozen(); !some || !stays("fc.weight") || stays("conv1.weight") {
		t.Error("the frozen group moves, or the others stay")
	}
}

// Equal settings of a copy can change without the original.
func TestClonesShareNothing(t *testing.T) {
	c := everyOption()
	clone := c.Clone()
	for _, path := range []string{"dataset.train", "augment.pad", "model.depth", "strategy.label_smoothing", "optim.lr", "schedule.gamma"} {
		clone.Drop(path)
		if _, given := c.Get(path); !given {
			t.Errorf("%s is gone from the original", path)
		}
		if _, given := clone.Get(path); given {
			t.Errorf("%s is still in the copy", path)
		}
	}
}

func TestNumbersThatJSONCannotSay(t *testing.T) {
	for _, f := range []float64{0, 1.0 / 3, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64} {
		text, err := json.Marshal(experiments.Number(f))
		var back experiments.Number
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || math.Float64bits(float64(back)) != math.Float64bits(f) {
			t.Errorf("%v is written as %s and read as %v, error %v", f, text, back, err)
		}
	}
	for _, text := range []string{"null", `"nan"`, `"1"`, "true", "[1]", "1e999"} {
		var n experiments.Number
		if err := n.UnmarshalJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), "got "+text) {
			t.Errorf("%s is read as %v, error %v", text, n, err)
		}
	}
}

// A database of a later program has options that this one does not know, or of other types. They are kept.
func TestUnknownOptionsOfStoredRunsAreKept(t *testing.T) {
	text, err := json.Marshal(goodConfig())
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), `"lr":0.1`, `"lr":"fast","lookahead":5`, 1)
	if changed == string(text) {
		t.Fatalf("no learning rate in %s", text)
	}
	var c experiments.Config
	if err := json.Unmarshal([]byte(changed), &c); err != nil || c.Optim.Options["lookahead"] != 5 || c.Optim.Options["lr"] != "fast" {
		t.Errorf("got %v, error %v", c.Optim.Options, err)
	}
	changed = strings.TrimSuffix(string(text), "}") + `,"phases":{"probe":{"optim":{"lookahead":5},"batch":"huge","dropout":0.5}}}`
	want := map[string]any{"probe.optim.lookahead": 5, "probe.batch": "huge", "probe.dropout": 0.5}
	if err := json.Unmarshal([]byte(changed), &c); err != nil || !reflect.DeepEqual(c.Phases, want) {
		t.Errorf("of a later phase: got %v, want %v, error %v", c.Phases, want, err)
	}
}

// A run that comes from elsewhere is checked by its id: a change of what decides it shows, and a seed beyond all seeds.
func TestIDsOfRunsAreChecked(t *testing.T) {
	runs, err := mustLoad(t, oneRun).Runs(noData)
	if err != nil || runs[0].CheckID() != nil {
		t.Fatal(err, runs[0].CheckID())
	}
	for want, change := range map[string]func(*experiments.Run){
		"by its configuration, data and seed": func(r *experiments.Run) { r.Seed++ },
		"by its configuration":                func(r *experiments.Run) { r.DataDigest = "other" },
		"is ":                                 func(r *experiments.Run) { r.Config.Epochs++ },
		"has the seed 18446744073709551611, want from 0 to 9007199254740991": func(r *experiments.Run) { r.Seed = 1<<64 - 5 },
	} {
		r := runs[0]
		change(&r)
		if err := r.CheckID(); err == nil || !strings.Contains(err.Error(), "run "+r.ID+" "+want) && !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
