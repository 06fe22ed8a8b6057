package claim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"workbench/experiments/claim/quantity"
	"workbench/nn/nearest"
)

// Expression computes a value from quantities. Its language is that of github.com/expr-lang/expr. Beside the quantities
// it knows published, the claim's published numbers by the names of their values: published.alpha.
type Expression struct {
	Text      string
	published map[string]float64
}

// mostExpression and mostNodes bound an expression: the longest that ships has about 200 characters.
const (
	mostExpression = 2000
	mostNodes      = 500
)

// mistake is what is wrong with an expression.
type mistake struct {
	character int // counted from 0
	message   string
}

// parseExpression checks an expression: its grammar, the names of quantities, networks, options and values, and types.
func parseExpression(text string, published map[string]float64) (*Expression, *mistake) {
	if len(text) > mostExpression {
		return nil, &mistake{0, fmt.Sprintf("want at most %d bytes, got %d", mostExpression, len(text))}
	}
	e := &Expression{text, published}
	if tree, err := parser.Parse(text); err == nil {
		c := &checker{published: published}
		ast.Walk(&tree.Node, c)
		if c.found != nil {
			return nil, c.found
		}
	}
	if _, err := expr.Compile(text, e.options(nil)...); err != nil {
		return nil, e.mistaken(err)
	}
	return e, nil
}

// options of the compiler, with quantities of these networks.
func (e *Expression) options(n *quantity.Networks) []expr.Option {
	// The optimizer of v1.17 makes a nil type of filter(…)[0], on which the compiler stumbles. It would gain nothing:
	// building a network takes a thousand times as long as the longest expression.
	options := []expr.Option{expr.Env(e.environment()), expr.MaxNodes(mostNodes), expr.DisableBuiltin("now"), expr.Optimize(false)}
	for _, q := range quantity.All() {
		options = append(options, expr.Function(q.Name, func(arguments ...any) (any, error) { return q.Of(n, arguments) }, q.Types...))
	}
	return options
}

func (e *Expression) environment() map[string]any {
	published := e.published
	if published == nil {
		published = map[string]float64{}
	}
	return map[string]any{"published": published}
}

var (
	unknownName  = regexp.MustCompile(`^unknown name (\S+)`)
	unknownField = regexp.MustCompile(`has no field (\S+)`)
	calling      = regexp.MustCompile(`to call (\w+)`)
)

// mistaken says where an expression is wrong, and which names are near a wrong one.
func (e *Expression) mistaken(err error) *mistake {
	var at *file.Error
	if !errors.As(err, &at) {
		message, _, _ := strings.Cut(err.Error(), "\n") // of a fault of the compiler, which gives its stack
		return &mistake{0, message}
	}
	m := &mistake{at.From, at.Message}
	if found := unknownName.FindStringSubmatch(at.Message); found != nil {
		m.message += nearest.Hint(found[1], quantityNames())
	}
	if found := unknownField.FindStringSubmatch(at.Message); found != nil {
		m.message = fmt.Sprintf("a layer has no field %s%s", found[1], nearest.Hint(found[1], quantity.Fields()))
	}
	if found := calling.FindStringSubmatch(at.Message); found != nil {
		if q, known := quantity.Lookup(found[1]); known {
			m.message += ": it is called " + q.Call
		}
	}
	return m
}

func quantityNames() []string {
	names := []string{"published"}
	for _, q := range quantity.All() {
		names = append(names, q.Name)
	}
	return names
}

// checker looks for names of networks, options and published values that are wrong. They are texts to the compiler.
type checker struct {
	published map[string]float64
	found     *mistake
}

func (c *checker) Visit(node *ast.Node) {
	if c.found != nil {
		return
	}
	switch n := (*node).(type) {
	case *ast.CallNode:
		c.call(n)
	case *ast.MemberNode:
		owner, is := n.Node.(*ast.IdentifierNode)
		name, literal := n.Property.(*ast.StringNode)
		if !is || owner.Value != "published" {
			return
		}
		var names []string
		for name := range c.published {
			names = append(names, name)
		}
		slices.Sort(names)
		if !literal || !slices.Contains(names, name.Value) {
			given := ""
			if literal {
				given = name.Value
			}
			c.fail(n, fmt.Sprintf("no published number is called %q%s", given, nearest.Hint(given, names)))
		}
	}
}

func (c *checker) fail(n ast.Node, message string) { c.found = &mistake{n.Location().From, message} }

// call looks a network up that is named by a literal, with options that are literals.
func (c *checker) call(n *ast.CallNode) {
	callee, is := n.Callee.(*ast.IdentifierNode)
	if !is {
		return
	}
	q, known := quantity.Lookup(callee.Value)
	if !known || len(n.Arguments) == 0 || !q.TakesNetwork() {
		return
	}
	name, literal := n.Arguments[0].(*ast.StringNode)
	if !literal {
		return
	}
	if _, err := quantity.Find(name.Value, nil); err != nil {
		c.fail(n.Arguments[0], err.Error())
		return
	}
	for _, argument := range n.Arguments[1:] {
		if options, literal := literalMap(argument); literal {
			if _, err := quantity.Find(name.Value, options); err != nil {
				c.fail(argument, err.Error())
				return
			}
		}
	}
}

// literalMap is the value of a map whose keys and values are literals.
func literalMap(node ast.Node) (map[string]any, bool) {
	m, is := node.(*ast.MapNode)
	if !is {
		return nil, false
	}
	values := map[string]any{}
	for _, p := range m.Pairs {
		pair := p.(*ast.PairNode)
		key, is := pair.Key.(*ast.StringNode)
		if !is {
			return nil, false
		}
		switch v := pair.Value.(type) {
		case *ast.StringNode:
			values[key.Value] = v.Value
		case *ast.IntegerNode:
			values[key.Value] = v.Value
		case *ast.FloatNode:
			values[key.Value] = v.Value
		case *ast.BoolNode:
			values[key.Value] = v.Value
		default:
			return nil, false
		}
	}
	return values, true
}

// Measure computes the expression: a float64, a string, or a []any of these.
func (e *Expression) Measure(n *quantity.Networks) (any, error) {
	program, err := expr.Compile(e.Text, e.options(n)...)
	if err != nil {
		return nil, err
	}
	value, err := expr.Run(program, e.environment())
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) && at.Prev != nil {
			return nil, at.Prev
		}
		return nil, err
	}
	return plain(value)
}
