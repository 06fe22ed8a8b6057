package studyfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/experiments/space"
	"workbench/nn/option"
)

// overridePath sets a path in the base, or makes it a factor.
func (d *decoder) overridePath(s *experiments.Study, o override) *overrideError {
	if o.key == modelFile {
		if wrong := d.overrideFile(&o); wrong != nil || len(d.problems) > 0 {
			return wrong
		}
	}
	for _, v := range o.values {
		trial := s.Base.Clone()
		if err := trial.Set(o.key, v.value); err != nil {
			return &overrideError{v.column, fmt.Sprintf("%s: %v", o.key, err)}
		}
	}
	i := slices.IndexFunc(s.Factors, func(f experiments.Factor) bool { return slices.Contains(f.Paths(), o.key) })
	switch {
	case i >= 0 && len(s.Factors[i].Paths()) > 1:
		f := s.Factors[i]
		return &overrideError{o.column, fmt.Sprintf("%s is set by factor %s together with other paths: select its levels, such as %s=%s",
			o.key, f.Name, f.Name, strings.Join(f.Labels(), ","))}
	case s.Tuned != nil && (i >= 0 || o.sweep || slices.Contains(s.Tuned.Paths(), o.key)):
		return tunedAlready(o)
	case s.Design == experiments.Listed && (i >= 0 || o.sweep):
		return &overrideError{o.column, "the study lists its cells one by one: its factors cannot be changed"}
	case o.sweep:
		return d.sweep(s, o, i)
	}
	searchNoMore(s, o.key)
	d.places[o.key] = o.place(0)
	d.places[experiments.AtName(o.key)] = experiments.Place{Source: o.text, Column: o.column, Excerpt: o.text}
	if i >= 0 {
		if wrong := removeFactor(s, o, i, o.values[0].label()); wrong != nil {
			return wrong
		}
	}
	if err := s.Base.Set(o.key, o.values[0].value); err != nil {
		return &overrideError{o.values[0].column, fmt.Sprintf("%s: %v", o.key, err)}
	}
	return nil
}

// overrideFile puts the networks of files in the place of the files' names.
func (d *decoder) overrideFile(o *override) (wrong *overrideError) {
	o.key = modelName
	o.values = slices.Clone(o.values)
	for i, v := range o.values {
		file, is := v.value.(string)
		if !is || file == "" {
			return &overrideError{v.column, fmt.Sprintf("%s: want the path of a file with a network, got %s", modelFile, option.Text(v.value))}
		}
		text, _ := d.networkText(file, "", func(message string) { wrong = &overrideError{v.column, message} })
		if o.values[i].value, o.values[i].shown = text, file; wrong != nil {
			return wrong
		}
	}
	return nil
}

// calledName are the paths whose factors are called name when an override makes them: their cells are pinned so.
var calledName = []string{"optim.name", "schedule.name"}

// sweep makes the override's path a factor, or replaces the levels of factor i if that varies it.
func (d *decoder) sweep(s *experiments.Study, o override, i int) *overrideError {
	searchNoMore(s, o.key)
	if i < 0 {
		name := factorOf(o.key)
		if slices.Contains(calledName, o.key) {
			name = lastSegment(o.key)
		}
		if slices.ContainsFunc(s.Factors, func(f experiments.Factor) bool { return f.Name == name }) {
			name = o.key
		}
		s.Factors = append(s.Factors, experiments.Factor{Name: name})
		i = len(s.Factors) - 1
	}
	f := experiments.Factor{Name: s.Factors[i].Name, When: s.Factors[i].When}
	d.places[experiments.AtFactor(f.Name)] = o.place(0)
	for j, v := range o.values {
		l := experiments.Level{Label: v.label(), Set: []experiments.Assignment{{Path: o.key, Value: v.value}}}
		d.places[experiments.AtLevel(f.Name, l.Label)] = o.place(j)
		d.places[experiments.AtSetting(f.Name, l.Label, o.key)] = o.place(j)
		f.Levels = append(f.Levels, l)
	}
	replaceFactor(s, i, f)
	return nil
}

// selectLevels keeps the named levels of a factor.
func (d *decoder) selectLevels(s *experiments.Study, o override) *overrideError {
	i := slices.IndexFunc(s.Factors, func(f experiments.Factor) bool { return f.Name == o.key })
	f := experiments.Factor{Name: o.key, When: s.Factors[i].When}
	if s.Tuned != nil {
		return tunedAlready(o)
	}
	if s.Design == experiments.Listed {
		return &overrideError{o.column, "the study lists its cells one by one: its factors cannot be changed"}
	}
	for _, v := range o.values {
		l, err := s.Factors[i].Level(label.Normal(option.Label(v.value)))
		if err != nil {
			return &overrideError{v.column, err.Error()}
		}
		f.Levels = append(f.Levels, l)
	}
	if len(f.Levels) > 1 {
		replaceFactor(s, i, f)
		return nil
	}
	only := f.Levels[0]
	if wrong := removeFactor(s, o, i, only.Label); wrong != nil {
		return wrong
	}
	for _, a := range only.Set {
		if err := s.Base.Set(a.Path, a.Value); err != nil {
			return &overrideError{o.values[0].column, fmt.Sprintf("%s: %v", a.Path, err)}
		}
		d.places[a.Path], d.places[experiments.AtName(a.Path)] = o.place(0), o.place(0)
	}
	return nil
}

