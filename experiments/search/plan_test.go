package search

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

// searchable is a study of two arms, but for what it searches.
const searchable = `
name: two
seeds: 3
base:
  dataset: {name: shapes, train: 64, test: 16, val: 0.25}
  model: {name: resnet_mini, depth: 8, width: 2}
  optim: {lr: 0.05}
  batch: 16
  epochs: 8
factors:
  - {key: model.shortcut, levels: [none, identity]}
`

func study(t *testing.T, search string, overrides ...string) experiments.Study {
	t.Helper()
	s, err := studyfile.Parse("two.yaml", []byte(searchable+search+"\n"), overrides)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plan(t *testing.T, s experiments.Study, asked Asked) *Plan {
	t.Helper()
	p, err := New(s, asked)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const rates = `search: {optim.lr: {min: 0.001, max: 0.3, scale: log}, optim.weight_decay: [0, 0.0005]}`

// The study of a search has every arm with the same trials, other seeds and a metric of val; it is a good study, whose
// runs are told apart by what they compute alone.
func TestEveryArmHasTheSameTrials(t *testing.T) {
	s := study(t, rates)
	p := plan(t, s, Asked{Trials: 4, Seed: 1, Seeds: Seeds(s, 2)})
	made, entries, err := p.Made([]Stage{p.First()})
	if err != nil {
		t.Fatal(err)
	}
	if problems := made.Validate(); len(problems) > 0 {
		t.Fatalf("it is no good study: %v", problems)
	}
	if made.Name != "two.search" || made.Metric != "val/top1" || fmt.Sprint(made.Seeds) != "[1001 1002]" || len(entries) != 8 {
		t.Errorf("got %s by %s with seeds %v, %d cells", made.Name, made.Metric, made.Seeds, len(entries))
	}
	runs, err := made.Runs(func(experiments.Choice) (string, error) { return "digest", nil })
	if err != nil || len(runs) != 16 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for arm, shortcut := range []string{"none", "identity"} {
		for k, e := range entries[4*arm : 4*arm+4] {
			r := runs[slices.IndexFunc(runs, func(r experiments.Run) bool { return r.Cell == e.Key })]
			lr, decay := r.Config.Optim.Options["lr"], r.Config.Optim.Options["weight_decay"]
			want := p.Trials[k].Set
			if e.Arm != arm || e.Trial != k || r.Levels["shortcut"] != shortcut || lr != want[0].Value ||
				fmt.Sprint(decay) != fmt.Sprint(want[1].Value) {
				t.Errorf("cell %s: lr %v, decay %v, want %v", e.Key, lr, decay, want)
			}
		}
	}
	first := p.Trials[0].Set
	if want := fmt.Sprintf("shortcut=none trial=lr:%v;weight_decay:%v", first[0].Value, first[1].Value); entries[0].Key != want {
		t.Errorf("the first cell is %s, want %s", entries[0].Key, want)
	}
	again, _, err := plan(t, s, Asked{Trials: 4, Seed: 1, Seeds: Seeds(s, 2)}).Made([]Stage{p.First()})
	if a, b := trains(t, made), trains(t, again); err != nil || a != b {
		t.Errorf("the same search trains something else: %v", err)
	}
}

func trains(t *testing.T, s experiments.Study) string {
	t.Helper()
	sum, err := s.Trains()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// Seeds of a search are never those that the study reports.
func TestSeedsOfSearches(t *testing.T) {
	s := study(t, rates, "seeds=[1001,1,1003]")
	if got := fmt.Sprint(Seeds(s, 3)); got != "[1002 1004 1005]" {
		t.Errorf("got %s", got)
	}
	_, err := New(s, Asked{Trials: 4, Seeds: []uint64{7, 1}})
	if err == nil || !strings.HasPrefix(err.Error(), "seed 1 is one that the study reports") {
		t.Errorf("a seed that is reported: %v", err)
	}
}

// What cannot be searched says why, where the study says it.
func TestProblemsOfPlans(t *testing.T) {
	lists := `search: {optim.lr: [0.1, 0.2, 0.3]}`
	for _, c := range []struct {
		search    string
		overrides []string
		asked     Asked
		path      string
		want      string
	}{
		{"", nil, Asked{Trials: 4}, "search", "the study does not say what a search may vary"},
		{rates, []string{"dataset.val=0"}, Asked{Trials: 4}, "dataset.val", "cell shortcut=none holds out no images to choose by"},
		{rates, []string{"evaluate.corruption=contrast:3", "metric=test/corrupted_top1"}, Asked{Trials: 4}, "metric",
			"test/corrupted_top1 is not measured on the images that a search chooses by: want another while it chooses, such as metric=test/top1"},
		{rates, nil, Asked{Trials: 4, Method: "bayes"}, "", `unknown method "bayes"`},
		{rates, nil, Asked{Trials: 4, Method: ByGrid}, "", "method grid wants levels of every path"},
		{lists, nil, Asked{Trials: 2, Method: ByGrid}, "", "the grid has 3 configurations, 2 trials were asked for"},
		{rates, nil, Asked{Trials: 4, Method: ByHalving, Eta: 9}, "", "method halving has nothing to halve"},
		{rates, []string{"epochs=8,9"}, Asked{Trials: 9, Method: ByHalving, Eta: 2}, "epochs", "method halving shortens epochs"},
		{rates, []string{"epochs=0", "length=100 steps"}, Asked{Trials: 9, Method: ByHalving, Eta: 2}, "epochs",
			"method halving shortens epochs"},
	} {
		_, err := New(study(t, c.search, c.overrides...), c.asked)
		var p experiments.Problem
		if errors.As(err, &p) != (c.path != "") || p.Path != c.path || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %+v: %v, want %s", c.overrides, c.asked, err, c.want)
		}
	}
}

// A grid that is small enough is tried as a whole, a larger one by chance; what has no effect in an arm is tried there
// once.
func TestMethodsAndTrialsWithoutEffect(t *testing.T) {
	lists := study(t, `search: {optim.lr: [0.1, 0.2], optim.momentum: [0, 0.9]}`)
	if p := plan(t, lists, Asked{Trials: 4}); p.Method != ByGrid || len(p.Trials) != 4 {
		t.Errorf("%s of %d", p.Method, len(p.Trials))
	}
	if p := plan(t, lists, Asked{Trials: 3}); p.Method != ByChance || len(p.Trials) != 3 {
		t.Errorf("%s of %d", p.Method, len(p.Trials))
	}
	p := plan(t, study(t, `search: {optim.beta2: [0.9, 0.99, 0.999]}`, "optim.name=sgd,adam", "shortcut=none"),
		Asked{Trials: 3, Seeds: []uint64{99}})
	if got := fmt.Sprint(p.First()); got != "[[0] [0 1 2]]" {
		t.Errorf("sgd, which has no beta2, and adam are tried with %s", got)
	}
	made, _, err := p.Made([]Stage{p.First()})
	if err != nil || len(made.Validate()) > 0 {
		t.Errorf("%v, %v", err, made.Validate())
	}
	remark := "name=sgd: 1 different configurations of 3, what else the search varies has no effect there"
	if got := p.Remarks(p.Outcomes(nil, make([]Cost, 2), true)); !slices.Contains(got, remark) {
		t.Errorf("it says %q", got)
	}
	_, err = New(study(t, `search: {optim.beta2: [0.9, 0.99]}`, "optim.name=sgd,adam", "shortcut=none", "dataset.val=0.25"), Asked{Trials: 2})
	if err != nil {
		t.Error(err)
	}
}

// Rungs are cells of one study, so that their runs are known to one another, and the baseline is one of them.
func TestRungsAreOneStudy(t *testing.T) {
	p := plan(t, study(t, rates), Asked{Trials: 4, Method: ByHalving, Eta: 2, Seeds: []uint64{99}})
	made, entries, err := p.Made([]Stage{p.First(), {{1, 3}, {0, 2}}, {{3}, {0}}})
	if err != nil || len(made.Validate()) > 0 {
		t.Fatalf("%v, %v", err, made.Validate())
	}
	epochs := map[int]int{}
	cells, err := made.Cells()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cells {
		epochs[c.Config.Epochs]++
		if entries[i].Key != c.Key || p.Rungs[entries[i].Rung].Epochs != c.Config.Epochs {
			t.Errorf("cell %s is entry %+v", c.Key, entries[i])
		}
	}
	if fmt.Sprint(epochs) != "map[2:8 4:4 8:2]" {
		t.Errorf("epochs %v", epochs)
	}
}

// The best of the last rung is chosen, at the cost of all; the study with it is read as it is written.
func TestOutcomes(t *testing.T) {
	s := study(t, rates)
	p := plan(t, s, Asked{Trials: 3, Seeds: []uint64{1001}})
	_, entries, err := p.Made([]Stage{p.First()})
	if err != nil {
		t.Fatal(err)
	}
	results := make([]Result, len(entries))
	for i, e := range entries {
		results[i] = Result{Entry: e, N: 1, Planned: 1, Mean: []float64{0.2, 0.4, 0.3, 0.9, 0.1, 0.5}[i], Low: math.NaN(), High: math.NaN()}
	}
	results[3].N, results[3].Diverged = 0, 1
	costs := []Cost{{3, 60, 1e9}, {3, 90, 2e9}}
	outcomes := p.Outcomes(results, costs, true)
	if a, b := outcomes[0], outcomes[1]; a.Best.Trial != 1 || b.Best.Trial != 2 || a.Diverged != 0 || b.Diverged != 1 || b.Cost != costs[1] ||
		a.Trials != 3 {
		t.Errorf("got %+v", outcomes)
	}
	tuned := p.Tuned(outcomes, Cost{6, 150, 3e9}, "two.search@1", trains(t, s)[:experiments.TrainsDigits])
	text, err := studyfile.Marshal(tuned)
	if err != nil {
		t.Fatal(err)
	}
	back, err := studyfile.Parse("tuned.yaml", text, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	cells, err := back.Cells()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cells {
		if want := p.Trials[i+1].Set[0].Value; c.Config.Optim.Options["lr"] != want || c.Key != p.Arms[i].Key {
			t.Errorf("cell %s has lr %v, want %v", c.Key, c.Config.Optim.Options["lr"], want)
		}
	}
	if got := back.Tuned; got.Minutes != 2.5 || got.Runs != 6 || got.MultiplyAdds != 3e9 || got.Arms[1].Minutes != 1.5 ||
		got.Arms[1].Value != 0.5 || back.Name != "two-tuned" || fmt.Sprint(back.Seeds) != "[1 2 3]" {
		t.Errorf("recorded %+v of %s", got, back.Name)
	}
	results[4].N, results[5].N = 0, 0
	if outcomes = p.Outcomes(results, costs, true); outcomes[1].Best != nil ||
		!slices.Contains(p.Remarks(outcomes), "shortcut=identity: nothing was chosen, no trial was trained with every seed") {
		t.Errorf("an arm without a trial: %+v", outcomes[1])
	}
}
