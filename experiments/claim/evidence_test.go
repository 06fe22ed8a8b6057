package claim

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

// evidence is a study of two factors, whose runs came to what value says, with as many seeds.
func evidence(t *testing.T, seeds int, value func(levels map[string]string, seed uint64) map[string]float64) Evidence {
	t.Helper()
	s := experiments.DefaultStudy()
	s.Name, s.Base.Dataset.Name = "s", "shapes"
	s.Base.Model.Name = "resnet_mini"
	s.Factors = []experiments.Factor{
		{Name: "depth", Levels: []experiments.Level{level("20", "batch", 20), level("56", "batch", 56), level("110", "batch", 110)}},
		{Name: "net", Levels: []experiments.Level{level("plain", "epochs", 2), level("residual", "epochs", 3)}},
	}
	s.Seeds = nil
	for i := range seeds {
		s.Seeds = append(s.Seeds, uint64(i+1))
	}
	e := Evidence{Study: s}
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "d", nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		if last := value(r.Levels, r.Seed); last != nil {
			e.Runs = append(e.Runs, experiments.RunInfo{Run: r, Status: experiments.Done, Last: last, Max: last, Min: last})
		}
	}
	return e
}

func level(label, path string, value any) experiments.Level {
	return experiments.Level{Label: label, Set: []experiments.Assignment{{Path: path, Value: value}}}
}

func training(t *testing.T, decision, compare string) Claim {
	t.Helper()
	claims, err := Parse("f.yaml", []byte(head+decision+
		"\n    compare: {study: s, metric: test/top1, selection: last epoch, alpha: 0.05, planned: 5, "+compare+"}"))
	if err != nil {
		t.Fatal(err)
	}
	return claims[0]
}

// wobble is the spread of values over seeds: a mean of 0 over five seeds, a standard deviation of 1.58.
func wobble(seed uint64) float64 { return float64(int(seed) - 3) }

const pairOf = "cell: {depth: 56}, than: {depth: 20}, direction: "

// The verdicts, with what each rests on. A difference of the deep net is added to a shallow one's 50 % with a wobble
// that half of the seeds share, so that the differences have a standard deviation of 0.79 points.
func TestVerdictsOfComparisons(t *testing.T) {
	for name, c := range map[string]struct {
		decision, compare string
		seeds             int
		difference        float64 // of depth 56, in points
		want              string
	}{
		"holds":             {"greater\n    delta: 1", pairOf + "higher", 5, 3, "holds 5 +3.00 [2.02 3.98]"},
		"fails":             {"greater\n    delta: 2", pairOf + "higher", 5, 0, "fails 5 +0.00 [-0.98 0.98]"},
		"opposite":          {"greater\n    delta: 2", pairOf + "higher", 5, -3, "fails 5 -3.00 [-3.98 -2.02]"},
		"smaller":           {"greater\n    delta: 2", pairOf + "higher", 5, 1.5, "undecided 5 +1.50 [0.52 2.48]"},
		"open":              {"greater\n    delta: 0.8", pairOf + "higher", 5, 0.5, "undecided 5 +0.50 [-0.48 1.48]"},
		"lower holds":       {"greater\n    delta: 1", pairOf + "lower", 5, -3, "holds 5 -3.00 [-3.98 -2.02]"},
		"lower fails":       {"greater\n    delta: 1", pairOf + "lower", 5, 3, "fails 5 +3.00 [2.02 3.98]"},
		"equal":             {"equivalent\n    delta: 1", pairOf + "equivalent", 5, 0, "holds 5 +0.00 [-0.98 0.98]"},
		"perhaps equal":     {"equivalent\n    delta: 0.9", pairOf + "equivalent", 5, 0, "undecided 5 +0.00 [-0.98 0.98]"},
		"not equal":         {"equivalent\n    delta: 1", pairOf + "equivalent", 5, -3, "fails 5 -3.00 [-3.98 -2.02]"},
		"above":             {"threshold", "cell: {depth: 56}, level: 50, direction: higher", 5, 5, "holds 5 +5.00 [3.04 6.96]"},
		"not above":         {"threshold", "cell: {depth: 56}, level: 50, direction: higher", 5, -5, "fails 5 -5.00 [-6.96 -3.04]"},
		"perhaps above":     {"threshold", "cell: {depth: 56}, level: 50, direction: higher", 5, 1, "undecided 5 +1.00 [-0.96 2.96]"},
		"too few":           {"greater\n    delta: 1", pairOf + "higher", 4, 3, "undecided 0 +NaN [NaN NaN]"},
		"none":              {"greater\n    delta: 1", pairOf + "higher", 0, 3, "not run 0 +NaN [NaN NaN]"},
		"more than planned": {"greater\n    delta: 1", pairOf + "higher", 9, 3, "holds 5 +3.00 [2.02 3.98]"},
	} {
		e := evidence(t, c.seeds, func(levels map[string]string, seed uint64) map[string]float64 {
			v := 0.5 + wobble(seed)/100
			if levels["depth"] == "56" {
				v = 0.5 + (wobble(seed)/2+c.difference)/100
			}
			if seed > 5 {
				v = 0.1 // what the rule does not look at
			}
			return map[string]float64{"test/top1": v}
		})
		if c.decision == "threshold" {
			e = evidence(t, c.seeds, func(_ map[string]string, seed uint64) map[string]float64 {
				return map[string]float64{"test/top1": 0.5 + (wobble(seed)+c.difference)/100}
			})
		}
		if c.seeds == 0 {
			e.Study.Seeds = []uint64{1}
		}
		j, err := JudgeRuns(t.Context(), training(t, c.decision, c.compare), e)
		if err != nil {
			t.Fatal(name, err)
		}
		f := j.Tests[0]
		if got := fmt.Sprintf("%s %d %+.2f [%.2f %.2f]", j.Verdict, j.Looked, f.Mean, f.Low, f.High); got != c.want {
			t.Errorf("%s: got %s, want %s (%v)", name, got, c.want, j.Reasons)
		}
	}
}

