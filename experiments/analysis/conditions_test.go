package analysis

import (
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/stats"
)

// Runs of one table that were computed under different conditions are told of, each kind of condition in one line.
func TestConditionsThatDifferAreRemarked(t *testing.T) {
	s := ablated()
	for name, c := range map[string]struct {
		change func(runs []experiments.RunInfo)
		want   string // "": no remark
	}{
		"equal": {func([]experiments.RunInfo) {}, ""},
		"threads": {func(runs []experiments.RunInfo) {
			runOf(t, runs, onHigh, 2).Environment["threads"] = "4"
			runOf(t, runs, offLow, 3).Environment["threads"] = "1"
			runOf(t, runs, offLow, 2).Environment["threads"] = "4"
		}, "1 of 12 runs were trained with 1 thread, 2 of 12 runs were trained with 4 threads, the others with 2 threads"},
		"build": {func(runs []experiments.RunInfo) {
			runOf(t, runs, onHigh, 2).Environment["revision"] = strings.Repeat("f", 40)
		}, "1 of 12 runs were trained by the build ffffffffffff, the others by the build 0123456789ab"},
		"backend": {func(runs []experiments.RunInfo) {
			runOf(t, runs, onHigh, 2).Environment["backend"] = "reference"
		}, "1 of 12 runs were trained by the backend reference, the others by the backend onednn"},
		"unknown": {func(runs []experiments.RunInfo) { delete(runOf(t, runs, onHigh, 2).Environment, "threads") },
			"1 of 12 runs were trained with threads that were not recorded, the others with 2 threads"},
		"rules": {func(runs []experiments.RunInfo) {
			runOf(t, runs, onHigh, 2).Environment["rules"] = "avx2, library 2, built in (fedcba98)"
		}, "1 of 12 runs were trained with the rules for algorithms avx2, library 2, built in (fedcba98), the others with"},
		"the same rules from a file": {func(runs []experiments.RunInfo) {
			runOf(t, runs, onHigh, 2).Environment["rules"] = "avx2, library 2, rules.yaml (01234567)"
		}, ""},
		"another host": {func(runs []experiments.RunInfo) { runOf(t, runs, onHigh, 2).Environment["host"] = "elsewhere" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			values := []float64{0.90, 0.91, 0.92}
			runs := trained(t, s, map[string][]float64{onLow: values, onHigh: values, offLow: values, offHigh: values})
			for i := range runs {
				runs[i].Environment = map[string]string{"threads": "2", "backend": "onednn", "host": "here", "revision": "0123456789abcdef",
					"rules": "avx2, library 2, built in (01234567)"}
			}
			c.change(runs)
			var said []string
			for _, w := range mustAblate(t, s, runs).Warnings {
				if strings.Contains(w, "runs were trained") {
					said = append(said, w)
				}
			}
			got := strings.Join(said, "\n")
			if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || len(said) > 1 {
				t.Errorf("remarks %q, want one that begins %q", said, c.want)
			}
		})
	}
}

// The interval of a row is mean ± t(n−1)·SD/√n; values that differ by rounding alone have none.
func TestIntervalOfARow(t *testing.T) {
	s := ablated()
	rounded := []float64{0.1 + 0.2, 0.3, 0.3}
	runs := trained(t, s, map[string][]float64{onLow: {0.90, 0.92, 0.97}, onHigh: rounded, offLow: {0.5}})
	a := mustAblate(t, s, runs)
	const t2 = 4.302652729911275 // 97.5 % point of Student's t with two degrees of freedom
	row := a.Rows[0]
	half := t2 * stats.SD([]float64{0.90, 0.92, 0.97}) / math.Sqrt(3)
	if math.Abs(row.Interval.High-row.Mean-half) > 1e-9 || math.Abs(row.Mean-row.Interval.Low-half) > 1e-9 {
		t.Errorf("interval %v around %v, want ± %v", row.Interval, row.Mean, half)
	}
	for _, row := range a.Rows[1:3] {
		if !math.IsNaN(row.Interval.Low) || !math.IsNaN(row.Interval.High) {
			t.Errorf("%s has the interval %v, want none", row.Cell, row.Interval)
		}
	}
}

// A table says which cells were trained on files that are not the published ones.
func TestOtherFilesAreRemarked(t *testing.T) {
	s := ablated()
	values := []float64{0.90, 0.91, 0.92}
	runs := trained(t, s, map[string][]float64{onLow: values, onHigh: values, offLow: values, offHigh: values})
	const remark = "shapes was read from files other than the published ones: train.bin"
	if warnings := mustAblate(t, s, runs).Warnings; strings.Contains(strings.Join(warnings, "\n"), "read from files") {
		t.Errorf("remarks %q of runs on published files", warnings)
	}
	for i := range runs {
		runs[i].Environment = map[string]string{}
	}
	runOf(t, runs, onHigh, 2).Environment[experiments.DataFact] = "files other than the published ones: train.bin"
	runOf(t, runs, onHigh, 3).Environment[experiments.DataFact] = "files other than the published ones: train.bin"
	if warnings := mustAblate(t, s, runs).Warnings; !slices.Contains(warnings, onHigh+": "+remark) {
		t.Errorf("remarks %q, want %q of %s", warnings, remark, onHigh)
	}
}
