package plan

import "sort"

// Life is a buffer's need: Size in any unit, from the step that writes it to the last one that reads it, inclusive.
type Life struct {
	Size        int
	First, Last int
}

// Pack gives each buffer an offset such that no two that live at one time overlap, and the size of the arena. It
// places the largest first, each at the lowest offset that is free during its life.
func Pack(lives []Life) (offsets []int, total int) {
	order := make([]int, len(lives))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return lives[order[a]].Size > lives[order[b]].Size })
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
		k := sort.Search(len(placed), func(k int) bool { return offsets[placed[k]] > at })
		placed = append(placed, 0)
		copy(placed[k+1:], placed[k:])
		placed[k] = i
	}
	return offsets, total
}

// LiveAtOnce is the largest sum of sizes that live at one step: no placement needs less.
func LiveAtOnce(lives []Life) int {
	end := 0
	for _, l := range lives {
		end = max(end, l.Last)
	}
	change := make([]int, end+2)
	for _, l := range lives {
		change[l.First] += l.Size
		change[l.Last+1] -= l.Size
	}
	most, live := 0, 0
	for _, c := range change {
		live += c
		most = max(most, live)
	}
	return most
}
