package analysis

import (
	"fmt"
	"math"

	"workbench/experiments/stats"
)

// Power says what the comparisons of a study with its baseline can find: how likely they would notice the smallest
// difference that matters, and how many seeds that takes.
type Power struct {
	Study    string
	Metric   string
	Report   string
	Baseline string
	Effect   float64 // the smallest difference that matters, in the metric's unit
	// Alpha is the level at which each comparison is tested here: 0.05 over the number of comparisons. That is the first
	// step of Holm's correction, which the table of an ablation uses, so the power there is this or more.
	Alpha    float64
	Tests    int
	Rows     []PowerRow // the comparisons in the study's order, then the baseline against itself
	Warnings []string
}

// PowerRow is one comparison, over the seeds that both cells have.
type PowerRow struct {
	Cell       string
	Levels     map[string]string
	Itself     bool // the baseline's seeds against one another: A/A
	N          int  // pairs
	Planned    int
	Difference float64
	SD         float64  // of the differences; 0 if they are equal up to rounding, NaN below two pairs
	Spread     Interval // 95 %, of SD
	Power      float64  // of N pairs to find Effect; 0 below three pairs, which are never tested, NaN without a known spread
	Seeds      int      // fewest with a power of 80 %; 0: not known, or more than 2^20
	SeedsMost  int      // the same if the spread is as large as Spread allows
	Equivalent float64  // p of two one-sided tests that the difference is less than Effect, not corrected
	Note       string   // why something is missing; what the row is
}

// wantedPower is how likely a study should find what matters.
const wantedPower = 0.8

// PowerFor reads the power from a study's comparison. effect is above 0, in the metric's unit.
func PowerFor(a Ablation, effect float64) (Power, error) {
	p := Power{Study: a.Study, Metric: a.Metric, Report: a.Report, Baseline: a.Baseline, Effect: effect, Rows: []PowerRow{}}
	p.Tests = max(1, len(a.Rows)-1)
	p.Alpha = significance / float64(p.Tests)
	var notes remarks
	for _, row := range a.Rows {
		if !row.Baseline {
			continue
		}
		base := bySeed(row)
		for _, other := range a.Rows {
			if other.Baseline {
				continue
			}
			r, err := p.row(bySeed(other), base)
			if err != nil {
				return p, fmt.Errorf("study %s: %s against %s: %w", a.Study, other.Cell, row.Cell, err)
			}
			r.Cell, r.Levels, r.Planned = other.Cell, other.Levels, other.Planned
			p.Rows = append(p.Rows, r)
			if r.Note != "" {
				notes.add(r.Note, r.Cell)
			}
		}
		if err := p.itself(row, &notes); err != nil {
			return p, fmt.Errorf("study %s: %s against itself: %w", a.Study, row.Cell, err)
		}
	}
	if p.Tests > 1 {
		notes.add(fmt.Sprintf("power is that of a test at 0.05 / %d, Holm's first step for %d comparisons", p.Tests, p.Tests), "")
	}
	p.Warnings = notes.list()
	return p, nil
}

// row judges one comparison.
func (p Power) row(values, base map[uint64]float64) (PowerRow, error) {
	var a, b []float64
	for _, seed := range sharedSeeds(values, base) {
		a, b = append(a, values[seed]), append(b, base[seed])
	}
	e, err := stats.Equivalent(a, b, p.Effect, significance)
	if err != nil {
		return PowerRow{}, err
	}
	r := PowerRow{N: e.N, Difference: e.Mean, SD: e.SD, Power: math.NaN(), Equivalent: e.P,
		Spread: Interval(stats.SDInterval(e.SD, e.N, confidence))}
	switch {
	case e.N < 2:
		r.Note = "no spread is known below two pairs, so neither power nor the seeds needed; train more seeds"
		return r, nil
	case e.SD == 0:
		r.Note = "all differences are equal, and without spread there is no power; a few equal ones do not mean that none differs"
		return r, nil
	}
	r.Power = stats.Power(e.N, p.Effect/e.SD, p.Alpha)
	if e.N < stats.MinPairs {
		r.Power, r.Note = 0, fmt.Sprintf("below %d pairs nothing is tested, and the spread of two is hardly more than a guess", stats.MinPairs)
	}
	r.Seeds, r.SeedsMost = p.seeds(e.SD), p.seeds(r.Spread.High)
	return r, nil
}

// seeds is how many pairs find the effect with the wanted power; 0 if they are too many to count.
func (p Power) seeds(sd float64) int {
	n, err := stats.RequiredPairs(p.Effect/sd, p.Alpha, wantedPower)
	if err != nil { // the level and the power are good, so it is more than anyone trains
		return 0
	}
	return n
}

// itself adds the baseline against itself, A/A: its first seed against its second, its third against its fourth. What
// differs there is noise alone.
func (p *Power) itself(row AblationRow, notes *remarks) error {
	odd, even := map[uint64]float64{}, map[uint64]float64{}
	for i := 0; i+1 < len(row.Values); i += 2 {
		odd[uint64(i)], even[uint64(i)] = row.Values[i].Value, row.Values[i+1].Value
	}
	r, err := p.row(odd, even)
	if err != nil {
		return err
	}
	r.Cell, r.Levels, r.Itself, r.Planned = row.Cell, row.Levels, true, row.Planned/2
	r.Note = "A/A: the baseline's own seeds, the first against the second, the third against the fourth"
	p.Rows = append(p.Rows, r)
	notes.add("the row A/A compares the baseline with itself, its first seed with its second, its third with its fourth: a "+
		"difference there is noise, and no less noise is in the others but for what a shared seed takes out", "")
	return nil
}
