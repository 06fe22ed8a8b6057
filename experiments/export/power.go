package export

import (
	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// Powers is the name of the table of what comparisons can find.
const Powers = "power"

// Power is what the comparisons of a study can find. Values are in the metric's own unit, a ratio in [0, 1]; program is
// the version of the program.
func Power(info experiments.StudyInfo, p analysis.Power, program string) Document {
	t := Table{Name: Powers, Columns: withFactors(info.Study, "metric", "baseline_itself", "pairs", "planned", "difference", "sd",
		"sd_low", "sd_high", "effect", "alpha", "power", "seeds", "seeds_high", "p_equivalent", "note")}
	for _, r := range p.Rows {
		t.Rows = append(t.Rows, append(cellOf(info, r.Cell, r.Levels), p.Metric, r.Itself, r.N, r.Planned, defined(r.Difference),
			defined(r.SD), defined(r.Spread.Low), defined(r.Spread.High), p.Effect, p.Alpha, defined(r.Power),
			measured(int64(r.Seeds)), measured(int64(r.SeedsMost)), defined(r.Equivalent), named(r.Note)))
	}
	return Document{
		Facts: map[string]any{"study": p.Study, "version": info.Version, "program": program, "metric": p.Metric, "report": p.Report,
			"unit": metric.Of(p.Metric).Unit, "baseline": p.Baseline, "effect": p.Effect, "alpha": p.Alpha, "tests": p.Tests},
		Tables:  []Table{t},
		Remarks: p.Warnings,
	}
}
