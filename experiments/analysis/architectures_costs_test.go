package analysis

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// withLatencies are curves with latencies that were measured.
type withLatencies struct {
	curves
	all []experiments.Latency
}

func (m withLatencies) Latencies(_ context.Context, runs []string) ([]experiments.Latency, error) {
	return slices.DeleteFunc(slices.Clone(m.all), func(l experiments.Latency) bool { return !slices.Contains(runs, l.Run) }), nil
}

// passes of a run's network: a batch on a host, so many seconds, at a minute.
func passes(run, host string, batch int, median float64, minute int64) experiments.Latency {
	return experiments.Latency{Run: run, Host: host, Backend: "onednn", Threads: 2, Precision: "float32", Batch: batch, Passes: 20,
		Median: median, Slow: 1.5 * median, Time: time.Unix(60*minute, 0)}
}

// On the front is who has the best quality that its cost buys, at the least cost at which that is had; also with equal
// and missing numbers.
func TestFrontAgreesWithBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func() float64 {
		if n := random.IntN(9); n > 0 {
			return float64(n)
		}
		return math.NaN()
	}
	for range 500 {
		n := random.IntN(12)
		cost, quality := make([]float64, n), make([]float64, n)
		for i := range n {
			cost[i], quality[i] = pick(), pick()
		}
		known := func(i int) bool { return !math.IsNaN(cost[i]) && !math.IsNaN(quality[i]) }
		got := Front(cost, quality)
		for i := range n {
			best, least := math.Inf(-1), math.Inf(1)
			for j := range n {
				if known(j) && cost[j] <= cost[i] {
					best = max(best, quality[j])
				}
				if known(j) && quality[j] >= quality[i] {
					least = min(least, cost[j])
				}
			}
			if want := known(i) && quality[i] == best && cost[i] == least; got[i] != want {
				t.Fatalf("costs %v, qualities %v: %d is %v, want %v", cost, quality, i, got[i], want)
			}
		}
	}
}

