package studyfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// decoder turns the text of a study into a Study. It goes on after a problem, so that it reports all of them at once.
type decoder struct {
	kind     string // what the text is: "study"
	source   source
	places   experiments.Places
	problems experiments.Problems
	sizes    map[string][]string // besides the study's own: what each changes
}

// decodeStudy reads a study strictly: unknown and repeated keys and values of the wrong type are problems. It does not
// check ranges; see Study.Validate.
func decodeStudy(file string, text []byte) (experiments.Study, *decoder) {
	d := newDecoder(file)
	s := experiments.DefaultStudy()
	if root, ok := d.parse(text); ok {
		d.study(&s, root)
	}
	return s, d
}

const ofStudy = "study"

func newDecoder(file string) *decoder {
	return &decoder{kind: ofStudy, source: source{file: file}, places: experiments.Places{}}
}

func (d *decoder) at(n *yaml.Node) experiments.Place { return d.source.place(n.Line, n.Column) }

// fail notes a problem. Once there are more than are shown, only their number counts.
func (d *decoder) fail(n *yaml.Node, path, format string, args ...any) {
	if d.problems.Full() {
		d.problems = append(d.problems, experiments.Problem{})
		return
	}
	d.problems = append(d.problems, d.at(n).Problem(path, fmt.Sprintf(format, args...)))
}

// unknown notes a key that there is none of. What it may have been meant for is sought only if that will be shown.
func (d *decoder) unknown(p pair, path string, hint func() string) {
	text := ""
	if !d.problems.Full() {
		text = hint()
	}
	d.fail(p.at, path, "unknown key %q%s", p.key, text)
}

// items gives the elements of a list, of which there may be so many.
func (d *decoder) items(n *yaml.Node, path string, most int) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		d.fail(n, path, "want a list, got %s", kindOf(n))
		return nil
	}
	if len(n.Content) > most {
		d.fail(n, path, "want at most %d, got %d", most, len(n.Content))
		return nil
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = target(item)
	}
	return items
}

func (d *decoder) study(s *experiments.Study, root *yaml.Node) {
	keys, given := Keys(), map[string]pair{}
	for _, p := range d.pairs(root, "") {
		d.places[experiments.AtKey(p.key)] = d.at(p.value)
		given[p.key] = p
		if _, known := keyOf(keys, p.key); known || strings.HasPrefix(p.key, anchors) {
			continue
		}
		d.unknown(p, "", func() string {
			if experiments.Check(p.key) == nil || experiments.IsSection(p.key) {
				return ": it belongs below base"
			}
			return nearest.Hint(p.key, namesOf(keys))
		})
	}
	for _, k := range keys {
		switch p, is := given[k.Name]; {
		case !is:
		case k.text != nil:
			d.text(p, k.text(s))
		default:
			k.read(d, s, p)
		}
	}
	d.renamed(s)
	s.Name = label.Normal(s.Name)
}

func (d *decoder) text(p pair, to *string) {
	v, err := valueOf(p.value)
	text, ok := v.(string)
	switch {
	case err != nil:
		d.failBy(err, p.value, p.key)
	case !ok:
		d.fail(p.value, p.key, "want a text, got %s: write it in quotes", option.Text(v))
	default:
		*to = text
	}
}

// failBy notes an error at the place that it names, or else at the node.
func (d *decoder) failBy(err error, n *yaml.Node, path string) {
	var inner fault
	if errors.As(err, &inner) {
		n = inner.at
	}
	d.fail(n, path, "%v", err)
}

// config reads a whole configuration.
func (d *decoder) config(c *experiments.Config, n *yaml.Node) {
	place := func(path string, p pair) {
		d.places[path], d.places[experiments.AtName(path)] = d.at(p.value), d.at(p.at)
	}
	for _, l := range d.leaves(n, "base", place) {
		place(l.path, l.pair)
		d.assign(c, l.path, l.pair)
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
		d.failBy(err, p.value, path)
	}
	return value, err == nil
}

// seeds are a count, a list, or a text as --seeds takes it.
func (d *decoder) seeds(s *experiments.Study, n *yaml.Node) {
	if n.Kind == yaml.SequenceNode && len(n.Content) > maxSeeds {
		d.fail(n, "seeds", "want at most %d seeds, got %d", maxSeeds, len(n.Content))
		return
	}
	v, err := valueOf(n)
	if err != nil {
		d.failBy(err, n, "seeds")
		return
	}
	list, _ := v.([]any)
	for i, seed := range list {
		if !slices.Contains([]string{"!!int", "!!str"}, target(n.Content[i]).ShortTag()) {
			d.fail(n.Content[i], "seeds", "want a whole number, got %s", option.Text(seed))
			return
		}
	}
	if s.Seeds, err = ParseSeeds(option.Label(v)); err != nil {
		d.fail(n, "seeds", "%v", err)
	}
}
