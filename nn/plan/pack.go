package plan

import (
	"cmp"
	"slices"
)

// Life is the need of a buffer: Size, in any unit, from the step First that writes it to the step Last that reads it
// last, both inclusive. Steps may have negative numbers.
type Life struct {
	Size        int
	First, Last int
}

func (l Life) steps() int        { return l.Last - l.First + 1 }
func (l Life) has(step int) bool { return l.First <= step && step <= l.Last }

// orders are the orders in which buffers are placed: the largest first; those with the largest product of size and
// time, or of squared size and time; and the first two of these with the buffers in front that live at the peak.
func orders(peak int) []func(a, b Life) int {
	size := func(a, b Life) int { return b.Size - a.Size }
	area := func(a, b Life) int { return b.Size*b.steps() - a.Size*a.steps() }
	crowd := func(then func(a, b Life) int) func(a, b Life) int {
		return func(a, b Life) int {
			if a.has(peak) == b.has(peak) {
				return then(a, b)
			} else if a.has(peak) {
				return -1
			}
			return 1
		}
	}
	return []func(a, b Life) int{size, area, func(a, b Life) int {
		return cmp.Compare(float64(b.Size)*float64(b.Size)*float64(b.steps()), float64(a.Size)*float64(a.Size)*float64(a.steps()))
	}, crowd(size), crowd(area)}
}

// Pack gives each buffer an offset such that no two buffers overlap that live at one time, and returns the size of the
// arena. It tries several orders and places each buffer at the lowest offset that is free during its life. It stops
// when an arena is at most 0.1 % larger than the buffers that live at the peak; otherwise it keeps the smallest arena.
func Pack(lives []Life) (offsets []int, total int) {
	peak, least := peakOf(lives)
	for i, order := range orders(peak) {
		if some, size := packBy(lives, order); i == 0 || size < total {
			offsets, total = some, size
		}
		if total-least <= least/1000 {
			break
		}
	}
	return offsets, total
}

func packBy(lives []Life, by func(a, b Life) int) (offsets []int, total int) {
	order := make([]int, len(lives))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return by(lives[a], lives[b]) })
	offsets = make([]int, len(lives))
	var placed []int // by offset
	for _, i := range order {
		if lives[i].Size == 0 {
			continue
		}
		at := 0
		for _, j := range placed {
			if lives[j].Last < lives[i].First || lives[i].Last < lives[j].First {
				continue
			}
			if offsets[j]-at >= lives[i].Size {
				break
			}
			at = max(at, offsets[j]+lives[j].Size)
		}
		offsets[i] = at
		total = max(total, at+lives[i].Size)
		k, _ := slices.BinarySearchFunc(placed, at, func(j, at int) int { // behind those at the same offset
			if offsets[j] > at {
				return 1
			}
			return -1
		})
		placed = slices.Insert(placed, k, i)
	}
	return offsets, total
}

// LiveAtOnce is the largest sum of the sizes that live at one step. No placement needs less.
func LiveAtOnce(lives []Life) int {
	_, most := peakOf(lives)
	return most
}

// peakOf is the step at which most lives, and how much lives then.
func peakOf(lives []Life) (step, most int) {
	begin, end := 0, 0 // what runs before the first step has negative numbers
	for _, l := range lives {
		begin, end = min(begin, l.First), max(end, l.Last)
	}
	change := make([]int, end-begin+2)
	for _, l := range lives {
		change[l.First-begin] += l.Size
		change[l.Last-begin+1] -= l.Size
	}
	live := 0
	for i, c := range change {
		if live += c; live > most {
			step, most = begin+i, live
		}
	}
	return step, most
}
