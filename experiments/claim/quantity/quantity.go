// Package quantity computes what claims are about, from the networks themselves: parameters, multiply-adds, receptive
// fields, shapes, and properties that show when a network runs, such as which channels reach which. A quantity is a
// file that registers a function for expressions; nothing else lists it.
package quantity

import (
	"fmt"
	"slices"
	"strings"
)

// Quantity is a function of expressions.
type Quantity struct {
	Name string
	Call string // how it is called: "params(NETWORK, OPTIONS)"
	Doc  string // what it gives, with its unit, and its definition or source
	// Types are the functions that it stands for, as pointers to them: their parameters and result. An OPTIONS may be
	// left out, so most quantities have two.
	Types []any
	// Of computes it. The arguments have the types of one of Types.
	Of func(n *Networks, arguments []any) (any, error)
}

var quantities = map[string]Quantity{}

// Register adds a quantity. A name that comes twice is a programmer's error, for which it panics at start.
func Register(q Quantity) {
	if _, twice := quantities[q.Name]; twice || q.Of == nil || len(q.Types) == 0 {
		panic(fmt.Sprintf("quantity: Register(%q): registered twice or incomplete", q.Name))
	}
	quantities[q.Name] = q
}

// All lists the quantities by name.
func All() []Quantity {
	var all []Quantity
	for _, q := range quantities {
		all = append(all, q)
	}
	slices.SortFunc(all, func(a, b Quantity) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Lookup finds a quantity by its name.
func Lookup(name string) (Quantity, bool) {
	q, known := quantities[name]
	return q, known
}

// ofNetwork is a quantity of one network: NAME(NETWORK) or NAME(NETWORK, OPTIONS).
func ofNetwork[T any](name, doc string, of func(*Networks, Network) (T, error)) Quantity {
	return Quantity{Name: name, Call: name + "(NETWORK, OPTIONS)", Doc: doc,
		Types: []any{new(func(string) T), new(func(string, map[string]any) T)},
		Of: func(n *Networks, arguments []any) (any, error) {
			found, err := networkOf(arguments[0], arguments[1:])
			if err != nil {
				return nil, err
			}
			return of(n, found)
		}}
}

// ofPlace is a quantity of a place in a network: NAME(NETWORK, PLACE) or NAME(NETWORK, PLACE, OPTIONS).
func ofPlace[T any](name, doc string, of func(*Networks, Network, string) (T, error)) Quantity {
	return Quantity{Name: name, Call: name + "(NETWORK, PLACE, OPTIONS)", Doc: doc,
		Types: []any{new(func(string, string) T), new(func(string, string, map[string]any) T)},
		Of: func(n *Networks, arguments []any) (any, error) {
			found, err := networkOf(arguments[0], arguments[2:])
			if err != nil {
				return nil, err
			}
			return of(n, found, arguments[1].(string))
		}}
}

// ofPath is a quantity of what lies between two places: NAME(NETWORK, FROM, TO) or NAME(NETWORK, FROM, TO, OPTIONS).
func ofPath[T any](name, doc string, of func(n *Networks, found Network, from, to string) (T, error)) Quantity {
	return Quantity{Name: name, Call: name + "(NETWORK, FROM, TO, OPTIONS)", Doc: doc,
		Types: []any{new(func(string, string, string) T), new(func(string, string, string, map[string]any) T)},
		Of: func(n *Networks, arguments []any) (any, error) {
			found, err := networkOf(arguments[0], arguments[3:])
			if err != nil {
				return nil, err
			}
			return of(n, found, arguments[1].(string), arguments[2].(string))
		}}
}

// ofPair is a quantity of one network with two sets of options: NAME(NETWORK, OPTIONS, OPTIONS).
func ofPair[T any](name, doc string, of func(n *Networks, one, two Network) (T, error)) Quantity {
	return Quantity{Name: name, Call: name + "(NETWORK, OPTIONS, OPTIONS)", Doc: doc,
		Types: []any{new(func(string, map[string]any, map[string]any) T)},
		Of: func(n *Networks, arguments []any) (any, error) {
			one, err := networkOf(arguments[0], arguments[1:2])
			if err != nil {
				return nil, err
			}
			two, err := networkOf(arguments[0], arguments[2:])
			if err != nil {
				return nil, err
			}
			return of(n, one, two)
		}}
}

func networkOf(name any, options []any) (Network, error) {
	given := map[string]any{}
	if len(options) > 0 {
		given = options[0].(map[string]any)
	}
	return Find(name.(string), given)
}

// TakesNetwork tells whether the first argument is the name of a network, and maps behind it are its options.
func (q Quantity) TakesNetwork() bool { return strings.HasPrefix(q.Call, q.Name+"(NETWORK") }
