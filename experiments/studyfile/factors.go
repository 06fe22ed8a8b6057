package studyfile

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/experiments/space"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

func (d *decoder) factors(s *experiments.Study, n *yaml.Node) {
	for i, item := range d.items(n, "factors", experiments.MaxFactors) {
		f, ok := d.factor(s.Base, item, fmt.Sprintf("factors[%d]", i))
		if !ok {
			continue
		}
		d.places[experiments.AtFactor(f.Name)] = d.at(item)
		s.Factors = append(s.Factors, f)
	}
}

// factor reads {key: model.depth, levels: [20, 56]} or {name: net, levels: {plain: {model.shortcut: none}, …}}.
func (d *decoder) factor(base experiments.Config, n *yaml.Node, path string) (experiments.Factor, bool) {
	var f experiments.Factor
	var key string
	var levels, when *yaml.Node
	before := len(d.problems)
	for _, p := range d.pairs(n, path) {
		switch p.key {
		case "name":
			f.Name = d.label(p.value, path+".name")
		case "key":
			key = d.label(p.value, path+".key")
			if err := experiments.Check(key); err != nil && key != "" { // which has been said
				d.fail(p.value, path+".key", "%s: %v", key, err)
			}
		case "levels":
			levels = p.value
		case "when":
			when = p.value
		default:
			d.unknown(p, path, func() string { return nearest.Hint(p.key, namesOf(FactorKeys())) })
		}
	}
	if f.Name == "" {
		f.Name = factorOf(key)
	}
	switch {
	case len(d.problems) > before: // the checks below would only report consequences
	case levels == nil:
		d.fail(n, path, "has no levels: want levels: [20, 56] with a key, or levels: {label: {path: value}}")
	case f.Name == "":
		d.fail(n, path, "has neither a key nor a name")
	case levels.Kind == yaml.MappingNode && key != "":
		d.fail(levels, path, "its levels name what they set, so it takes no key")
	case levels.Kind == yaml.MappingNode:
		f.Levels = d.namedLevels(base, f.Name, levels)
	case key == "":
		d.fail(levels, path, "has no key: want the configuration path that its levels are values of")
	default:
		f.Levels = d.listedLevels(base, f.Name, key, levels)
	}
	if when != nil && f.Name != "" {
		f.When = d.where(when, experiments.AtWhen(f.Name))
	}
	return f, len(d.problems) == before
}

// where reads factor: level or factor: [levels]. What it names is checked when all factors are known.
func (d *decoder) where(n *yaml.Node, path string) space.Where {
	w := space.Where{}
	d.places[path] = d.at(n)
	for _, p := range d.pairs(n, path) {
		at, name := path+"."+p.key, label.Normal(p.key)
		d.places[at] = d.at(p.value)
		if p.value.Kind != yaml.SequenceNode {
			w[name] = []string{d.label(p.value, at)}
			continue
		}
		w[name] = []string{}
		for _, item := range d.items(p.value, at, experiments.MaxLevels) {
			w[name] = append(w[name], d.label(item, at))
		}
		if len(p.value.Content) == 0 {
			d.fail(p.value, at, "want a level or a list of levels, got none")
		}
	}
	return w
}

// exclude reads the combinations that are left out.
func (d *decoder) exclude(s *experiments.Study, n *yaml.Node) {
	for i, item := range d.items(n, "exclude", experiments.MaxExclude) {
		s.Exclude = append(s.Exclude, d.where(item, experiments.AtExclude(i)))
	}
}

// sample reads how many cells chance chooses.
func (d *decoder) sample(s *experiments.Study, n *yaml.Node) {
	chosen := experiments.Sample{Seed: 1}
	for _, p := range d.pairs(n, "sample") {
		at := "sample." + p.key
		var err error
		v, wrong := valueOf(p.value)
		switch text := option.Label(v); {
		case wrong != nil:
			d.failBy(wrong, p.value, at)
			return
		case p.key == "cells":
			chosen.Cells, err = strconv.Atoi(text)
		case p.key == "seed":
			chosen.Seed, err = strconv.ParseUint(text, 10, 64)
		default:
			d.unknown(p, "sample", func() string { return nearest.Hint(p.key, []string{"cells", "seed"}) })
		}
		if err != nil {
			d.fail(p.value, at, "want a whole number, got %s", option.Text(v))
			return
		}
	}
	s.Sample = &chosen
}

