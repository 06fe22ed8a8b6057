package studyfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/nn/option"
)

// searchKey begins the overrides of what a search varies: search.optim.lr=0.01,0.1.
const searchKey = "search."

// interval matches a range of numbers as Hydra's sweepers write it, perhaps on a log scale.
var interval = regexp.MustCompile(`^\s*(tag\(\s*log\s*,\s*)?interval\(([^,()]+),([^,()]+)\)(\s*\))?\s*$`)

// overrideSearch gives a path of the search its levels, or a range: interval(0.001,0.1), tag(log,interval(0.001,0.1)).
func (d *decoder) overrideSearch(s *experiments.Study, o override, path string) *overrideError {
	if err := experiments.Searchable(path); err != nil {
		return &overrideError{o.column, fmt.Sprintf("%s: %v", o.key, err)}
	}
	one := experiments.Dimension{Path: path}
	here := experiments.Place{Source: o.text, Column: o.from + 1, Excerpt: o.text}
	d.places[experiments.AtDimension(path)] = here
	if parts := interval.FindStringSubmatch(o.raw); parts != nil && (parts[1] == "") == (parts[4] == "") {
		one.Range = &experiments.Range{Scale: experiments.Linear}
		if parts[1] != "" {
			one.Range.Scale = experiments.Log
		}
		for i, at := range []*float64{&one.Range.Min, &one.Range.Max} {
			x, err := strconv.ParseFloat(strings.TrimSpace(parts[2+i]), 64)
			if err != nil {
				return &overrideError{o.from + 1, fmt.Sprintf("%s: want a number, got %s", o.key, option.Text(parts[2+i]))}
			}
			*at = x
			d.places[experiments.AtSetting(one.Factor(), option.Label(x), path)] = here
		}
	} else if wrong := d.searchLevels(s, o, &one); wrong != nil {
		return wrong
	}
	s.Search = slices.Clone(s.Search)
	if i := slices.IndexFunc(s.Search, func(other experiments.Dimension) bool { return other.Path == path }); i >= 0 {
		s.Search[i] = one
	} else {
		s.Search = append(s.Search, one)
	}
	return nil
}

// searchLevels reads levels, by commas or a sweep, as a factor's are.
func (d *decoder) searchLevels(s *experiments.Study, o override, one *experiments.Dimension) *overrideError {
	if wrong := o.parseValues(); wrong != nil {
		return wrong
	}
	for i, v := range o.values {
		trial := s.Base.Clone()
		if err := trial.Set(one.Path, v.value); err != nil {
			return &overrideError{v.column, fmt.Sprintf("%s: %v", one.Path, err)}
		}
		l := experiments.Level{Label: label.Normal(option.Label(v.value)), Set: []experiments.Assignment{{Path: one.Path, Value: v.value}}}
		d.places[experiments.AtLevel(one.Factor(), l.Label)] = o.place(i)
		d.places[experiments.AtSetting(one.Factor(), l.Label, one.Path)] = o.place(i)
		one.Levels = append(one.Levels, l)
	}
	return nil
}
