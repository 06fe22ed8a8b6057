package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// ablated is a study of two factors, decay (on, off) and lr (0.1, 0.2), with three seeds.
func ablated() experiments.Study {
	s := experiments.DefaultStudy()
	s.Name = "ablated"
	s.Base.Dataset.Name, s.Base.Model.Name, s.Base.Optim.Options["lr"], s.Base.Epochs = "shapes", "resnet20_cifar", 0.1, 2
	s.Factors = []experiments.Factor{
		{Name: "decay", Levels: []experiments.Level{
			{Label: "on", Set: []experiments.Assignment{{Path: "optim.weight_decay", Value: 1e-4}}},
			{Label: "off", Set: []experiments.Assignment{{Path: "optim.weight_decay", Value: 0.0}}}}},
		{Name: "lr", Levels: []experiments.Level{
			{Label: "0.1", Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.1}}},
			{Label: "0.2", Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.2}}}}},
	}
	return s
}

const (
	onLow   = "decay=on lr=0.1"
	onHigh  = "decay=on lr=0.2"
	offLow  = "decay=off lr=0.1"
	offHigh = "decay=off lr=0.2"
)

// trained returns the runs of a study. They are done and have the values of each cell for its seeds in order; runs
// without a value are queued. The order of the runs is not that of cells and seeds.
func trained(t *testing.T, s experiments.Study, values map[string][]float64) []experiments.RunInfo {
	t.Helper()
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "digest", nil })
	if err != nil {
		t.Fatal(err)
	}
	var infos []experiments.RunInfo
	for _, r := range runs {
		info := experiments.RunInfo{Run: r, Status: experiments.Queued, Updated: time.Unix(1000, 0)}
		if i := slices.Index(s.Seeds, r.Seed); i < len(values[r.Cell]) {
			finish(&info, s.Metric, values[r.Cell][i])
		}
		infos = append(infos, info)
	}
	slices.Reverse(infos)
	return infos
}

func finish(r *experiments.RunInfo, name string, value float64) {
	r.Status, r.Seconds = experiments.Done, 10
	r.Environment = map[string]string{"parameters": "272474", "macs": "41000000"}
	r.Last = map[string]float64{name: value, metric.TrainTop1: value + 0.05}
	r.Max, r.Min = map[string]float64{name: value}, map[string]float64{name: value}
}

func runOf(t *testing.T, runs []experiments.RunInfo, cell string, seed uint64) *experiments.RunInfo {
	t.Helper()
	for i := range runs {
		if runs[i].Cell == cell && runs[i].Seed == seed {
			return &runs[i]
		}
	}
	t.Fatalf("no run of %s with seed %d", cell, seed)
	return nil
}

func mustAblate(t *testing.T, s experiments.Study, runs []experiments.RunInfo) Ablation {
	t.Helper()
	a, err := Ablate(s, runs)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func rowOf(t *testing.T, a Ablation, cell string) AblationRow {
	t.Helper()
	i := slices.IndexFunc(a.Rows, func(r AblationRow) bool { return r.Cell == cell })
	if i < 0 {
		t.Fatalf("no row %s", cell)
	}
	return a.Rows[i]
}

func effectOf(t *testing.T, a Ablation, factor string) Effect {
	t.Helper()
	i := slices.IndexFunc(a.Effects, func(e Effect) bool { return e.Factor == factor })
	if i < 0 {
		t.Fatalf("no effect of %s", factor)
	}
	return a.Effects[i]
}

func almost(t *testing.T, what string, got, want float64) {
	t.Helper()
	if d := got - want; !(d < 1e-9 && d > -1e-9) {
		t.Errorf("%s = %.12g, want %.12g", what, got, want)
	}
}

func warns(t *testing.T, warnings []string, want string) {
	t.Helper()
	if !slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, want) }) {
		t.Errorf("no warning %q in\n%s", want, strings.Join(warnings, "\n"))
	}
}
