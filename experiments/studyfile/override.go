package studyfile

import (
	"fmt"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/label"
	"workbench/nn/nearest"
	"workbench/nn/option"
	"workbench/nn/zoo"
)

// override applies what was typed on the command line to a study. In this order a key means: a key of the study itself
// (name, metric, seeds, baseline.FACTOR, …), a configuration path, the name of a factor.
//
//   - A path with one value sets it in the base. If a factor varies just that path, the factor is gone and with it its
//     part of the baseline: the user fixed what the study would have varied.
//   - A path with several values becomes a factor, named by its last segment, or replaces the levels of the factor that
//     varies it. If the baseline named a level that is gone, the first level is the baseline.
//   - A factor's name selects among its levels by label: one fixes it, several keep these, in the order typed.
//   - A path that a factor sets together with others is refused; the factor's levels can be selected.
//   - A path of a search behind "search." takes what it ranges over. A path that is set or varied is searched no more.
func (d *decoder) override(s *experiments.Study, text string) {
	o, wrong := parseOverride(text)
	if wrong == nil && o.op == '=' && o.key == "seeds" {
		wrong = d.overrideSeeds(s, o)
	} else if wrong == nil && o.ofPart() {
		wrong = d.overridePart(s, o)
	} else if path, of := strings.CutPrefix(o.key, searchKey); wrong == nil && o.op == '=' && of {
		wrong = d.overrideSearch(s, o, path)
	} else if wrong == nil {
		if wrong = o.parseValues(); wrong == nil && o.op == '=' && o.key == externalFile {
			wrong = d.overridePublished(s, o)
		} else if wrong == nil {
			wrong = d.apply(s, o)
		}
	}
	if wrong != nil {
		at := experiments.Place{Source: text, Column: wrong.column, Excerpt: text}
		d.problems = append(d.problems, at.Problem("", wrong.message))
	}
}

func (d *decoder) apply(s *experiments.Study, o override) *overrideError {
	err := experiments.Check(o.key)
	switch {
	case o.op == '~':
		return drop(s, o)
	case o.op == '+':
		return d.addOption(s, o)
	case slices.Contains(namesOf(Keys()), o.key) || strings.HasPrefix(o.key, "baseline."):
		return d.overrideStudy(s, o)
	case err == nil:
		return d.overridePath(s, o)
	case slices.ContainsFunc(s.Factors, func(f experiments.Factor) bool { return f.Name == o.key }):
		return d.selectLevels(s, o)
	case experiments.IsSection(o.key):
		return &overrideError{o.column, fmt.Sprintf("%s %v", o.key, err)}
	case strings.HasPrefix(o.key, "phases."):
		return &overrideError{o.column, fmt.Sprintf("%s: %v", o.key, err)}
	}
	return &overrideError{o.column, fmt.Sprintf("unknown key %q%s", o.key, nearestKey(*s, o.key))}
}

// nearestKey suggests what an unknown key was meant to be: a path that ends in it ("lr": optim.lr), or one spelled
// like it.
func nearestKey(s experiments.Study, key string) string {
	known := append(experiments.Paths(), namesOf(Keys())...)
	for _, f := range s.Factors {
		if !slices.Contains(known, f.Name) { // a factor is often called as the path that it varies
			known = append(known, f.Name)
		}
		known = append(known, "baseline."+f.Name)
	}
	if source, err := data.Lookup(s.Base.Dataset.Name); err == nil {
		for _, o := range source.All() {
			known = append(known, "dataset."+o.Name)
		}
	}
	if variant, err := zoo.Lookup(s.Base.Model.Name); err == nil {
		for _, o := range variant.Options {
			known = append(known, "model."+o.Name)
		}
	}
	var same []string
	for _, path := range known {
		if lastSegment(path) == lastSegment(key) && !strings.HasPrefix(path, "baseline.") {
			same = append(same, path)
		}
	}
	if len(same) > 0 {
		return ": did you mean " + strings.Join(same, " or ") + "?"
	}
	return nearest.Hint(key, known)
}

// overrideSeeds reads what --seeds takes; a comma makes no factor here.
func (d *decoder) overrideSeeds(s *experiments.Study, o override) *overrideError {
	raw := strings.TrimSpace(o.raw)
	if strings.Contains(raw, "(") { // a sweep in Hydra; here the runs are repeated with each
		if wrong := o.parseValues(); wrong != nil {
			return wrong
		}
		raw = ""
		for _, v := range o.values {
			raw += option.Label(v.value) + ","
		}
	}
	seeds, err := ParseSeeds(raw)
	if err != nil {
		return &overrideError{o.from + 1, err.Error()}
	}
	d.places[experiments.AtKey(o.key)] = experiments.Place{Source: o.text, Column: o.from + 1, Excerpt: o.text}
	s.Seeds = seeds
	return nil
}

