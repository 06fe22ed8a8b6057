package data

// Split is one of the two fixed parts of a data set.
type Split int

const (
	Train Split = iota
	Test
)

func (s Split) String() string {
	if s == Train {
		return "train"
	}
	return "test"
}

// Set is a data set that is open: labelled images of one size. Its methods may be called from several goroutines.
type Set interface {
	Info() Info
	// Digest is a SHA-256 in hex of everything that decides images and labels, so equal digests mean equal data.
	Digest() string
	Len(Split) int
	// Label returns the label of image i of the split, an index into Info().Classes.
	Label(split Split, i int) int
	// Image writes image i of the split to dst [channels, height, width], normalised as Info says.
	Image(split Split, i int, dst []float32)
}

// Info is what the images of a set have in common.
type Info struct {
	Name     string
	Classes  []string
	Channels int
	Height   int // pixels
	Width    int // pixels

	// An image holds a raw value v in [0, 1] of channel c, of which 0 is black, as (v − Mean[c]) / Std[c].
	Mean []float64 // nil: 0
	Std  []float64 // nil: 1
}

// Size is the number of values of one image.
func (n Info) Size() int { return n.Channels * n.Height * n.Width }

// Normalise returns the raw value v in [0, 1] of channel c as an image holds it. A quotient of a difference rounds the
// same on every machine, because there is no product that a compiler could fuse.
func (n Info) Normalise(c int, v float64) float32 {
	if n.Mean != nil {
		v -= n.Mean[c]
	}
	if n.Std != nil {
		v /= n.Std[c]
	}
	return float32(v)
}
