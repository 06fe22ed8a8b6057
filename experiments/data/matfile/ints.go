package matfile

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Ints returns the elements, which must be whole numbers. MATLAB keeps arrays of doubles in fewer bytes where the
// values allow it, so what looks like a type of whole numbers may be meant as doubles and the other way round.
func (a Array) Ints() ([]int64, error) {
	all := make([]int64, len(a.Data)/max(a.Size, 1))
	for i := range all {
		raw := a.Data[i*a.Size : (i+1)*a.Size]
		switch a.kind {
		case int8s:
			all[i] = int64(int8(raw[0]))
		case uint8s:
			all[i] = int64(raw[0])
		case int16s:
			all[i] = int64(int16(binary.LittleEndian.Uint16(raw)))
		case uint16s:
			all[i] = int64(binary.LittleEndian.Uint16(raw))
		case int32s:
			all[i] = int64(int32(binary.LittleEndian.Uint32(raw)))
		case uint32s:
			all[i] = int64(binary.LittleEndian.Uint32(raw))
		case doubles:
			x := math.Float64frombits(binary.LittleEndian.Uint64(raw))
			if x != math.Trunc(x) || math.Abs(x) > 1<<53 {
				return nil, fmt.Errorf("element %d is %v, want a whole number", i, x)
			}
			all[i] = int64(x)
		}
	}
	return all, nil
}

// Bytes returns the elements of an array of bytes.
func (a Array) Bytes() ([]byte, error) {
	if a.kind != uint8s {
		return nil, fmt.Errorf("elements of type %d, want %d (bytes)", a.kind, uint8s)
	}
	return a.Data, nil
}
