package claim

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"workbench/experiments/metric"
	"workbench/experiments/stats"
)

// Comparison is what a training claim compares: cells of a study by a metric, with the rule that decides, which is
// fixed before any of its runs.
type Comparison struct {
	Study   string
	Metric  string  // such as "test/top1"
	Measure string  // what of the metric speaks for a run: one of Measures
	Reach   float64 // of Epochs: the value that counts as reached, in the unit in which people read the metric
	// Relative compares ratios of the cells' values in place of differences: a delta of 5 is five times as much.
	Relative bool

	Tests      []Test // all must hold
	Alpha      float64
	Planned    int   // seeds, at least five
	Looks      []int // numbers of seeds at which the runs are judged; the last is Planned
	Selection  string
	Noise      string // kind of label noise in the source, "" without
	Protocol   string
	Deviations []string // from the source's protocol
}

// Test is one comparison of a claim: a cell with another, or with a level. A factor that a cell does not name has its
// baseline level.
type Test struct {
	Cell  map[string]string
	Than  map[string]string // nil: the cell is compared with Level
	Level float64           // in the unit in which people read the metric
	// Direction is where the claim says that the cell lies: one of Directions.
	Direction string
	// Delta is the smallest difference that matters, in points of a ratio, else in the metric's unit; of a relative
	// comparison a factor above 1. The cell is compared with a level without one.
	Delta float64
}

// What of a metric speaks for a run.
const (
	Final  = "value"  // what the selected epoch measured
	Gap    = "gap"    // the value on the training split less the value
	Epochs = "epochs" // passes over the training split until the metric reached a value
)

// Measures are all of these.
var Measures = []string{Final, Gap, Epochs}

// Directions of a comparison.
const (
	Higher     = "higher"
	Lower      = "lower"
	Equal      = "equivalent"
	mostTests  = 20
	mostLooks  = stats.MaxLooks
	mostFactor = 1e6
)

// Directions are all of these.
var Directions = []string{Higher, Lower, Equal}

// The epochs that can be reported.
const (
	LastEpoch      = "last epoch"
	BestValidation = "best on validation"
)

// Selections are all of these.
var Selections = []string{LastEpoch, BestValidation}

// leastPlanned is the least number of seeds that a comparison plans: with fewer, few tests can decide anything.
const leastPlanned = 5

// Scale turns the metric's own unit into that in which people read it: a ratio into percent.
func (c Comparison) Scale() (scale float64, unit string) {
	if c.Relative {
		return 1, "times"
	}
	if c.Measure == Epochs {
		return 1, "epochs"
	}
	q := metric.Of(c.Metric)
	scale, unit = q.Shown()
	if q.Percent {
		unit = "points"
	}
	return scale, unit
}

// Describe says the rule in a line.
func (c Comparison) Describe() string {
	var tests []string
	for _, t := range c.Tests {
		tests = append(tests, c.describe(t))
	}
	looks := ""
	if len(c.Looks) > 1 {
		looks = fmt.Sprintf(", judged at %v seeds (Lan-DeMets, O'Brien-Fleming)", c.Looks)
	}
	family := ""
	if len(c.Tests) > 1 {
		family = fmt.Sprintf(", corrected over %d tests (Holm), all must hold", len(c.Tests))
	}
	return fmt.Sprintf("%s: %s; paired t-test, alpha %v, %d seeds, %s%s%s", c.measured(), strings.Join(tests, "; "), c.Alpha, c.Planned,
		c.Selection, looks, family)
}

// measured names what is compared.
func (c Comparison) measured() string {
	switch c.Measure {
	case Gap:
		return metric.Counterpart(c.Metric, metric.Train) + " less " + c.Metric
	case Epochs:
		return fmt.Sprintf("epochs until %s reaches %v", c.Metric, c.Reach)
	}
	return c.Metric
}

func (c Comparison) describe(t Test) string {
	_, unit := c.Scale()
	than := "the level " + Text(t.Level)
	if t.Than != nil {
		than = CellText(t.Than)
	}
	switch {
	case t.Direction == Equal:
		return fmt.Sprintf("%s equals %s within %s", CellText(t.Cell), than, strings.TrimSpace(Text(t.Delta)+" "+unit))
	case t.Than == nil:
		return fmt.Sprintf("%s is %s than %s", CellText(t.Cell), t.Direction, than)
	}
	return fmt.Sprintf("%s is %s than %s by %s or more", CellText(t.Cell), t.Direction, than, strings.TrimSpace(Text(t.Delta)+" "+unit))
}

// CellText is a cell as "shortcut=A depth=20", the baseline if it names no factor.
func CellText(levels map[string]string) string {
	if len(levels) == 0 {
		return "the baseline"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(levels)) {
		parts = append(parts, name+"="+levels[name])
	}
	return strings.Join(parts, " ")
}

// inconsistent says what of the comparison does not go with the claim's kind of decision, "" if all does.
func (c Comparison) inconsistent(of Claim) string {
	if len(c.Tests) == 0 {
		return "" // has been told of
	}
	levels := slices.ContainsFunc(c.Tests, func(t Test) bool { return t.Than == nil })
	equal := slices.ContainsFunc(c.Tests, func(t Test) bool { return t.Direction == Equal })
	for _, t := range c.Tests {
		least := 0.0
		if c.Relative {
			least = 1
		}
		if t.Than != nil && !(t.Delta > least && t.Delta <= mostFactor) {
			return fmt.Sprintf("want a delta above %v, the smallest difference that matters, got %v", least, t.Delta)
		}
		if c.Relative && t.Than == nil {
			return "a relative comparison is between cells"
		}
	}
	switch {
	case of.Decision == Exact:
		return "trained runs are never exact: want greater, equivalent, ordered or threshold"
	case of.Decision == Threshold && !levels:
		return "decision threshold needs a level to compare a cell with"
	case of.Decision != Threshold && levels:
		return "a level is of decision threshold"
	case (of.Decision == Equivalent) != equal:
		return "direction equivalent is of decision equivalent"
	case (c.Measure == Epochs) != (c.Reach != 0):
		return "reach is the value that counts as reached, of measure epochs"
	}
	return ""
}

// Stops are where the runs are judged: at the planned number alone unless others are said.
func (c Comparison) Stops() []int {
	if len(c.Looks) > 0 {
		return c.Looks
	}
	return []int{c.Planned}
}

// value turns what was measured into what is compared: logarithms where ratios are.
func (c Comparison) value(v float64) float64 {
	if c.Relative {
		return math.Log(v)
	}
	return v
}