// The machine with the most networks speaks, of each network its newest measurement there; others are named, and can be
// asked for.
func TestLatenciesOfOneMachine(t *testing.T) {
	s, runs, all := twoNetworks(t)
	small, large := runOf(t, runs, "model=resnet20_cifar", 1).ID, runOf(t, runs, "model=resnet32_cifar", 1).ID
	from := withLatencies{all, []experiments.Latency{
		passes(small, "a", 1, 0.002, 1), passes(small, "a", 1, 0.003, 2), passes(large, "a", 1, 0.005, 1),
		passes(small, "a", 32, 0.064, 1), passes(large, "a", 32, 0.032, 1), passes(small, "a", 128, 9, 9),
		passes(small, "b", 1, 0.001, 9)}}
	got, err := Architectures(t.Context(), from, s, runs, Asked{})
	if err != nil {
		t.Fatal(err)
	}
	one, two := got.Rows[0], got.Rows[1]
	if got.Machine != "a (onednn, 2 threads)" || len(got.Machines) != 2 || one.Latency.Median != 0.003 || two.Latency.Median != 0.005 ||
		one.Batch.Batch != 32 || eachImage(one.Batch) != 0.002 || eachImage(two.Batch) != 0.001 {
		t.Errorf("on %q of %q: %+v, %+v", got.Machine, got.Machines, one, two)
	}
	if !one.Front["latency"] || !two.Front["latency"] || one.Front["latency_batch"] || !two.Front["latency_batch"] {
		t.Errorf("fronts %v and %v: the small one is slower in batches and worse", one.Front, two.Front)
	}
	const note = "latencies were measured in 2 ways: a (onednn, 2 threads); b (onednn, 2 threads); those of a (onednn, 2 threads) are shown"
	if !slices.Contains(got.Warnings, note) {
		t.Errorf("warnings %q, want %q", got.Warnings, note)
	}
	got, err = Architectures(t.Context(), from, s, runs, Asked{Machine: "b"})
	if err != nil || got.Rows[0].Latency.Median != 0.001 || got.Rows[1].Latency != nil || !got.Rows[0].Front["latency"] ||
		got.Rows[1].Front["latency"] {
		t.Errorf("on b: %+v, %v", got.Rows, err)
	}
	for machine, want := range map[string]string{"c": `study nets: no latency was measured on "c"`} {
		if _, err := Architectures(t.Context(), from, s, runs, Asked{Machine: machine}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		if _, err := Architectures(t.Context(), all, s, runs, Asked{Machine: machine}); err == nil || !strings.HasPrefix(err.Error(), want+",") {
			t.Errorf("without any: error %v, want %s, …", err, want)
		}
	}
}

// Networks that were trained on other images, or longer, are in no front with the others, unless a budget makes their
// lengths equal.
func TestProtocolsAreNotMixed(t *testing.T) {
	s, runs, all := twoNetworks(t)
	large := &s.Factors[0].Levels[1]
	large.Set = append(large.Set, experiments.Assignment{Path: "epochs", Value: 8})
	s.Base.Dataset.Options = map[string]any{"train": 300}
	for i := range runs {
		runs[i].Config.Dataset.Options = s.Base.Dataset.Options
		if runs[i].Cell == "model=resnet32_cifar" {
			runs[i].Config.Epochs = 8
			runs[i].Environment["macs"] = "1000" // cheaper and better, and yet it takes nobody off
		}
	}
	got, err := Architectures(t.Context(), all, s, runs, Asked{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"shapes, train=300, 4 epochs", "shapes, train=300, 8 epochs"}; !slices.Equal(got.Protocols, want) ||
		got.Rows[1].Protocol != want[1] || !got.Rows[0].Front["macs"] || !got.Rows[1].Front["macs"] ||
		!strings.Contains(got.Warnings[0], "2 protocols") {
		t.Errorf("protocols %q, fronts %v %v, warnings %q", got.Protocols, got.Rows[0].Front, got.Rows[1].Front, got.Warnings)
	}
	got, err = Architectures(t.Context(), all, s, runs, Asked{Limit: Limit{Minutes: 100}})
	if err != nil || !slices.Equal(got.Protocols, []string{"shapes, train=300"}) || got.Rows[0].Front["macs"] || !got.Rows[1].Front["macs"] {
		t.Errorf("on one budget: protocols %q, %v, %v", got.Protocols, got.Rows, err)
	}
}

// What programs read has all fields once, and null for what is not known.
func TestArchitecturesInJSON(t *testing.T) {
	s, runs, all := twoNetworks(t)
	from := withLatencies{all, []experiments.Latency{passes(runOf(t, runs, "model=resnet32_cifar", 1).ID, "a", 1, 0.005, 1)}}
	got, err := Architectures(t.Context(), from, s, nil, Asked{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err = Architectures(t.Context(), from, s, runs, Asked{}); err != nil {
		t.Fatal(err)
	}
	got.Rows[0].ImageSeconds = math.NaN()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Machine string
		Rows    []struct {
			Cell, Network, Protocol string
			Mean                    float64
			ImageSeconds            *float64                  `json:"image_seconds"`
			Latency                 *struct{ Median float64 } `json:"latency"`
			Front                   map[string]bool
		}
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	small, large := back.Rows[0], back.Rows[1]
	if small.Cell != "model=resnet20_cifar" || small.Network != "resnet20_cifar" ||
		math.Abs(small.Mean-0.81) > 1e-9 || small.ImageSeconds != nil ||
		small.Latency != nil || large.Latency.Median != 0.005 || len(large.Front) != len(Costs) || *large.ImageSeconds != 0.002 {
		t.Errorf("%s", text)
	}
}

// Nothing is known of a study without runs, and hundreds of networks have their own numbers each.
func TestArchitecturesOfNoneAndOfMany(t *testing.T) {
	s, _, all := twoNetworks(t)
	got, err := Architectures(t.Context(), all, s, nil, Asked{})
	if err != nil || len(got.Rows) != 2 || got.Machine != "" || !math.IsNaN(got.Rows[0].Mean) || got.Rows[0].Front["parameters"] {
		t.Errorf("without runs: %+v, %v", got, err)
	}
	base := s.Factors[0].Levels[0]
	s.Factors[0].Levels = nil
	last := map[string][]float64{}
	for i := range 400 {
		level := experiments.Level{Label: fmt.Sprint("net", i), Set: append(slices.Clone(base.Set),
			experiments.Assignment{Path: "model.drop_path", Value: float64(i) / 1000})}
		s.Factors[0].Levels = append(s.Factors[0].Levels, level)
		last[fmt.Sprint("model=net", i)] = []float64{0.5 + float64(i)/1000, 0.51, 0.52}
	}
	runs := trained(t, s, last)
	from := withLatencies{curves: curves{}}
	for i := range runs {
		runs[i].Environment = map[string]string{"parameters": fmt.Sprint(1000 - i)}
		from.curves[runs[i].ID] = []float64{0.1, 0.2}
		from.all = append(from.all, passes(runs[i].ID, "a", 1, 0.001, 1))
	}
	if got, err = Architectures(t.Context(), from, s, runs, Asked{Limit: Limit{Epochs: 1}}); err != nil || len(got.Rows) != 400 ||
		math.Abs(got.Rows[399].Mean-0.1) > 1e-9 || got.Rows[399].Latency == nil {
		t.Fatalf("%d rows, %v", len(got.Rows), err)
	}
}
