package data

import "workbench/experiments/data/augment"

// augmenter loads the images of one epoch, each changed by the chain of augmentations. It belongs to one goroutine.
type augmenter struct {
	chain   augment.Chain
	set     Set
	split   Split
	picture augment.Picture
	levels  Levels
}

func newAugmenter(l Loader, epoch int) (*augmenter, error) {
	info := l.Set.Info()
	size := augment.Size{Channels: info.Channels, Height: info.Height, Width: info.Width}
	a := &augmenter{set: l.Set, split: l.Split, picture: augment.NewPicture(size), levels: info.Levels()}
	var err error
	a.chain, err = augment.New(l.Augment, size)
	a.chain.Start(l.Seed, uint64(epoch))
	return a, err
}

// image writes image i of the split, augmented and then normalised, to dst [channels, height, width].
func (a *augmenter) image(i int, dst []float32) {
	a.set.Pixels(a.split, i, a.picture.Values)
	a.chain.Apply(&a.picture, i)
	a.levels.Normalise(a.picture.Values, dst)
}
