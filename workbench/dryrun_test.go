package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/studyfile"
	"workbench/experiments/train"
	"workbench/nn"
	"workbench/store"
)

// planned is a worklist of two cells with two seeds each whose costs are known, and how fast they train.
func planned(t *testing.T) (worklist, estimate) {
	t.Helper()
	s, err := studyfile.Load("quickstart", []string{"depth=20,56", "seeds=2"})
	if err != nil {
		t.Fatal(err)
	}
	w := worklist{study: s, networks: map[string]nn.Summary{"a": {Params: 1234, MACs: 5_600_000}, "b": {Params: 99, MACs: 1000}}}
	w.runs = []experiments.Run{{ID: "r1", Cell: "a", Seed: 1}, {ID: "r2", Cell: "a", Seed: 2}, {ID: "r3", Cell: "b", Seed: 1},
		{ID: "r4", Cell: "b", Seed: 2}}
	e := estimate{threads: 2, work: map[string]train.Work{"a": {Training: 4e9, Evaluation: 1e9}, "b": {Training: 1e9}},
		paces: map[string]paceOf{"a": {Pace: train.Pace{Middle: 4e-9, Fastest: 3e-9, Slowest: 8e-9}, earlier: 1},
			"b": {Pace: train.Pace{Middle: 1e-8, Fastest: 9e-9, Slowest: 2e-8}, timed: true}}}
	return w, e
}

// The duration is that of what is left, at so many runs at a time, with its bounds and how it is known.
func TestDurationsOfWhatIsLeft(t *testing.T) {
	w, e := planned(t)
	a := newApp()
	const tail = "; reading data, starting and other work on the machine come on top"
	const how = "1 cell by earlier runs on this processor, 1 cell by a few training steps timed just now"
	for _, c := range []struct {
		todo    []experiments.Run
		jobs    int
		threads int
		want    string
	}{
		{w.runs, 1, 2, "about 1 m 00 s with 1 run at a time, 2 threads each (48 s by the fastest steps, 2 m 00 s by the slowest; " + how + ")"},
		{w.runs, 2, 1, "about 30 s with 2 runs at a time, 1 thread each (24 s by the fastest steps, 1 m 00 s by the slowest; " + how + ")"},
		{w.runs[2:3], 4, 2, "about 10 s with 4 runs at a time, 2 threads each (9.0 s by the fastest steps, 20 s by the slowest; " + how + ")"},
		{nil, 1, 2, "about 0.0 s with 1 run at a time, 2 threads each (0.0 s by the fastest steps, 0.0 s by the slowest; " + how + ")"},
	} {
		e.threads = c.threads
		if got := a.duration(e, c.todo, training{jobs: c.jobs}); len(got) != 1 || got[0] != c.want+tail {
			t.Errorf("%d runs, %d at a time: got %q, want %q", len(c.todo), c.jobs, got, c.want+tail)
		}
	}
	w.runs[0].Config.Precision = "bf16"
	if got := a.duration(e, w.runs, training{jobs: 1}); len(got) != 1 && got[1] != slowBFloat16() || len(got) == 1 && slowBFloat16() != "" {
		t.Errorf("of bf16 it is said %q", got)
	}
}

// Flags that say nothing mean a run and a thread a core, and at most as many runs as there are.
func TestSharesOfTheCores(t *testing.T) {
	cores := runtime.NumCPU()
	for _, c := range []struct{ given, want training }{
		{training{}, training{jobs: min(3, cores), threads: cores}},
		{training{jobs: 7}, training{jobs: 7, threads: cores}},
		{training{threads: 5}, training{jobs: min(3, cores), threads: 5}},
		{training{jobs: 1, threads: 1}, training{jobs: 1, threads: 1}},
	} {
		got := c.given
		if got.share(3); got.jobs != c.want.jobs || got.threads != c.want.threads {
			t.Errorf("%+v becomes %d runs and %d threads, want %d and %d", c.given, got.jobs, got.threads, c.want.jobs, c.want.threads)
		}
	}
	one := training{}
	if one.share(1); one.jobs != 1 {
		t.Errorf("one run goes on as %d", one.jobs)
	}
	for _, c := range []struct {
		jobs, threads int
		good          bool
	}{{0, 0, true}, {4 * cores, 4 * cores, true}, {4*cores + 1, 0, false}, {0, 4*cores + 1, false}, {-1, 0, false}, {0, -1, false}} {
		if err := (training{jobs: c.jobs, threads: c.threads}).check(); (err == nil) != c.good {
			t.Errorf("%d runs and %d threads: %v, want good: %v", c.jobs, c.threads, err, c.good)
		}
	}
}

