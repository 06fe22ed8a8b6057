package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/iec"
	"workbench/experiments/metric"
)

// missing stands where there is no value.
const missing = "–"

// percentOf scales a metric to what people read: a ratio to percent, with the sign that follows the number.
func percentOf(name string) (scale float64, sign string) {
	q := metric.Of(name)
	scale, unit := q.Shown()
	if q.Percent {
		return scale, " " + unit
	}
	return scale, ""
}

// headOf is a metric as the head of a column.
func headOf(name string) string {
	_, sign := percentOf(name)
	return name + sign
}

// value is a metric's value without a known spread.
func value(name string, v float64) cell {
	if scale, sign := percentOf(name); sign != "" {
		return cell{v, decimal(scale*v, 2)}
	}
	switch size := math.Abs(v); {
	case size >= 1000:
		return cell{v, decimal(v, 0)}
	case size >= 0.1 || size == 0:
		return cell{v, decimal(v, 3)}
	}
	return cell{v, strconv.FormatFloat(v, 'g', 3, 64)}
}

// optional is the value of a metric in a map that may lack it.
func optional(name string, values map[string]float64) cell {
	if v, ok := values[name]; ok {
		return value(name, v)
	}
	return cell{nil, missing}
}

// best is the best value of a metric over all evaluations of the run; without a better side it is the highest.
func best(name string, r experiments.RunInfo) cell {
	if metric.BetterSide(name) == metric.Lower {
		return optional(name, r.Min)
	}
	return optional(name, r.Max)
}

func decimal(v float64, digits int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return strings.Replace(fmt.Sprint(v), "Inf", "∞", 1)
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, "-", "−", 1)
}

// digitsFor gives the decimals that a value with this spread deserves: two significant digits of the spread.
func digitsFor(spread float64) int {
	if !(spread > 0) || math.IsInf(spread, 0) {
		return 2
	}
	return min(max(1-int(math.Floor(math.Log10(spread))), 0), 5)
}

// withSpread shows mean ± half-width of an interval, both scaled; the half-width is missing where it is NaN.
func withSpread(name string, mean, half float64) string {
	scale, _ := percentOf(name)
	mean, half = scale*mean, scale*half
	switch {
	case math.IsNaN(mean):
		return missing
	case math.IsNaN(half):
		return decimal(mean, digitsFor(0)) + " ± " + missing
	}
	digits := digitsFor(half)
	return decimal(mean, digits) + " ± " + decimal(half, digits)
}

// signed is withSpread for differences: the sign is always there.
func signed(name string, mean, half float64) string {
	s := withSpread(name, mean, half)
	if mean >= 0 && !math.IsNaN(mean) {
		s = "+" + s
	}
	return s
}

// count groups the digits of a whole number: 272,474.
func count(n int64) string { return iec.Grouped(n, iec.Comma) }

func counted(n int64) cell { return cell{n, count(n)} }

// measured is a count or a size that cannot be 0: then it is not known.
func measured(n int64, show func(int64) string) cell {
	if n == 0 {
		return cell{nil, missing}
	}
	return cell{n, show(n)}
}

// seedOf is a seed with its digits as they are typed.
func seedOf(r experiments.Run) cell { return cell{r.Seed, strconv.FormatUint(r.Seed, 10)} }

// magnitude shortens a large count: 40.8 M, 1.23 T.
func magnitude(n float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e15, " P"}, {1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}} {
		if n >= 0.9995*u.size {
			return strconv.FormatFloat(n/u.size, 'g', 3, 64) + u.name
		}
	}
	return strconv.FormatFloat(n, 'g', 3, 64)
}

// short is a large count with three digits.
func short(n int64) string { return magnitude(float64(n)) }

// took is a duration as people say it.
func took(d time.Duration) string {
	switch {
	case d < 0:
		return missing
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d m %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %02d m", int(d.Hours()), int(d.Minutes())%60)
}

// lasting is a number of seconds as people say it.
func lasting(seconds float64) string { return took(time.Duration(seconds * float64(time.Second))) }

func seconds(s float64) cell {
	if math.IsNaN(s) || s == 0 {
		return cell{nil, missing}
	}
	return cell{s, lasting(s)}
}

// ago is when something happened, seen from now.
func ago(t, now time.Time) cell {
	if t.IsZero() {
		return cell{nil, missing}
	}
	said := took(now.Sub(t)) + " ago"
	if now.Sub(t) < time.Second {
		said = "now"
	}
	return cell{t.UTC().Format(time.RFC3339), said}
}
