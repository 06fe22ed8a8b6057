package studyfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/experiments/space"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Keys of a study that say which part of the factorial is trained, with what they take on the command line.
const (
	sampleKey  = "sample"
	excludeKey = "exclude"

	sampleWanted = "want sample.cells=20, sample.seed=1, both as sample={cells: 20, seed: 1}, or sample=null, which trains all cells"
	groupWanted  = "{factor: level}, such as {net: plain, depth: [56, 110]}"
)

// PartKeys are the keys of the part of the factorial that overrides set, with what they are.
func PartKeys() map[string]string {
	return map[string]string{
		sampleKey + ".cells": "cells of the factorial that chance takes",
		sampleKey + ".seed":  "by which seed chance takes them",
	}
}

// sampleKeys are the keys of a sample.
var sampleKeys = []string{"cells", "seed"}

// ofPart tells whether an override changes which part of the factorial is trained:
//
//	sample.cells=20  sample.seed=1       how many cells, and by which seed chance chooses them
//	sample=null  ~sample                 all cells
//	+exclude={net: plain, depth: [56]}   leaves out these combinations too
//	exclude={net: plain}                 leaves out these, in place of those in the file; a list takes several
//	exclude=null  ~exclude               leaves out nothing
func (o override) ofPart() bool {
	return o.key == excludeKey || o.key == sampleKey || strings.HasPrefix(o.key, sampleKey+".")
}

// overridePart changes which part of the factorial is trained.
func (d *decoder) overridePart(s *experiments.Study, o override) *overrideError {
	key, of := strings.CutPrefix(o.key, sampleKey+".")
	switch none := strings.TrimSpace(o.raw) == "null"; {
	case of && o.op == '~':
		return &overrideError{o.column, fmt.Sprintf("%s cannot be dropped alone: ~%s drops the sample, which trains all cells", o.key, sampleKey)}
	case of:
		return d.overrideSample(s, o, key)
	case o.op == '~' && (o.key == sampleKey && s.Sample == nil || o.key == excludeKey && len(s.Exclude) == 0):
		return &overrideError{o.column, fmt.Sprintf("the study has no %s", o.key)}
	case o.key == sampleKey && (o.op == '~' || none):
		s.Sample = nil
		return nil
	case o.key == excludeKey && (o.op == '~' || o.op == '=' && none):
		s.Exclude = nil
		return nil
	case o.key == sampleKey:
		return d.overrideWholeSample(s, o)
	}
	return d.overrideExclude(s, o)
}

// overrideSample sets one key of the sample. Where the study has none, it begins one.
func (d *decoder) overrideSample(s *experiments.Study, o override, key string) *overrideError {
	if !slices.Contains(sampleKeys, key) {
		return &overrideError{o.column, fmt.Sprintf("unknown key %q%s; %s", o.key, nearest.Hint(key, sampleKeys), sampleWanted)}
	}
	if o.op == '+' && s.Sample != nil {
		return &overrideError{o.column, fmt.Sprintf("the study has a %s: write %s without +", sampleKey, o.key)}
	}
	if wrong := o.parseValues(); wrong != nil {
		return wrong
	}
	if o.sweep {
		return &overrideError{o.values[0].column, fmt.Sprintf("%s takes one value, it is no configuration path", o.key)}
	}
	chosen := experiments.Sample{Seed: 1}
	if s.Sample != nil {
		chosen = *s.Sample
	}
	if wrong := setSample(&chosen, key, o.values[0]); wrong != nil {
		return wrong
	}
	s.Sample = &chosen
	d.places[experiments.AtKey(sampleKey)] = o.place(0)
	return nil
}

// setSample sets a key of a sample to what was typed.
func setSample(to *experiments.Sample, key string, v typed) *overrideError {
	var err error
	if text := option.Label(v.value); key == "cells" {
		to.Cells, err = strconv.Atoi(text)
	} else {
		to.Seed, err = strconv.ParseUint(text, 10, 64)
	}
	if err != nil {
		return &overrideError{v.column, fmt.Sprintf("%s.%s: want a whole number, got %s", sampleKey, key, option.Text(v.value))}
	}
	return nil
}