const twoWidths = `name: widths
seeds: [3, 5]
base:
  dataset: {name: shapes, train: 32, test: 16}
  model: {name: resnet_mini, depth: 8}
  optim: {lr: 0.1}
  batch: 16
  epochs: 2
factors:
  - {key: model.width, levels: [1, 2]}
`

// A dry run lists every run with its state and costs, says how much the same call would train, and trains nothing.
func TestDryRunsSayWhatIsLeft(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("widths.yaml", []byte(twoWidths), 0o600); err != nil {
		t.Fatal(err)
	}
	dry := func(args ...string) answer {
		return called(t, append([]string{"run", "widths.yaml", "--dry-run", "--threads", "1", "--jobs", "1"}, args...)...)
	}
	states := func(want ...string) {
		t.Helper()
		got := dry("--format", "csv")
		lines := strings.Split(strings.TrimSpace(got.out), "\n")
		if got.status != exitOK || lines[0] != "run,cell,seed,status,parameters,macs,executed,seconds" || len(lines) != 5 {
			t.Fatalf("status %d, %s\n%s", got.status, got.err, got.out)
		}
		for i, line := range lines[1:] {
			if _, rest, _ := strings.Cut(line, ","); !strings.HasPrefix(rest, want[i]) {
				t.Errorf("line %d is %s, want %s behind the run", i, line, want[i])
			}
		}
	}
	left := func(want string, args ...string) {
		t.Helper()
		if got := dry(args...).out; !strings.Contains(got, "\nnote: 4 runs, 32.5 M multiply-adds in all, "+want+" of them still to do: ") {
			t.Errorf("%s: want %s left in\n%s", args, want, got)
		}
	}
	states("width=1,3,queued,395,18472,3.69852e+06,",
		"width=1,5,queued,395,18472,3.69852e+06,",
		"width=2,3,queued,1356,59984,1.2562528e+07,",
		"width=2,5,queued,1356,59984,1.2562528e+07,")
	left("32.5 M")
	if status := called(t, "runs").status; status != exitFailed {
		t.Errorf("a dry run made a database: status %d", status)
	}
	recorded(t, map[string]experiments.Status{"width=1 3": experiments.Done, "width=2 3": experiments.Failed,
		"width=2 5": experiments.Diverged})
	states("width=1,3,done,395,18472,3.69852e+06,",
		"width=1,5,queued,395,18472,3.69852e+06,",
		"width=2,3,failed,1356,59984,1.2562528e+07,",
		"width=2,5,diverged,1356,59984,1.2562528e+07,")
	left("3.7 M")
	left("28.8 M", "--failed")
	left("32.5 M", "--force")
	if got := called(t, "runs", "--format", "csv"); strings.Count(got.out, "\n") != 5 {
		t.Errorf("after dry runs there are the runs\n%s", got.out)
	}
}

// recorded puts the runs of widths.yaml into a database, some of which have ended.
func recorded(t *testing.T, ends map[string]experiments.Status) {
	t.Helper()
	s, err := studyfile.Load("widths.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs((&openSets{ctx: t.Context(), open: map[string]data.Set{}}).digest)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(defaultDB)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Enlist(t.Context(), s, runs); err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		end, ends := ends[fmt.Sprint(r.Cell, " ", r.Seed)]
		if !ends {
			continue
		}
		attempt, err := db.Begin(t.Context(), r.ID)
		if err == nil && end == experiments.Done {
			err = db.Record(t.Context(), attempt, experiments.Record{Checkpoint: &experiments.Checkpoint{Run: r.ID, Attempt: 1, Step: 4,
				State: []byte("{}"), Final: true, Tensors: []experiments.Tensor{{Name: "model/fc.bias", Shape: []int{1}, Data: []float32{1}}}}})
		}
		if err == nil {
			err = db.End(t.Context(), attempt, end, "because")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
