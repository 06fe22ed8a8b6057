package filter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/nn/nearest"
)

// maxDepth bounds nesting, so that no text can exhaust the stack.
const maxDepth = 100

// maxComparisons bounds the work for each run.
const maxComparisons = 100

// Filter is a parsed filter. The zero value selects everything.
type Filter struct {
	text        string
	root        node
	comparisons []used
}

// used is a comparison with the place of its key.
type used struct {
	key token
	comparison
}

// Parse reads a filter; an empty text selects everything. The error is an *Error.
func Parse(text string) (Filter, error) {
	tokens, err := lex(text)
	if err != nil {
		return Filter{}, err
	}
	p := parser{text: text, tokens: tokens}
	if p.peek().kind == end {
		return Filter{text: text}, nil
	}
	root, err := p.or(0)
	if err != nil {
		return Filter{}, err
	}
	if t := p.peek(); t.kind != end {
		return Filter{}, p.fail(t, `want "and", "or" or the end, got %q`, t.text)
	}
	return Filter{text: text, root: root, comparisons: p.comparisons}, nil
}

// Check reports the first key that is not among known, and the first order that is asked of what has none. The values
// of known are examples. Usual are the keys that are told beside the nearest ones.
func (f Filter) Check(known Fields, usual []string) error {
	for _, c := range f.comparisons {
		example, ok := known.of(c.key.text)
		if !ok {
			return &Error{f.text, c.key.column, fmt.Sprintf("no run has a field %q; %s", c.key.text, offer(c.key.text, known, usual))}
		}
		if !strings.ContainsAny(c.op, "<>") {
			continue
		}
		if want := sizes(example, c.want); want != "" {
			return &Error{f.text, c.at.column, fmt.Sprintf("want %s after %s %s, got %q", want, c.key.text, c.op, c.want)}
		}
	}
	return nil
}

// offer names keys that may be meant, and the usual ones.
func offer(key string, known Fields, usual []string) string {
	text := fmt.Sprintf("there are %s and %d more", strings.Join(usual, ", "), max(0, len(known)-len(usual)))
	if near := nearest.Names(key, slices.Sorted(maps.Keys(known))); len(near) > 0 {
		return fmt.Sprintf("did you mean %s? Else %s", strings.Join(near, " or "), text)
	}
	return text
}

func (f Filter) String() string { return f.text }

type parser struct {
	text   string
	tokens []token
	count  int // comparisons so far

	comparisons []used
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) fail(t token, format string, args ...any) error {
	return &Error{p.text, t.column, fmt.Sprintf(format, args...)}
}

// keyword takes the next token if it is the unquoted word name.
func (p *parser) keyword(name string) bool {
	t := p.peek()
	if t.kind != word || t.quoted || !strings.EqualFold(t.text, name) {
		return false
	}
	if n := p.tokens[1]; n.kind == operator { // a key that happens to be called "not"
		return false
	}
	p.next()
	return true
}

func (p *parser) or(depth int) (node, error) {
	left, err := p.and(depth)
	for err == nil && p.keyword("or") {
		var right node
		right, err = p.and(depth)
		left = either{left, right}
	}
	return left, err
}

func (p *parser) and(depth int) (node, error) {
	left, err := p.unary(depth)
	for err == nil && p.keyword("and") {
		var right node
		right, err = p.unary(depth)
		left = both{left, right}
	}
	return left, err
}

func (p *parser) unary(depth int) (node, error) {
	if depth > maxDepth {
		return nil, p.fail(p.peek(), "nested more than %d deep", maxDepth)
	}
	if p.keyword("not") {
		n, err := p.unary(depth + 1)
		return negation{n}, err
	}
	if p.peek().kind != open {
		return p.comparison()
	}
	bracket := p.next()
	n, err := p.or(depth + 1)
	if err != nil {
		return nil, err
	}
	if p.peek().kind != closing {
		return nil, p.fail(bracket, "this bracket is not closed")
	}
	p.next()
	return n, nil
}

func (p *parser) comparison() (node, error) {
	if p.count++; p.count > maxComparisons {
		return nil, p.fail(p.peek(), "want at most %d comparisons", maxComparisons)
	}
	key := p.next()
	if key.kind != word {
		return nil, p.fail(key, "want a key such as model, status or lr, got %s", shown(key))
	}
	if !key.quoted && slices.Contains([]string{"and", "or", "not"}, strings.ToLower(key.text)) && p.peek().kind != operator {
		return nil, p.fail(key, "want a comparison, got %q", key.text)
	}
	if p.peek().kind != operator {
		return anywhere{strings.ToLower(key.text)}, nil
	}
	op, value := p.next(), p.next()
	if value.kind != word {
		return nil, p.fail(value, "want a value after %s, got %s", op.text, shown(value))
	}
	c := comparison{key: key.text, op: op.text, want: value.text, at: value}
	p.comparisons = append(p.comparisons, used{key, c})
	return c, nil
}

func shown(t token) string {
	if t.kind == end {
		return "the end"
	}
	return fmt.Sprintf("%q", t.text)
}
