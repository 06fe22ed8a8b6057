package data

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"workbench/experiments/data/numpy"
	"workbench/experiments/data/release"
)

// The files of CIFAR-10 and CIFAR-100 come in two versions with the same images in the same order
// (https://www.cs.toronto.edu/~kriz/cifar.html). The binary one has records: the label bytes of an image, then its 3 ×
// 32 × 32 pixel bytes (the red, the green and the blue plane). The Python one has pickles of a dictionary with the
// pixels as an array [n, 3072] and a list of labels for each label byte.
const (
	cifarSide   = 32
	cifarPixels = 3 * cifarSide * cifarSide
)

// cifarRecords are the labels that stand before the pixels of an image, which of them counts, and what values each has.
type cifarRecords struct {
	keys    []string // in the Python version
	label   int      // index of the label that counts
	classes []int    // number of values of each label
}

// binary reads records.
func (r cifarRecords) binary(c release.Content) (piece, error) {
	raw, err := exactly(c)
	if err != nil {
		return piece{}, err
	}
	return r.split(raw)
}

// split takes labels and pixels apart. The pixels stay in the memory of the records.
func (r cifarRecords) split(raw []byte) (piece, error) {
	size := len(r.keys) + cifarPixels
	if len(raw)%size != 0 {
		return piece{}, fmt.Errorf("it has %d bytes, want a multiple of %d (records of %d labels and %d pixel bytes)",
			len(raw), size, len(r.keys), cifarPixels)
	}
	n := len(raw) / size
	p := piece{labels: make([]int32, n), pixels: raw[:0]}
	for i := range n {
		record := raw[i*size : (i+1)*size]
		for k, most := range r.classes {
			if int(record[k]) >= most {
				return p, fmt.Errorf("record %d (counted from 0) has label %d, want 0 to %d", i, record[k], most-1)
			}
		}
		p.labels[i] = int32(record[r.label])
		p.pixels = append(p.pixels, record[len(r.keys):]...) // where labels stood before: in place
	}
	return p, nil
}

// python reads a pickle, and tells of it what the binary version of the same images has.
func (r cifarRecords) python(binary map[string]string) func(release.Content) (piece, error) {
	return func(c release.Content) (piece, error) {
		text, err := exactly(c)
		if err != nil {
			return piece{}, err
		}
		raw, err := r.unpickled(text)
		if err != nil {
			return piece{}, err
		}
		sum := sha256.Sum256(raw)
		p, err := r.split(raw)
		p.name, p.sha256 = binary[c.Name], hex.EncodeToString(sum[:])
		return p, err
	}
}

// unpickled are the records of a pickle.
func (r cifarRecords) unpickled(text []byte) ([]byte, error) {
	dict, err := numpy.Read(text)
	if err != nil {
		return nil, err
	}
	pixels, err := numpy.ArrayOf(dict["data"])
	if err != nil {
		return nil, fmt.Errorf("its data: %w", err)
	}
	if pixels.Fortran || pixels.Type.Size() != 1 || len(pixels.Shape) != 2 || pixels.Shape[1] != cifarPixels {
		return nil, fmt.Errorf("its data are no array [n, %d] of bytes", cifarPixels)
	}
	n := pixels.Shape[0]
	labels := make([][]int64, len(r.keys))
	for k, key := range r.keys {
		if labels[k], err = numpy.Ints(dict[key]); err != nil {
			return nil, fmt.Errorf("its %s: %w", key, err)
		}
		if len(labels[k]) != n {
			return nil, fmt.Errorf("%d %s for %d images", len(labels[k]), key, n)
		}
	}
	raw := make([]byte, 0, n*(len(r.keys)+cifarPixels))
	for i := range n {
		for k, most := range r.classes {
			label := labels[k][i]
			if label < 0 || label >= int64(most) {
				return nil, fmt.Errorf("record %d (counted from 0) has %s %d, want 0 to %d", i, r.keys[k], label, most-1)
			}
			raw = append(raw, byte(label))
		}
		raw = append(raw, pixels.Data[i*cifarPixels:(i+1)*cifarPixels]...)
	}
	return raw, nil
}
