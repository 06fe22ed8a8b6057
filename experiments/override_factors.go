package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// overridePath sets a path in the base, or makes it a factor.
func (d *decoder) overridePath(s *Study, o override) *overrideError {
	for _, v := range o.values {
		trial := s.Base.clone()
		if err := trial.set(o.key, v.value); err != nil {
			return &overrideError{v.column, fmt.Sprintf("%s: %v", o.key, err)}
		}
	}
	i := slices.IndexFunc(s.Factors, func(f Factor) bool { return slices.Contains(f.paths(), o.key) })
	switch {
	case i >= 0 && len(s.Factors[i].paths()) > 1:
		f := s.Factors[i]
		return &overrideError{o.column, fmt.Sprintf("%s is set by factor %s together with other paths: select its levels, such as %s=%s",
			o.key, f.Name, f.Name, strings.Join(f.labels(), ","))}
	case s.Design == Listed && (i >= 0 || o.sweep):
		return &overrideError{o.column, "the study lists its cells one by one: its factors cannot be changed"}
	case o.sweep:
		return d.sweep(s, o, i)
	}
	d.places[o.key] = o.place(0)
	d.places[atName(o.key)] = place{source: o.text, column: o.column, excerpt: o.text}
	if i >= 0 {
		s.removeFactor(i)
	}
	if err := s.Base.set(o.key, o.values[0].value); err != nil {
		return &overrideError{o.values[0].column, fmt.Sprintf("%s: %v", o.key, err)}
	}
	return nil
}

// sweep makes the override's path a factor, or replaces the levels of factor i if that varies it.
func (d *decoder) sweep(s *Study, o override, i int) *overrideError {
	if i < 0 {
		name := lastSegment(o.key)
		if slices.ContainsFunc(s.Factors, func(f Factor) bool { return f.Name == name }) {
			name = o.key
		}
		s.Factors = append(s.Factors, Factor{Name: name})
		i = len(s.Factors) - 1
	}
	f := Factor{Name: s.Factors[i].Name}
	d.places[atFactor(f.Name)] = o.place(0)
	for j, v := range o.values {
		l := Level{Label: label(v.value), Set: []Assignment{{Path: o.key, Value: v.value}}}
		d.places[atLevel(f.Name, l.Label)] = o.place(j)
		d.places[atSetting(f.Name, l.Label, o.key)] = o.place(j)
		f.Levels = append(f.Levels, l)
	}
	s.replaceFactor(i, f)
	return nil
}

// selectLevels keeps the named levels of a factor.
func (d *decoder) selectLevels(s *Study, o override) *overrideError {
	i := slices.IndexFunc(s.Factors, func(f Factor) bool { return f.Name == o.key })
	f := Factor{Name: o.key}
	if s.Design == Listed {
		return &overrideError{o.column, "the study lists its cells one by one: its factors cannot be changed"}
	}
	for _, v := range o.values {
		l, err := s.Factors[i].level(label(v.value))
		if err != nil {
			return &overrideError{v.column, err.Error()}
		}
		f.Levels = append(f.Levels, l)
	}
	if len(f.Levels) > 1 {
		s.replaceFactor(i, f)
		return nil
	}
	only := f.Levels[0]
	s.removeFactor(i)
	for _, a := range only.Set {
		if err := s.Base.set(a.Path, a.Value); err != nil {
			return &overrideError{o.values[0].column, fmt.Sprintf("%s: %v", a.Path, err)}
		}
		d.places[a.Path], d.places[atName(a.Path)] = o.place(0), o.place(0)
	}
	return nil
}

func (s *Study) replaceFactor(i int, f Factor) {
	s.Factors = slices.Clone(s.Factors)
	s.Factors[i] = f
	if label, named := s.Baseline[f.Name]; named && !slices.Contains(f.labels(), label) {
		s.Baseline = maps.Clone(s.Baseline)
		delete(s.Baseline, f.Name)
	}
}

func (s *Study) removeFactor(i int) {
	s.Baseline = maps.Clone(s.Baseline)
	delete(s.Baseline, s.Factors[i].Name)
	s.Factors = slices.Delete(slices.Clone(s.Factors), i, i+1)
}
