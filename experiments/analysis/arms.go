package analysis

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"workbench/experiments"
	"workbench/experiments/stats"
)

// arm is a cell with the runs that speak for it.
type arm struct {
	cell    experiments.Cell
	planned int
	runs    []experiments.RunInfo            // finished, with a finite value, one a seed, by seed
	values  map[uint64]float64               // of runs
	seen    map[uint64][]experiments.RunInfo // every run of the cell's configuration

	lost     map[string]bool // runs of the study that diverged, those among them that others begin with
	took     costs
	diverged int // seeds without a run that counts because theirs diverged, or came to a value that is no number
}

// arms sorts the runs of a study into its cells. A run belongs to a cell if it has the cell's key and computed the
// cell's configuration: after a study was edited, results of the old text are no answer to the new one.
func arms(c criterion, cells []experiments.Cell, seeds []uint64, runs []experiments.RunInfo, notes *remarks) []arm {
	list := make([]arm, len(cells))
	place := map[string]int{}
	for i, cell := range cells {
		list[i] = arm{cell: cell, values: map[uint64]float64{}, seen: map[uint64][]experiments.RunInfo{}}
		place[cell.Key] = i
	}
	settled := settle(cells, notes)
	needed, lost, took := map[string]bool{}, map[string]bool{}, costs{}
	for _, r := range runs {
		for _, id := range r.Needs {
			needed[id] = true
		}
		lost[r.ID], took[r.ID] = r.Status == experiments.Diverged, r
	}
	for _, r := range runs {
		i, known := place[r.Cell]
		switch {
		case !known && needed[r.ID]: // others begin with it; it answers nothing by itself
		case !known:
			notes.add("left out, made for a cell the study no longer has", r.Cell)
		case !settled[i].asks(r.Config):
			notes.add("left out, made with another configuration than the cell has now", r.Cell+seedText(r.Seed))
		default:
			list[i].seen[r.Seed] = append(list[i].seen[r.Seed], r)
		}
	}
	for i := range list {
		list[i].lost, list[i].took = lost, took
		list[i].count(c, seeds, notes)
	}
	took.tell(list, notes)
	conditions(list, notes)
	return list
}

// settled returns a cell's configuration with every option filled in, or nil if that fails.
type settled struct {
	config *experiments.Config
	text   string
	known  map[string]bool // recorded configuration → whether it is the cell's: the runs of a cell share theirs
}

func settle(cells []experiments.Cell, notes *remarks) []settled {
	list := make([]settled, len(cells))
	for i, cell := range cells {
		config, text, err := question(cell.Config)
		if err != nil {
			notes.add(fmt.Sprintf("whether the runs have the cell's configuration cannot be checked (%v)", err), cell.Key)
			continue
		}
		list[i] = settled{config: &config, text: text, known: map[string]bool{}}
	}
	return list
}

// question is the part of a configuration that decides a result, also as text.
func question(c experiments.Config) (experiments.Config, string, error) {
	c, err := c.Deciding()
	if err != nil {
		return c, "", err
	}
	text, err := experiments.Canonical(c)
	return c, string(text), err
}

func (s settled) asks(c experiments.Config) bool {
	if s.config == nil {
		return true
	}
	recorded, err := json.Marshal(c)
	if err != nil {
		return false
	}
	answer, known := s.known[string(recorded)]
	if !known {
		_, text, err := question(c)
		answer = err == nil && text == s.text
		s.known[string(recorded)] = answer
	}
	return answer
}

