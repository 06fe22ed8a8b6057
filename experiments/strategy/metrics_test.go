package strategy_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/strategy"
	"workbench/nn/option"
)

// The metrics by which runs may be compared are those that they record: without answers no accuracy, with a held-out
// part its metrics beside the test split's, and none of a phase that does not come.
func TestMetricsByWhichRunsAreCompared(t *testing.T) {
	three := strategy.Strategy{Main: "a", Later: []string{"b", "c"}, Unlabelled: []string{"b"}, Measures: map[string][]string{"b": {"knn"}}}
	const (
		alone    = "test/top1 test/top5 test/loss train/top1 train/loss"
		ofA      = "a/test/top1 a/test/top5 a/test/loss a/train/top1 a/train/loss"
		ofB      = "b/train/loss b/test/knn_top1 b/test/knn_top5"
		ofC      = "c/test/top1 c/test/top5 c/test/loss c/train/top1 c/train/loss"
		pretrain = "pretrain/train/loss pretrain/test/knn_top1 pretrain/test/knn_top5"
		probe    = "probe/test/top1 probe/test/top5 probe/test/loss probe/train/top1 probe/train/loss"
	)
	then := map[string]any{"then": "probe"}
	for _, c := range []struct {
		of    strategy.Strategy
		given map[string]any
		held  bool
		until string
		want  string
	}{
		{found(t, "supervised"), nil, false, "", alone},
		{found(t, "supervised"), nil, true, "", "test/top1 val/top1 test/top5 val/top5 test/loss val/loss train/top1 train/loss"},
		{found(t, "byol"), nil, false, "", pretrain},
		{found(t, "byol"), nil, true, "", "pretrain/train/loss " +
			"pretrain/test/knn_top1 pretrain/val/knn_top1 pretrain/test/knn_top5 pretrain/val/knn_top5"},
		{found(t, "byol"), then, false, "", pretrain + " " + probe},
		{found(t, "byol"), then, false, "pretrain", pretrain},
		{three, nil, false, "", ofA + " " + ofB + " " + ofC},
		{three, nil, false, "a", ofA},
		{three, nil, false, "b", ofA + " " + ofB},
		{three, nil, false, "c", ofA + " " + ofB + " " + ofC},
		{strategy.Strategy{Measures: map[string][]string{"": {"calibration", "nobody's"}}}, nil, false, "", alone +
			" test/nll test/ece test/brier"},
	} {
		got := strings.Join(c.of.Metrics(c.of.Resolve(c.given), c.held, c.until), " ")
		if got != c.want {
			t.Errorf("%s with %v, held out %v, until %q:\n%s, want\n%s", c.of.Name, c.given, c.held, c.until, got, c.want)
		}
	}
}

func found(t *testing.T, name string) strategy.Strategy {
	t.Helper()
	s, err := strategy.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Which metric speaks for a run unless a study says another.
func TestUsualMetric(t *testing.T) {
	for _, name := range strategy.Names() {
		s := found(t, name)
		for then, want := range map[string]string{"nothing": "pretrain/test/knn_top1", "probe": "probe/test/top1"} {
			switch {
			case s.Main == "":
				want = "test/top1"
			case s.Name == "confident_learning", s.Name == "dividemix":
				want = "final/test/top1"
			}
			if got := s.Usual(s.Resolve(map[string]any{"then": then})); got != want {
				t.Errorf("%s, then %s: %s, want %s", name, then, got, want)
			}
		}
	}
}

// A run may end after each phase but the last, where there are several.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		later []string
		want  []string
	}{{nil, nil}, {[]string{"b"}, []string{"a"}}, {[]string{"b", "c"}, []string{"a", "b"}}} {
		if got := (strategy.Strategy{Main: "a", Later: c.later}).Ends(); !slices.Equal(got, c.want) {
			t.Errorf("with the later phases %v a run may end after %v, want %v", c.later, got, c.want)
		}
	}
}

// A later phase comes if the settings say so.
func TestHasALaterPhase(t *testing.T) {
	for _, name := range strategy.Names() {
		s := found(t, name)
		if len(s.Later) == 0 || s.Name == "confident_learning" || s.Name == "dividemix" { // which always goes on
			continue
		}
		if s.Has(option.Settings{"then": "nothing"}, "probe") || !s.Has(option.Settings{"then": "probe"}, "probe") {
			t.Errorf("%s does not have the phase that the settings say", name)
		}
	}
}
