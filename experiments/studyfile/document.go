package studyfile

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Document is a YAML file of another kind than a study, read as strictly. It collects what is wrong with it.
type Document struct{ d *decoder }

// Node is a part of a Document that knows where it stands. The zero Node is a part that is not there.
type Node struct {
	document *Document
	node     *yaml.Node
	path     string // of keys, for messages
}

// ReadDocument reads the text of a file of some kind, such as "file of claims", as messages call it. The root
// is not there if the text is no YAML; Err says why.
func ReadDocument(kind, file string, text []byte) (*Document, Node) {
	d := newDecoder(file)
	d.kind = kind
	doc := &Document{d}
	root, ok := d.parse(text)
	if !ok {
		return doc, Node{}
	}
	return doc, Node{doc, root, ""}
}

// Err is everything that was found wrong, as Problems, or nil.
func (doc *Document) Err() error { return doc.d.problems.Err() }

// There tells whether the node is there.
func (n Node) There() bool { return n.node != nil }

// Fail notes what is wrong with the node.
func (n Node) Fail(format string, args ...any) { n.document.d.fail(n.node, n.path, format, args...) }

// FailAt notes what is wrong at a character of a text, counted from 0. In a text that is folded over lines, or has
// escapes, the characters cannot be counted, and the place is that of the text.
func (n Node) FailAt(character int, format string, args ...any) {
	at := *n.node
	if line := []rune(n.document.d.at(n.node).Excerpt); at.Column >= 1 {
		if at.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			at.Column++
		}
		from := at.Column - 1
		if to := from + len([]rune(at.Value)); to <= len(line) && string(line[from:to]) == at.Value {
			at.Column += character
		} else {
			at = *n.node
		}
	}
	n.document.d.fail(&at, n.path, format, args...)
}

// Place is where the node stands.
func (n Node) Place() experiments.Place { return n.document.d.at(n.node) }

// Keys are the values of a mapping by their keys, which must be among the good ones.
func (n Node) Keys(good ...string) map[string]Node {
	keys := map[string]Node{}
	for _, p := range n.Pairs() {
		if !slices.Contains(good, p.Key) {
			n.document.d.unknown(p.pair, n.path, func() string { return nearest.Hint(p.Key, good) })
			continue
		}
		keys[p.Key] = p.Node
	}
	return keys
}

// Pair is a key of a mapping with its value.
type Pair struct {
	Key string
	Node
	pair pair
}

// Pairs are the keys of a mapping in their order.
func (n Node) Pairs() []Pair {
	if !n.There() {
		return nil
	}
	var all []Pair
	for _, p := range n.document.d.pairs(n.node, n.path) {
		path := p.key
		if n.path != "" {
			path = n.path + "." + p.key
		}
		all = append(all, Pair{p.key, Node{n.document, p.value, path}, p})
	}
	return all
}

// List are the elements of a list, of which there may be so many.
func (n Node) List(most int) []Node {
	if !n.There() {
		return nil
	}
	var all []Node
	for i, item := range n.document.d.items(n.node, n.path, most) {
		all = append(all, Node{n.document, item, fmt.Sprintf("%s[%d]", n.path, i)})
	}
	return all
}

// Value is a text, a number, true or false, or a list of these; nil if it is not there or is none of them.
func (n Node) Value() any {
	if !n.There() {
		return nil
	}
	v, err := valueOf(n.node)
	if err != nil {
		n.document.d.failBy(err, n.node, n.path)
		return nil
	}
	return v
}

// Text is a text; "" if it is not there.
func (n Node) Text() string {
	v := n.Value()
	text, is := v.(string)
	if v != nil && !is {
		n.Fail("want a text, got %s: write it in quotes", option.Text(v))
	}
	return text
}

// Number is a number; 0 if it is not there.
func (n Node) Number() float64 {
	switch v := n.Value().(type) {
	case nil:
	case int:
		return float64(v)
	case float64:
		return v
	default:
		n.Fail("want a number, got %s", option.Text(v))
	}
	return 0
}

// Whole is a whole number; 0 if it is not there.
func (n Node) Whole() int {
	v := n.Value()
	whole, is := v.(int)
	if v != nil && !is {
		n.Fail("want a whole number, got %s", option.Text(v))
	}
	return whole
}

// Choice is one of some texts; "" if it is not there.
func (n Node) Choice(good ...string) string {
	text := n.Text()
	if n.There() && text != "" && !slices.Contains(good, text) {
		n.Fail("unknown %q%s", text, nearest.Hint(text, good))
		return ""
	}
	return text
}
