package data

import "workbench/nn/rng"

// walk finds the row that stands at a position of a stream, which is one epoch after another without a gap. It belongs
// to one goroutine and keeps the order of one epoch.
type walk struct {
	loader Loader
	n      int // rows of the part
	epoch  int // whose order it has; −1: none yet
	order  []int32
}

// at gives the row at a position, and its epoch. The order of an epoch is a function of the seed, the stream's name and
// the epoch.
func (w *walk) at(position int) (row, epoch int) {
	epoch = position / w.n
	if !w.loader.Shuffle {
		return position % w.n, epoch
	}
	if w.order == nil {
		w.order = make([]int32, w.n)
	}
	if epoch != w.epoch {
		w.epoch = epoch
		rng.Shuffle(rng.Key(w.loader.Seed, w.loader.stream()+"shuffle", uint64(epoch)), w.order)
	}
	return int(w.order[position%w.n]), epoch
}
