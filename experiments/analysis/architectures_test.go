package analysis

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

func TestFrontIsWhatNobodyBeats(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name          string
		cost, quality []float64
		want          []bool
	}{
		{"nothing", nil, nil, []bool{}},
		{"more for more", []float64{1, 2, 3}, []float64{1, 2, 3}, []bool{true, true, true}},
		{"less for more", []float64{1, 2, 3}, []float64{3, 2, 1}, []bool{true, false, false}},
		{"a step back", []float64{1, 2, 3}, []float64{2, 1, 3}, []bool{true, false, true}},
		{"as much for less", []float64{2, 1}, []float64{5, 5}, []bool{false, true}},
		{"more for as much", []float64{2, 2}, []float64{4, 5}, []bool{false, true}},
		{"equals stay", []float64{2, 2}, []float64{5, 5}, []bool{true, true}},
		{"without a number", []float64{nan, 1, 2}, []float64{9, nan, 1}, []bool{false, false, true}},
	} {
		if got := Front(c.cost, c.quality); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// curves are the evaluations of each run: one an epoch, ten steps and a minute after the other.
type curves map[string][]float64

func (c curves) Series(_ context.Context, runs, metrics []string, _ int) ([]experiments.Series, error) {
	var all []experiments.Series
	for _, run := range runs {
		s := experiments.Series{Run: run, Metric: metrics[0]}
		for i, v := range c[run] {
			s.Points = append(s.Points, experiments.Point{Metric: metrics[0], Step: int64(10 * (i + 1)), Epoch: float64(i + 1), Value: v,
				Time: time.Unix(int64(60*(i+1)), 0)})
		}
		all = append(all, s)
	}
	return all, nil
}

func (curves) Latencies(context.Context, []string) ([]experiments.Latency, error) { return nil, nil }

// twoNetworks is a study of a small and a large network, three seeds, done. The small one costs 41 M multiply-adds, the
// large one twice as many, and each epoch of training 10 and 20.
func twoNetworks(t *testing.T) (experiments.Study, []experiments.RunInfo, curves) {
	t.Helper()
	s := experiments.DefaultStudy()
	s.Name = "nets"
	s.Base.Dataset.Name, s.Base.Model.Name, s.Base.Optim.Options["lr"], s.Base.Epochs = "shapes", "resnet20_cifar", 0.1, 4
	set := func(name string) experiments.Level {
		return experiments.Level{Label: name, Set: []experiments.Assignment{{Path: "model.name", Value: name}}}
	}
	s.Factors = []experiments.Factor{{Name: "model", Levels: []experiments.Level{set("resnet20_cifar"), set("resnet32_cifar")}}}
	const small, large = "model=resnet20_cifar", "model=resnet32_cifar"
	last := map[string][]float64{small: {0.80, 0.81, 0.82}, large: {0.90, 0.91, 0.92}}
	runs, all := trained(t, s, last), curves{}
	for i := range runs {
		r := &runs[i]
		end, adds := r.Last[s.Metric], 40.0
		r.Environment = map[string]string{"parameters": "272474", "macs": "41000000", "plan_bytes": "1000"}
		all[r.ID] = []float64{end - 0.01, end - 0.005, end - 0.002, end}
		if r.Cell == large {
			adds = 80
			r.Environment["macs"], r.Environment["parameters"] = "82000000", "464154"
			all[r.ID] = []float64{end - 0.3, end - 0.2, end - 0.05, end}
		}
		r.Last[metric.TrainSpeed] = 500
		r.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Steps: 40, Images: 1, MultiplyAdds: adds}, Seconds: 240}}
		r.Attempts = []experiments.AttemptInfo{{Trained: time.Unix(0, 0), Ended: time.Unix(240, 0)}}
	}
	return s, runs, all
}

func TestArchitecturesOnOneBudget(t *testing.T) {
	s, runs, all := twoNetworks(t)
	for _, c := range []struct {
		limit        Limit
		small, large float64 // means; NaN: no evaluation within the budget
		front        string  // which are on it, by multiply-adds
	}{
		{Limit{}, 0.81, 0.91, "small large"},
		{Limit{Epochs: 1}, 0.80, 0.61, "small"},
		{Limit{Epochs: 3.5}, 0.808, 0.86, "small large"},
		{Limit{Minutes: 2.5}, 0.805, 0.71, "small"},
		{Limit{MultiplyAdds: 40}, 0.81, 0.71, "small"},
		{Limit{MultiplyAdds: 19.9}, 0.80, math.NaN(), "small"},
		{Limit{MultiplyAdds: 1000}, 0.81, 0.91, "small large"},
	} {
		got, err := Architectures(t.Context(), all, s, runs, Asked{Limit: c.limit})
		if err != nil || len(got.Rows) != 2 {
			t.Fatalf("%v: %d rows, %v", c.limit, len(got.Rows), err)
		}
		var front []string
		for i, name := range []string{"small", "large"} {
			want := []float64{c.small, c.large}[i]
			if mean := got.Rows[i].Mean; !(math.Abs(mean-want) < 1e-9) && !(math.IsNaN(mean) && math.IsNaN(want)) {
				t.Errorf("%v: %s reaches %v, want %v", c.limit, name, mean, want)
			}
			if got.Rows[i].Front["macs"] {
				front = append(front, name)
			}
		}
		if on := strings.Join(front, " "); on != c.front {
			t.Errorf("%v: on the front are %q, want %q", c.limit, on, c.front)
		}
	}
}

func TestArchitecturesHaveCostsAndNames(t *testing.T) {
	s, runs, all := twoNetworks(t)
	got, err := Architectures(t.Context(), all, s, runs, Asked{Models: []string{"resnet32_cifar"}})
	if err != nil || len(got.Rows) != 1 {
		t.Fatalf("%d rows, %v, want 1", len(got.Rows), err)
	}
	if r := got.Rows[0]; r.Network != "resnet32_cifar" || r.MACs != 82_000_000 || r.Params != 464_154 || r.Bytes != 1000 ||
		r.ImageSeconds != 0.002 || r.N != 3 || math.IsNaN(r.Interval.Low) {
		t.Errorf("got %+v", r)
	}
	_, err = Architectures(t.Context(), all, s, runs, Asked{Models: []string{"resnet23_cifar"}})
	const want = `study nets: no cell has the network "resnet23_cifar": did you mean resnet20_cifar or resnet32_cifar?`
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
