package store

import (
	"math"
	"slices"

	"workbench/experiments"
)

// kinds of points that thin keeps of a stretch, the most important first.
const thinKinds = 5

// thin keeps at most max points (0: all) such that the curve looks the same: of equal stretches the last and first
// point, the greatest and least finite value, and the first value that is not finite. The first and last point of all
// are kept whenever max allows two.
func thin(points []experiments.Point, max int) []experiments.Point {
	if max <= 0 || len(points) <= max {
		return points
	}
	stretches := max / thinKinds
	if stretches == 0 {
		return pick(points, characteristic(points)[:max])
	}
	kept := make([]experiments.Point, 0, max)
	for i := range stretches {
		stretch := points[i*len(points)/stretches : (i+1)*len(points)/stretches]
		kept = append(kept, pick(stretch, characteristic(stretch))...)
	}
	return kept
}

// characteristic are the indices of the points to keep of a stretch (not empty), the most important first. An index
// that has no point of its own repeats the first.
func characteristic(points []experiments.Point) []int {
	index := [thinKinds]int{len(points) - 1, 0, 0, 0, 0}
	least, greatest, broken := math.Inf(1), math.Inf(-1), false
	for i, p := range points {
		switch {
		case !isFinite(p.Value):
			if !broken {
				broken, index[4] = true, i
			}
		default:
			if p.Value > greatest {
				greatest, index[2] = p.Value, i
			}
			if p.Value < least {
				least, index[3] = p.Value, i
			}
		}
	}
	return index[:]
}

// pick takes the points at the indices in order, each once.
func pick(points []experiments.Point, index []int) []experiments.Point {
	index = slices.Clone(index)
	slices.Sort(index)
	var picked []experiments.Point
	for _, i := range slices.Compact(index) {
		picked = append(picked, points[i])
	}
	return picked
}