func tunedAlready(o override) *overrideError {
	return &overrideError{o.column, "values of the study were tuned, cell by cell: its factors and what was chosen cannot be changed"}
}

// searchNoMore takes a path out of what a search varies.
func searchNoMore(s *experiments.Study, path string) {
	s.Search = slices.DeleteFunc(slices.Clone(s.Search), func(d experiments.Dimension) bool { return d.Path == path })
}

func replaceFactor(s *experiments.Study, i int, f experiments.Factor) {
	s.Factors = slices.Clone(s.Factors)
	s.Factors[i] = f
	if label, named := s.Baseline[f.Name]; named && !slices.Contains(f.Labels(), label) {
		s.Baseline = maps.Clone(s.Baseline)
		delete(s.Baseline, f.Name)
	}
	gone := func(label string) bool { return !slices.Contains(f.Labels(), label) }
	var left []space.Where
	for _, e := range s.Exclude {
		if labels, names := e[f.Name]; names {
			e = maps.Clone(e)
			if e[f.Name] = slices.DeleteFunc(slices.Clone(labels), gone); len(e[f.Name]) == 0 {
				continue // none of what it left out is there any more
			}
		}
		left = append(left, e)
	}
	s.Exclude = left
	for k, other := range s.Factors {
		if labels, names := other.When[f.Name]; names {
			s.Factors[k].When = maps.Clone(other.When)
			s.Factors[k].When[f.Name] = slices.DeleteFunc(slices.Clone(labels), gone)
		}
	}
	pruned(s)
}

// removeFactor takes a factor out of the study whose level is always the one with the label, and with it the conditions
// that this decides.
func removeFactor(s *experiments.Study, o override, i int, label string) *overrideError {
	f := s.Factors[i]
	if len(f.When) > 0 {
		return &overrideError{o.column, fmt.Sprintf("factor %s applies only when %s, the base applies everywhere: want two levels or more, "+
			"or choose the levels that it applies by first", f.Name, f.When)}
	}
	s.Baseline = maps.Clone(s.Baseline)
	delete(s.Baseline, f.Name)
	s.Factors = slices.Delete(slices.Clone(s.Factors), i, i+1)
	var left []space.Where
	for k, e := range s.Exclude {
		rest, possible := decided(e, f.Name, label)
		switch {
		case !possible:
			continue
		case len(rest) == 0:
			return &overrideError{o.column, fmt.Sprintf("exclude[%d] leaves out every cell with %s=%s", k, f.Name, label)}
		}
		left = append(left, rest)
	}
	s.Exclude = left
	for k, other := range s.Factors {
		rest, possible := decided(other.When, f.Name, label)
		if s.Factors[k].When = rest; !possible {
			s.Factors[k].When = space.Where{f.Name: nil}
		}
	}
	pruned(s)
	return nil
}

// pruned takes out the factors that apply at none of the levels that are left, and with each what depends on it.
func pruned(s *experiments.Study) {
	nowhere := func(f experiments.Factor) bool {
		for _, labels := range f.When {
			if len(labels) == 0 {
				return true
			}
		}
		return false
	}
	for {
		i := slices.IndexFunc(s.Factors, nowhere)
		if i < 0 {
			return
		}
		name := s.Factors[i].Name
		s.Baseline = maps.Clone(s.Baseline)
		delete(s.Baseline, name)
		s.Factors = slices.Delete(slices.Clone(s.Factors), i, i+1)
		s.Exclude = slices.DeleteFunc(slices.Clone(s.Exclude), func(e space.Where) bool { return e[name] != nil })
		for k, f := range s.Factors {
			if f.When[name] != nil {
				s.Factors[k].When = space.Where{name: nil}
			}
		}
	}
}

// decided is what is left of a condition when a factor has one level only; possible is false if that never meets it.
func decided(w space.Where, factor, label string) (rest space.Where, possible bool) {
	labels, names := w[factor]
	if !names {
		return w, true
	}
	rest = maps.Clone(w)
	if delete(rest, factor); len(rest) == 0 {
		rest = nil
	}
	return rest, slices.Contains(labels, label)
}
