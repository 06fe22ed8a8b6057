package data

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments/data/raster"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// classesOption makes a set of some classes of another.
var classesOption = Option{
	Name: "classes", Default: "", Later: true,
	Want: "names or numbers of classes, with spaces between, or with commas in quotation marks",
	Doc: "the classes whose images there are, in training and evaluation, counted anew from 0; " +
		"5-9 is from the sixth to the tenth; empty: all",
}

// limited is the set with the images of the classes that settings choose.
func limited(set Set, given map[string]any) (Set, error) {
	said := option.Complete([]Option{classesOption}, given).String(classesOption.Name)
	if strings.TrimSpace(said) == "" {
		return set, nil
	}
	chosen, err := chosenClasses(said, set.Info().Classes)
	if err != nil {
		return nil, &OptionError{classesOption.Name, err}
	}
	if _, noisy := As[interface{ Given() []int32 }](set); noisy {
		return nil, &OptionError{classesOption.Name,
			errors.New("the labels that people gave are those of all classes; want dataset.labels=clean")}
	}
	s := &someClasses{Set: set, info: set.Info()}
	s.info.Classes = nil
	anew := map[int]int{}
	for k, class := range chosen {
		anew[class] = k
		s.info.Classes = append(s.info.Classes, set.Info().Classes[class])
	}
	for split := range splits {
		split := Split(split)
		for i := range set.Len(split) {
			if label := set.Label(split, i); label < 0 { // nobody knows whether it is of these classes
				s.index[split], s.labels[split] = append(s.index[split], int32(i)), append(s.labels[split], -1)
			} else if k, wanted := anew[label]; wanted {
				s.index[split], s.labels[split] = append(s.index[split], int32(i)), append(s.labels[split], int32(k))
			}
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "classes 1\nset %s\nclasses %v\n", set.Digest(), chosen))
	s.digest = hex.EncodeToString(sum[:])
	if originals, has := As[Originals](set); has {
		return &someOriginals{s, originals}, nil
	}
	return s, nil
}

// chosenClasses are the indexes of the classes that are said, in the order in which they are said.
func chosenClasses(said string, names []string) (chosen []int, err error) {
	taken := map[int]bool{}
	for _, word := range wordsOf(said, names) {
		from, to, err := classRange(word, names)
		if err != nil {
			return nil, err
		}
		for class := from; class <= to; class++ {
			if taken[class] {
				return nil, fmt.Errorf("class %d (%s) is there twice", class, names[class])
			}
			taken[class], chosen = true, append(chosen, class)
		}
	}
	if len(chosen) < 2 {
		return nil, fmt.Errorf("want at least 2 classes, got %q", said)
	}
	return chosen, nil
}

// wordsOf are the classes that are said, one by one. Commas part them, and so do spaces, but not those of a name.
func wordsOf(said string, names []string) []string {
	var all []string
	for _, part := range strings.Split(said, ",") {
		part = strings.TrimSpace(part)
		if slices.Contains(names, part) {
			all = append(all, part)
			continue
		}
		all = append(all, strings.Fields(part)...)
	}
	return all
}

// classRange reads the name of a class, its number, or two numbers with a hyphen between.
func classRange(word string, names []string) (from, to int, err error) {
	for i, name := range names {
		if name == word {
			return i, i, nil
		}
	}
	low, high, isRange := strings.Cut(word, "-")
	if !isRange {
		high = low
	}
	from, err = strconv.Atoi(low)
	if err == nil {
		to, err = strconv.Atoi(high)
	}
	switch {
	case err != nil:
		return 0, 0, fmt.Errorf("unknown class %q%s", word, nearest.Hint(word, names))
	case from < 0 || to >= len(names) || from > to:
		return 0, 0, fmt.Errorf("want numbers from 0 to %d, the lower first, got %q", len(names)-1, word)
	}
	return from, to, nil
}

// someClasses is a set without the images of other classes.
type someClasses struct {
	Set
	info   Info
	digest string
	index  [len(splits)][]int32 // by row: which image of the split it is
	labels [len(splits)][]int32
}

func (s *someClasses) Info() Info                   { return s.info }
func (s *someClasses) Digest() string               { return s.digest }
func (s *someClasses) Len(split Split) int          { return len(s.index[split]) }
func (s *someClasses) Label(split Split, i int) int { return int(s.labels[split][i]) }

func (s *someClasses) Pixels(split Split, i int, dst []uint8) error {
	return s.Set.Pixels(split, int(s.index[split][i]), dst)
}

// Unwrap finds what the set has to say of its files.
func (s *someClasses) Unwrap() Set { return s.Set }

// someOriginals does the same for images that have sizes of their own.
type someOriginals struct {
	*someClasses
	originals Originals
}

func (s *someOriginals) Original(split Split, i int, m *raster.Image) error {
	return s.originals.Original(split, int(s.index[split][i]), m)
}

func (s *someOriginals) Fit(m *raster.Image) raster.Cut { return s.originals.Fit(m) }
