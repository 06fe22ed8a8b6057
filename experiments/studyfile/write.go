package studyfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/experiments/space"
)

// Marshal writes a study as a file that Parse reads as the same study.
func Marshal(s experiments.Study) ([]byte, error) {
	base, err := configNode(s.Base)
	if err != nil {
		return nil, fmt.Errorf("study %s: %w", s.Name, err)
	}
	var w writer
	root := w.group(
		"name", s.Name, "title", s.Title, "source", s.Source, "expect", s.Expect, "metric", s.Metric, "report", s.Report,
		"design", s.Design, "baseline", w.labels(s.Baseline), "seeds", w.seeds(s.Seeds), "base", base, "factors", w.factors(s.Factors),
		"cells", w.cells(s.List),
		"exclude", w.exclude(s.Exclude), "sample", w.sample(s.Sample), "search", w.search(s.Search), "tuned", w.tuned(s.Tuned),
		"published", w.published(s.Published))
	if w.err != nil {
		return nil, fmt.Errorf("study %s: %w", s.Name, w.err)
	}
	text, err := yaml.Dump(root)
	if err != nil {
		return nil, fmt.Errorf("study %s: %w", s.Name, err)
	}
	return text, nil
}

// writer makes nodes of a study's parts. It keeps the first error.
type writer struct{ err error }

// group is a mapping of keys and values in turn, without those that are empty.
func (w *writer) group(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		if value := w.value(pairs[i+1]); value != nil {
			n.Content = append(n.Content, quoted(pairs[i].(string)), value)
		}
	}
	return n
}

// value is a node, nil for an empty text and what is nothing.
func (w *writer) value(value any) *yaml.Node {
	switch v := value.(type) {
	case *yaml.Node:
		return v
	case string:
		if v == "" {
			return nil
		}
	}
	n, err := node(value)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n
}

func (w *writer) list(items []*yaml.Node) *yaml.Node {
	if len(items) == 0 {
		return nil
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

// seeds are a list in one line, nothing where there are none: an empty list cannot be read again.
func (w *writer) seeds(list []uint64) *yaml.Node {
	if len(list) == 0 {
		return nil
	}
	n := w.value(list)
	n.Style = yaml.FlowStyle
	return n
}

// labels are factor: level. A label is a text, also one that looks like a number.
func (w *writer) labels(levels map[string]string) *yaml.Node {
	if levels == nil {
		return nil
	}
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, name := range slices.Sorted(maps.Keys(levels)) {
		n.Content = append(n.Content, quoted(name), quoted(levels[name]))
	}
	return n
}

func (w *writer) settings(set []experiments.Assignment) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, a := range set {
		n.Content = append(n.Content, quoted(a.Path), w.value(settled(a.Value)))
	}
	return n
}

// settled keeps an empty text, which group would leave out.
func settled(value any) any {
	if value == "" {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle}
	}
	return value
}

func (w *writer) factors(factors []experiments.Factor) *yaml.Node {
	var items []*yaml.Node
	for _, f := range factors {
		levels := &yaml.Node{Kind: yaml.MappingNode}
		for _, l := range f.Levels {
			levels.Content = append(levels.Content, quoted(l.Label), w.settings(l.Set))
		}
		items = append(items, w.group("name", f.Name, "when", w.where(f.When), "levels", levels))
	}
	return w.list(items)
}

func (w *writer) cells(list []map[string]string) *yaml.Node {
	var items []*yaml.Node
	for _, levels := range list {
		items = append(items, w.labels(levels))
	}
	return w.list(items)
}

// where are factor: [levels].
func (w *writer) where(at space.Where) *yaml.Node {
	if len(at) == 0 {
		return nil
	}
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, name := range slices.Sorted(maps.Keys(at)) {
		labels := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, label := range at[name] {
			labels.Content = append(labels.Content, quoted(label))
		}
		n.Content = append(n.Content, quoted(name), labels)
	}
	return n
}

func (w *writer) exclude(list []space.Where) *yaml.Node {
	var items []*yaml.Node
	for _, at := range list {
		items = append(items, w.where(at))
	}
	return w.list(items)
}

func (w *writer) sample(s *experiments.Sample) *yaml.Node {
	if s == nil {
		return nil
	}
	n := w.group("cells", s.Cells, "seed", s.Seed)
	n.Style = yaml.FlowStyle
	return n
}

func (w *writer) search(dimensions []experiments.Dimension) *yaml.Node {
	if len(dimensions) == 0 {
		return nil
	}
	var pairs []any
	for _, d := range dimensions {
		if r := d.Range; r != nil {
			ends := w.group("min", r.Min, "max", r.Max, "scale", r.Scale)
			ends.Style = yaml.FlowStyle
			pairs = append(pairs, d.Path, ends)
			continue
		}
		levels := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, l := range d.Levels {
			for _, a := range l.Set {
				levels.Content = append(levels.Content, w.value(settled(a.Value)))
			}
		}
		pairs = append(pairs, d.Path, levels)
	}
	return w.group(pairs...)
}

func (w *writer) tuned(t *experiments.Tuned) *yaml.Node {
	if t == nil {
		return nil
	}
	var arms []*yaml.Node
	for _, a := range t.Arms {
		arm := w.group("cell", w.labels(nothingAsEmpty(a.Levels)), "set", w.settings(a.Set), "value", float64(a.Value), "runs", a.Runs,
			"minutes", a.Minutes, "multiply_adds", a.MultiplyAdds)
		arms = append(arms, arm)
	}
	return w.group("on", t.On, "method", t.Method, "trials", t.Trials, "seeds", w.seeds(t.Seeds), "runs", t.Runs, "minutes", t.Minutes,
		"multiply_adds", t.MultiplyAdds, "study", t.Study, "of", t.Of, "arms", w.list(arms))
}

// nothingAsEmpty lets the cell of a study without factors be written.
func nothingAsEmpty(levels map[string]string) map[string]string {
	if levels == nil {
		return map[string]string{}
	}
	return levels
}

// configNode is a configuration as the base of a study, by sections.
func configNode(c experiments.Config) (*yaml.Node, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	groups := map[string]*yaml.Node{}
	for _, s := range c.Settings() {
		in, key := root, s.Path
		if section, name, nested := strings.Cut(s.Path, "."); nested {
			if groups[section] == nil {
				groups[section] = &yaml.Node{Kind: yaml.MappingNode}
				root.Content = append(root.Content, quoted(section), groups[section])
			}
			in, key = groups[section], name
		}
		value, err := node(s.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Path, err)
		}
		in.Content = append(in.Content, quoted(key), value)
	}
	return root, nil
}