// overrideWholeSample reads sample={cells: 20, seed: 1}.
func (d *decoder) overrideWholeSample(s *experiments.Study, o override) *overrideError {
	p := parser{text: []rune(o.text), at: o.from}
	if p.spaces(); p.peek() != '{' {
		return p.fail("%s", sampleWanted)
	}
	if o.op == '+' && s.Sample != nil {
		return &overrideError{o.column, fmt.Sprintf("the study has a %s: write it without +", sampleKey)}
	}
	here := experiments.Place{Source: o.text, Column: p.at + 1, Excerpt: o.text}
	group, wrong := p.group(`{cells: 20, seed: 1}`)
	if wrong == nil && p.at < len(p.text) {
		wrong = p.fail("want the end after }, got %q", p.peek())
	}
	if wrong != nil {
		return wrong
	}
	chosen := experiments.Sample{Seed: 1}
	for _, m := range group {
		if !slices.Contains(sampleKeys, m.key) {
			return &overrideError{m.column, fmt.Sprintf("unknown key %q%s", m.key, nearest.Hint(m.key, sampleKeys))}
		}
		if wrong := setSample(&chosen, m.key, m.value); wrong != nil {
			return wrong
		}
	}
	s.Sample = &chosen
	d.places[experiments.AtKey(sampleKey)] = here
	return nil
}

// overrideExclude leaves out combinations: those that are typed in place of those of the study, with + beside them.
func (d *decoder) overrideExclude(s *experiments.Study, o override) *overrideError {
	p := parser{text: []rune(o.text), at: o.from}
	p.spaces()
	listed := p.peek() == '['
	if listed {
		p.at++
	}
	var left []space.Where
	if o.op == '+' {
		left = slices.Clone(s.Exclude)
	}
	for {
		p.spaces()
		here := experiments.Place{Source: o.text, Column: p.at + 1, Excerpt: o.text}
		w, wrong := p.where()
		if wrong != nil {
			return wrong
		}
		d.places[experiments.AtExclude(len(left))] = here
		if left = append(left, w); len(left) > experiments.MaxExclude {
			return p.fail("want at most %d combinations to leave out", experiments.MaxExclude)
		}
		if p.spaces(); p.peek() != ',' {
			break
		}
		p.at++
	}
	if listed {
		if p.peek() != ']' {
			return p.fail("want a comma or ] in the list")
		}
		p.at++
	}
	if p.spaces(); p.at < len(p.text) {
		return p.fail("want a comma or the end, got %q", p.peek())
	}
	s.Exclude = left
	d.places[experiments.AtKey(excludeKey)] = experiments.Place{Source: o.text, Column: o.from + 1, Excerpt: o.text}
	return nil
}

// member is one key: value of a group.
type member struct {
	key    string
	column int
	value  typed
}

// group reads {key: value, …}, after it the blanks; wanted shows one in messages.
func (p *parser) group(wanted string) ([]member, *overrideError) {
	if p.peek() != '{' {
		return nil, p.fail("want %s", wanted)
	}
	var all []member
	p.inGroup = true
	defer func() { p.inGroup = false }()
	for {
		p.at++
		p.spaces()
		start := p.at
		for p.at < len(p.text) && !strings.ContainsRune(special+":", p.text[p.at]) {
			p.at++
		}
		m := member{key: label.Normal(strings.TrimSpace(string(p.text[start:p.at]))), column: start + 1}
		if p.peek() != ':' || m.key == "" {
			return nil, p.fail("want %s", wanted)
		}
		if slices.ContainsFunc(all, func(o member) bool { return o.key == m.key }) {
			return nil, &overrideError{m.column, fmt.Sprintf("%s is given twice", m.key)}
		}
		p.at++
		p.spaces()
		m.value.column = p.at + 1
		v, wrong := p.value()
		if wrong != nil {
			return nil, wrong
		}
		m.value.value = v
		all = append(all, m)
		switch p.spaces(); p.peek() {
		case ',':
		case '}':
			p.at++
			p.spaces()
			return all, nil
		default:
			return nil, p.fail("want a comma or } in the group")
		}
	}
}

// where reads {factor: level, factor: [levels]}. What it names is checked when the whole study is.
func (p *parser) where() (space.Where, *overrideError) {
	group, wrong := p.group(groupWanted)
	if wrong != nil {
		return nil, wrong
	}
	w := space.Where{}
	for _, m := range group {
		labels, several := m.value.value.([]any)
		if !several {
			labels = []any{m.value.value}
		}
		w[m.key] = []string{}
		for _, l := range labels {
			w[m.key] = append(w[m.key], label.Normal(option.Label(l)))
		}
	}
	return w, nil
}
