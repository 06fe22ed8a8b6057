package data

import "slices"

// Augment is what is done to an image at random when it is loaded.
type Augment struct {
	Pad  int  // black pixels added on each side, then cropped at random to the original size; 0: no crop
	Flip bool // after the crop, mirror left to right with probability 1/2
}

// augmenter loads the images of one epoch. The random choices for image i are a function of (key, i) alone. The padding
// is black, as it is in torchvision's usual order, which pads the raw image and normalises afterwards; in normalised
// values black is not zero.
type augmenter struct {
	Augment
	set   Set
	split Split
	key   uint64
	info  Info
	black []float32 // one normalised value for each channel
	whole []float32 // the image before the crop [channels, height, width]
}

func newAugmenter(l Loader, key uint64) *augmenter {
	a := &augmenter{Augment: l.Augment, set: l.Set, split: l.Split, key: key, info: l.Set.Info()}
	for c := range a.info.Channels {
		a.black = append(a.black, a.info.Normalise(c, 0))
	}
	a.whole = make([]float32, a.info.Size())
	return a
}

// image writes image i of the split, augmented, to dst [channels, height, width].
func (a *augmenter) image(i int, dst []float32) {
	if a.Augment == (Augment{}) {
		a.set.Image(a.split, i, dst)
		return
	}
	a.set.Image(a.split, i, a.whole)
	places := 2*a.Pad + 1
	down := draw(a.key, 3*uint64(i), places) - a.Pad
	right := draw(a.key, 3*uint64(i)+1, places) - a.Pad
	mirror := a.Flip && draw(a.key, 3*uint64(i)+2, 2) == 1
	plane := a.info.Height * a.info.Width
	for c := range a.info.Channels {
		a.crop(c, down, right, mirror, dst[c*plane:(c+1)*plane])
	}
}

// crop writes channel c to dst [height, width]. It takes it from the whole image moved up by down pixels and left by
// right pixels.
func (a *augmenter) crop(c, down, right int, mirror bool, dst []float32) {
	h, w := a.info.Height, a.info.Width
	from, to := max(0, -right), min(w, w-right) // columns of dst that the image covers
	for y := range h {
		row := dst[y*w : (y+1)*w]
		if y+down < 0 || y+down >= h {
			paint(row, a.black[c])
			continue
		}
		source := a.whole[(c*h+y+down)*w:]
		paint(row[:from], a.black[c])
		copy(row[from:to], source[from+right:to+right])
		paint(row[to:], a.black[c])
		if mirror {
			slices.Reverse(row)
		}
	}
}

func paint(row []float32, value float32) {
	for i := range row {
		row[i] = value
	}
}
