package data

import "math/bits"

// figures are the classes of shapes, in the order of their labels. A figure says which points it covers: u points right
// and v down from its centre, in units of its half-size (one = 1).
var figures = []struct {
	name   string
	covers func(u, v int) bool
}{
	{"disc", func(u, v int) bool { return u*u+v*v <= one*one }},
	{"square", func(u, v int) bool { return within(u, v, one*17/20) }},
	{"triangle up", triangle},
	{"triangle down", func(u, v int) bool { return triangle(u, -v) }},
	{"plus", func(u, v int) bool { return within(u, v, one) && (abs(u) <= one/3 || abs(v) <= one/3) }},
	{"ring", func(u, v int) bool { r := u*u + v*v; return r <= one*one && r >= one*one/3 }},
	{"vertical bars", func(u, v int) bool { return within(u, v, one) && bar(u) }},
	{"horizontal bars", func(u, v int) bool { return within(u, v, one) && bar(v) }},
	{"hollow square", func(u, v int) bool { return within(u, v, one*9/10) && !within(u, v, one/2) }},
	{"T", func(u, v int) bool { return within(u, v, one) && (v <= -one*2/5 || abs(u) <= one*3/10) }},
}

// one is 1 in the fixed point of the generator, which has 16 fraction bits.
const one = 1 << 16

// Products of two such numbers need 64 bits. A build for a machine with fewer stops here; it would draw other pictures.
const _ = uint(bits.UintSize - 64)

// within tells whether a point is in the axis-parallel square of half-size half around the centre.
func within(u, v, half int) bool { return abs(u) <= half && abs(v) <= half }

// triangle has its apex at (0, −1) and its base from (−1, 4/5) to (1, 4/5).
func triangle(u, v int) bool { return v <= one*4/5 && 9*abs(u) <= 5*(v+one) }

// bar is three bars, each 2/5 wide with gaps of 2/5, across one axis.
func bar(x int) bool { return abs(x) <= one/5 || abs(x) >= one*3/5 }

func abs(x int) int { return max(x, -x) }
