package analysis

import "workbench/experiments/stats"

// Robust is what the runs of a cell say without the assumption that results are normal. Pairs are runs with the seeds
// that the baseline has too. Values that are not defined are NaN: an interval of a median below six runs, what compares
// the baseline with itself.
type Robust struct {
	Cell     string
	N        int
	Median   float64
	Middle   Interval // contains the median with a probability of at least 95 %
	Coverage float64  // of Middle
	// Interquartile is the mean without the lowest and the highest quarter; Bootstrap is its 95 % BCa interval, which is
	// too narrow for few runs (see stats.PercentileInterval).
	Interquartile float64
	Bootstrap     Interval
	// Improvement is the probability that a run of the cell is better than one of the baseline, whatever their seeds.
	Improvement float64
	Probable    Interval // 95 %, of Improvement
	SignFlip    float64  // two-sided p of the exact sign-flip test over pairs
	SignedRank  float64  // two-sided p of Wilcoxon's exact signed-rank test over pairs
}

// bootstrapSeed is that of every interval: one table has one answer.
const bootstrapSeed = 1

// Robust describes the i-th row of the table. The bootstrap takes milliseconds for a row.
func (a Ablation) Robust(i int) Robust {
	row := a.Rows[i]
	own := valuesOf(row)
	r := Robust{Cell: row.Cell, N: len(own), Median: stats.Median(own), Interquartile: stats.InterquartileMean(own)}
	middle, coverage := stats.MedianInterval(own, confidence)
	r.Middle, r.Coverage = Interval(middle), coverage
	r.Bootstrap = Interval(stats.BCaInterval(own, confidence, bootstrapSeed, stats.InterquartileMean))
	var base []float64
	var differences []float64
	for _, b := range a.Rows {
		if b.Baseline && !row.Baseline && (row.Against == "" || row.Against == b.Cell) {
			base, differences = valuesOf(b), paired(row, b)
		}
	}
	better, worse := own, base
	if !a.Higher {
		better, worse = base, own
	}
	r.Improvement = stats.Improvement(better, worse)
	r.Probable = Interval(stats.ImprovementInterval(better, worse, confidence))
	r.SignFlip, r.SignedRank = stats.SignFlip(differences), stats.SignedRank(differences)
	return r
}

func valuesOf(row AblationRow) []float64 {
	var values []float64
	for _, v := range row.Values {
		values = append(values, v.Value)
	}
	return values
}

// bySeed are the values of a row.
func bySeed(row AblationRow) map[uint64]float64 {
	values := map[uint64]float64{}
	for _, v := range row.Values {
		values[v.Seed] = v.Value
	}
	return values
}

// paired are the differences of two rows over the seeds that both have, in the order of the seeds.
func paired(row, base AblationRow) []float64 {
	a, b := bySeed(row), bySeed(base)
	var differences []float64
	for _, seed := range sharedSeeds(a, b) {
		differences = append(differences, a[seed]-b[seed])
	}
	return differences
}
