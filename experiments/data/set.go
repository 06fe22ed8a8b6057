package data

import "workbench/experiments/data/raster"

// Set is a data set that is open: labelled images of one size. Its methods may be called from several goroutines.
type Set interface {
	Info() Info
	// Digest is a SHA-256 in hex of everything that decides images and labels, so equal digests mean equal data.
	Digest() string
	// Len is the number of images of the split; 0 if the set has no such split.
	Len(Split) int
	// Label returns the label of image i of the split, an index into Info().Classes; −1 if nobody knows its class.
	Label(split Split, i int) int
	// Pixels writes the raw values of image i of the split to dst [channels, height, width]: 0 is black, 255 is full. The
	// error names the image.
	Pixels(split Split, i int, dst []uint8) error
}

// Originals is a set whose images have sizes of their own, of which Info's is what networks get. Its Pixels are
// Original and then Fit.
type Originals interface {
	Set
	// Original makes m image i of the split in its own size, with Info's channels. The memory of m is used again, unless
	// the set keeps the picture: so its pixels are not to be changed.
	Original(split Split, i int, m *raster.Image) error
	// Fit says how an original becomes an image of Info's size where no augmentation does it.
	Fit(m *raster.Image) raster.Cut
}

// Told is a set that has something to say of how it was read, for people to judge a run by: facts by name.
type Told interface{ Facts() map[string]string }

// Filed is a set with a file for each image.
type Filed interface {
	File(split Split, i int) string // relative to the set's folder; "": the image is in no file of its own
}

// FileOf is the file that an image of a set is in, relative to the set's folder; "" if it has none of its own.
func FileOf(set Set, split Split, i int) string {
	if files, has := As[Filed](set); has {
		return files.File(split, i)
	}
	return ""
}

// Info is what the images of a set have in common.
type Info struct {
	Name     string
	Classes  []string
	Channels int
	Height   int // pixels that a network gets
	Width    int // pixels that a network gets

	// A network gets a raw value v of channel c, of which 0 is black and 255 is full, as (v/255 − Mean[c]) / Std[c].
	Mean []float64 // nil: 0
	Std  []float64 // nil: 1
}

// Size is the number of values of one image.
func (n Info) Size() int { return n.Channels * n.Height * n.Width }
