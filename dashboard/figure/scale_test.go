package figure

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// Each period of a time axis is used between the width at which its ticks become few enough and the one at which those
// of the next would be.
func TestTimeHasTicksAtEachPeriod(t *testing.T) {
	want := []float64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400}
	for i, period := range want {
		width := 8 * period
		if got := Time.ticks(axis{low: 0, high: width}, 8); len(got) != 9 || got[1] != period || got[8] != width {
			t.Errorf("%v s: ticks %v, want every %v", width, got, period)
		}
		next := 2 * 86400.0
		if i+1 < len(want) {
			next = want[i+1]
		}
		if got := Time.ticks(axis{low: 0, high: width + 1}, 8); got[1] != next {
			t.Errorf("%v s: ticks %v, want every %v", width+1, got, next)
		}
	}
	for _, c := range []struct {
		scale     Scale
		low, high float64
		n         int
		want      string
	}{
		{Time, 0, 1.9, 4, "[0 0.5 1 1.5]"}, {Time, 0, 2, 4, "[0 1 2]"},
		{Time, 1e6, 1e6 + 24*3600*8*2.5, 8, "[1.0368e+06 1.296e+06 1.5552e+06 1.8144e+06 2.0736e+06 2.3328e+06 2.592e+06]"},
		{Whole, 1, 3, 8, "[1 2 3]"}, {Whole, 1, 9, 8, "[1 2 3 4 5 6 7 8 9]"}, {Whole, 1, 9.5, 8, "[2 4 6 8]"},
		{Whole, 1, 2.9, 8, "[1 1.5 2 2.5]"}, {Numbers, 1, 3, 4, "[1 1.5 2 2.5 3]"},
		{Numbers, 0, 0.7, 7, "[0 0.1 0.2 0.3 0.4 0.5 0.6 0.7]"}, {Numbers, -1, 1, 0, "[-1]"}, {Numbers, 0, math.Inf(1), 3, "[0]"},
		{Numbers, 2, 1, 3, "[2]"}, {Numbers, 0, 1, 1, "[0 1]"}, {Numbers, 0, 20, 1, "[0 20]"}, {Numbers, 0, 51, 1, "[0]"},
	} {
		var got []string
		for _, v := range c.scale.ticks(axis{low: c.low, high: c.high}, c.n) {
			got = append(got, label(v))
		}
		if s := fmt.Sprint(got); s != c.want {
			t.Errorf("%d ticks of %v from %v to %v: %s, want %s", c.n, c.scale, c.low, c.high, s, c.want)
		}
	}
}

func TestTicksHaveTheUnitOfTheirAxis(t *testing.T) {
	for _, c := range []struct {
		scale       Scale
		value, high float64
		want        string
	}{
		{Numbers, 0.1 + 0.2, 1, "0.3"}, {Numbers, 1e7, 1e7, "1e+07"}, {Whole, 1e7, 1e7, "10000000"}, {Whole, 2, 7200, "2"},
		{Time, 90, 119, "90 s"}, {Time, 90, 120, "1.5 min"}, {Time, 1800, 7199, "30 min"}, {Time, 1800, 7200, "0.5 h"},
	} {
		if got := c.scale.label(c.value, axis{high: c.high}); got != c.want {
			t.Errorf("%v on an axis to %v: %q, want %q", c.value, c.high, got, c.want)
		}
	}
	for v, want := range map[float64]string{0: "0", 1.5: "+1.5", -1.5: "−1.5", -1e-7: "−1e-07"} {
		if got := signed(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

func TestSpansAreNeverEmpty(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		values    []float64
		low, high float64
	}{
		{nil, 0, 1}, {[]float64{nan, inf, -inf}, 0, 1}, {[]float64{3, -2, nan, inf}, -2, 3}, {[]float64{5}, 4.5, 5.5},
		{[]float64{-5, -5}, -5.5, -4.5}, {[]float64{0}, -1e-9, 1e-9},
	} {
		if low, high := span(c.values...); low != c.low || high != c.high {
			t.Errorf("%v spans %v to %v, want %v to %v", c.values, low, high, c.low, c.high)
		}
	}
	a := axis{low: 10, high: 20, from: 100, to: 0}
	for v, want := range map[float64]float64{10: 100, 20: 0, 15: 50, 25: -50} {
		if got := a.at(v); got != want {
			t.Errorf("%v is at %v, want %v", v, got, want)
		}
	}
	if got := (axis{low: 1, high: 1, from: 100, to: 50}).at(7); got != 75 {
		t.Errorf("an empty axis has its middle at %v, want 75", got)
	}
	if low, high := a.clamped(-99), a.clamped(99); low != 100 || high != 0 {
		t.Errorf("clamped to %v and %v, want 100 and 0", low, high)
	}
}

// A key's colour is a promise: pictures of earlier days have it. From the eleventh on lines are dashed.
func TestKeysHaveTheirKnownStyles(t *testing.T) {
	var keys []string
	for i := range 52 {
		keys = append(keys, fmt.Sprint("cell ", i))
	}
	styles := Assign(slices.Concat(keys[:12], keys[:3], keys[12:]))
	var got []int
	for i, k := range keys {
		if styles[k].Dash != i/10%5 {
			t.Errorf("%s, the %d., has dash %d", k, i+1, styles[k].Dash)
		}
		got = append(got, styles[k].Slot)
	}
	want := []int{3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 8, 7}
	if fmt.Sprint(got[:12]) != fmt.Sprint(want) {
		t.Errorf("slots %v, want %v", got[:12], want)
	}
}
