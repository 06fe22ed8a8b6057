package data

import "workbench/experiments/data/augment"

// reader writes images into batches. It belongs to one goroutine.
type reader struct {
	loader  Loader
	walk    walk
	views   []maker
	epoch   int // that the views are set to; −1: none yet
	raw     []uint8
	picture augment.Picture
	levels  Levels
}

func newReader(l Loader, views []maker) *reader {
	info := l.Part.Set.Info()
	return &reader{
		loader: l, walk: walk{loader: l, n: l.Part.Len(), epoch: -1}, views: owned(views), epoch: -1,
		raw: make([]uint8, info.Size()), picture: augment.NewPicture(info.shape()), levels: info.Levels(),
	}
}

// read writes what stands at a position of the stream to a row of the batch: the image in all views, each augmented and
// then normalised, their targets, and the labels.
func (r *reader) read(position int, b *Batch, row int) {
	from, epoch := r.walk.at(position)
	if epoch != r.epoch {
		r.epoch = epoch
		for k := range r.views {
			r.views[k].start(r.loader.Seed, uint64(epoch))
		}
	}
	part := r.loader.Part
	i := part.Sample(from)
	part.Set.Pixels(part.Split, i, r.raw)
	at, to := row*len(r.raw), (row+1)*len(r.raw)
	for k := range r.views {
		view, target := &r.views[k], b.Targets[k]
		copy(r.picture.Values, r.raw)
		if class := view.change(&r.picture, i); target.Classes != nil {
			target.Classes[row] = class
		}
		r.levels.Normalise(r.picture.Values, b.Views[k][at:to])
		if target.Picture != nil {
			r.levels.Normalise(r.raw, target.Picture[at:to])
		}
	}
	if r.loader.Candidates != nil {
		classes := len(b.Soft) / len(b.Labels)
		r.loader.Candidates.Of(part, from, b.Soft[row*classes:(row+1)*classes])
	}
	b.Labels[row], b.Rows[row], b.Samples[row] = int32(part.Label(from)), int32(from), int32(i)
}
