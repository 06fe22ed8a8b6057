package main

import (
	"context"
	"math"
	"testing"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// judged is a study of two factors with its runs: the values of each cell by seed, NaN where the run diverged.
func judged(t *testing.T, name string) (experiments.StudyInfo, []experiments.RunInfo) {
	t.Helper()
	s := experiments.DefaultStudy()
	s.Name, s.Metric, s.Seeds = "st", name, []uint64{1, 2, 3, 4}
	s.Base.Dataset.Name, s.Base.Model.Name, s.Base.Optim.Options["lr"], s.Base.Epochs = "shapes", "resnet20_cifar", 0.1, 2
	level := func(label, path string, value any) experiments.Level {
		return experiments.Level{Label: label, Set: []experiments.Assignment{{Path: path, Value: value}}}
	}
	s.Factors = []experiments.Factor{
		{Name: "lr", Levels: []experiments.Level{level("0.1", "optim.lr", 0.1), level("0.2", "optim.lr", 0.2)}},
		{Name: "decay", Levels: []experiments.Level{level("on", "optim.weight_decay", 1e-4), level("off", "optim.weight_decay", 0.0)}}}
	values := map[string][]float64{
		"lr=0.1 decay=on": {0.5, 0.51, 0.49, 0.52}, "lr=0.1 decay=off": {0.2, 0.22, 0.2, 0.23},
		"lr=0.2 decay=on": {0.9, 0.92, 0.88, 0.93}, "lr=0.2 decay=off": {0.6, math.NaN()}}
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "digest", nil })
	if err != nil {
		t.Fatal(err)
	}
	var infos []experiments.RunInfo
	for _, r := range runs {
		info := experiments.RunInfo{Run: r, Version: 2, Status: experiments.Queued}
		if i := int(r.Seed) - 1; i < len(values[r.Cell]) {
			v := values[r.Cell][i]
			info.Status, info.Seconds = experiments.Done, 100*float64(r.Seed)
			info.Last = map[string]float64{name: v, metric.Counterpart(name, metric.Train): v + 0.01}
			info.Environment = map[string]string{"parameters": "272474", "macs": "41000000"}
			if math.IsNaN(v) {
				info.Status = experiments.Diverged
			}
		}
		infos = append(infos, info)
	}
	versions := []experiments.StudyVersion{{Number: 1}, {Number: 2, Current: true, Label: "epochs=2"}, {Number: 3, Label: "epochs=3"}}
	return experiments.StudyInfo{Study: s, Version: 2, Versions: versions}, infos
}

// noPoints has measured nothing.
type noPoints struct{}

func (noPoints) Series(context.Context, []string, []string, int) ([]experiments.Series, error) {
	return nil, nil
}

func TestAblationsAreShownExactly(t *testing.T) {
	info, runs := judged(t, metric.TestTop1)
	show := func(info experiments.StudyInfo, runs []experiments.RunInfo) func(*app) error {
		return func(a *app) error { return a.showAblation(t.Context(), noPoints{}, info, runs, analysis.Against{}) }
	}
	exactly(t, "ablation", show(info, runs), "table", "markdown")
	loss, runs := judged(t, metric.TestLoss)
	loss.Version = 3
	exactly(t, "ablation-loss", show(loss, runs), "table")
	one, runs := judged(t, metric.TestTop1)
	one.Study.Factors, one.Versions = one.Study.Factors[:1], nil
	exactly(t, "ablation-one", show(one, nil), "table")
	for table, want := range map[string]string{
		"points": "study,version,cell,seed,run,metric,step,epoch,seconds,value\n",
		"values": "st,2,lr=0.1 decay=on,0.1,on,1," + runs[0].ID + ",test/top1,0.5\n",
	} {
		got := inFormat(t, "csv", 0, func(a *app) error {
			a.table = table
			return show(info, runs)(a)
		})
		if got != want && table == "points" || table == "values" && !containsLine(got, want) {
			t.Errorf("the table %s is\n%s\nwant %s", table, got, want)
		}
	}
}

// What is not defined is missing, and what stands for the baseline says so.
func TestCellsOfDifferences(t *testing.T) {
	d := analysis.Paired{Mean: -0.05, Interval: analysis.Interval{Low: -0.08, High: -0.02}, Holm: 0.0004, Verdict: analysis.Worse}
	none := d
	none.Mean, none.Holm = math.NaN(), math.NaN()
	for _, c := range []struct {
		d        *analysis.Paired
		baseline bool
		want     []cell
	}{
		{nil, true, []cell{{nil, "baseline"}, {}, {}}},
		{&d, true, []cell{{nil, "baseline"}, {}, {}}},
		{nil, false, []cell{{nil, "–"}, {}, {nil, "undecided"}}},
		{&d, false, []cell{{-0.05, "−5.0 ± 3.0"}, {0.0004, "< 0.001"}, {"worse", "worse"}}},
		{&none, false, []cell{{nil, "–"}, {nil, "–"}, {"worse", "worse"}}},
	} {
		got := differenceCells(metric.TestTop1, c.d, c.baseline)
		if len(got) != 3 || got[0] != c.want[0] || got[1] != c.want[1] || got[2] != c.want[2] {
			t.Errorf("%+v, baseline %v: got %v, want %v", c.d, c.baseline, got, c.want)
		}
	}
	for p, want := range map[float64]string{0: "< 0.001", 0.00099: "< 0.001", 0.001: "0.001", 0.0496: "0.050", 1: "1.000"} {
		if got := probability(p); got != want {
			t.Errorf("p = %v is written %q, want %q", p, got, want)
		}
	}
}
