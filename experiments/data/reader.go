package data

import (
	"workbench/experiments/data/augment"
	"workbench/experiments/data/raster"
)

// reader writes images into batches. It belongs to one goroutine.
type reader struct {
	loader  Loader
	walk    walk
	views   []maker
	epoch   int // that the views are set to; −1: none yet
	raw     []uint8
	picture augment.Picture
	levels  Levels

	originals Originals // the set, if its images have sizes of their own
	original  raster.Image
	resizer   raster.Resizer
	fits      bool // some view or target is of the fitted image
}

func newReader(l Loader, views []maker) *reader {
	info := l.Part.Set.Info()
	r := &reader{
		loader: l, walk: walk{loader: l, n: l.Part.Len(), epoch: -1}, views: owned(views), epoch: -1,
		raw: make([]uint8, info.Size()), picture: augment.NewPicture(info.shape()), levels: info.Levels(),
	}
	r.originals, _ = As[Originals](l.Part.Set)
	for k := range views {
		r.fits = r.fits || views[k].original || !r.cuts(&views[k])
	}
	return r
}

// cuts tells whether a view takes its picture out of the original.
func (r *reader) cuts(view *maker) bool { return r.originals != nil && view.chain.Cuts() }

// read writes what stands at a position of the stream to a row of the batch: the image in all views, each augmented and
// then normalised, their targets, and the labels.
func (r *reader) read(position int, b *Batch, row int) error {
	from, epoch := r.walk.at(position)
	if epoch != r.epoch {
		r.epoch = epoch
		for k := range r.views {
			r.views[k].start(r.loader.Seed, uint64(epoch))
		}
	}
	part := r.loader.Part
	i := part.Sample(from)
	if !r.loader.Bare {
		if err := r.get(part.Split, i); err != nil {
			return err
		}
	}
	at, to := row*len(r.raw), (row+1)*len(r.raw)
	for k := range r.views {
		view, target := &r.views[k], b.Targets[k]
		if r.cuts(view) {
			view.chain.Cut(&r.original, &r.picture, i)
		} else {
			copy(r.picture.Values, r.raw)
			view.chain.Apply(&r.picture, i)
		}
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
	return nil
}

// get an image: once in its own size if it has one, and in the size that networks get if some view needs that.
func (r *reader) get(split Split, i int) error {
	if r.originals == nil {
		return r.loader.Part.Set.Pixels(split, i, r.raw)
	}
	if err := r.originals.Original(split, i, &r.original); err != nil {
		return err
	}
	if r.fits {
		r.resizer.Resize(&r.original, r.originals.Fit(&r.original), r.raw)
	}
	return nil
}
