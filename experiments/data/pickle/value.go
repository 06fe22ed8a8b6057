package pickle

import "fmt"

// Values are nil, bool, int64, float64, string (of Python's str and bytes), Tuple, *List, *Dict and *Array. A
// value that a pickle names several times is there once.
type (
	// Tuple is a fixed sequence of values.
	Tuple []any

	// List is a sequence of values.
	List struct{ Items []any }

	// Dict is a mapping from strings. What has other keys is refused.
	Dict struct{ Items map[string]any }

	// Type is the element type of an Array as NumPy writes it: order of the bytes ('<', '>', or '|' where it does not
	// matter), kind (i, u, f or b) and bytes an element: "<i8", "|u1".
	Type string

	// Array is a NumPy array.
	Array struct {
		Type    Type
		Shape   []int
		Fortran bool   // the first index runs fastest, not the last
		Data    []byte // product of Shape elements of Type
	}
)

// Size is the number of bytes of an element; 0 of an array that a pickle made and did not fill.
func (t Type) Size() int {
	if len(t) != 3 {
		return 0
	}
	return int(t[2] - '0')
}

// Elements is the number of elements.
func (a *Array) Elements() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// Ints returns the elements of an array of whole numbers in the order of Data.
func (a *Array) Ints() ([]int64, error) {
	if a.Type == "" {
		return nil, fmt.Errorf("an array that is not filled")
	}
	if kind := a.Type[1]; kind != 'i' && kind != 'u' && kind != 'b' {
		return nil, fmt.Errorf("an array of %s, want whole numbers", a.Type)
	}
	size, signed := a.Type.Size(), a.Type[1] == 'i'
	all := make([]int64, a.Elements())
	for i := range all {
		var u uint64
		for k := range size {
			at := k
			if a.Type[0] != '>' {
				at = size - 1 - k
			}
			u = u<<8 | uint64(a.Data[i*size+at])
		}
		if shift := 64 - 8*size; signed {
			all[i] = int64(u<<shift) >> shift
		} else if all[i] = int64(u); all[i] < 0 {
			return nil, fmt.Errorf("element %d is %d, want at most %d", i, u, int64(1<<63-1))
		}
	}
	return all, nil
}

// Ints returns the items of a list of whole numbers, or the elements of such an array.
func Ints(value any) ([]int64, error) {
	switch v := value.(type) {
	case *Array:
		return v.Ints()
	case *List:
		all := make([]int64, len(v.Items))
		for i, item := range v.Items {
			n, ok := item.(int64)
			if !ok {
				return nil, fmt.Errorf("item %d is %s, want a whole number", i, kindOf(item))
			}
			all[i] = n
		}
		return all, nil
	}
	return nil, fmt.Errorf("%s, want a list or an array of whole numbers", kindOf(value))
}

// kindOf says in errors what a value is.
func kindOf(value any) string {
	switch v := value.(type) {
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
	case Tuple:
		return "a tuple"
	case *List:
		return "a list"
	case *Dict:
		return "a dictionary"
	case *Array:
		return "an array"
	case *typeUnderWay:
		return "a type of elements"
	case global:
		return fmt.Sprintf("the name %s", string(v))
	}
	return "something else"
}
