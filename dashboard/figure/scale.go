package figure

import (
	"math"
	"slices"
	"strconv"
)

// Scale is what the values of an axis are, which decides where its ticks are.
type Scale int

const (
	Numbers Scale = iota
	Whole         // steps, epochs: ticks at whole ones as long as there are several
	Time          // seconds: ticks at whole seconds, minutes, hours
)

// periods are the steps between the ticks of a time axis, in seconds.
var periods = []float64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600}

// ticks are about n round values inside the axis.
func (s Scale) ticks(a axis, n int) []float64 {
	width := a.high - a.low
	switch {
	case s == Whole && width >= 2 && width <= float64(n):
		return a.every(1)
	case s == Time && width >= 2:
		i := slices.IndexFunc(periods, func(p float64) bool { return width/p <= float64(n) })
		if i >= 0 {
			return a.every(periods[i])
		}
		return a.every(24 * 3600 * math.Ceil(width/float64(n)/(24*3600)))
	}
	return a.ticks(n)
}

// every multiple of a step inside the axis.
func (a axis) every(step float64) []float64 {
	var ticks []float64
	for i := math.Ceil(a.low/step - 1e-9); i*step <= a.high+step*1e-9; i++ {
		ticks = append(ticks, i*step+0)
	}
	return ticks
}

// label of a tick; all ticks of a time axis have one unit.
func (s Scale) label(t float64, a axis) string {
	switch {
	case s == Whole:
		return strconv.FormatFloat(t, 'f', -1, 64)
	case s == Numbers:
		return label(t)
	case a.high >= 2*3600:
		return label(t/3600) + " h"
	case a.high >= 120:
		return label(t/60) + " min"
	}
	return label(t) + " s"
}
