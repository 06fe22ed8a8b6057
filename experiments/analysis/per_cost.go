package analysis

import (
	"math"

	"workbench/experiments/stats"
)

// PerCost is a difference divided by what it costs more: how much accuracy a million parameters more have brought.
type PerCost struct {
	Cost  string  `json:"cost"`  // multiply_adds (of a forward pass of one image), parameters, or minutes (of a run)
	Unit  string  `json:"unit"`  // of Added: "1e9 multiply-adds", "1e6 parameters", "minute"
	Added float64 `json:"added"` // mean over the pairs; NaN if not known
	// Value is the mean difference over Added, in the metric's unit for one of Unit. Interval holds 95 % of what it may
	// be: of counts, which are the same for all seeds, it is the difference's own; minutes are measured, so it is
	// Fieller's. Both are NaN where nothing costs more, or for all that the runs show nothing does; Remark says why.
	Value    float64  `json:"value"`
	Interval Interval `json:"interval"`
	Remark   string   `json:"remark,omitempty"`
}

// Costs by which a difference is divided.
const (
	PerMultiplyAdds = "multiply_adds"
	PerParameters   = "parameters"
	PerMinutes      = "minutes"
)

// Why a difference is not divided by a cost.
const (
	NoAddedCost   = "no added cost"
	UnsureCost    = "added cost not certain"
	CostNotKnown  = "cost not known"
	fewPairs      = "fewer than 3 pairs: no interval"
	withoutSpread = "no spread: no interval"
)

// perCost divides the difference of the strata, which is given, by each cost.
func perCost(cs []stratum, difference Paired, notes *remarks) []PerCost {
	var quiet remarks // what the difference leaves out has been said
	kept, a, b := averaged(cs, "", &quiet)
	return []PerCost{
		counts[0].divide(kept, difference, notes), counts[1].divide(kept, difference, notes),
		timed(kept, a, b),
	}
}

// counted is a cost that is the same for all seeds: the fact of a run's environment, in units of that many.
type counted struct {
	cost, unit, fact string
	size             float64
}

var counts = [...]counted{{PerMultiplyAdds, "1e9 multiply-adds", "macs", 1e9}, {PerParameters, "1e6 parameters", "parameters", 1e6}}

// divide divides the difference by the cost, averaged over the strata.
func (n counted) divide(cs []stratum, difference Paired, notes *remarks) PerCost {
	p := PerCost{Cost: n.cost, Unit: n.unit, Value: math.NaN(), Interval: Interval{math.NaN(), math.NaN()}}
	for _, c := range cs {
		with, without := c.a.fact(n.fact, notes), c.b.fact(n.fact, notes)
		if with == 0 || without == 0 {
			p.Added, p.Remark = math.NaN(), CostNotKnown
			return p
		}
		p.Added += float64(with-without) / float64(len(cs)) / n.size
	}
	if !(p.Added > 0) {
		p.Remark = NoAddedCost
		return p
	}
	p.Value = difference.Mean / p.Added
	p.Interval = Interval{difference.Interval.Low / p.Added, difference.Interval.High / p.Added}
	if math.IsNaN(difference.Interval.Low) {
		p.Remark = withoutInterval(difference.N)
	}
	return p
}

func withoutInterval(pairs int) string {
	if pairs < stats.MinPairs {
		return fewPairs
	}
	return withoutSpread
}

// timed divides by the minutes that runs took longer, seed by seed; a and b are the values at both sides.
func timed(cs []stratum, a, b map[uint64]float64) PerCost {
	p := PerCost{Cost: PerMinutes, Unit: "minute", Added: math.NaN(), Value: math.NaN(), Interval: Interval{math.NaN(), math.NaN()},
		Remark: CostNotKnown}
	minutes := make([]stratum, len(cs))
	for i, c := range cs {
		minutes[i] = stratum{c.name, c.a.minutes(), c.b.minutes()}
	}
	var quiet remarks
	kept, long, short := averaged(minutes, "", &quiet)
	if len(kept) < len(cs) {
		return p
	}
	var differences, added []float64
	for _, seed := range sharedSeeds(a, b) {
		with, known := long[seed]
		without, both := short[seed]
		if known && both {
			differences, added = append(differences, a[seed]-b[seed]), append(added, with-without)
		}
	}
	p.Added = stats.Mean(added)
	q, err := stats.Fieller(differences, added, confidence)
	switch {
	case err != nil || math.IsNaN(p.Added):
		return p
	case !(p.Added > 0):
		p.Remark = NoAddedCost
		return p
	case !q.Bounded:
		p.Remark = UnsureCost
		return p
	}
	p.Value, p.Interval, p.Remark = q.Value, Interval(q.Interval), ""
	if math.IsNaN(q.Interval.Low) {
		p.Remark = withoutInterval(len(added))
	}
	return p
}

// minutes is the arm with the minutes that its runs took, with what they begin with, in place of their values.
func (a arm) minutes() arm {
	took := arm{values: map[uint64]float64{}}
	for _, r := range a.runs {
		if m := a.took.whole(r) / 60; m > 0 {
			took.values[r.Seed] = m
		}
	}
	return took
}
