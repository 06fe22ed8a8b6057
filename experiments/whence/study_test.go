package whence

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// recorded is a study with two cells and three seeds. Of the seeds s = 1, 2, 3 the accuracy is 0.9 + s/100 with a
// shortcut and 0.8 + s²/100 without, the loss is 0.1·s, and the best accuracy is 0.001 above the last.
func recorded(t *testing.T) (experiments.Study, []experiments.RunInfo) {
	t.Helper()
	s := experiments.DefaultStudy()
	s.Name, s.Seeds, s.Report = "tiny", []uint64{1, 2, 3}, experiments.ReportLast
	s.Base.Dataset.Name, s.Base.Model.Name, s.Base.Optim.Options["lr"], s.Base.Epochs = "shapes", "resnet20_cifar", 0.1, 1
	s.Factors = []experiments.Factor{{Name: "epochs", Levels: []experiments.Level{
		{Label: "1", Set: []experiments.Assignment{{Path: "epochs", Value: 1}}},
		{Label: "2", Set: []experiments.Assignment{{Path: "epochs", Value: 2}}}}}}
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "digest", nil })
	if err != nil {
		t.Fatal(err)
	}
	var infos []experiments.RunInfo
	for _, r := range runs {
		seed := float64(r.Seed)
		top1 := 0.9 + seed/100
		if r.Levels["epochs"] == "2" {
			top1 = 0.8 + seed*seed/100
		}
		infos = append(infos, experiments.RunInfo{Run: r, Status: experiments.Done, Environment: map[string]string{"revision": "abc"},
			Last: map[string]float64{metric.TestTop1: top1, metric.TestLoss: seed / 10, "odd": math.NaN()},
			Max:  map[string]float64{metric.TestTop1: top1 + 0.001, metric.TestLoss: 9},
			Min:  map[string]float64{metric.TestTop1: 0, metric.TestLoss: seed / 20}})
	}
	return s, infos
}

func look(t *testing.T, most int, texts ...string) []Answer {
	t.Helper()
	var numbers []Number
	for _, text := range texts {
		n, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	f := NewFinder(numbers, most)
	s, runs := recorded(t)
	f.Study("tiny@1", &s, runs)
	f.Study("other@2", nil, runs) // the same runs tell their values once
	return f.Answers()
}

// What is recorded is found in every unit and rounding in which it may be written, and at no other.
func TestNumbersAreFound(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // the first match: what, metric, cell, seeds
	}{
		{"92.00", "mean of 3 seeds of the last evaluations | test/top1 | epochs=1 | [1 2 3]"},
		{"92.0%", "mean of 3 seeds of the last evaluations | test/top1 | epochs=1 | [1 2 3]"},
		{"92", "mean of 3 seeds of the last evaluations | test/top1 | epochs=1 | [1 2 3]"},
		{"0.92", "mean of 3 seeds of the last evaluations | test/top1 | epochs=1 | [1 2 3]"},
		{"0.9200", "mean of 3 seeds of the last evaluations | test/top1 | epochs=1 | [1 2 3]"},
		{".92", "mean of 3 seeds of the last evaluations | test/top1 | epochs=1 | [1 2 3]"},
		{"84.667", "mean of 3 seeds of the last evaluations | test/top1 | epochs=2 | [1 2 3]"},
		{"84.67", "mean of 3 seeds of the last evaluations | test/top1 | epochs=2 | [1 2 3]"},
		{"0.847", "mean of 3 seeds of the last evaluations | test/top1 | epochs=2 | [1 2 3]"},
		{"-7.33", "difference from the baseline, 3 pairs | test/top1 | epochs=2 | [1 2 3]"},
		{"−7.3", "difference from the baseline, 3 pairs | test/top1 | epochs=2 | [1 2 3]"},
		{"7.333", "difference from the baseline, 3 pairs | test/top1 | epochs=2 | [1 2 3]"},
		{"-0.0733", "difference from the baseline, 3 pairs | test/top1 | epochs=2 | [1 2 3]"},
		{"92.1", "mean of 3 runs, best values | test/top1 | epochs=1 | [1 2 3]"},
		{"0.200", "mean of 3 runs, last values | test/loss | epochs=1 | [1 2 3]"},
		{"0.1000", "mean of 3 runs, best values | test/loss | epochs=1 | [1 2 3]"},
		{"91.0", "last value of a run | test/top1 | epochs=1 | [1]"},
		{"91.10", "best value of a run | test/top1 | epochs=1 | [1]"},
		{"0.150", "best value of a run | test/loss | epochs=1 | [3]"},
		{"1.00", "standard deviation over 3 seeds | test/top1 | epochs=1 | [1 2 3]"},
		{"0.053", "p of the difference from the baseline, Holm's correction | test/top1 | epochs=2 | [1 2 3]"},
	} {
		a := look(t, 5, c.text)[0]
		got := "nothing"
		if len(a.Matches) > 0 {
			m := a.Matches[0]
			got = fmt.Sprintf("%s | %s | %s | %v", m.What, m.Metric, m.Cell, m.Seeds)
			if m.Study != "tiny@1" || len(m.Runs) == 0 || strings.Join(m.Data, " ") != "digest" || strings.Join(m.Program, " ") != "abc" ||
				len(m.Show) < 2 {
				t.Errorf("%s: %+v", c.text, m)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	for _, text := range []string{"92.01", "91.99", "0.9201", "+7.33", "20%", "84.66", "0.0533%", "1234"} {
		a := look(t, 5, text)[0]
		for _, m := range a.Matches {
			t.Errorf("%s is found to be %s %v of %s", text, m.What, m.Value, m.Metric)
		}
		if a.Nearest == nil {
			t.Errorf("%s: nothing is nearest", text)
		}
	}
	if a := look(t, 5, "92.01")[0]; a.Nearest == nil || math.Abs(a.Nearest.Value-0.92) > 1e-9 || len(a.Nearest.Runs) != 3 {
		t.Errorf("nearest to 92.01: %+v", a.Nearest)
	}
}

// Only so many matches are kept, the most telling ones; the others are counted.
func TestMatchesAreBounded(t *testing.T) {
	all := look(t, 1000, "0")[0]
	few := look(t, 2, "0")[0]
	if all.More != 0 || len(all.Matches) < 5 || len(few.Matches) != 2 || few.More != len(all.Matches)-2 {
		t.Errorf("%d matches; of these 2 are %d and %d more", len(all.Matches), len(few.Matches), few.More)
	}
	for i := range few.Matches {
		if few.Matches[i].Kind != all.Matches[i].Kind || few.Matches[i].What != all.Matches[i].What {
			t.Errorf("match %d is %+v, want %+v", i, few.Matches[i], all.Matches[i])
		}
	}
	seen := map[string]bool{}
	for _, m := range all.Matches {
		key := fmt.Sprint(m.Kind, m.What, m.Metric, m.Cell, m.Study, m.Runs, m.Versus)
		if seen[key] {
			t.Errorf("%s is said twice", key)
		}
		seen[key] = true
	}
}