// listedLevels reads levels that are the values of one path. Each value is its level's label too.
func (d *decoder) listedLevels(base experiments.Config, name, key string, n *yaml.Node) []experiments.Level {
	var levels []experiments.Level
	inFile := key == modelFile
	if inFile {
		key = modelName
	}
	for _, item := range d.items(n, "levels of "+name, experiments.MaxLevels) {
		said := item
		if inFile {
			p, ok := d.readModel(pair{value: item})
			if !ok {
				continue
			}
			item = p.value
		}
		v, err := valueOf(item)
		if err == nil {
			c := base.Clone()
			err = c.Set(key, v)
		}
		if err != nil {
			d.failBy(err, item, key)
			continue
		}
		l := experiments.Level{Label: label.Normal(option.Label(v)), Set: []experiments.Assignment{{Path: key, Value: v}}}
		if inFile {
			l.Label = label.Normal(said.Value)
		}
		d.places[experiments.AtLevel(name, l.Label)] = d.at(item)
		d.places[experiments.AtSetting(name, l.Label, key)] = d.at(item)
		levels = append(levels, l)
	}
	return levels
}

// namedLevels reads levels that have names. They keep the order in which they are written.
func (d *decoder) namedLevels(base experiments.Config, name string, n *yaml.Node) []experiments.Level {
	var levels []experiments.Level
	ps := d.pairs(n, "levels of "+name)
	if len(ps) > experiments.MaxLevels {
		d.fail(n, "levels of "+name, "want at most %d, got %d", experiments.MaxLevels, len(ps))
		return nil
	}
	for _, p := range ps {
		l := experiments.Level{Label: labelOf(p.at)}
		d.places[experiments.AtLevel(name, l.Label)] = d.at(p.at)
		d.assignments(base, name, &l, p.value)
		levels = append(levels, l)
	}
	return levels
}

// assignments reads what a level sets, as dotted paths, nested sections, or both.
func (d *decoder) assignments(base experiments.Config, factor string, l *experiments.Level, n *yaml.Node) {
	for _, leaf := range d.leaves(n, factor+"="+l.Label, nil) {
		c := base.Clone()
		if v, ok := d.assign(&c, leaf.path, leaf.pair); ok {
			d.places[experiments.AtSetting(factor, l.Label, leaf.path)] = d.at(leaf.value)
			d.places[experiments.AtName(experiments.AtSetting(factor, l.Label, leaf.path))] = d.at(leaf.at)
			l.Set = append(l.Set, experiments.Assignment{Path: leaf.path, Value: v})
		}
	}
}

// cells reads the list of a design "list": factor name → level label, one map a cell.
func (d *decoder) cells(s *experiments.Study, n *yaml.Node) {
	for i, item := range d.items(n, "cells", experiments.MaxCells) {
		d.places[experiments.AtCell(i)] = d.at(item)
		s.List = append(s.List, d.labels(item, fmt.Sprintf("cells[%d]", i)))
	}
}

// labels reads factor name → level label.
func (d *decoder) labels(n *yaml.Node, path string) map[string]string {
	levels := map[string]string{}
	for _, p := range d.pairs(n, path) {
		d.places[path+"."+p.key] = d.at(p.value)
		levels[label.Normal(p.key)] = d.label(p.value, path+"."+p.key)
	}
	return levels
}

// label reads a name or a level's label, which may look like a number.
func (d *decoder) label(n *yaml.Node, path string) string {
	if n.Kind == yaml.MappingNode || n.ShortTag() == "!!null" {
		d.fail(n, path, "want a name, got %s", kindOf(n))
		return ""
	}
	v, err := valueOf(n)
	if err != nil {
		d.failBy(err, n, path)
		return ""
	}
	return label.Normal(option.Label(v))
}

// factorOf is what a factor is called that varies a key: the last part of its path; of strategy.name it is strategy.
func factorOf(path string) string {
	if path == modelFile {
		path = modelName
	}
	return lastSegment(strings.TrimSuffix(path, nameOfSection))
}

// nameOfSection ends the path of what a section names: of a network, a strategy and so on.
const nameOfSection = ".name"

// renamed lets baseline and cells say "name" of the factor that varies the name of a section, as it was called once.
func (d *decoder) renamed(s *experiments.Study) {
	const once = "name"
	now := ""
	for _, f := range s.Factors {
		paths := f.Paths()
		switch {
		case f.Name == once:
			return
		case len(paths) != 1 || !strings.HasSuffix(paths[0], nameOfSection) || f.Name != factorOf(paths[0]):
		case now != "":
			return // which is meant is not known
		default:
			now = f.Name
		}
	}
	if now == "" {
		return
	}
	for _, labels := range append([]map[string]string{s.Baseline}, s.List...) {
		if old, said := labels[once]; said {
			delete(labels, once)
			labels[now] = old
		}
	}
	if place, said := d.places["baseline."+once]; said {
		d.places["baseline."+now] = place
	}
}

func lastSegment(path string) string {
	return path[strings.LastIndex(path, ".")+1:]
}
