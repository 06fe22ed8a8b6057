package data

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"workbench/nn/rng"
)

// Part is some images of one split of a set. Its rows are numbered from 0.
type Part struct {
	Set    Set
	Split  Split
	Index  []int32 // by row: which image of the split; nil: all images in their order
	Labels []int32 // by row, in place of the set's labels; nil: those
}

// Len is the number of rows.
func (p Part) Len() int {
	if p.Index != nil {
		return len(p.Index)
	}
	return p.Set.Len(p.Split)
}

// Sample is the image of a row: its index in the split.
func (p Part) Sample(row int) int {
	if p.Index != nil {
		return int(p.Index[row])
	}
	return row
}

// Label of a row, an index into the set's classes; −1 if nobody knows its class.
func (p Part) Label(row int) int {
	if p.Labels != nil {
		return int(p.Labels[row])
	}
	return p.True(row)
}

// True is the label that the set gives a row, whatever the part says.
func (p Part) True(row int) int { return p.Set.Label(p.Split, p.Sample(row)) }

// Wrong is the share of rows whose label is not the set's.
func (p Part) Wrong() float64 {
	wrong := 0
	for row := range p.Len() {
		if p.Label(row) != p.True(row) {
			wrong++
		}
	}
	return float64(wrong) / float64(max(p.Len(), 1))
}

// String says in words where the images are from.
func (p Part) String() string {
	if p.Index != nil {
		return fmt.Sprintf("part of the %s split of %s", p.Split, p.Set.Info().Name)
	}
	return fmt.Sprintf("%s split of %s", p.Split, p.Set.Info().Name)
}

// Digest is a SHA-256 in hex of the set's digest, the split, the images in the order of their rows, and their labels if
// they are not the set's own. Equal digests mean equal data.
func (p Part) Digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "part 1\nset %s\nsplit %s\n", p.Set.Digest(), p.Split)
	for row := range p.Len() {
		h.Write(binary.LittleEndian.AppendUint32(nil, uint32(p.Sample(row))))
	}
	if p.Labels != nil {
		fmt.Fprintf(h, "\nlabels\n")
		binary.Write(h, binary.LittleEndian, p.Labels) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Check says what is wrong with the part: no set, no such split, an image that the split does not have, a label
// without a class, or not as many labels as images.
func (p Part) Check() error {
	switch {
	case p.Set == nil:
		return fmt.Errorf("no data set")
	case !p.Split.known():
		return fmt.Errorf("%s, want one of %s", p.Split, strings.Join(splits[:], ", "))
	}
	info, n := p.Set.Info(), p.Set.Len(p.Split)
	if p.Labels != nil && len(p.Labels) != p.Len() {
		return fmt.Errorf("%d labels for the %s, want %d", len(p.Labels), p, p.Len())
	}
	for row := range p.Len() {
		if i := p.Sample(row); i < 0 || i >= n {
			return fmt.Errorf("row %d of a %s is image %d, want 0 to %d", row, p, i, n-1)
		}
		if label := p.Label(row); label < -1 || label >= len(info.Classes) {
			return fmt.Errorf("image %d of the %s split of %s has label %d, want 0 to %d, or -1 for none",
				p.Sample(row), p.Split, info.Name, label, len(info.Classes)-1)
		}
	}
	return nil
}

// rows is the part that consists of some rows, in the order of the part.
func (p Part) rows(chosen []int32) Part {
	slices.Sort(chosen)
	some := Part{Set: p.Set, Split: p.Split, Index: make([]int32, len(chosen))} // not nil, which would be all images
	if p.Labels != nil {
		some.Labels = make([]int32, len(chosen))
	}
	for k, row := range chosen {
		some.Index[k] = int32(p.Sample(int(row)))
		if p.Labels != nil {
			some.Labels[k] = p.Labels[row]
		}
	}
	return some
}

// byClass gives the rows of each class, each class in an order that the seed draws for it in a stream of its own. The
// place of an image depends on seed, split and image alone: of two parts that share images, the shared ones stand in
// the same order. Images without a label are a class of their own, the last.
func (p Part) byClass(stream string, seed uint64) [][]int32 {
	classes := make([][]int32, len(p.Set.Info().Classes)+1)
	for row := range p.Len() {
		label := p.Label(row)
		if label < 0 {
			label = len(classes) - 1
		}
		classes[label] = append(classes[label], int32(row))
	}
	key := rng.Key(seed, stream, uint64(p.Split))
	for _, rows := range classes {
		slices.SortFunc(rows, func(a, b int32) int {
			return cmp.Or(cmp.Compare(p.chance(key, a), p.chance(key, b)), cmp.Compare(a, b))
		})
	}
	return classes
}

// chance is the number that a key draws for the image of a row.
func (p Part) chance(key uint64, row int32) uint64 { return rng.Sub(key, uint64(p.Sample(int(row)))) }

// class says in errors of which class images are.
func (p Part) class(label int) string {
	names := p.Set.Info().Classes
	switch {
	case label < 0 || label >= len(names):
		return "without a label"
	case names[label] == "":
		return fmt.Sprintf("of class %d", label)
	}
	return fmt.Sprintf("of class %s", names[label])
}
