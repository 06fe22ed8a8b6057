package filter

import (
	"fmt"
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
	text string
	root node
	keys []token
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
	return Filter{text: text, root: root, keys: p.keys}, nil
}

// Check reports the first key that is not among known.
func (f Filter) Check(known []string) error {
	for _, t := range f.keys {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, t.text) }) {
			return &Error{f.text, t.column, fmt.Sprintf("no run has %q%s", t.text, nearest.Hint(t.text, known))}
		}
	}
	return nil
}

func (f Filter) String() string { return f.text }

type parser struct {
	text   string
	tokens []token
	keys   []token
	count  int // comparisons so far
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
	c := comparison{key: key.text, op: op.text, want: value.text}
	c.number, c.numeric = number(value.text)
	if strings.ContainsAny(op.text, "<>") && !c.numeric {
		return nil, p.fail(value, "want a number after %s, got %q", op.text, value.text)
	}
	p.keys = append(p.keys, key)
	return c, nil
}

func shown(t token) string {
	if t.kind == end {
		return "the end"
	}
	return fmt.Sprintf("%q", t.text)
}
