package filter

import (
	"fmt"
	"strconv"
	"strings"
)

// Fields of a run: every key (lower or upper case alike) with a string, number or bool.
type Fields map[string]any

// Match says whether the filter selects a run with these fields. A key the run lacks matches only "!=" and "not".
func (f Filter) Match(fields Fields) bool {
	return f.root == nil || f.root.match(fields)
}

type node interface{ match(Fields) bool }

type (
	both     struct{ left, right node }
	either   struct{ left, right node }
	negation struct{ of node }
	anywhere struct{ text string } // lower case
)

func (n both) match(f Fields) bool     { return n.left.match(f) && n.right.match(f) }
func (n either) match(f Fields) bool   { return n.left.match(f) || n.right.match(f) }
func (n negation) match(f Fields) bool { return !n.of.match(f) }

func (n anywhere) match(f Fields) bool {
	for _, v := range f {
		if s, ok := v.(string); ok && strings.Contains(strings.ToLower(s), n.text) {
			return true
		}
	}
	return false
}

type comparison struct {
	key, op, want string
	number        float64
	numeric       bool
}

func (c comparison) match(f Fields) bool {
	got, ok := f[c.key]
	if !ok {
		for k, v := range f {
			if strings.EqualFold(k, c.key) {
				got, ok = v, true
				break
			}
		}
	}
	if !ok {
		return c.op == "!="
	}
	text := fmt.Sprint(got)
	n, numeric := number(text)
	if numeric && c.numeric && c.op != ":" {
		return c.compare(n)
	}
	switch c.op {
	case "=":
		return strings.EqualFold(text, c.want)
	case "!=":
		return !strings.EqualFold(text, c.want)
	case ":":
		return strings.Contains(strings.ToLower(text), strings.ToLower(c.want))
	}
	return false // an order asked of something that is no number
}

func (c comparison) compare(n float64) bool {
	switch c.op {
	case "=":
		return n == c.number
	case "!=":
		return n != c.number
	case "<":
		return n < c.number
	case "<=":
		return n <= c.number
	case ">":
		return n > c.number
	}
	return n >= c.number
}

// number reads "0.1", "1e-3" and "90%" (0.9).
func number(s string) (float64, bool) {
	if p, percent := strings.CutSuffix(s, "%"); percent {
		v, err := strconv.ParseFloat(p, 64)
		return v / 100, err == nil
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
