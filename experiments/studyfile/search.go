package studyfile

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// search reads what a search varies: path: [levels], or path: {min: …, max: …, scale: …}.
func (d *decoder) search(s *experiments.Study, n *yaml.Node) {
	for _, l := range d.dimensions(n) {
		if err := experiments.Searchable(l.path); err != nil {
			d.fail(l.at, "search", "%s: %v", l.path, err)
			continue
		}
		one := experiments.Dimension{Path: l.path}
		d.places[experiments.AtDimension(l.path)] = d.at(l.at)
		if l.value.Kind == yaml.MappingNode {
			one.Range = d.numbers(one, l.value)
		} else {
			one.Levels = d.listedLevels(s.Base, one.Factor(), l.path, l.value)
		}
		s.Search = append(s.Search, one)
	}
}

// dimensions are the paths of a search with what they range over, as dotted paths or in sections.
func (d *decoder) dimensions(n *yaml.Node) []leaf {
	return d.leaves(n, "search", nil)
}

// numbers reads a range of numbers.
func (d *decoder) numbers(of experiments.Dimension, n *yaml.Node) *experiments.Range {
	r := &experiments.Range{Scale: experiments.Linear}
	path := "search." + of.Path
	given := map[string]bool{}
	for _, p := range d.pairs(n, path) {
		given[p.key] = true
		switch p.key {
		case "min":
			r.Min = d.end(of, p)
		case "max":
			r.Max = d.end(of, p)
		case "scale":
			d.text(pair{key: path + ".scale", at: p.at, value: p.value}, &r.Scale)
		default:
			d.unknown(p, path, func() string { return nearest.Hint(p.key, []string{"min", "max", "scale"}) })
		}
	}
	for _, key := range []string{"min", "max"} {
		if !given[key] {
			d.fail(n, path, "%s is missing: want {min: 0.001, max: 0.1, scale: log}, or a list of levels", key)
		}
	}
	return r
}

// end reads a bound of a range.
func (d *decoder) end(of experiments.Dimension, p pair) float64 {
	x := d.number(p, "search."+of.Path+"."+p.key)
	name := option.Label(x)
	d.places[experiments.AtLevel(of.Factor(), name)] = d.at(p.value)
	d.places[experiments.AtSetting(of.Factor(), name, of.Path)] = d.at(p.value)
	return x
}

func (d *decoder) number(p pair, path string) float64 {
	v, err := valueOf(p.value)
	if err != nil {
		d.failBy(err, p.value, path)
		return 0
	}
	switch v := v.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	}
	d.fail(p.value, path, "want a number, got %s", option.Text(v))
	return 0
}

func (d *decoder) count(p pair, path string) int {
	v, err := valueOf(p.value)
	n, whole := v.(int)
	if err != nil || !whole || n < 0 {
		d.fail(p.value, path, "want a whole number")
	}
	return n
}

// tuned reads what a search has chosen.
func (d *decoder) tuned(s *experiments.Study, n *yaml.Node) {
	t := &experiments.Tuned{}
	var on, arms bool
	for _, p := range d.pairs(n, "tuned") {
		path := "tuned." + p.key
		d.places[path] = d.at(p.value)
		said := pair{key: path, at: p.at, value: p.value}
		switch p.key {
		case "on":
			on = true
			d.text(said, &t.On)
		case "method":
			d.text(said, &t.Method)
		case "study":
			d.text(said, &t.Study)
		case "of":
			d.text(said, &t.Of)
		case "trials":
			t.Trials = d.count(p, path)
		case "runs":
			t.Runs = d.count(p, path)
		case "minutes":
			t.Minutes = d.number(p, path)
		case "multiply_adds":
			t.MultiplyAdds = d.number(p, path)
		case "seeds":
			t.Seeds = d.seedsSeen(p.value)
		case "arms":
			arms = true
			for i, item := range d.items(p.value, path, experiments.MaxCells) {
				t.Arms = append(t.Arms, d.arm(s.Base, i, item))
			}
		default:
			d.unknown(p, "tuned", func() string {
				return nearest.Hint(p.key, []string{"on", "method", "trials", "seeds", "runs", "minutes", "multiply_adds", "study", "of", "arms"})
			})
		}
	}
	if !on || !arms {
		d.fail(n, "tuned", "want on: a metric of val, and arms: what was chosen for each cell")
	}
	s.Tuned = t
}

// seedsSeen are the seeds of a search: a list.
func (d *decoder) seedsSeen(n *yaml.Node) []uint64 {
	var s experiments.Study
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "tuned.seeds", "want a list, got %s", kindOf(n))
		return nil
	}
	d.seeds(&s, n)
	return s.Seeds
}

// arm reads {cell: {factor: level}, set: {path: value}, value: …} and what it cost.
func (d *decoder) arm(base experiments.Config, i int, n *yaml.Node) experiments.Arm {
	path := fmt.Sprintf("tuned.arms[%d]", i)
	d.places[experiments.AtArm(i)] = d.at(n)
	var a experiments.Arm
	for _, p := range d.pairs(n, path) {
		switch at := path + "." + p.key; p.key {
		case "cell":
			a.Levels = d.labels(p.value, at)
		case "set":
			for _, l := range d.leaves(p.value, at, nil) {
				c := base.Clone()
				if v, ok := d.assign(&c, l.path, l.pair); ok {
					d.places[experiments.AtChosen(i, l.path)] = d.at(l.value)
					a.Set = append(a.Set, experiments.Assignment{Path: l.path, Value: v})
				}
			}
		case "value":
			a.Value = experiments.Number(d.number(p, at))
		case "runs":
			a.Runs = d.count(p, at)
		case "minutes":
			a.Minutes = d.number(p, at)
		case "multiply_adds":
			a.MultiplyAdds = d.number(p, at)
		default:
			d.unknown(p, path, func() string {
				return nearest.Hint(p.key, []string{"cell", "set", "value", "runs", "minutes", "multiply_adds"})
			})
		}
	}
	return a
}