// Where every test must hold, levels are Holm's: the smallest p of three is compared with a third of alpha.
func TestTestsOfAClaimAreOneFamily(t *testing.T) {
	e := evidence(t, 5, func(levels map[string]string, seed uint64) map[string]float64 {
		v := map[string]float64{"20": 0.5, "56": 0.52, "110": 0.6}[levels["depth"]]
		if levels["net"] == "residual" {
			v += 0.1
		}
		return map[string]float64{"test/top1": v + wobble(seed)/200*map[string]float64{"20": 0, "56": 1, "110": 3}[levels["depth"]]}
	})
	j, err := JudgeRuns(t.Context(), training(t, "ordered\n    direction: rising\n    delta: 1",
		"cells: [{depth: 20}, {depth: 56}, {depth: 110}]"), e)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range j.Tests {
		got = append(got, fmt.Sprintf("%s %s>%s %.1f level %.4f p %.4f", f.Verdict, f.Cell["depth"], f.Than["depth"], f.Mean, f.Level, f.P))
	}
	want := "holds 56>20 2.0 level 0.9500 p 0.0048; holds 110>56 8.0 level 0.9750 p 0.0003"
	if s := strings.Join(got, "; "); s != want || j.Verdict != Holds {
		t.Errorf("%s:\n got %s\nwant %s", j.Verdict, s, want)
	}
}

