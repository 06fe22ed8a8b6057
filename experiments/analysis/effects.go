package analysis

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"workbench/experiments/metric"
	"workbench/experiments/stats"
)

// stratum is one combination of the levels of the other factors. In it a level is compared with the baseline level of
// its factor.
type stratum struct {
	name string // "depth=56"; "" if there are no other factors
	a, b arm    // at the level and at the baseline level
}

// effects returns one effect for each level other than the baseline's. All are judged as one family of comparisons.
func (g grid) effects(c criterion, notes *remarks) ([]Effect, error) {
	effects := []Effect{}
	var lost [][2]int // seeds that diverged at the level and at the baseline level
	baseline := g.study.BaselineLevels()
	for _, f := range g.study.Factors {
		for _, l := range f.Levels {
			if l.Label == baseline[f.Name] {
				continue
			}
			e := Effect{Factor: f.Name, Level: l.Label, Versus: baseline[f.Name], PerCost: []PerCost{}}
			cs := g.strata(f.Name, e.Level, e.Versus, notes)
			var err error
			if e.Paired, e.Cells, err = marginal(c.metric, cs, e.Factor+"="+e.Level, notes); err != nil {
				return nil, fmt.Errorf("effect of %s=%s: %w", e.Factor, e.Level, err)
			}
			if e.N > 0 {
				e.PerCost = perCost(cs, e.Paired, notes)
			}
			effects, lost = append(effects, e), append(lost, divergedIn(cs))
		}
	}
	family := make([]*Paired, len(effects))
	for i := range effects {
		family[i] = &effects[i].Paired
	}
	decide(family, c.higher)
	for i, p := range family {
		p.temper(lost[i][0], lost[i][1])
	}
	return effects, nil
}

// divergedIn counts the seeds that diverged at the level and at the baseline level, also in strata without any pair.
func divergedIn(cs []stratum) (n [2]int) {
	for _, c := range cs {
		n[0], n[1] = n[0]+c.a.diverged, n[1]+c.b.diverged
	}
	return n
}

// marginal averages a metric over the strata, seed by seed, and says over how many.
func marginal(name string, all []stratum, subject string, notes *remarks) (p Paired, cells int, err error) {
	cs, a, b := averaged(all, "the effect of "+subject, notes)
	p, err = pairUp(a, b)
	if err == nil {
		p.Warnings, err = interaction(name, cs, p.Warnings, subject, notes)
	}
	return p, len(cs), err
}

// averaged are the values at the level and at the baseline level, averaged over the strata seed by seed. It leaves out
// a stratum without any pair. It also leaves out a seed that lacks a pair in one of the remaining strata, because its
// mean would be over fewer strata than that of other seeds.
func averaged(all []stratum, subject string, notes *remarks) (cs []stratum, a, b map[uint64]float64) {
	for _, c := range all {
		if len(sharedSeeds(c.a.values, c.b.values)) > 0 {
			cs = append(cs, c)
			continue
		}
		notes.add(subject+" is not averaged over cells without a pair", c.name)
	}
	a, b = map[uint64]float64{}, map[uint64]float64{}
	counts := map[uint64]int{}
	for _, c := range cs {
		for _, seed := range sharedSeeds(c.a.values, c.b.values) {
			a[seed] += c.a.values[seed] / float64(len(cs))
			b[seed] += c.b.values[seed] / float64(len(cs))
			counts[seed]++
		}
	}
	for _, seed := range slices.Sorted(maps.Keys(counts)) {
		if counts[seed] < len(cs) {
			delete(a, seed)
			delete(b, seed)
			notes.add(subject+" leaves out seeds without a pair in every cell", "seed "+strconv.FormatUint(seed, 10))
		}
	}
	return cs, a, b
}

// interaction warns if a level does not do the same in every stratum, which means that in one of them the differences,
// paired by seed, are not those of the mean over the strata. It uses t-tests with Holm's correction.
func interaction(name string, all []stratum, warnings []string, subject string, notes *remarks) ([]string, error) {
	if len(all) < 2 {
		return warnings, nil
	}
	seeds := sharedSeeds(all[0].a.values, all[0].b.values)
	for _, c := range all[1:] {
		shared := sharedSeeds(c.a.values, c.b.values)
		seeds = slices.DeleteFunc(seeds, func(seed uint64) bool { return !slices.Contains(shared, seed) })
	}
	ps, low, high := make([]float64, len(all)), 0, 0
	does := make([]float64, len(all))
	for i := range all {
		a, b := deviation(all, i, seeds)
		f, err := stats.Compare(a, b, confidence)
		if err != nil {
			return warnings, err
		}
		ps[i], does[i] = f.P, f.Mean
		if does[i] < does[low] {
			low = i
		}
		if does[i] > does[high] {
			high = i
		}
	}
	if len(all) == 2 {
		ps[1] = math.NaN() // with two strata both tests are the same
	}
	if !slices.ContainsFunc(stats.Holm(ps), func(p float64) bool { return p < significance }) {
		return warnings, nil
	}
	w := fmt.Sprintf("what it does depends on the other factors, from %s with %s to %s with %s: read the rows, not the average",
		metric.Difference(name, all[low].mean(seeds)), all[low].name, metric.Difference(name, all[high].mean(seeds)), all[high].name)
	notes.add(w, subject)
	return append(warnings, w), nil
}

// deviation returns, seed by seed, what the level does in one stratum (a_i − b_i) beyond what it does on average over
// all strata (ā − b̄). It returns that as the two arms a_i + b̄ and b_i + ā, because in this form a comparison still
// sees how large the values are and which differences are rounding.
func deviation(all []stratum, i int, seeds []uint64) (a, b []float64) {
	for _, seed := range seeds {
		meanA, meanB := 0.0, 0.0
		for _, c := range all {
			meanA += c.a.values[seed] / float64(len(all))
			meanB += c.b.values[seed] / float64(len(all))
		}
		a = append(a, all[i].a.values[seed]+meanB)
		b = append(b, all[i].b.values[seed]+meanA)
	}
	return a, b
}

// mean returns the mean difference over the seeds.
func (s stratum) mean(seeds []uint64) float64 {
	var ds []float64
	for _, seed := range seeds {
		ds = append(ds, s.a.values[seed]-s.b.values[seed])
	}
	return stats.Mean(ds)
}
