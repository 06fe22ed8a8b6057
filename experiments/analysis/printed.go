package analysis

import (
	"maps"
	"math"

	"workbench/experiments"
	"workbench/experiments/stats"
)

// Printed is a row of the table in print that a study repeats, with the cell that it stands beside; nil: it is none of
// the study's, or of what is left of it.
type Printed struct {
	experiments.PublishedRow
	Measured *AblationRow
	Diff     *Unpaired // measured − in print; nil where these are not known or not of one metric
}

// Unpaired is the difference of what was measured from a value of elsewhere, of other seeds and another program. It
// has no verdict and is in no family of comparisons. What but Mean is not defined (see stats.Welch) is NaN.
type Unpaired struct {
	Mean     float64
	Interval Interval // 95 %, Welch's
	DF, P    float64  // P is two-sided and not corrected
}

// UnpairedNote says what Printed.Diff is.
const UnpairedNote = "difference: measured here − in print or from elsewhere, unpaired (Welch 1947): 95 % interval where both sides " +
	"have a mean of 3 runs or more and a standard deviation, not corrected for several; " +
	"seeds, data order and program differ, so it has no verdict"

// InPrint are the rows of the study's table in print, in their order. A cell may stand beside several.
func InPrint(s experiments.Study, rows []AblationRow) []Printed {
	if s.Published == nil {
		return nil
	}
	all := make([]Printed, len(s.Published.Rows))
	for i, r := range s.Published.Rows {
		all[i].PublishedRow = r
		if r.Levels == nil {
			continue
		}
		levels := s.Fill(r.Levels)
		for k := range rows {
			if maps.Equal(levels, rows[k].Levels) {
				all[i].Measured = &rows[k]
			}
		}
		all[i].Diff = unpaired(s, all[i])
	}
	return all
}

// unpaired compares a row in print with the cell that it stands beside.
func unpaired(s experiments.Study, p Printed) *Unpaired {
	scale, is := s.Published.Compared(s.Metric)
	if !is || p.Measured == nil || p.Measured.N == 0 || len(p.Values) == 0 {
		return nil
	}
	value, is := p.Values[0].(float64)
	if !is {
		return nil
	}
	sd := scale * p.SD
	if p.SD == 0 { // nobody said
		sd = math.NaN()
	}
	u := stats.Welch(stats.Summary{N: p.Measured.N, Mean: p.Measured.Mean, SD: p.Measured.SD},
		stats.Summary{N: p.N, Mean: scale * value, SD: sd}, confidence)
	return &Unpaired{Mean: u.Mean, Interval: Interval(u.Interval), DF: u.DF, P: u.P}
}
