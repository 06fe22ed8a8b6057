package filter

import (
	"fmt"
	"strings"
)

// Fields of a run: every key (lower or upper case alike) with a string, bool, whole number, float64, Ratio, Seconds or
// time.Time.
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
	at            token // of want
}

// of returns the field of a key, in whichever case it is written.
func (f Fields) of(key string) (any, bool) {
	if v, ok := f[key]; ok {
		return v, true
	}
	for k, v := range f {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return nil, false
}

func (c comparison) match(f Fields) bool {
	got, ok := f.of(c.key)
	if !ok {
		return c.op == "!="
	}
	text := fmt.Sprint(got)
	if c.op == ":" {
		return strings.Contains(strings.ToLower(text), strings.ToLower(c.want))
	}
	order, both := compare(got, c.want)
	equal := order == 0
	if !both { // else a ratio of 0.5 would equal 0.5 per cent
		equal = strings.EqualFold(text, c.want)
	}
	switch c.op {
	case "=":
		return equal
	case "!=":
		return !equal
	case "<":
		return both && order < 0
	case "<=":
		return both && order <= 0
	case ">":
		return both && order > 0
	}
	return both && order >= 0
}
