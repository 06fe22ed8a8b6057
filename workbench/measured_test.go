package main

import (
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn/bench"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// benched is a report of three networks, of which one was measured beside two versions of PyTorch and one beside one.
func benched() timings {
	versions := func(torch string) map[string]string { return map[string]string{"torch": torch, "python": "3." + torch} }
	peer := func(torch, layout string, scale float64, memory int64) bench.Measured {
		return bench.Measured{Name: "PyTorch", Layout: layout, Versions: versions(torch), PeakMemory: memory,
			Steps:     bench.Sample{{0.2 * scale, 0.22 * scale}, {0.24 * scale, 0.2 * scale}},
			Agreement: &bench.Agreement{Ours: []float64{2}, Theirs: []float64{2.5}}}
	}
	one := bench.Case{Name: "Net-1", Model: "net", Options: map[string]any{"depth": 8}, Batch: 16, Input: [3]int{3, 32, 24}, Target: 1.6}
	two := bench.Case{Name: "Net-2", Model: "net", Batch: 1, Input: [3]int{1, 8, 8}, Target: 3}
	three := bench.Case{Name: "Net-3", Model: "other", Batch: 2, Input: [3]int{1, 9, 9}}
	r := timings{
		results: []bench.Result{
			{Case: one, Opened: bench.Opened{Parameters: 1234, MACs: 5_000_000, PlanBytes: 3 << 20},
				Ours: bench.Measured{Steps: bench.Sample{{0.1, 0.11}, {0.12, 0.1}}, PeakMemory: 1 << 30},
				Peers: []bench.Measured{peer("2.5", "contiguous", 1, 2<<30), peer("2.5", "channels_last", 0.9, 1<<29),
					peer("1.13", "contiguous", 2, 3<<30)},
				Timings: []plan.Timing{{Name: "conv", Implementation: "brg:any", Shape: "16×3×32×32", Seconds: 0.06, FLOPs: 3e8},
					{Name: "conv", Implementation: "brg:any", Shape: "16×3×32×24", Seconds: 0.01, FLOPs: 1e8},
					{Name: "relu", Implementation: "workbench", Shape: "16×3", Seconds: 0.02},
					{Name: "norm", Implementation: "gemm:ref", Shape: "16", Seconds: 0.005},
					{Name: "sgd", Implementation: "workbench:sgd", Seconds: 0.01}},
				ProfiledStep: 0.2},
			{Case: two, Opened: bench.Opened{Parameters: 1, MACs: 2000}, Ours: bench.Measured{Steps: bench.Sample{{0.00001, 0.00002, 0.00003}}},
				Peers: []bench.Measured{peer("2.5", "contiguous", 0.0001, 4)}, Missing: []string{"its 1.13 failed"}},
			{Case: three, Opened: bench.Opened{MACs: 7}, Ours: bench.Measured{Steps: bench.Sample{{2, 3, 4}}, PeakMemory: 5}},
		},
		peak: bench.Peak{FLOPS: 12.5e9, Shape: "linear, 8 × 9"}, missing: []string{"lost", "gone"}, failed: []string{"broken", "worse"},
		pytorch: []bench.Peer{{Python: "p", Versions: versions("2.5")}, {Python: "q", Versions: versions("1.13")}},
		alone:   []string{"no comparison with another"}}
	r.like = bench.Case{Threads: 1, Precision: "float32", Algorithms: "direct"}
	return r
}

// withoutMachine leaves out what depends on the machine and on the kernels that were built in.
func withoutMachine(r timings) document {
	d := r.document()
	last := &d.listings[len(d.listings)-1]
	var rows [][]cell
	for _, row := range last.rows {
		if name := row[0].text; name != "cpu" && name != "onednn" {
			rows = append(rows, row)
		}
	}
	*last = factsOf(last.key, last.title, rows)
	for i := range d.listings {
		d.listings[i].data = nil // see TestEveryStepIsInJSON
	}
	return d
}

func TestMeasurementsAreShownExactly(t *testing.T) {
	show := func(change func(*timings)) func(*app) error {
		r := benched()
		change(&r)
		return func(a *app) error { return a.show(withoutMachine(r)) }
	}
	exactly(t, "bench", show(func(*timings) {}), "table", "json", "markdown")
	alone := func(r *timings) {
		r.pytorch, r.missing, r.failed, r.alone = nil, nil, nil, nil
		r.results = r.results[2:]
		r.like.Inference, r.like.Threads = true, 3
	}
	exactly(t, "bench-alone", show(alone), "table")
	narrow := func(r *timings) { r.pytorch, r.like.Inference = r.pytorch[:1], true }
	exactly(t, "bench-inference", show(narrow), "table")
	for _, table := range []string{"networks", "comparison", "summary"} {
		same(t, "bench-"+table, inFormat(t, "csv", 0, func(a *app) error {
			a.table = table
			return show(func(*timings) {})(a)
		}))
	}
}

// Profiles sum up by operator, or by operator and shape.
func TestProfilesAreShownExactly(t *testing.T) {
	var b strings.Builder
	for _, by := range profiles {
		r := benched()
		r.profile, r.results = by, r.results[:1]
		for _, format := range []string{"table", "csv"} {
			b.WriteString(inFormat(t, format, 0, func(a *app) error {
				a.table = map[string]string{"csv": "operators"}[format]
				return a.show(withoutMachine(r))
			}))
		}
	}
	same(t, "bench-profile", b.String())
}

// That bf16 is slow on this processor is said where it was measured.
func TestRemarkOfBFloat16(t *testing.T) {
	for precision, want := range map[string]bool{"float32": false, "bf16": slowBFloat16() != ""} {
		r := benched()
		r.like.Precision = precision
		if got := slices.Contains(r.remarks(), slowBFloat16()); got != want {
			t.Errorf("in %s the remark is there: %v, want %v", precision, got, want)
		}
	}
}

// The steps of every turn are in JSON, for those who want other statistics.
func TestEveryStepIsInJSON(t *testing.T) {
	r := benched()
	objects := r.speeds().data.([]map[string]any)
	for i, result := range r.results {
		measured, ok := objects[i]["measured"].(bench.Result)
		if !ok || measured.Case.Name != result.Case.Name || measured.Ours.Steps[0][0] != result.Ours.Steps[0][0] {
			t.Errorf("row %d: %+v, want the measurement of %s", i, objects[i]["measured"], result.Case.Name)
		}
		if objects[i]["network"] != result.Case.Name {
			t.Errorf("row %d is of %v, want %s", i, objects[i]["network"], result.Case.Name)
		}
	}
}

func TestVerdictsOfMeasurements(t *testing.T) {
	for _, c := range []struct {
		ratio, target, memory float64
		want                  string
	}{
		{1.6, 1.6, 1, "met"}, {1.59, 1.6, 1, "too slow"}, {2, 1.6, 1.01, "too much memory"}, {1, 1.6, 2, "too slow, too much memory"},
		{0.5, 0, 0.5, "met"},
	} {
		if got := judge(c.ratio, c.target, c.memory); got != c.want {
			t.Errorf("%v times as fast for %v with %v of the memory: %q, want %q", c.ratio, c.target, c.memory, got, c.want)
		}
	}
	for share, want := range map[float64]cell{0.4567: {0.4567, "46 %"}, 0: {0.0, "0 %"}, math.Inf(1): {nil, "–"}} {
		if got := percent(share); got != want {
			t.Errorf("a share of %v is %v, want %v", share, got, want)
		}
	}
	if got := percent(math.NaN()); got != (cell{nil, "–"}) {
		t.Errorf("a share that is not known is %v", got)
	}
	for step, want := range map[float64]string{0.16: "100", 0.1601: "99.9", 0.001: "16,000", 4: "4.0"} {
		if got := speedOf(bench.Case{Batch: 16}, step).text; got != want {
			t.Errorf("16 images in %v s are %s a second, want %s", step, got, want)
		}
	}
	for seconds, want := range map[float64]string{0.1234: "123.4", 0.01234: "12.34", 0.001234: "1.234", 2: "2000"} {
		if got := milliseconds(seconds).text; got != want {
			t.Errorf("%v s are %s ms, want %s", seconds, got, want)
		}
	}
}

func TestTunedRulesAreShownExactly(t *testing.T) {
	layer := algorithms.Layer{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1, In: 64, Out: 128,
		Batch: 8, Side: [2]int{16, 12}}
	table := &algorithms.Table{Processor: "avx2", Library: 3, Rules: []algorithms.Rule{
		{Algorithm: "winograd", Direction: algorithms.Forward, Kernel: 3, Stride: 1, Channels: 64, MostChannels: 4096,
			Pixels: 100, MostPixels: 20000},
		{Algorithm: "other", Direction: algorithms.BackwardData, Grouped: true}}}
	trials := []algorithms.Trial{
		{Layer: layer, Direction: algorithms.Forward, Seconds: map[string]float64{"direct": 0.0123, "winograd": 0.0100}},
		{Layer: layer, Direction: algorithms.BackwardWeights, Seconds: map[string]float64{"direct": 0.5}}}
	names := []string{"direct", "winograd"}
	exactly(t, "tuned", func(a *app) error {
		return a.show(document{listings: []listing{tunedRules(table), tunedTrials(table, trials, names)}})
	}, "table", "json", "csv")
}