// count chooses the runs that speak for the cell, in the order of their seeds, and notes why others do not.
func (a *arm) count(c criterion, seeds []uint64, notes *remarks) {
	all := slices.Clone(seeds)
	for seed := range a.seen {
		all = append(all, seed)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	a.planned = len(all)
	digests := map[string]bool{}
	for _, seed := range all {
		r, why, diverged := a.speaker(c, a.seen[seed])
		if diverged {
			a.diverged++
		}
		if why != "" {
			notes.add(why, a.cell.Key+seedText(seed))
		}
		if r == nil {
			continue
		}
		a.runs = append(a.runs, *r)
		a.values[seed], _ = c.of(*r)
		if name := r.Recorded(c.metric); name != c.metric {
			notes.add(c.metric+" is "+name, a.cell.Key)
		}
		digests[r.DataDigest] = true
	}
	if a.diverged > 0 {
		notes.add(fmt.Sprintf("%d of %d seeds diverged: the cell is never called better, for the mean of those that did not flatters it",
			a.diverged, a.planned), a.cell.Key)
	}
	if len(digests) > 1 {
		notes.add("its runs saw different data: the data set's files changed between them", a.cell.Key)
	}
}

// speaker is the run that counts for a seed, nil if none does; why is what must be said about it. Seeds that diverged
// are counted by their cell.
func (a *arm) speaker(c criterion, runs []experiments.RunInfo) (r *experiments.RunInfo, why string, diverged bool) {
	var done []experiments.RunInfo
	failed, lost, blocked := false, false, false
	for _, r := range runs {
		if r.Status == experiments.Blocked {
			blocked = true
			lost = lost || slices.ContainsFunc(r.Needs, func(id string) bool { return a.lost[id] })
		}
		if r.Status == experiments.Done {
			done = append(done, r)
		}
		failed = failed || r.Status == experiments.Failed
		lost = lost || r.Status == experiments.Diverged
	}
	switch {
	case len(done) == 0 && lost:
		return nil, "", true
	case len(done) == 0 && failed:
		return nil, "failed", false
	case len(done) == 0 && blocked:
		return nil, "not begun, the run that it begins with failed", false
	case len(done) == 0:
		return nil, "not finished", false
	}
	newest := slices.MaxFunc(done, func(x, y experiments.RunInfo) int {
		return cmp.Or(x.Updated.Compare(y.Updated), cmp.Compare(x.ID, y.ID))
	})
	value, recorded := c.of(newest)
	switch {
	case !recorded:
		return nil, "left out, finished without recording " + c.metric, false
	case math.IsNaN(value) || math.IsInf(value, 0):
		return nil, fmt.Sprintf("left out, %s is %v, so the mean is that of the runs that survived", c.metric, value), true
	case len(done) > 1:
		return &newest, "finished several times on different data, the newest counts", false
	}
	return &newest, "", false
}

// row summarises the arm over its seeds.
func (a arm) row(c criterion, notes *remarks) AblationRow {
	r := AblationRow{Cell: a.cell.Key, Levels: a.cell.Levels, N: len(a.runs), Planned: a.planned, Diverged: a.diverged,
		Values: []SeedValue{}, PerCost: []PerCost{}}
	var values, train, seconds []float64
	for _, run := range a.runs {
		value := a.values[run.Seed]
		one := SeedValue{Seed: run.Seed, Run: run.ID, Value: value}
		if name := run.Recorded(c.metric); name != c.metric {
			one.Metric = name
		}
		r.Values = append(r.Values, one)
		values = append(values, value)
		seconds = append(seconds, a.took.whole(run))
		if t, recorded := c.training().of(run); recorded {
			train = append(train, t)
		}
	}
	r.Collapsed, r.Budgets = a.collapsed(notes), a.budgets()
	r.Mean, r.SD = stats.Mean(values), stats.SD(values)
	r.Interval = Interval(stats.MeanInterval(values, confidence))
	r.Train, r.Seconds = stats.Mean(train), stats.Mean(seconds)
	r.Params, r.MACs = a.fact("parameters", notes), a.fact("macs", notes)
	return r
}

// fact returns a number that the environment of the arm's runs states, or 0 if no run has begun.
func (a arm) fact(name string, notes *remarks) int64 {
	for _, seed := range slices.Sorted(maps.Keys(a.seen)) {
		for _, r := range a.seen[seed] {
			text, stated := r.Environment[name]
			if !stated {
				continue
			}
			n, err := strconv.ParseInt(text, 10, 64)
			if err == nil {
				return n
			}
			notes.add(fmt.Sprintf("the environment states %s as %q, want a whole number", name, text), a.cell.Key+seedText(seed))
		}
	}
	return 0
}

func seedText(seed uint64) string { return fmt.Sprintf(" seed %d", seed) }
