package experiments_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
)

func TestProblemsShowTheirPlace(t *testing.T) {
	long := strings.Repeat("a", 59) + "b" + strings.Repeat("c", 100)
	for _, c := range []struct {
		problem experiments.Problem
		want    string
	}{
		{experiments.Problem{Message: "odd"}, "odd"},
		{experiments.Problem{Path: "optim.lr", Message: "odd"}, "optim.lr: odd"},
		{experiments.Problem{Line: 3, Column: 4, Excerpt: "text", Message: "odd"}, "odd"},
		{experiments.Problem{Source: "a", Path: "p", Message: "odd"}, "a: p: odd"},
		{experiments.Problem{Source: "a", Line: 7, Column: 2, Message: "odd"}, "a:7:2: odd"},
		{experiments.Problem{Source: "a", Line: 7, Column: 2, Excerpt: "x\r\n", Message: "odd"}, "a:7:2: odd\n    7 | x\n      |  ^"},
		{experiments.Problem{Source: "a", Line: 7, Column: 3, Excerpt: "x", Message: "odd"}, "a:7:3: odd"},
		{experiments.Problem{Source: "a", Line: 7, Column: 1, Excerpt: "\tx", Message: "odd"}, "a:7:1: odd\n    7 | \tx\n      | ^"},
		{experiments.Problem{Source: "x=1", Column: 3, Excerpt: "x=1", Path: "x", Message: "odd"},
			"override \"x=1\", column 3: x: odd\n      | x=1\n      |   ^"},
		{experiments.Problem{Source: "a", Line: 123456, Column: 60, Excerpt: long, Message: "odd"},
			"a:123456:60: odd\n123456 | " + long[:119] + "\n      | " + strings.Repeat(" ", 59) + "^"},
		{experiments.Problem{Source: "a", Line: 1, Column: 62, Excerpt: long, Message: "odd"},
			"a:1:62: odd\n    1 | " + long[1:121] + "\n      | " + strings.Repeat(" ", 60) + "^"},
		{experiments.Problem{Message: strings.Repeat("m", 600), Path: strings.Repeat("p", 200)},
			strings.Repeat("p", 200) + ": " + strings.Repeat("m", 600)},
		{experiments.Problem{Message: strings.Repeat("ä", 601), Path: "b" + strings.Repeat("p", 200)},
			"b" + strings.Repeat("p", 99) + " … " + strings.Repeat("p", 100) + ": " + strings.Repeat("ä", 300) + " … " + strings.Repeat("ä", 300)},
		{experiments.Problem{Message: "tab\tline\nbell\x07"}, "tab\tline\nbell\uFFFD"},
	} {
		if got := c.problem.Error(); got != c.want {
			t.Errorf("got\n%q\nwant\n%q", got, c.want)
		}
	}
}

// Twenty problems are shown, then how many more there are; those without a text only count.
func TestManyProblemsAreCounted(t *testing.T) {
	for _, c := range []struct {
		shown, silent int
		want          string // the number of problems, and the last
	}{
		{1, 0, "1 m0"}, {20, 0, "20 m19"}, {21, 0, "21 and 1 more"}, {25, 0, "21 and 5 more"}, {20, 100, "21 and 100 more"}, {5,
			16, "6 and 16 more"},
	} {
		var ps experiments.Problems
		for i := range c.shown {
			if ps.Full() != (i >= 20) {
				t.Errorf("%d problems are full: %v", i, ps.Full())
			}
			ps = append(ps, experiments.Problem{Message: fmt.Sprint("m", i)})
		}
		ps = append(ps, make(experiments.Problems, c.silent)...)
		err := ps.Err()
		var got experiments.Problems
		if !errors.As(err, &got) || fmt.Sprint(len(got), " ", got[len(got)-1].Message) != c.want {
			t.Errorf("%d and %d silent: got %v, want %s", c.shown, c.silent, err, c.want)
		}
	}
	if err := (experiments.Problems{}).Err(); err != nil {
		t.Errorf("no problems: %v", err)
	}
	two := experiments.Problems{{Path: "a", Message: "x"}, {Message: "y"}}
	var one experiments.Problem
	if two.Error() != "a: x\ny" || !errors.As(error(two), &one) || one.Path != "a" || len(two.Unwrap()) != 2 {
		t.Errorf("got %q, first %+v", two.Error(), one)
	}
}

