package export

import (
	"workbench/experiments"
	"workbench/experiments/analysis"
)

// Robusts is the name of the table of what holds without normal values.
const Robusts = "robust"

// robust has a row a cell. Its bootstrap takes a while in studies of thousands of cells, so that it is made only where it
// is asked for.
func robust(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: Robusts, Columns: withFactors(info.Study, "metric", "n", "median", "median_low", "median_high", "coverage",
		"interquartile_mean", "interquartile_mean_low", "interquartile_mean_high", "improvement", "improvement_low", "improvement_high",
		"p_sign_flip", "p_signed_rank")}
	t.Each = func(yield func([]any) error) error {
		for i, row := range a.Rows {
			r := a.Robust(i)
			err := yield(append(cellOf(info, row.Cell, row.Levels), a.Metric, r.N, defined(r.Median), defined(r.Middle.Low),
				defined(r.Middle.High), defined(r.Coverage), defined(r.Interquartile), defined(r.Bootstrap.Low), defined(r.Bootstrap.High),
				defined(r.Improvement), defined(r.Probable.Low), defined(r.Probable.High), defined(r.SignFlip), defined(r.SignedRank)))
			if err != nil {
				return err
			}
		}
		return nil
	}
	return t
}
