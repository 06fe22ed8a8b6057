package studyfile

import (
	"slices"
	"strings"
	"testing"
)

// Runs that differ in what follows their pretraining, and in how many labels that learns from, begin with one run; the
// study compares them by their last phase, or by the phase that all have.
func TestWhatFollowsAPretrainingSharesIt(t *testing.T) {
	for _, c := range []struct {
		overrides []string
		shared    int // runs that begin with another one
		beginning int // runs that others begin with
		metric    string
	}{
		{[]string{"strategy.then=probe,finetune,lp_ft", "strategy.label_share=1,0.1"}, 6, 1, "final/test/top1"},
		{[]string{"strategy.then=finetune", "phases.finetune.optim.lr=0.1,0.01"}, 2, 1, "finetune/test/top1"},
		{[]string{"strategy.then=lp_ft", "phases.finetune.optim.lr=0.1,0.01"}, 2, 1, "finetune/test/top1"}, // the probe too
		{[]string{"strategy.then=probe", "strategy.angles=2,4"}, 0, 0, "probe/test/top1"},
		{[]string{"strategy.then=nothing", "strategy.angles=2,4"}, 0, 0, "pretrain/test/knn_top1"},
		{[]string{"strategy.name=supervised,rotation", "strategy.then=finetune"}, 0, 0, "final/test/top1"},
	} {
		overrides := c.overrides
		if !strings.HasPrefix(overrides[0], "strategy.name") {
			overrides = append([]string{"strategy.name=rotation"}, overrides...)
		}
		s := mustLoad(t, oneRun, overrides...)
		if s.Metric != c.metric {
			t.Errorf("%v: compared by %s, want %s", c.overrides, s.Metric, c.metric)
		}
		runs, err := s.Runs(noData)
		if err != nil {
			t.Fatalf("%v: %v", c.overrides, err)
		}
		shared, beginning := 0, 0
		for _, r := range runs {
			if len(r.Needs) > 0 {
				shared++
			}
			if r.Shared {
				beginning++
			}
		}
		if shared != c.shared || beginning != c.beginning {
			t.Errorf("%v: %d runs begin with %d others, want %d with %d", c.overrides, shared, beginning, c.shared, c.beginning)
		}
	}
}

// A run whose first phase is all that another cell trains begins with that cell's run, and no run is added for it.
func TestRunsBeginWithCellsThatEndThere(t *testing.T) {
	text := oneRun + `  strategy: {name: rotation, then: probe}
factors:
  - name: end
    levels: {whole: {until: ""}, begun: {until: pretrain}}
`
	runs, err := mustLoad(t, text, "seeds=1-2").Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	begun := map[uint64][]string{}
	for _, r := range runs {
		if r.Cell == "end=begun" {
			begun[r.Seed] = []string{r.ID}
		}
	}
	for _, r := range runs {
		var want []string
		if r.Cell == "end=whole" {
			want = begun[r.Seed]
		}
		if r.Shared || !slices.Equal(r.Needs, want) {
			t.Errorf("cell %s with seed %d needs %v, want %v; added: %v", r.Cell, r.Seed, r.Needs, want, r.Shared)
		}
	}
	if len(runs) != 4 || len(begun) != 2 {
		t.Errorf("%d runs of which %d seeds end with the first phase, want 4 and 2", len(runs), len(begun))
	}
}

// A run ends only with a phase that it has and that another follows.
func TestUntilNamesAPhaseOfTheRun(t *testing.T) {
	for _, c := range []struct {
		overrides []string
		want      string
	}{
		{[]string{"strategy.then=lp_ft", "until=probe"}, ""},
		{[]string{"strategy.then=lp_ft", "until=pretrain"}, ""},
		{[]string{"strategy.then=nothing", "until=pretrain"}, ""},
		{[]string{"strategy.then=probe", "until=probe"}, `the phases pretrain, probe, so none follows "probe"`},
		{[]string{"strategy.then=finetune", "until=probe"}, `the phases pretrain, finetune, so none follows "probe"`},
	} {
		_, err := Parse("one.yaml", []byte(oneRun), append([]string{"strategy.name=rotation"}, c.overrides...))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: %v, want %q", c.overrides, err, c.want)
		}
	}
}