// overridePublished takes the table in print from a CSV file, relative to the folder in which the program is run.
func (d *decoder) overridePublished(s *experiments.Study, o override) *overrideError {
	file, is := o.values[0].value.(string)
	if !is || file == "" || o.sweep {
		return &overrideError{o.values[0].column, fmt.Sprintf("%s: want the path of one CSV file", externalFile)}
	}
	t, err := d.externalTable(s, file, "")
	if err != nil {
		return &overrideError{o.values[0].column, err.Error()}
	}
	if s.Published = t; len(d.problems) == 0 {
		for _, p := range s.CheckPublished() {
			d.problems = append(d.problems, d.places.Locate(p, file))
		}
	}
	return nil
}

// overrideStudy changes a key of the study itself.
func (d *decoder) overrideStudy(s *experiments.Study, o override) *overrideError {
	d.places[experiments.AtKey(o.key)] = o.place(0)
	if o.sweep {
		return &overrideError{o.values[0].column, fmt.Sprintf("%s takes one value, it is no configuration path", o.key)}
	}
	if factor, ok := strings.CutPrefix(o.key, "baseline."); ok {
		d.places[o.key] = o.place(0)
		s.Baseline = experiments.WithLevel(s.BaselineLevels(), factor, label.Normal(option.Label(o.values[0].value)))
		return nil
	}
	k, _ := keyOf(Keys(), o.key)
	if k.text == nil {
		return &overrideError{o.column, fmt.Sprintf("%s is a part of the study's file: change single paths of it", o.key)}
	}
	text, ok := o.values[0].value.(string)
	if !ok {
		return &overrideError{o.values[0].column, fmt.Sprintf("want a text, got %s: write it in quotes", option.Text(o.values[0].value))}
	}
	*k.text(s) = text
	s.Name = label.Normal(s.Name)
	return nil
}

// place is where value i of the override stands.
func (o override) place(i int) experiments.Place {
	return experiments.Place{Source: o.text, Column: o.values[i].column, Excerpt: o.text}
}

// addOption gives an option, or a key of a phase, a value that it does not have yet.
func (d *decoder) addOption(s *experiments.Study, o override) *overrideError {
	if wrong := unknownKey(s, o); wrong != nil {
		return wrong
	}
	if !experiments.IsOpen(o.key) && !experiments.OfPhase(o.key) {
		return &overrideError{o.column, fmt.Sprintf("%s is always there: write it without +", o.key)}
	}
	if old, given := s.Base.Get(o.key); given {
		return &overrideError{o.column, fmt.Sprintf("%s is already %s: write it without +", o.key, option.Text(old))}
	}
	return d.overridePath(s, o)
}

// unknownKey says that an override adds or drops what is no key of a study and no configuration path, nil if it is one.
func unknownKey(s *experiments.Study, o override) *overrideError {
	_, known := keyOf(Keys(), o.key)
	if known || experiments.Check(o.key) == nil {
		return nil
	}
	return &overrideError{o.column, fmt.Sprintf("unknown key %q%s", o.key, nearestKey(*s, o.key))}
}

// drop removes an option from the base, so that its default holds.
func drop(s *experiments.Study, o override) *overrideError {
	if i := slices.IndexFunc(s.Factors, func(f experiments.Factor) bool { return f.Name == o.key }); i >= 0 {
		return &overrideError{o.column, fmt.Sprintf("%s is a factor; to vary it no more, name the level that stays: %s=%s",
			o.key, o.key, strings.Join(s.Factors[i].Labels(), " or "+o.key+"="))}
	}
	if wrong := unknownKey(s, o); wrong != nil {
		return wrong
	}
	if !experiments.IsOpen(o.key) && !experiments.OfPhase(o.key) {
		return &overrideError{o.column, fmt.Sprintf("%s cannot be dropped, only options of data sets and networks and keys of phases can", o.key)}
	}
	if _, given := s.Base.Get(o.key); !given {
		return &overrideError{o.column, fmt.Sprintf("%s is not set%s", o.key, nearest.Hint(lastSegment(o.key), givenBeside(s.Base, o.key)))}
	}
	s.Base.Drop(o.key)
	return nil
}

// givenBeside are the options that the section of a path has.
func givenBeside(c experiments.Config, path string) []string {
	section, _, _ := strings.Cut(path, ".")
	var names []string
	for _, s := range c.Settings() {
		if name, ok := strings.CutPrefix(s.Path, section+"."); ok && name != "name" {
			names = append(names, name)
		}
	}
	return names
}
