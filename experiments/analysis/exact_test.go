package analysis

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// Every value is written under its own name: no two of these are alike.
func TestJSONExactly(t *testing.T) {
	p := Paired{N: 1, Mean: 2, Interval: Interval{Low: 3, High: 4}, Effect: 5, P: 6, Holm: 7, Verdict: Worse, Warnings: []string{"w"}}
	const paired = `"n":1,"interval":{"low":3,"high":4},"verdict":"worse","warnings":["w"],"mean":2,"effect":5,"p":6,"holm":7}`
	for want, v := range map[string]any{
		"{" + paired: p,
		`{"factor":"f","level":"l","versus":"v","cells":8,` + strings.TrimSuffix(paired, "}") + `,"per_cost":[{"cost":"minutes",` +
			`"unit":"minute","interval":{"low":null,"high":6},"remark":"r","added":9,"value":null}]}`: Effect{Factor: "f", Level: "l", Versus: "v",
			Cells: 8, Paired: p, PerCost: []PerCost{{Cost: PerMinutes, Unit: "minute", Added: 9, Value: math.NaN(),
				Interval: Interval{math.NaN(), 6}, Remark: "r"}}},
		`{"factor":"f","level":"l","versus":"v","with":"w","with_level":"x","with_versus":"y","cells":8,` + paired: Interaction{Factor: "f",
			Level: "l", Versus: "v", With: "w", WithLevel: "x", WithVersus: "y", Cells: 8, Paired: p},
		`{"cell":"c","levels":{"f":"l"},"baseline":true,"n":1,"planned":2,"diverged":3,"values":[{"seed":4,"run":"r","value":5}],` +
			`"interval":{"low":6,"high":7},"diff":null,"params":8,"macs":9,"collapsed":0,"per_cost":null,"budgets":null,"mean":10,"sd":11,"train":12,"seconds":13}`: AblationRow{
			Cell: "c", Levels: map[string]string{"f": "l"}, Baseline: true, N: 1, Planned: 2, Diverged: 3,
			Values:   []SeedValue{{Seed: 4, Run: "r", Value: 5}},
			Interval: Interval{6, 7}, Params: 8, MACs: 9, Mean: 10, SD: 11, Train: 12, Seconds: 13},
		`{"step":1,"epoch":2,"n":3,"non_finite":4,"mean":5,"sd":6,"min":7,"max":8}`: BandPoint{1, 2, 3, 4, 5, 6, 7, 8},
		`{"low":null,"high":"Infinity"}`:                                            Interval{math.NaN(), math.Inf(1)},
	} {
		if text, err := json.Marshal(v); err != nil || string(text) != want {
			t.Errorf("got %s (%v)\nwant %s", text, err, want)
		}
	}
}

// A table says how values of its cells were chosen, and what of that limits what it shows.
func TestTablesOfTunedStudies(t *testing.T) {
	s := ablated()
	of, err := s.Trains()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]float64{onLow: {0.5, 0.6, 0.7}}
	if got := mustAblate(t, s, trained(t, s, values)); got.Tuned != "" {
		t.Errorf("nothing was chosen: %s", got.Tuned)
	}
	arm := func(decay, lr string, momentum float64) experiments.Arm {
		return experiments.Arm{Levels: map[string]string{"decay": decay, "lr": lr}, Minutes: 1.25,
			Set: []experiments.Assignment{{Path: "optim.momentum", Value: momentum}, {Path: "batch", Value: 32}}}
	}
	s.Tuned = &experiments.Tuned{On: "val/top1", Method: "random", Trials: 8, Seeds: []uint64{1001, 1002}, Runs: 64, Minutes: 12.5,
		MultiplyAdds: 1.5e12, Study: "ablated.search@2", Of: of[:experiments.TrainsDigits],
		Arms: []experiments.Arm{arm("on", "0.1", 0.5), arm("off", "0.2", 0.9), arm("on", "0.2", 0)}}
	got := mustAblate(t, s, trained(t, s, values))
	want := "optim.momentum, batch chosen for each cell by val/top1, by 8 trials a cell (random) with seeds 1001, 1002, none of those " +
		"reported; the search took 64 runs, 12.5 minutes, 1.5e+12 multiply-adds (ablated.search@2). decay=on lr=0.1: optim.momentum 0.5, " +
		"batch 32 (1.25 minutes); decay=on lr=0.2: optim.momentum 0, batch 32 (1.25 minutes); decay=off lr=0.2: optim.momentum 0.9, " +
		"batch 32 (1.25 minutes)"
	if got.Tuned != want {
		t.Errorf("got\n%s\nwant\n%s", got.Tuned, want)
	}
	if first := "decay=off lr=0.1: the search that chose values for the others chose none for it"; got.Warnings[0] != first {
		t.Errorf("got %q, want %q", got.Warnings[0], first)
	}
	if got.Rows[0].N != 3 {
		t.Errorf("runs with the values that were chosen: %d, want 3", got.Rows[0].N)
	}
	s.Base.Epochs++
	other := "values were chosen for another configuration than the study has now, so the search speaks less for them"
	if slices.Contains(got.Warnings, other) || !slices.Contains(mustAblate(t, s, nil).Warnings, other) {
		t.Error("whether the search was one of this study")
	}
}

