package definition

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"workbench/nn/nearest"
	"workbench/nn/option"
)

// expression is arithmetic over numbers and parameters: "$width * 2", "($in + 8) / 2". + and − bind less than * and /;
// of equals the left comes first.
type expression struct {
	text  string
	names []string // the parameters in it, without the $
	root  term
}

// term is a number, a name, or two terms with a sign between them.
type term struct {
	value float64
	name  string
	sign  byte
	left  *term
	right *term
}

// maxExpression bounds an expression, in bytes.
const maxExpression = 200

var names = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

const wantedExpression = "want numbers and parameters, such as $width * 2"

// compile reads an expression.
func compile(text string) (expression, error) {
	e := expression{text: text}
	if len(text) > maxExpression {
		return e, fmt.Errorf("want an expression of at most %d bytes, got %d", maxExpression, len(text))
	}
	p := reader{e: &e}
	root, err := p.sum()
	if p.spaces(); err == nil && p.at < len(text) {
		err = fmt.Errorf("%s, got %q behind %q", wantedExpression, text[p.at:], strings.TrimSpace(text[:p.at]))
	}
	if err != nil {
		return e, err
	}
	e.root = *root
	return e, nil
}

// reader reads an expression from left to right.
type reader struct {
	e  *expression
	at int
}

func (p *reader) spaces() {
	for p.at < len(p.e.text) && p.e.text[p.at] == ' ' {
		p.at++
	}
}

// taken is the next character if it is one of these, else 0.
func (p *reader) taken(of string) byte {
	p.spaces()
	if p.at < len(p.e.text) && strings.IndexByte(of, p.e.text[p.at]) >= 0 {
		p.at++
		return p.e.text[p.at-1]
	}
	return 0
}

func (p *reader) sum() (*term, error)     { return p.row("+-", p.product) }
func (p *reader) product() (*term, error) { return p.row("*/", p.operand) }

// row reads operands with signs of one kind between them.
func (p *reader) row(signs string, operand func() (*term, error)) (*term, error) {
	left, err := operand()
	for err == nil {
		sign := p.taken(signs)
		if sign == 0 {
			break
		}
		var right *term
		right, err = operand()
		left = &term{sign: sign, left: left, right: right}
	}
	return left, err
}

func (p *reader) operand() (*term, error) {
	if p.taken("(") != 0 {
		inner, err := p.sum()
		if err == nil && p.taken(")") == 0 {
			err = fmt.Errorf("want ) in the expression %q", p.e.text)
		}
		return inner, err
	}
	parameter, from := p.taken("$") != 0, p.at
	for p.at < len(p.e.text) && !strings.ContainsRune(" +-*/()$", rune(p.e.text[p.at])) {
		p.at++
	}
	word := p.e.text[from:p.at]
	switch {
	case parameter && names.MatchString(word):
		p.e.names = append(p.e.names, word)
		return &term{name: word}, nil
	case parameter:
		return nil, fmt.Errorf("want the name of a parameter behind $, got %q", word)
	case names.MatchString(word):
		return nil, fmt.Errorf("%s, got %q: a parameter is written $%s", wantedExpression, word, word)
	}
	value, err := strconv.ParseFloat(word, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return nil, fmt.Errorf("%s, got %q", wantedExpression, p.e.text)
	}
	return &term{value: value}, nil
}

// scope is what the names in expressions stand for.
type scope map[string]any

// Names that stand for something everywhere.
const (
	channelsIn = "in"      // channels, or features, of what the layer reads
	classesOf  = "classes" // of the data set
)

var everywhere = []string{channelsIn, classesOf}

// check finds names that the scope does not have.
func (e expression) check(known []string) error {
	for _, name := range e.names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no parameter $%s%s", name, nearest.Hint(name, known))
		}
	}
	return nil
}

// value of the expression. A single parameter may be a text, or true or false.
func (e expression) value(in scope) (any, error) {
	if e.root.name != "" {
		return in[e.root.name], nil
	}
	x, err := e.root.number(in)
	if err == nil && (math.IsInf(x, 0) || math.IsNaN(x)) {
		err = fmt.Errorf("%s is no number", e.text)
	}
	if err == nil && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return int(x), nil
	}
	return x, err
}

func (t *term) number(in scope) (float64, error) {
	if t.name != "" {
		switch v := in[t.name].(type) {
		case int:
			return float64(v), nil
		case float64:
			return v, nil
		default:
			return 0, fmt.Errorf("want a number, $%s is %s", t.name, option.Text(v))
		}
	}
	if t.sign == 0 {
		return t.value, nil
	}
	x, err := t.left.number(in)
	if err != nil {
		return 0, err
	}
	y, err := t.right.number(in)
	if err != nil {
		return 0, err
	}
	switch t.sign {
	case '+':
		return x + y, nil
	case '-':
		return x - y, nil
	case '*':
		return x * y, nil
	}
	return x / y, nil
}
