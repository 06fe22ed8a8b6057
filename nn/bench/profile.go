package bench

import (
	"cmp"
	"slices"
	"strings"

	"workbench/nn/plan"
)

// Operator is the time of all instructions with one name and one implementation (and
// one shape, if shapes are told apart).
type Operator struct {
	Name           string  `json:"name"`
	Implementation string  `json:"implementation"`
	Shape          string  `json:"shape,omitempty"`
	Count          int     `json:"count"`
	Seconds        float64 `json:"seconds"` // of one step
	FLOPs          float64 `json:"flops"`   // of one step; convolutions and linear layers only
	Fault          bool    `json:"fault"`   // the library has a faster implementation for this class of machine
}

// Operators sums up the instructions, the slowest operator first. wide says that the processor has vectors of 512 bits.
func Operators(timings []plan.Timing, shapes, wide bool) []Operator {
	var all []Operator
	at := map[[3]string]int{}
	for _, t := range timings {
		key := [3]string{t.Name, t.Implementation, ""}
		if shapes {
			key[2] = t.Shape
		}
		i, known := at[key]
		if !known {
			i = len(all)
			at[key] = i
			all = append(all, Operator{Name: key[0], Implementation: key[1], Shape: key[2], Fault: slow(key[1], wide)})
		}
		all[i].Count++
		all[i].Seconds += t.Seconds
		all[i].FLOPs += t.FLOPs
	}
	slices.SortStableFunc(all, func(a, b Operator) int { return cmp.Compare(b.Seconds, a.Seconds) })
	return all
}

// slow tells whether oneDNN uses an implementation only because it lacks a better one: its reference
// loops, convolutions through a matrix product, batch norm of images that are not in blocks, and
// code for 256 bits on a processor that has 512.
func slow(implementation string, wide bool) bool {
	for _, word := range strings.FieldsFunc(implementation, func(r rune) bool { return r == ':' || r == '_' || r == '+' }) {
		switch {
		case word == "ref", word == "gemm", word == "ncsp", word == "nspc":
			return true
		case wide && (word == "avx2" || word == "sse41" || word == "avx"):
			return true
		}
	}
	return false
}

// Backends give kernels that are not the library's the name ownKernels. With a colon and a name after it, the kernel
// takes the place of one that the library has too, because it is faster.
const ownKernels = "workbench"

// Outside returns which shares of a step of so many seconds no kernel of the library ran: in this program's kernels
// that replace one of the library's, in its other kernels, and between instructions.
func Outside(timings []plan.Timing, step float64) (instead, own, between float64) {
	all := 0.0
	for _, t := range timings {
		all += t.Seconds
		switch {
		case strings.HasPrefix(t.Implementation, ownKernels+":"):
			instead += t.Seconds
		case t.Implementation == ownKernels:
			own += t.Seconds
		}
	}
	return instead / step, own / step, max(0, 1-all/step)
}