// What limits a table is said word for word, in the order in which it was met, each once.
func TestWarningsExactly(t *testing.T) {
	s := ablated()
	s.Report = experiments.ReportBest
	runs := trained(t, s, map[string][]float64{onLow: {0.5, 0.6, 0.7}, onHigh: {0.6, math.Inf(1)}, offLow: {0.4, 0.5, 0.6}})
	inf := runOf(t, runs, onHigh, 2)
	inf.Max, inf.Min = nil, nil
	failed := runOf(t, runs, offHigh, 2)
	failed.Status = experiments.Failed
	runOf(t, runs, offHigh, 3).Status = experiments.Diverged
	runOf(t, runs, offLow, 1).Environment["macs"] = "many"
	gone := *runOf(t, runs, onLow, 1)
	gone.Cell = "gone"
	got := mustAblate(t, s, append(runs, gone, gone)).Warnings
	want := []string{
		"every run speaks with its best evaluation of test/top1: values are flattered by that choice, which is made on the test split " +
			"(dataset.val holds a part out to choose by)",
		"gone: left out, made for a cell the study no longer has",
		"decay=on lr=0.2 seed 2: left out, test/top1 is +Inf, so the mean is that of the runs that survived",
		"decay=on lr=0.2 seed 3, decay=off lr=0.2 seed 1: not finished",
		"decay=on lr=0.2, decay=off lr=0.2: 1 of 3 seeds diverged: the cell is never called better, for the mean of those that did not " +
			"flatters it",
		"decay=off lr=0.2 seed 2: failed",
		`decay=off lr=0.1 seed 1: the environment states macs as "many", want a whole number`,
		"decay=on lr=0.2: 1 pair: no interval and no test; at least 3 are needed",
		"decay=off lr=0.1: 3 pairs: the paired t-test takes the differences to be normally distributed, which so few cannot show; " +
			"a sign-flip test, which does not, needs 6 for p < 0.05",
		"decay=off lr=0.1: all 3 differences are equal: without spread there is no interval and no test",
		"lr=0.2: the effect of decay=off is not averaged over cells without a pair",
		"decay=off: the effect of lr=0.2 is not averaged over cells without a pair",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Each fact that changes how sums are rounded is told in its own words, the rarest values first and at most three.
func TestConditionsExactly(t *testing.T) {
	s := ablated()
	for fact, shown := range map[string]string{"threads": "with %s threads", "backend": "by the backend %s", "onednn": "by oneDNN %s",
		"revision": "by the build %s", "cpu": "on the processor %s", "rules": "with the rules for algorithms %s"} {
		values := []float64{0.1, 0.2, 0.3}
		runs := trained(t, s, map[string][]float64{onLow: values, onHigh: values, offLow: values, offHigh: values})
		for i := range runs {
			runs[i].Environment = map[string]string{fact: []string{"v1", "v2", "v2", "v3", "v3", "v4", "v4", "v5", "v5", "v5", "v5", "v5"}[i]}
		}
		say := func(v string) string { return fmt.Sprintf(shown, v) }
		want := "1 of 12 runs were trained " + say("v1") + ", 2 of 12 runs were trained " + say("v2") +
			", 2 of 12 runs were trained " + say("v3") +
			", some under 1 more such conditions, the others " + say("v5") + "; such runs may round differently"
		if got := mustAblate(t, s, runs).Warnings; !slices.Contains(got, want) {
			t.Errorf("%s: want %q in\n%s", fact, want, strings.Join(got, "\n"))
		}
	}
	for value, want := range map[string]string{"0123456789ab": "by the build 0123456789ab", "0123456789abc": "by the build 0123456789ab",
		"": "with revision that were not recorded", "1": "by the build 1"} {
		c := known[slices.IndexFunc(known, func(c condition) bool { return c.fact == "revision" })]
		if got := c.of(value); got != want {
			t.Errorf("revision %q is told %q, want %q", value, got, want)
		}
	}
	var three remarks
	for i := range maxSubjects {
		three.add("text", fmt.Sprint(i))
	}
	if got := three.list(); !slices.Equal(got, []string{"0, 1, 2, 3: text"}) {
		t.Errorf("as many subjects as are named: %q", got)
	}
	three.add("text", "0")
	three.add("text", "4")
	if got := three.list(); !slices.Equal(got, []string{"0, 1, 2, 3, 1 more: text"}) {
		t.Errorf("one more: %q", got)
	}
}

// What a study leaves empty is the default's; errors name the study and say what is wrong with it.
func TestStudiesThatSayLittle(t *testing.T) {
	s := ablated()
	s.Metric, s.Report = "", ""
	a := mustAblate(t, s, nil)
	if a.Metric != metric.TestTop1 || a.Report != experiments.ReportLast {
		t.Errorf("compares %s of %s", a.Report, a.Metric)
	}
	for want, edit := range map[string]func(*experiments.Study){
		`study ablated: metric "train/lr" has no better side`: func(s *experiments.Study) { s.Metric = metric.TrainRate },
		`study ablated: unknown report "lst": did you mean`:   func(s *experiments.Study) { s.Report = "lst" },
		`study ablated: `: func(s *experiments.Study) { s.Design = "full" },
	} {
		s := ablated()
		edit(&s)
		_, ablate := Ablate(s, nil)
		_, compare := CompareCells(s, nil, onLow, onHigh)
		for _, err := range []error{ablate, compare} {
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
	s = ablated()
	s.Baseline = map[string]string{"lr": "0.3"}
	if _, err := Ablate(s, nil); err == nil || !strings.HasPrefix(err.Error(), "study ablated: ") {
		t.Errorf("a baseline that cannot be: %v", err)
	}
	if _, err := CompareCells(ablated(), nil, onLow, onLow); err == nil ||
		err.Error() != "study ablated: cell decay=on lr=0.1 is compared with itself, want two cells" {
		t.Errorf("got %v", err)
	}
}

// An interaction names the strata in which the level does least and most, whichever comes first.
func TestInteractionsExactly(t *testing.T) {
	s := ablated()
	for _, c := range []struct {
		low, high []float64
		want      string
	}{
		{[]float64{0.915, 0.92, 0.926}, []float64{0.50, 0.53, 0.51}, "from −39.67 points with lr=0.2 to +1.03 points with lr=0.1"},
		{[]float64{0.50, 0.53, 0.51}, []float64{0.915, 0.92, 0.926}, "from −39.67 points with lr=0.1 to +1.03 points with lr=0.2"},
	} {
		a := mustAblate(t, s, trained(t, s, map[string][]float64{onLow: {0.90, 0.91, 0.92}, onHigh: {0.90, 0.92, 0.91},
			offLow: c.low, offHigh: c.high}))
		want := "decay=off: what it does depends on the other factors, " + c.want + ": read the rows, not the average"
		if !slices.Contains(a.Warnings, want) {
			t.Errorf("want %q in\n%s", want, strings.Join(a.Warnings, "\n"))
		}
	}
}
