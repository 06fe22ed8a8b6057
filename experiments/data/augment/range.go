package augment

import (
	"fmt"

	"workbench/nn/option"
)

// Range is from where to where a number is drawn.
type Range struct{ Low, High float64 }

// around a factor of 1 by a strength: from 1 − strength, but not below 0, to 1 + strength.
func around(strength float64) Range { return Range{max(0, 1-strength), 1 + strength} }

// rangeOf reads a range from an option that is a list of two numbers, both above 0 and at most most; most 0: any.
func rangeOf(s option.Settings, name string, most float64) (Range, error) {
	list := s.Floats(name)
	if len(list) == 2 && 0 < list[0] && list[0] <= list[1] && (most == 0 || list[1] <= most) {
		return Range{list[0], list[1]}, nil
	}
	want := "two numbers above 0"
	if most > 0 {
		want = fmt.Sprintf("two numbers from above 0 to %v", most)
	}
	return Range{}, fmt.Errorf("%s is %s, want %s, the smaller first", name, option.Label(list), want)
}