// A problem stands at the most specific place that is known: its path, what the path lies in, the base, the file.
func TestProblemsAreLocated(t *testing.T) {
	at := func(n int) experiments.Place {
		return experiments.Place{Source: "s", Line: n, Column: n + 1, Excerpt: fmt.Sprint(n)}
	}
	all := experiments.Places{"optim.lr": at(1), "optim": at(2), experiments.AtKey("base"): at(3)}
	for _, c := range []struct {
		path string
		drop []string
		want int
	}{
		{"optim.lr", nil, 1}, {"optim.groups", nil, 2}, {"optim", nil, 2}, {"epochs", nil, 3}, {"", nil, 3}, {"optim.lr.x", nil, 1},
		{"optim.lr", []string{"optim.lr"}, 2}, {"optim.lr", []string{"optim.lr", "optim"}, 3},
		{"optim.lr", []string{"optim.lr", "optim", "study.base"}, 0},
	} {
		places := experiments.Places{}
		for name, place := range all {
			places[name] = place
		}
		for _, name := range c.drop {
			delete(places, name)
		}
		want := experiments.Problem{Source: "file", Path: c.path, Message: "odd"}
		if c.want > 0 {
			want = at(c.want).Problem(c.path, "odd")
		}
		if got := places.Locate(experiments.Problem{Path: c.path, Message: "odd"}, "file"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s without %v: got %+v, want %+v", c.path, c.drop, got, want)
		}
	}
	names := []string{experiments.AtKey("k"), experiments.AtFactor("f"), experiments.AtLevel("f", "l"), experiments.AtSetting("f", "l", "p"),
		experiments.AtName("p"), experiments.AtCell(2)}
	if got, want := strings.Join(names, "|"), "study.k|factor.f|factor.f=l|factor.f=l/p|name of p|cell.2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Problems come in the order of the text, those of overrides after those of the file.
func TestProblemsAreInTheOrderOfTheText(t *testing.T) {
	at := func(line, column int) experiments.Problem { return experiments.Problem{Line: line, Column: column} }
	err := experiments.Problems{at(0, 3), at(2, 9), at(2, 1), at(1, 5), at(2, 3)}.Err()
	want := experiments.Problems{at(1, 5), at(2, 1), at(2, 3), at(2, 9), at(0, 3)}
	if !reflect.DeepEqual(err, error(want)) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// A network that cannot be trained is a problem of the level that makes it so, else of the network's name.
func TestImpossibleNetworks(t *testing.T) {
	for _, c := range []struct{ add, want string }{
		{"", ""},
		{"  batch: 1000000\n", ""},
		{"  batch: 1000000\n  model.width: 64\n",
			"study.yaml:5:17: cell base: training resnet_mini with 4286026 parameters and 1000000 images a step takes about 1.4 TiB of " +
				"memory, want at most 1 TiB"},
		{"  batch: 1000000\n  model.width: 64\n  micro_batch: 1000\n", ""},
		{"  batch: 1000000\n  model.width: 64\n  recompute: segments\n", ""},
		{"factors: [{key: model.depth, levels: [8, 21]}]\n",
			"study.yaml:8:42: cell depth=21: resnet_mini on 3×32×32 images: depth 21 is not 6n+2"},
		{"  model.width: 64\nfactors: [{key: batch, levels: [8, 1000000]}]\n", "study.yaml:9:36: cell batch=1000000: training resnet_mini"},
		{"factors: [{name: f, levels: {a: {}, b: {batch: 1000000, model.width: 64}}}]\n",
			"study.yaml:8:37: cell f=b: training resnet_mini"},
		{"  optim.groups: [{match: nothing.**, lr_scale: 2}]\n", "study.yaml:5:17: cell base: optim.groups: group 1: no parameter matches"},
	} {
		located, err := openStudy(t, oneRun+c.add)
		if err != nil {
			t.Errorf("%s: %v", c.add, err)
			continue
		}
		sizes, err := located.Networks(openInfo)
		if err = located.Locate(err); c.want == "" && (err != nil || len(sizes) == 0) || c.want != "" && (sizes != nil ||
			!strings.HasPrefix(fmt.Sprint(err), c.want)) {
			t.Errorf("%s:\n got %v\nwant %s", c.add, err, c.want)
		}
	}
	gone := fmt.Errorf("no such folder")
	if _, err := mustLoad(t, smallStudy).Networks(func(experiments.Choice) (data.Info, error) { return data.Info{}, gone }); err == nil ||
		err.Error() != "cell net=residual depth=8: no such folder" {
		t.Errorf("got %v", err)
	}
}

func TestReferencesOfStudies(t *testing.T) {
	versions := []experiments.StudyVersion{{Number: 1, Label: ""}, {Number: 2, Label: "epochs=9", Current: true}, {Number: 3, Label: "lr=1"}}
	for version, want := range map[int]string{1: "tiny@1 tiny@1 false ", 2: "tiny@2 tiny true epochs=9", 3: "tiny@3 tiny@3 false lr=1",
		4: "tiny@4 tiny true "} {
		i := experiments.StudyInfo{Study: experiments.Study{Name: "tiny"}, Version: version, Versions: versions}
		if got := fmt.Sprint(i.Ref(), " ", i.ShortRef(), " ", i.Current(), " ", i.Label()); got != want {
			t.Errorf("version %d: got %q, want %q", version, got, want)
		}
	}
	for earlier, want := range map[bool]string{false: "tiny", true: "tiny@3"} {
		r := experiments.RunInfo{Run: experiments.Run{Study: "tiny"}, Version: 3, Earlier: earlier}
		if r.StudyRef() != want {
			t.Errorf("earlier %v: got %s, want %s", earlier, r.StudyRef(), want)
		}
	}
}

// Training lasts from the first step of an attempt to its end; waiting and reading data do not count.
func TestTimeOfTraining(t *testing.T) {
	at := func(s float64) time.Time { return time.Unix(1_000_000, 0).Add(time.Duration(s * float64(time.Second))) }
	first := experiments.AttemptInfo{Began: at(0), Trained: at(10), Ended: at(25)}
	none := experiments.AttemptInfo{Began: at(30), Ended: at(40)}
	second := experiments.AttemptInfo{Began: at(50), Trained: at(55), Ended: at(55.5)}
	backward := experiments.AttemptInfo{Trained: at(60), Ended: at(59)}
	for i, want := range []float64{15, 0, 0.5, 0} {
		if got := []experiments.AttemptInfo{first, none, second, backward}[i].Seconds(); got != want {
			t.Errorf("attempt %d trained %v s, want %v", i, got, want)
		}
	}
	r := experiments.RunInfo{Attempts: []experiments.AttemptInfo{first, none, second, backward}}
	for s, want := range map[float64]float64{0: 0, 9: 0, 10: 0, 11: 1, 24: 14, 25: 15, 35: 15, 55: 15, 55.25: 15.25, 100: 15.5} {
		if got := r.Elapsed(at(s)); got != want {
			t.Errorf("at %v s: elapsed %v, want %v", s, got, want)
		}
	}
}

func TestPhaseOfAStep(t *testing.T) {
	var r experiments.RunInfo
	if _, ok := r.PhaseAt(3); ok {
		t.Error("a run without phases has one")
	}
	for i, first := range []int64{0, 10, 20} {
		r.Phases = append(r.Phases, experiments.PhaseInfo{Phase: experiments.Phase{Index: i, First: first, Steps: 10}})
	}
	for step, want := range map[int64]int{0: 0, 1: 0, 10: 0, 11: 1, 20: 1, 21: 2, 99: 2} {
		if p, ok := r.PhaseAt(step); !ok || p.Index != want {
			t.Errorf("step %d: phase %d, %v, want %d", step, p.Index, ok, want)
		}
	}
}

// A later phase has what the study says of it, else its own defaults, else what the study says of the whole run. What
// is said of other phases is not its concern, and the study's configuration stays as it was.
func TestSettingsOfAPhase(t *testing.T) {
	c := goodConfig()
	set(t, &c, "epochs", 7)
	set(t, &c, "batch", 16)
	set(t, &c, "phases.probe.optim.lr", 0.5)
	set(t, &c, "phases.probe.epochs", 3)
	set(t, &c, "phases.other.epochs", 9)
	set(t, &c, "phases.probing.batch", 2)
	before := c.Clone()
	own, err := c.In("probe", map[string]any{"epochs": 1, "optim.name": "adam", "optim.beta2": 0.9, "schedule.name": "cosine"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{"epochs": 3, "batch": 16, "optim.lr": 0.5, "optim.name": "adam", "optim.beta2": 0.9,
		"schedule.name": "cosine"} {
		if got, _ := own.Get(path); got != want {
			t.Errorf("%s of the phase: got %v, want %v", path, got, want)
		}
	}
	if len(own.Phases) > 0 || !reflect.DeepEqual(c, before) {
		t.Errorf("left of other phases: %v; the study's configuration: %+v, was %+v", own.Phases, c, before)
	}
	if own, err = c.In("other", nil); err != nil || own.Epochs != 9 || own.Optim.Name != c.Optim.Name {
		t.Errorf("without defaults (%v): %+v", err, own)
	}
	c.Epochs, c.Length = 0, "40 steps" // a phase has one of the two, whichever the study has
	if own, err = c.In("other", nil); err != nil || own.Epochs != 9 || own.Length != "" {
		t.Errorf("epochs in place of a length (%v): %d and %q", err, own.Epochs, own.Length)
	}
	if _, err = c.In("probe", map[string]any{"optim.lr": "fast", "epoch": 1}); err == nil || !strings.HasPrefix(err.Error(), "epoch: ") {
		t.Errorf("defaults that cannot be: %v", err)
	}
}

func TestNamesOfKinds(t *testing.T) {
	for _, c := range []struct{ got, want []string }{
		{experiments.DesignNames, []string{"factorial", "one_at_a_time", "leave_one_out", "list"}},
		{experiments.ReportNames, []string{"last", "best"}},
		{experiments.ArtefactKinds, []string{"picture", "matrix", "array", "text"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	statuses := []experiments.Status{experiments.Queued, experiments.Running, experiments.Interrupted, experiments.Done, experiments.Failed,
		experiments.Diverged}
	if got := fmt.Sprint(statuses); got != "[queued running interrupted done failed diverged]" {
		t.Errorf("statuses %s", got)
	}
	if b := [3]int{experiments.MaxArtefactBytes, experiments.MaxArtefacts, experiments.MaxArtefactTotal}; b != [3]int{16777216,
		1000, 268435456} {
		t.Errorf("bounds of artefacts %v", b)
	}
	if b := [3]int{experiments.MaxFactors, experiments.MaxLevels, experiments.MaxCells}; b != [3]int{100, 1000, 10_000} {
		t.Errorf("bounds of studies %v", b)
	}
}

func TestErrorsSayWhatHappened(t *testing.T) {
	diverged := &experiments.DivergedError{Metric: "train/loss", Value: 0.5, Step: 7, Epoch: 2}
	blocked := &experiments.BlockedError{Run: "r", By: map[string]experiments.Status{"b": experiments.Failed, "a": ""}}
	for _, c := range []struct {
		err, is error
		want    string
	}{
		{diverged, experiments.ErrDiverged, "train/loss is 0.5 at step 7 (epoch 2)"},
		{blocked, experiments.ErrBlocked, "run r: it needs a run that is not done: a (), b (failed)"},
	} {
		if c.err.Error() != c.want || !errors.Is(c.err, c.is) {
			t.Errorf("got %v, which is %v: %v", c.err, c.is, errors.Is(c.err, c.is))
		}
	}
	for err, want := range map[error]string{
		experiments.ErrNotFound: "not found", experiments.ErrAmbiguous: "ambiguous", experiments.ErrHeld: "another process is working at it",
		experiments.ErrFenced: "a newer attempt has taken over", experiments.ErrDiverged: "it diverged",
		experiments.ErrNoCheckpoint: "no checkpoint",
		experiments.ErrMissing:      "the file of the database was deleted or moved",
		experiments.ErrReplaced:     "another file has taken the place of the database",
		experiments.ErrDamaged:      "the file of the database is damaged",
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

const twoPhases = `
base:
  dataset: {name: shapes}
  model: {name: resnet_mini}
  strategy: {name: byol, then: probe}
  optim: {lr: 0.1}
  epochs: 2
seeds: [1, 2]`

// Runs that differ in a later phase only begin with one run a seed, which ends before it; where nothing is shared,
// nothing is added.
func TestRunsShareTheirBeginning(t *testing.T) {
	type about struct{ cell, until, needs string }
	look := func(overrides ...string) []about {
		t.Helper()
		runs, err := mustLoad(t, twoPhases, overrides...).Runs(func(experiments.Choice) (string, error) { return "", nil })
		if err != nil {
			t.Fatal(err)
		}
		cells := map[string]string{}
		for _, r := range runs {
			cells[r.ID] = r.Cell
			if strings.HasPrefix(r.Cell, "until=pretrain ") {
				cells[r.ID] = fmt.Sprint("beginning of seed ", r.Seed)
			}
		}
		if len(cells) != len(runs) {
			t.Errorf("%v: two runs are one", overrides)
		}
		var all []about
		for _, r := range runs {
			a := about{cells[r.ID], r.Config.Until, ""}
			for _, id := range r.Needs {
				a.needs += cells[id]
			}
			all = append(all, a)
		}
		return all
	}
	if got, want := look(), []about{{"base", "", ""}, {"base", "", ""}}; !slices.Equal(got, want) {
		t.Errorf("alone: %v, want %v", got, want)
	}
	want := []about{{"beginning of seed 1", "pretrain", ""}, {"lr=0.1", "", "beginning of seed 1"},
		{"beginning of seed 2", "pretrain", ""}, {"lr=0.1", "", "beginning of seed 2"},
		{"lr=0.2", "", "beginning of seed 1"}, {"lr=0.2", "", "beginning of seed 2"}}
	if got := look("phases.probe.optim.lr=0.1,0.2"); !slices.Equal(got, want) {
		t.Errorf("two probes: %v, want %v", got, want)
	}
	if got := look("strategy.tau=0.9,0.99"); len(got) != 4 || got[0].needs != "" {
		t.Errorf("two pretrainings share %v", got)
	}
	if got := look("until=pretrain"); len(got) != 2 || got[0] != (about{"base", "pretrain", ""}) {
		t.Errorf("a pretraining alone: %v", got)
	}
}

// Where others have a metric of the main phase, a run without it stands with the same, or one of its kind, of its last
// phase that has one.
func TestWhatARunIsJudgedBy(t *testing.T) {
	run := func(phases string, metrics ...string) experiments.RunInfo {
		r := experiments.RunInfo{Last: map[string]float64{}}
		for i, name := range strings.Fields(phases) {
			r.Phases = append(r.Phases, experiments.PhaseInfo{Phase: experiments.Phase{Name: name, Index: i}})
		}
		for _, name := range metrics {
			r.Last[name] = 0.5
		}
		return r
	}
	for want, r := range map[string]experiments.RunInfo{
		"test/top1":              run("pretrain probe", "test/top1", "probe/test/top1"),
		"probe/test/top1":        run("pretrain probe", "pretrain/test/knn_top1", "probe/test/top1", "probe/train/top1"),
		"pretrain/test/knn_top1": run("pretrain probe", "pretrain/test/knn_top1", "pretrain/test/knn_top5", "probe/train/top1"),
	} {
		if got := r.Usual("test/top1"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := run("pretrain", "pretrain/train/loss").Usual("test/top1"); got != "test/top1" {
		t.Errorf("of a run that has nothing like it: %s", got)
	}
}
