package weights

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// DType is an element type by its name in safetensors. Files may hold any of them, and PyTorch's some more; those of
// the tables floats and wholes can be read.
type DType string

const (
	F16  DType = "F16"  // IEEE 754 binary16
	BF16 DType = "BF16" // the upper half of an F32
	F32  DType = "F32"
	F64  DType = "F64"
	I64  DType = "I64"
)

// widths are the bits of an element, for every type of the format (github.com/huggingface/safetensors,
// safetensors/src/tensor.rs).
var widths = map[DType]uint64{
	"BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
	"I16": 16, "U16": 16, F16: 16, BF16: 16, "I32": 32, "U32": 32, F32: 32, "I64": 64, "U64": 64, F64: 64, "C64": 64,
}

// dtypes returns the names of all types, sorted.
func dtypes() []string {
	var names []string
	for d := range maps.Keys(widths) {
		names = append(names, string(d))
	}
	slices.Sort(names)
	return names
}

// floats decode an element as float32. F16 and BF16 are exact in it; F64 is rounded to the nearest.
var floats = map[DType]func(b []byte) float32{
	F32: func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) },
	F64: func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) },
	BF16: func(b []byte) float32 {
		return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
	},
	F16: func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) },
}

// wholes decode an element as a whole number.
var wholes = map[DType]func(b []byte) int64{
	I64:    func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) },
	"I32":  func(b []byte) int64 { return int64(int32(binary.LittleEndian.Uint32(b))) },
	"U32":  func(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) },
	"I16":  func(b []byte) int64 { return int64(int16(binary.LittleEndian.Uint16(b))) },
	"U16":  func(b []byte) int64 { return int64(binary.LittleEndian.Uint16(b)) },
	"I8":   func(b []byte) int64 { return int64(int8(b[0])) },
	"U8":   func(b []byte) int64 { return int64(b[0]) },
	"BOOL": func(b []byte) int64 { return int64(b[0]) },
}

// half is the value of an IEEE 754 binary16, which has a sign, 5 bits of exponent with bias 15, and 10 bits of
// fraction.
func half(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero and subnormals: fraction · 2⁻²⁴
		magnitude := float32(fraction) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(magnitude))
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// float returns the decoder of a type and the bytes of an element, or an error that lists the types that can be read.
func (d DType) float() (decode func(b []byte) float32, size int, err error) {
	decode, ok := floats[d]
	if !ok {
		return nil, 0, fmt.Errorf("elements are %s, want one of %s", d, strings.Join([]string{"F32", "F16", "BF16", "F64"}, ", "))
	}
	return decode, int(widths[d] / 8), nil
}