// Gaps, ratios, epochs until a value is reached, and the epoch that is best on the validation split.
func TestWhatSpeaksForARun(t *testing.T) {
	e := evidence(t, 5, func(levels map[string]string, seed uint64) map[string]float64 {
		deep := map[string]float64{"56": 1}[levels["depth"]]
		return map[string]float64{"test/top1": 0.5 + wobble(seed)/1000, "train/top1": 0.6 + deep/10 + deep*wobble(seed)/500,
			"train/loss": math.Exp(deep*2 + wobble(seed)/10*deep)}
	})
	e.Series = func(_ context.Context, runs, metrics []string, max int) ([]experiments.Series, error) {
		var all []experiments.Series
		for _, r := range e.Runs {
			if !slices.Contains(runs, r.ID) || max != 0 {
				continue
			}
			late := 0.0
			if r.Levels["depth"] == "56" {
				late = 3 + wobble(r.Seed)/4
			}
			for _, m := range metrics {
				s := experiments.Series{Run: r.ID, Metric: m}
				for i := range 12 {
					v := 0.1 * (float64(i) - late)
					if m == "val/top1" { // best in the middle
						v = -math.Abs(float64(i) - 5)
					}
					s.Points = append(s.Points, experiments.Point{Metric: m, Step: int64(i), Epoch: float64(i), Value: v})
				}
				all = append(all, s)
			}
		}
		return all, nil
	}
	for name, c := range map[string]struct{ decision, compare, want string }{
		"gap":   {"greater\n    delta: 5", pairOf + "higher, measure: gap", "holds +10.00"},
		"ratio": {"greater\n    delta: 5", pairOf + "higher, metric: train/loss, relative: true", "holds +7.39"},
		"epochs": {"greater\n    delta: 2", pairOf + "higher, measure: epochs, reach: 45",
			"holds +2.80"},
		"never": {"greater\n    delta: 2", pairOf + "higher, measure: epochs, reach: 200",
			"undecided +0.00 (5 of 5 runs never reached 200 and count as their last epoch, the least that they need: depth=20 net=plain)"},
		"best": {"greater\n    delta: 20", "cell: {depth: 20}, than: {depth: 56}, direction: higher, selection: best on validation",
			"holds +30.00"},
	} {
		compare := c.compare
		for _, key := range []string{"metric: ", "selection: "} { // in place of the usual one
			if strings.Contains(compare, key) {
				compare += "|" + key
			}
		}
		text, drop, _ := strings.Cut(compare, "|")
		base := "study: s, metric: test/top1, selection: last epoch, alpha: 0.05, planned: 5, "
		if drop == "metric: " {
			base = strings.Replace(base, "metric: test/top1, ", "", 1)
		}
		if drop == "selection: " {
			base = strings.Replace(base, "selection: last epoch, ", "", 1)
		}
		claims, err := Parse("f.yaml", []byte(head+c.decision+"\n    compare: {"+base+text+"}"))
		if err != nil {
			t.Fatal(name, err)
		}
		j, err := JudgeRuns(t.Context(), claims[0], e)
		if err != nil {
			t.Fatal(name, err)
		}
		got := fmt.Sprintf("%s %+.2f", j.Verdict, j.Tests[0].Mean)
		if strings.Contains(c.want, "(") {
			got += " (" + j.Notes[0] + ")"
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s (%v)", name, got, c.want, j.Reasons)
		}
	}
}

// A side that lost seeds because they diverged is never said to be better.
func TestDivergedRunsFlatterNobody(t *testing.T) {
	e := evidence(t, 6, func(levels map[string]string, seed uint64) map[string]float64 {
		v := 0.5
		if levels["depth"] == "56" {
			v = 0.6 + wobble(seed)/500
		}
		return map[string]float64{"test/top1": v}
	})
	for i, r := range e.Runs {
		if r.Levels["depth"] == "56" && r.Seed == 6 {
			e.Runs[i].Status = experiments.Diverged
		}
	}
	c := training(t, "greater\n    delta: 1", pairOf+"higher")
	j, err := JudgeRuns(t.Context(), c, e)
	if err != nil || j.Verdict != Undecided || !strings.Contains(j.Reasons[0], "diverged, and those that did not flatter it") {
		t.Errorf("%s %v %v", j.Verdict, j.Reasons, err)
	}
}

func TestClaimsThatNoStudyFits(t *testing.T) {
	e := evidence(t, 1, func(map[string]string, uint64) map[string]float64 { return nil })
	for compare, want := range map[string]string{
		"cell: {dept: 56}, than: {depth: 20}, direction: higher":  `claim one: study s has no factor "dept": did you mean depth or net?`,
		"cell: {depth: 57}, than: {depth: 20}, direction: higher": "claim one: study s: factor depth has no level",
	} {
		_, err := JudgeRuns(t.Context(), training(t, "greater\n    delta: 1", compare), e)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
