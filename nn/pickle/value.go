// Package pickle reads Python's pickles, the programs with which Python stores objects, and runs nothing of what they
// ask for. Where a pickle names a function or a class, there is a Global; where it calls one, there is a Call with the
// arguments, which nobody makes. What a reader does not know stays what it is, and does no harm
// (docs.python.org/3/library/pickletools.html lists the instructions; protocols 0 to 5 are read).
//
// Values are nil, bool, int64, float64, string, []byte, Global, Tuple, *List, *Dict, *Call, Persistent and Opaque.
// Lists, dictionaries and calls may hold themselves, so whoever walks through them must count.
package pickle

import "fmt"

// Global is a function, a class or another name of a module of Python's.
type Global struct{ Module, Name string }

// String is the name as Python's programs write it, such as "collections.OrderedDict".
func (g Global) String() string { return g.Module + "." + g.Name }

// Tuple is a sequence that does not change.
type Tuple []any

// List is a list or a set.
type List struct{ Values []any }

// Item is a key of a dictionary with its value.
type Item struct{ Key, Value any }

// Dict is a dictionary with its items in the order in which they were set. Of equal keys the last counts.
type Dict struct{ Items []Item }

// Call is an object: what was to be called for it, and what was then to be done with it.
type Call struct {
	Func  any // a Global as a rule
	Args  any // a Tuple as a rule
	State any // what its attributes were to be set from; nil: nothing
	List  List
	Dict  Dict
}

// Persistent stands for something outside of the pickle, such as a tensor's numbers.
type Persistent struct{ ID any }

// Opaque is a value that takes more than this package has a form for, such as a whole number of more than 63 bits.
type Opaque struct{ What string }

// Named tells whether a value is the global of that module and name.
func Named(v any, module, name string) bool {
	g, is := v.(Global)
	return is && g.Module == module && g.Name == name
}

// Kind says in errors what a value is without showing it, for it may hold itself.
func Kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a truth value"
	case int64:
		return "a whole number"
	case float64:
		return "a number"
	case string:
		return "a text"
	case []byte:
		return "bytes"
	case Tuple:
		return "a tuple"
	case *List:
		return "a list"
	case *Dict:
		return "a dictionary"
	case *Call:
		return "an object"
	case Global:
		return fmt.Sprintf("%.60q", v.String())
	case Opaque:
		return v.What
	}
	return "something outside of the pickle"
}
