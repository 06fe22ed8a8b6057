package search

import (
	"fmt"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/experiments/metric"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Methods of a search.
const (
	ByChance  = "random"
	ByGrid    = "grid"
	ByHalving = "halving"
)

var Methods = []string{ByChance, ByGrid, ByHalving}

// Asked is what a search is asked for.
type Asked struct {
	Method string // "": the grid if it is no larger than Trials, else random
	Trials int    // configurations that are drawn
	Seed   uint64 // that draws them
	Seeds  []uint64
	Eta    int // of halving: one trial in so many is promoted
}

// Plan is a search that is decided but for its results.
type Plan struct {
	Study  experiments.Study // what is searched, without what was tuned before
	Metric string            // by which it chooses
	Method string
	Axes   []Axis
	Trials []Trial
	Seeds  []uint64
	Rungs  []Rung
	Arms   []experiments.Cell

	eta   int
	first Stage
}

// Stage is what a rung trains: numbers of trials, by arm.
type Stage [][]int

// Seeds are n seeds for a search, none of which the study reports.
func Seeds(s experiments.Study, n int) []uint64 {
	var all []uint64
	for seed := uint64(firstSeed); len(all) < n; seed++ {
		if !slices.Contains(s.Seeds, seed) {
			all = append(all, seed)
		}
	}
	return all
}

// firstSeed is beyond the seeds that studies count from 1.
const firstSeed = 1001

// New plans a search. What is wrong with the study for it is an experiments.Problem.
func New(s experiments.Study, asked Asked) (*Plan, error) {
	p := &Plan{Study: s.Untuned(), Metric: metric.Counterpart(s.Metric, metric.Val), Seeds: asked.Seeds, Axes: Axes(s), eta: asked.Eta,
		Rungs: []Rung{{}}}
	var err error
	if p.Arms, err = p.Study.Cells(); err != nil {
		return nil, err
	}
	if err := p.suits(); err != nil {
		return nil, err
	}
	for _, seed := range asked.Seeds {
		if slices.Contains(s.Seeds, seed) {
			return nil, fmt.Errorf("seed %d is one that the study reports: want others, so that what is chosen was not chosen by them", seed)
		}
	}
	if err := p.draw(asked); err != nil {
		return nil, err
	}
	if p.Method == ByHalving {
		if err := p.halve(); err != nil {
			return nil, err
		}
	}
	return p, p.distinct()
}

// suits checks what the study has for a search: a space, and images to choose by.
func (p *Plan) suits() error {
	if len(p.Axes) == 0 {
		return experiments.Problem{Path: "search", Message: "the study does not say what a search may vary: " +
			"want search: {optim.lr: {min: 0.001, max: 0.1, scale: log}}, or search.optim.lr=0.01,0.03,0.1 behind its name"}
	}
	if metric.BetterSide(p.Metric) == metric.Neither {
		other := metric.Parse(p.Study.Metric)
		other.Quantity = "top1"
		return experiments.Problem{Path: "metric", Message: fmt.Sprintf("%s is not measured on the images that a search chooses by: want "+
			"another while it chooses, such as metric=%s", p.Study.Metric, other)}
	}
	for _, arm := range p.Arms {
		if option.IsZero(arm.Config.Dataset.Options["val"]) {
			return experiments.Problem{Path: "dataset.val", Message: fmt.Sprintf("cell %s holds out no images to choose by: "+
				"want a share above 0, such as dataset.val=0.1", arm.Key)}
		}
	}
	return nil
}

// draw chooses the trials.
func (p *Plan) draw(asked Asked) error {
	grid := Grid(p.Axes)
	switch p.Method = asked.Method; {
	case p.Method == "" && grid != nil && len(grid) <= asked.Trials:
		p.Method = ByGrid
	case p.Method == "":
		p.Method = ByChance
	case !slices.Contains(Methods, p.Method):
		return fmt.Errorf("unknown method %q%s", p.Method, nearest.Hint(p.Method, Methods))
	}
	if p.Method != ByGrid {
		p.Trials = Random(p.Axes, asked.Trials, asked.Seed)
		return nil
	}
	switch {
	case grid == nil:
		return fmt.Errorf("method %s wants levels of every path, or few whole numbers; a range has no grid", ByGrid)
	case len(grid) > asked.Trials && asked.Method == ByGrid:
		return fmt.Errorf("the grid has %d configurations, %d trials were asked for: want at least as many, or method %s",
			len(grid), asked.Trials, ByChance)
	}
	p.Trials = grid
	return nil
}

// halve plans rungs by epochs.
func (p *Plan) halve() error {
	epochs := p.Arms[0].Config.Epochs
	for _, arm := range p.Arms {
		if arm.Config.Length != "" || arm.Config.Epochs != epochs {
			return experiments.Problem{Path: "epochs", Message: fmt.Sprintf("method %s shortens epochs, so it wants the same number in every "+
				"cell and no length; want method %s", ByHalving, ByChance)}
		}
	}
	p.Rungs = Rungs(len(p.Trials), epochs, p.eta)
	if len(p.Rungs) == 1 {
		return fmt.Errorf("method %s has nothing to halve: one trial in %d is promoted to %d times as many epochs, "+
			"want as many trials and epochs at least, got %d and %d", ByHalving, p.eta, p.eta, len(p.Trials), epochs)
	}
	return nil
}

// distinct leaves out trials that are, in an arm, the same as an earlier one: what has no effect there makes no other
// configuration.
func (p *Plan) distinct() error {
	p.first = make(Stage, len(p.Arms))
	most := 0
	for i, arm := range p.Arms {
		known := map[string]bool{}
		for k, t := range p.Trials {
			c := arm.Config.Clone()
			for _, a := range t.Set {
				if err := c.Set(a.Path, a.Value); err != nil {
					return fmt.Errorf("cell %s: %s: %w", arm.Key, a.Path, err)
				}
			}
			c, err := c.Deciding()
			if err != nil {
				return fmt.Errorf("cell %s: %w", arm.Key, err)
			}
			text, err := experiments.Canonical(c)
			if err != nil {
				return fmt.Errorf("cell %s: %w", arm.Key, err)
			}
			if !known[string(text)] {
				known[string(text)] = true
				p.first[i] = append(p.first[i], k)
			}
		}
		most = max(most, len(p.first[i]))
	}
	if most < 2 {
		return fmt.Errorf("all trials are the same in every cell: nothing that the search varies has an effect")
	}
	return nil
}

// First is what the first rung trains: every trial in every arm, but for those that would be the same there.
func (p *Plan) First() Stage { return p.first }

// Next is what a rung trains after the one before it: the best of each arm. An arm in which no trial came through has
// none.
func (p *Plan) Next(rung int, scores [][]Score, higher bool) Stage {
	next := make(Stage, len(p.Arms))
	for i := range p.Arms {
		keep := len(p.first[i])
		for range rung {
			keep /= p.eta
		}
		next[i] = Best(scores[i], max(keep, 1), higher)
		slices.Sort(next[i])
	}
	return next
}

// Entry is a cell of the study that trains a search: a trial of an arm in a rung.
type Entry struct {
	Rung, Arm, Trial int
	Key              string // of the cell
}

// Made is the study that trains the stages, one a rung, and its cells.
func (p *Plan) Made(stages []Stage) (experiments.Study, []Entry, error) {
	s := p.Study
	s.Name, s.Metric, s.Seeds = p.Name(), p.Metric, p.Seeds
	s.Title = fmt.Sprintf("Search of %s for %s by %s", strings.Join(p.paths(), ", "), p.Study.Name, p.Metric)
	s.Source, s.Expect, s.Search, s.Design, s.List = "", "", nil, experiments.Listed, nil
	s.Exclude, s.Sample = nil, nil
	trial := experiments.Factor{Name: p.factor()}
	levels := map[string]bool{}
	var entries []Entry
	for rung, stage := range stages {
		for arm, numbers := range stage {
			for _, number := range numbers {
				l := p.level(rung, number)
				if !levels[l.Label] {
					levels[l.Label] = true
					trial.Levels = append(trial.Levels, l)
				}
				s.List = append(s.List, experiments.WithLevel(p.Arms[arm].Levels, trial.Name, l.Label))
				entries = append(entries, Entry{Rung: rung, Arm: arm, Trial: number})
			}
		}
	}
	s.Factors = append(slices.Clone(s.Factors), trial)
	s.Baseline = experiments.WithLevel(p.baseline(), trial.Name, trial.Levels[0].Label)
	cells, err := s.Cells()
	if err != nil {
		return s, nil, err
	}
	for i := range entries {
		entries[i].Key = cells[i].Key
	}
	return s, entries, nil
}

// Name is that of the study that has the runs of the search.
func (p *Plan) Name() string { return p.Study.Name + ".search" }

// factor is how the trials are called among the factors of the study.
func (p *Plan) factor() string {
	name := "trial"
	for slices.ContainsFunc(p.Study.Factors, func(f experiments.Factor) bool { return f.Name == name }) {
		name = "search." + name
	}
	return name
}

func (p *Plan) baseline() map[string]string {
	if c, err := p.Study.BaselineCell(); err == nil {
		return c.Levels
	}
	return p.Study.BaselineLevels()
}

func (p *Plan) paths() []string {
	var all []string
	for _, a := range p.Axes {
		all = append(all, a.Path)
	}
	return all
}

// level is a trial in a rung as a level of the factor, named by its values where these make a name.
func (p *Plan) level(rung, number int) experiments.Level {
	t := p.Trials[number]
	l := experiments.Level{Label: label.Normal(t.Label()), Set: slices.Clone(t.Set)}
	same := func(other Trial) bool { return label.Normal(other.Label()) == l.Label }
	later := ""
	if epochs := p.Rungs[rung].Epochs; epochs > 0 {
		l.Set = append(l.Set, experiments.Assignment{Path: "epochs", Value: epochs})
		later = fmt.Sprintf(";epochs:%d", epochs)
	}
	if label.Part(l.Label+later) != "" || slices.IndexFunc(p.Trials, same) != number {
		l.Label = fmt.Sprint(number + 1)
	}
	l.Label += later
	return l
}
