package search

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/nn/option"
)

// Ends are two configurations between which a path leads, with what the study that walks it is called and trains.
type Ends struct {
	Name, Title    string
	From, To       experiments.Config
	Seeds          []uint64
	Metric, Report string
}

// errEqual says that there is nothing to walk.
var errEqual = errors.New("the two configurations are equal")

// Path is a study whose cells lead from one configuration to the other by one change at a time, in the order in which
// settings are recorded. Cells of the two ends are the runs that there are. Where a section has another name, such as
// another network, its settings change together: they are declared by what has the name.
func (e Ends) Path() (experiments.Study, error) {
	s := experiments.Study{Name: e.Name, Title: e.Title, Base: e.From.Clone(), Design: experiments.Listed, Seeds: e.Seeds,
		Metric: e.Metric, Report: e.Report}
	from, to := settingsBy(e.From), settingsBy(e.To)
	renamed := map[string]bool{}
	var whole []string // sections whose name differs, with a factor each
	for _, b := range e.To.Settings() {
		section, name, _ := strings.Cut(b.Path, ".")
		if a, had := from[b.Path]; name == "name" && (!had || !reflect.DeepEqual(a, b.Value)) {
			renamed[section] = true
			whole = append(whole, section)
		}
	}
	for _, a := range e.From.Settings() {
		section, _, _ := strings.Cut(a.Path, ".")
		if _, there := to[a.Path]; there || renamed[section] {
			continue
		}
		otherwise, err := experiments.Usual(e.To, a.Path)
		if err != nil {
			return s, fmt.Errorf("%s is set in the first configuration alone: %w; name them the other way round", a.Path, err)
		}
		if !reflect.DeepEqual(a.Value, otherwise) {
			s.Factors = append(s.Factors, factorOf(a.Path, a.Value, otherwise))
		}
	}
	for _, b := range e.To.Settings() {
		section, _, _ := strings.Cut(b.Path, ".")
		a, had := from[b.Path]
		switch {
		case renamed[section]:
			if len(whole) > 0 && whole[0] == section {
				whole = whole[1:]
				s.Factors = append(s.Factors, e.sectionFactor(section))
				bare(&s.Base, section)
			}
		case !had:
			s.Factors = append(s.Factors, experiments.Factor{Name: b.Path, Levels: []experiments.Level{
				{Label: "unset"}, {Label: option.Label(b.Value), Set: []experiments.Assignment{{Path: b.Path, Value: b.Value}}}}})
		case !reflect.DeepEqual(a, b.Value):
			s.Factors = append(s.Factors, factorOf(b.Path, a, b.Value))
		}
	}
	if len(s.Factors) == 0 {
		return s, errEqual
	}
	s.Factors = together(s.Base, s.Factors)
	s.Baseline, s.List = steps(s.Factors)
	return s, nil
}

// together makes one change of several where what lies between them is no configuration, such as a kind of noise
// without its rate.
func together(from experiments.Config, factors []experiments.Factor) []experiments.Factor {
	var all []experiments.Factor
	c, between := from.Clone(), false
	usual := len(from.Validate()) // of a recorded configuration, which lacks what decides no result
	for _, f := range factors {
		for _, a := range f.Levels[1].Set {
			if err := c.Set(a.Path, a.Value); err != nil {
				return factors // the study says what is wrong
			}
		}
		if !between {
			all = append(all, f)
		} else {
			last := &all[len(all)-1]
			last.Name += "+" + f.Name
			last.Levels = slices.Clone(last.Levels)
			for k := range last.Levels {
				last.Levels[k].Label += "+" + f.Levels[k].Label
				last.Levels[k].Set = slices.Concat(last.Levels[k].Set, f.Levels[k].Set)
			}
		}
		between = len(c.Validate()) > usual
	}
	return all
}

// steps are the levels of the first end, and the cells of the path.
func steps(factors []experiments.Factor) (baseline map[string]string, cells []map[string]string) {
	baseline = map[string]string{}
	for _, f := range factors {
		baseline[f.Name] = f.Levels[0].Label
	}
	for done := range len(factors) + 1 {
		cell := map[string]string{}
		for i, f := range factors {
			cell[f.Name] = f.Levels[0].Label
			if i < done {
				cell[f.Name] = f.Levels[1].Label
			}
		}
		cells = append(cells, cell)
	}
	return baseline, cells
}

func settingsBy(c experiments.Config) map[string]any {
	by := map[string]any{}
	for _, s := range c.Settings() {
		by[s.Path] = s.Value
	}
	return by
}

func factorOf(path string, a, b any) experiments.Factor {
	level := func(v any) experiments.Level {
		return experiments.Level{Label: option.Label(v), Set: []experiments.Assignment{{Path: path, Value: v}}}
	}
	return experiments.Factor{Name: path, Levels: []experiments.Level{level(a), level(b)}}
}

// sectionFactor changes all of a section.
func (e Ends) sectionFactor(section string) experiments.Factor {
	level := func(c experiments.Config) (l experiments.Level) {
		for _, s := range c.Settings() {
			if within, key, _ := strings.Cut(s.Path, "."); within == section {
				l.Set = append(l.Set, experiments.Assignment(s))
				if key == "name" {
					l.Label = option.Label(s.Value)
				}
			}
		}
		return l
	}
	return experiments.Factor{Name: section, Levels: []experiments.Level{level(e.From), level(e.To)}}
}

// bare leaves of a section its name: what else it has is set by the levels of its factor, each with its own.
func bare(c *experiments.Config, section string) {
	for name, choice := range map[string]*experiments.Choice{"dataset": &c.Dataset, "model": &c.Model, "strategy": &c.Strategy,
		"optim": &c.Optim, "schedule": &c.Schedule} {
		if name == section {
			choice.Options = nil
		}
	}
}
