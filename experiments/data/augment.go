package data

import "workbench/experiments/data/augment"

// augmenter loads the images of one epoch, each changed by the chain of augmentations. It belongs to one goroutine.
type augmenter struct {
	chain   augment.Chain
	set     Set
	split   Split
	picture augment.Picture // but for Values
}

func newAugmenter(l Loader, epoch int) (*augmenter, error) {
	info := l.Set.Info()
	a := &augmenter{set: l.Set, split: l.Split}
	a.picture.Size = augment.Size{Channels: info.Channels, Height: info.Height, Width: info.Width}
	for c := range info.Channels {
		a.picture.Black = append(a.picture.Black, info.Normalise(c, 0))
		a.picture.White = append(a.picture.White, info.Normalise(c, 1))
	}
	a.picture.Spare = make([]float32, info.Size())
	var err error
	a.chain, err = augment.New(l.Augment, a.picture.Size)
	a.chain.Start(l.Seed, uint64(epoch))
	return a, err
}

// image writes image i of the split, augmented, to dst [channels, height, width].
func (a *augmenter) image(i int, dst []float32) {
	a.set.Image(a.split, i, dst)
	a.picture.Values = dst
	a.chain.Apply(&a.picture, i)
}
