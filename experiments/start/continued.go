package start

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"workbench/nn/option"
)

// Names of the options by which a run continues one that is done.
const (
	continueKey = "continue"
	otherRates  = "other_rates"
)

// continuing are these options.
var continuing = []option.Option{
	{Name: continueKey, Default: []float64(nil), Alone: true, Later: true,
		Want: "a number of epochs below epochs, such as 5, or several that rise",
		Doc: "the run goes on from the last state of the same run with so many epochs (weights, optimizer, random streams, steps), which is " +
			"trained first where it is not done; [5, 20]: of one that has itself continued one of 5. Where the learning rate and all else " +
			"that follows a course had the same values in these epochs (schedule constant; step or multi-step by epochs), the result is " +
			"that of a run from scratch bit for bit; else it is refused, see other_rates"},
	{Name: otherRates, Default: false, Later: true,
		Doc: "continue also where the earlier run had other rates in its epochs than this one would have had (as with cosine): the result " +
			"is that of another protocol than a run from scratch"},
}

// Section are all keys of the section "start".
var Section = slices.Concat(Options, continuing)

// continued is the start with what the options say of runs that it continues.
func (s Start) continued(given option.Settings) Start {
	for _, e := range given.Floats(continueKey) {
		s.Continues = append(s.Continues, int(e))
	}
	s.OtherRates = given.Bool(otherRates)
	return s
}

// Parent takes from a section that continues what its parent does not have, and returns the parent's epochs.
func Parent(given map[string]any) (section map[string]any, epochs int) {
	all := Of(given).Continues
	section = maps.Clone(given)
	last := len(all) - 1
	if last == 0 {
		delete(section, continueKey)
		delete(section, otherRates)
	} else {
		before := make([]float64, last)
		for i := range before {
			before[i] = float64(all[i])
		}
		section[continueKey] = before
	}
	return section, all[last]
}

// ContinueConflicts is what is wrong with the epochs that are continued, of a run of so many; NaN: not known.
func ContinueConflicts(s option.Settings, epochs float64) []option.Conflict {
	before := 0.0
	for _, e := range s.Floats(continueKey) {
		if e != math.Trunc(e) || e <= before || e >= epochs {
			return []option.Conflict{{Option: continueKey,
				Message: fmt.Sprintf("want whole numbers of epochs that rise and are below epochs = %v, got %v after %v", epochs, e, before)}}
		}
		before = e
	}
	if before > 0 && math.IsNaN(epochs) {
		return []option.Conflict{{Option: continueKey, Message: "want epochs in place of length: a run that continues has whole epochs"}}
	}
	if before == 0 && s.Bool(otherRates) {
		return []option.Conflict{{Option: otherRates, Message: "has no effect without " + continueKey}}
	}
	return nil
}
