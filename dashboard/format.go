package dashboard

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

// minus is the typographic one: as wide as a plus, so that signed columns line up.
const minus = "−"

var statuses = []experiments.Status{experiments.Done, experiments.Running, experiments.Queued, experiments.Interrupted,
	experiments.Failed, experiments.Diverged, experiments.Blocked}

// shown writes a value of a metric: ratios that are read in per cent with two decimals, others with four digits.
func shown(name string, v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 0):
		return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), "-", minus, 1)
	case metric.Of(name).Percent:
		return fixed(scaled(name, v), 2)
	}
	return digits(v, 4)
}

// difference writes a signed difference of a metric, that of ratios in points.
func difference(name string, v float64) string {
	s := shown(name, v)
	if v > 0 && !math.IsInf(v, 0) {
		return "+" + s
	}
	return s
}

// unit of a metric's shown values; "" if it has none.
func unit(name string) string {
	_, unit := metric.Of(name).Shown()
	return unit
}

// scaled is the value in its shown unit.
func scaled(name string, v float64) float64 {
	scale, _ := metric.Of(name).Shown()
	return scale * v
}

func fixed(v float64, decimals int) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', decimals, 64), "-", minus, 1)
}

func digits(v float64, n int) string {
	if a := math.Abs(v); math.IsNaN(v) {
		return "–"
	} else if a >= 1000 && a < 1e15 {
		return strings.Replace(grouped(int64(math.Round(v))), "-", minus, 1)
	}
	return strings.Replace(strconv.FormatFloat(v, 'g', n, 64), "-", minus, -1)
}

// grouped writes a whole number with thin spaces between thousands.
func grouped(n int64) string { return iec.Grouped(n, iec.ThinSpace) }

// scale writes a count with a decimal prefix: 272 k, 41 M, 4.1 G.
func scale(n float64, unit string) string {
	for _, p := range []struct {
		factor float64
		prefix string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if n >= p.factor {
			return strings.TrimSpace(digits(n/p.factor, 3) + " " + p.prefix + unit)
		}
	}
	return strings.TrimSpace(digits(n, 3) + " " + unit)
}

// byteCount is a size; every size is shown with a decimal prefix.
type byteCount int64

// lasting writes a duration in its two largest units.
func lasting(seconds float64) string {
	switch s := seconds; {
	case math.IsNaN(s) || math.IsInf(s, 0):
		return "–"
	case s < 10:
		return digits(s, 2) + " s"
	case s < 60:
		return fixed(s, 0) + " s"
	case s < 3600:
		return fmt.Sprintf("%d m %02d s", int(s)/60, int(s)%60)
	case s < 86400:
		return fmt.Sprintf("%d h %02d m", int(s)/3600, int(s)%3600/60)
	default:
		return fmt.Sprintf("%d d %02d h", int(s)/86400, int(s)%86400/3600)
	}
}

// moment is a time as text and as a machine reads it; scripts turn it into "3 s ago".
type moment struct{ Text, Machine string }

func at(t time.Time) moment {
	if t.IsZero() {
		return moment{Text: "–"}
	}
	t = t.UTC()
	return moment{t.Format("2006-01-02 15:04:05"), t.Format(time.RFC3339Nano)}
}

// stalled says how long a running run has been silent and how often it promised to report; false if it keeps its word.
// Ten missed reports and at least five seconds make a stall.
func stalled(r experiments.RunInfo, now time.Time) (silent, promised time.Duration, yes bool) {
	if r.Status != experiments.Running || r.Progress == nil {
		return 0, 0, false
	}
	silent, promised = now.Sub(r.Progress.Time), r.Progress.Interval
	return silent, promised, silent > max(10*promised, 5*time.Second)
}
