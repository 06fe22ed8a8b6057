package studyfile

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// decoder turns the text of a study into a Study. It goes on after a problem, so that it reports all of them at once.
type decoder struct {
	file     string
	lines    []string
	places   experiments.Places
	problems experiments.Problems
}

// maxStudyBytes bounds what is read as a study; the longest published ablation takes a hundredth of it.
const maxStudyBytes = 1 << 20

// decodeStudy reads a study strictly: unknown and repeated keys and values of the wrong type are problems. It does not
// check ranges; see Study.Validate.
func decodeStudy(file string, text []byte) (experiments.Study, *decoder) {
	d := newDecoder(file, text)
	s := experiments.DefaultStudy()
	if root, ok := d.parse(text); ok {
		d.study(&s, root)
	}
	return s, d
}

func newDecoder(file string, text []byte) *decoder {
	return &decoder{file: file, lines: strings.Split(string(text), "\n"), places: experiments.Places{}}
}

// parse gives the root of the text's only document.
func (d *decoder) parse(text []byte) (*yaml.Node, bool) {
	if len(text) > maxStudyBytes {
		d.problems = append(d.problems, experiments.Problem{Source: d.file,
			Message: fmt.Sprintf("want at most %d bytes, got %d: this is no study", maxStudyBytes, len(text))})
		return nil, false
	}
	// Repeated keys, and aliases that multiply, are refused when the text is loaded into a value. They are not when it is
	// loaded into nodes.
	var value any
	if err := yaml.Load(text, &value); err != nil {
		d.syntax(err)
		return nil, false
	}
	var document yaml.Node
	if err := yaml.Load(text, &document); err != nil {
		d.syntax(err)
		return nil, false
	}
	if len(document.Content) != 1 {
		d.problems = append(d.problems, experiments.Problem{Source: d.file, Message: "is empty, want a study"})
		return nil, false
	}
	return document.Content[0], true
}

func (d *decoder) syntax(err error) {
	var several *yaml.LoadErrors
	var one *yaml.LoadError
	var all []*yaml.LoadError
	switch {
	case errors.As(err, &several):
		all = several.Errors
	case errors.As(err, &one):
		all = []*yaml.LoadError{one}
	default:
		d.problems = append(d.problems, experiments.Problem{Source: d.file, Message: err.Error()})
	}
	for _, e := range all {
		message := strings.TrimPrefix(e.Message, "yaml: ")
		if e.ContextMsg != "" {
			message = e.ContextMsg + ": " + message
		}
		at := experiments.Place{Source: d.file, Line: e.Mark.Line, Column: e.Mark.Column, Excerpt: d.line(e.Mark.Line)}
		d.problems = append(d.problems, at.Problem("", message))
	}
}

func (d *decoder) line(number int) string {
	if number < 1 || number > len(d.lines) {
		return ""
	}
	return d.lines[number-1]
}

func (d *decoder) at(n *yaml.Node) experiments.Place {
	return experiments.Place{Source: d.file, Line: n.Line, Column: n.Column, Excerpt: d.line(n.Line)}
}

func (d *decoder) fail(n *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, d.at(n).Problem(path, fmt.Sprintf(format, args...)))
}

// pair is one key of a mapping with its value.
type pair struct {
	key   string
	at    *yaml.Node // the key
	value *yaml.Node
}

func (d *decoder) pairs(n *yaml.Node, path string) []pair {
	n = target(n)
	if n.Kind != yaml.MappingNode {
		d.fail(n, path, "want a group of keys, got a %s", kindOf(n))
		return nil
	}
	var ps []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := target(n.Content[i])
		if key.Kind != yaml.ScalarNode {
			d.fail(key, path, "want a name as key, got a %s", kindOf(key))
			continue
		}
		ps = append(ps, pair{key: key.Value, at: key, value: target(n.Content[i+1])})
	}
	return ps
}

func (d *decoder) items(n *yaml.Node, path string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		d.fail(n, path, "want a list, got a %s", kindOf(n))
		return nil
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = target(item)
	}
	return items
}

var studyKeys = []string{"name", "title", "source", "expect", "metric", "report", "design", "baseline", "base",
	"seeds", "factors", "cells"}

func (d *decoder) study(s *experiments.Study, root *yaml.Node) {
	texts := map[string]*string{"name": &s.Name, "title": &s.Title, "source": &s.Source, "expect": &s.Expect,
		"metric": &s.Metric, "report": &s.Report, "design": &s.Design}
	later := map[string]pair{} // read after the base, because factors are checked against it wherever it stands
	for _, p := range d.pairs(root, "") {
		d.places[experiments.AtKey(p.key)] = d.at(p.value)
		switch p.key {
		case "name", "title", "source", "expect", "metric", "report", "design":
			d.text(p, texts[p.key])
		case "seeds":
			d.seeds(s, p.value)
		case "base":
			d.config(&s.Base, p.value, "")
		case "factors", "baseline", "cells":
			later[p.key] = p
		default:
			d.unknownKey(p)
		}
	}
	if p, ok := later["factors"]; ok {
		d.factors(s, p.value)
	}
	if p, ok := later["baseline"]; ok {
		s.Baseline = d.labels(p.value, "baseline")
	}
	if p, ok := later["cells"]; ok {
		d.cells(s, p.value)
	}
}

func (d *decoder) unknownKey(p pair) {
	if experiments.Check(p.key) == nil || experiments.IsSection(p.key) {
		d.fail(p.at, "", "unknown key %q: it belongs below base", p.key)
		return
	}
	d.fail(p.at, "", "unknown key %q%s", p.key, nearest.Hint(p.key, studyKeys))
}

func (d *decoder) text(p pair, to *string) {
	v, err := valueOf(p.value)
	text, ok := v.(string)
	switch {
	case err != nil:
		d.fail(p.value, p.key, "%v", err)
	case !ok:
		d.fail(p.value, p.key, "want a text, got %s: write it in quotes", option.Text(v))
	default:
		*to = text
	}
}

// config reads a section of a configuration. The prefix is the section's path; it is "" for the whole configuration.
func (d *decoder) config(c *experiments.Config, n *yaml.Node, prefix string) {
	for _, p := range d.pairs(n, prefix) {
		path := p.key
		if prefix != "" {
			path = prefix + "." + p.key
		}
		d.places[path], d.places[experiments.AtName(path)] = d.at(p.value), d.at(p.at)
		if experiments.IsSection(path) {
			d.config(c, p.value, path)
			continue
		}
		d.assign(c, path, p)
	}
}

// assign sets the key at the path to the value that the pair holds, and returns that value. If it cannot be set, assign
// notes why.
func (d *decoder) assign(c *experiments.Config, path string, p pair) (value any, ok bool) {
	if err := experiments.Check(path); err != nil {
		d.fail(p.at, path, "%v", err)
		return nil, false
	}
	value, err := valueOf(p.value)
	if err == nil {
		err = c.Set(path, value)
	}
	if err != nil {
		d.fail(p.value, path, "%v", err)
	}
	return value, err == nil
}

// seeds are a count, a list, or a text as --seeds takes it.
func (d *decoder) seeds(s *experiments.Study, n *yaml.Node) {
	v, err := valueOf(n)
	if err != nil {
		d.fail(n, "seeds", "%v", err)
		return
	}
	text := strings.Trim(option.Label(v), "[]")
	if list, ok := v.([]any); ok && len(list) == 1 {
		text += "," // one seed, not a count
	}
	if s.Seeds, err = ParseSeeds(text); err != nil {
		d.fail(n, "seeds", "%v", err)
	}
}
