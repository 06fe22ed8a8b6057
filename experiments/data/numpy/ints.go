package numpy

import (
	"fmt"

	"workbench/nn/pickle"
)

// Ints returns the items of a list of whole numbers, or the elements of an array of them in the order of its Data.
func Ints(value any) ([]int64, error) {
	switch v := value.(type) {
	case *pickle.Call:
		a, err := ArrayOf(v)
		if err != nil {
			return nil, err
		}
		return a.ints()
	case *pickle.List:
		all := make([]int64, len(v.Values))
		for i, item := range v.Values {
			n, is := item.(int64)
			if !is {
				return nil, fmt.Errorf("item %d is %s, want a whole number", i, pickle.Kind(item))
			}
			all[i] = n
		}
		return all, nil
	}
	return nil, fmt.Errorf("%s, want a list or an array of whole numbers", pickle.Kind(value))
}

func (a *Array) ints() ([]int64, error) {
	if a.Type[1] == 'f' {
		return nil, fmt.Errorf("an array of %s, want whole numbers", a.Type)
	}
	size, signed := a.Type.Size(), a.Type[1] == 'i'
	all := make([]int64, len(a.Data)/size)
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
