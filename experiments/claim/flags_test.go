package claim

import (
	"slices"
	"testing"

	"workbench/experiments"
)

// What readers are often not told is told by itself: each flag is raised by what is planted for it, and by nothing
// else.
func TestFlags(t *testing.T) {
	const (
		best   = "the study reports the best epoch on the test split; this verdict takes the selection of the rule"
		single = "a single seed"
		online = "an online classifier trained beside the pretraining: no linear evaluation after it"
		noise  = "label noise is symmetric, in the source it is asymmetric"
	)
	noisy := func(kind string) func(*Evidence, *Claim) {
		return func(e *Evidence, c *Claim) {
			e.Study.Base.Dataset.Options = map[string]any{"label_noise": kind, "label_noise_rate": 0.4}
			c.Compare.Noise = "asymmetric"
		}
	}
	for _, p := range []struct {
		name  string
		seeds int
		plant func(*Evidence, *Claim)
		want  []string
	}{
		{"nothing", 5, func(*Evidence, *Claim) {}, nil},
		{"the best epoch on test", 5, func(e *Evidence, _ *Claim) { e.Study.Report = experiments.ReportBest }, []string{best}},
		{"the best epoch on validation", 5, func(e *Evidence, c *Claim) {
			e.Study.Report, c.Compare.Metric = experiments.ReportBest, "val/top1"
		}, nil},
		{"a single seed", 1, func(*Evidence, *Claim) {}, []string{single}},
		{"no seed", 0, func(e *Evidence, _ *Claim) { e.Study.Seeds = []uint64{1} }, nil},
		{"an online probe", 5, func(_ *Evidence, c *Claim) { c.Compare.Metric = "pretrain/test/online_top1" }, []string{online}},
		{"a probe after it", 5, func(_ *Evidence, c *Claim) { c.Compare.Metric = "probe/test/top1" }, nil},
		{"another noise", 5, noisy("symmetric"), []string{noise}},
		{"the same noise", 5, noisy("asymmetric"), nil},
		{"no noise", 5, noisy("none"), nil},
		{"everything", 1, func(e *Evidence, c *Claim) {
			noisy("symmetric")(e, c)
			e.Study.Report, c.Compare.Metric = experiments.ReportBest, "pretrain/test/online_top1"
		}, []string{best, single, online, noise}},
	} {
		e := evidence(t, p.seeds, func(map[string]string, uint64) map[string]float64 {
			return map[string]float64{"test/top1": 0.5, "val/top1": 0.5, "pretrain/test/online_top1": 0.5, "probe/test/top1": 0.5}
		})
		c := training(t, "greater\n    delta: 1", pairOf+"higher")
		p.plant(&e, &c)
		runs, err := e.Study.Runs(func(experiments.Choice) (string, error) { return "d", nil })
		if err != nil {
			t.Fatal(p.name, err)
		}
		for i := range e.Runs { // as the planted study has them
			e.Runs[i].Run = runs[i]
		}
		j, err := JudgeRuns(t.Context(), c, e)
		if err != nil {
			t.Fatal(p.name, err)
		}
		if j.Pairs != p.seeds {
			t.Errorf("%s: %d of %d seeds count", p.name, j.Pairs, p.seeds)
		}
		if !slices.Equal(j.Flags, p.want) {
			t.Errorf("%s: got %q, want %q", p.name, j.Flags, p.want)
		}
	}
}
