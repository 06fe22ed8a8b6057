package data

import (
	"fmt"
	"slices"

	"workbench/nn/nearest"
)

// Split is one of the parts into which the publishers of data sets divide them. Many sets have two of them only.
type Split int

const (
	Train Split = iota
	Test
	Val
	Unlabeled // images whose class nobody knows
)

var splits = [...]string{Train: "train", Test: "test", Val: "val", Unlabeled: "unlabeled"}

// String is the name of the split, as studies and metrics have it.
func (s Split) String() string {
	if s.known() {
		return splits[s]
	}
	return fmt.Sprintf("split %d", int(s))
}

func (s Split) known() bool { return s >= 0 && int(s) < len(splits) }

// ParseSplit finds a split by its name. The error for an unknown name gives the nearest names.
func ParseSplit(name string) (Split, error) {
	i := slices.Index(splits[:], name)
	if i < 0 {
		return 0, fmt.Errorf("unknown split %q%s", name, nearest.Hint(name, splits[:]))
	}
	return Split(i), nil
}
