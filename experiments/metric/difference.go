package metric

import (
	"math"
	"strconv"
	"strings"
)

// Difference writes the difference of two values of a metric in a sentence, with its sign and in the unit in which
// tables show it: "+0.88 points" for a ratio that people read in percent, "−0.0213 nats". It is "–" if it is not known.
func Difference(name string, v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	scale, unit := Of(name).Shown()
	text := strconv.FormatFloat(scale*v, 'g', 3, 64)
	if Of(name).Percent {
		text, unit = strconv.FormatFloat(scale*v, 'f', 2, 64), "points"
	}
	if !strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "+") {
		text = "+" + text
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "-", "−") + " " + unit)
}
