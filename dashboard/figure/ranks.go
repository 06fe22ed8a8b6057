package figure

import (
	"math"
	"slices"
	"sort"

	"workbench/dashboard/outline"
)

// A block's boxes are drawn in ranks under one another: each lower than all that lead to it (Sugiyama, Tagawa and Toda
// 1981).

// slot is a place in a rank: a box, or where an arrow passes.
type slot struct {
	box      int // -1: an arrow passes
	rank     int
	at, size point // upper middle, in pixels
	up, down []int // slots that arrows come from and lead to
	lines    []string
	joins    bool
}

// passed says whether an arrow only passes here.
func (s slot) passed() bool { return s.box < 0 && len(s.up) > 0 && len(s.down) > 0 }

// layout of a block: slot 0 is where it is entered, the last where it is left.
type layout struct {
	slots               []slot
	ranks               [][]int // slots of each rank, from left to right
	gaps                []gap   // below each rank but the last
	left, right, height float64
}

// gap between two ranks, with a track for each set of arrows that go sideways.
type gap struct {
	top    float64
	tracks map[int]int // key of the arrows → number
}

const (
	lineHeight = 15.0
	advance    = 6.6 // pixels a character of a box's text is wide, on average
	boxPadding = 6.0
	trackGap   = 7.0
	passing    = 10.0 // width kept free for an arrow
	headGap    = 16.0 // above all, for the block's name
	footGap    = 10.0 // below all
)

func arrange(b outline.Block) layout {
	l := layout{slots: []slot{{box: -1}}}
	for i, box := range b.Boxes {
		l.slots = append(l.slots, slotOf(i, box))
	}
	exit := len(l.slots)
	l.slots = append(l.slots, slot{box: -1})
	number := func(box, outside int) int {
		if box == outline.Outside {
			return outside
		}
		return box + 1
	}
	for _, a := range b.Arrows { // sources of earlier boxes come first
		from, to := number(a.From, 0), number(a.To, exit)
		l.slots[to].rank = max(l.slots[to].rank, l.slots[from].rank+1)
	}
	for _, a := range b.Arrows {
		l.connect(number(a.From, 0), number(a.To, exit))
	}
	l.rank()
	l.place()
	return l
}

func slotOf(i int, box outline.Box) slot {
	s := slot{box: i, joins: box.Joins}
	longest := 0
	for _, line := range box.Lines {
		text := line.Text
		if line.Times > 1 {
			text += "  ×" + label(float64(line.Times))
		}
		s.lines = append(s.lines, text)
		longest = max(longest, len([]rune(text)))
	}
	s.size = point{advance*float64(longest) + 2*boxPadding, lineHeight*float64(len(s.lines)) + boxPadding}
	if box.Joins {
		s.size.x = math.Max(s.size.x, 30)
	}
	return s
}

// connect two slots, through a slot in each rank between.
func (l *layout) connect(from, to int) {
	for r := l.slots[from].rank + 1; r < l.slots[to].rank; r++ {
		l.slots = append(l.slots, slot{box: -1, rank: r, size: point{passing, 0}})
		l.join(from, len(l.slots)-1)
		from = len(l.slots) - 1
	}
	l.join(from, to)
}

func (l *layout) join(from, to int) {
	l.slots[from].down = append(l.slots[from].down, to)
	l.slots[to].up = append(l.slots[to].up, from)
}

// rank lists the slots of each rank; those with like neighbours stand together, arrows that pass to the right of boxes.
func (l *layout) rank() {
	for i, s := range l.slots {
		for len(l.ranks) <= s.rank {
			l.ranks = append(l.ranks, nil)
		}
		l.ranks[s.rank] = append(l.ranks[s.rank], i)
	}
	place := make([]float64, len(l.slots))
	for r, rank := range l.ranks {
		if r > 0 {
			mean := map[int]float64{}
			for _, i := range rank {
				for _, up := range l.slots[i].up {
					mean[i] += place[up] / float64(len(l.slots[i].up))
				}
			}
			sort.SliceStable(rank, func(p, q int) bool { return mean[rank[p]] < mean[rank[q]] })
		}
		for p, i := range rank {
			place[i] = float64(p)
		}
	}
}

// place gives every slot its coordinates.
func (l *layout) place() {
	for _, rank := range l.ranks {
		l.spread(rank, func(i int) float64 { return 0 })
	}
	for range 4 {
		for _, rank := range l.ranks[1:] {
			l.spread(rank, func(i int) float64 { return l.mean(l.slots[i].up) })
		}
		for _, rank := range slices.Backward(l.ranks[:len(l.ranks)-1]) {
			l.spread(rank, func(i int) float64 { return l.mean(l.slots[i].down) })
		}
	}
	right, y := math.Inf(-1), 0.0
	below := headGap
	l.left = math.Inf(1)
	for r, rank := range l.ranks {
		height := 0.0
		for _, i := range rank {
			s := &l.slots[i]
			s.at.y = y
			height = math.Max(height, s.size.y)
			l.left, right = math.Min(l.left, s.at.x-s.size.x/2), math.Max(right, s.at.x+s.size.x/2)
		}
		y += height
		if r+1 < len(l.ranks) {
			g := l.gap(rank, y+below)
			below = 0
			l.gaps = append(l.gaps, g)
			y = g.bottom()
			if r+2 == len(l.ranks) && len(g.tracks) == 0 {
				y = g.top + footGap
			}
		}
	}
	l.right, l.height = right, y
}

// mean of the slots' x; where an arrow passes counts only if there is no box, so that boxes stand straight.
func (l *layout) mean(slots []int) float64 {
	sum, weight := 0.0, 0.0
	for _, i := range slots {
		w := 1.0
		if l.slots[i].passed() {
			w = 1e-6
		}
		sum, weight = sum+w*l.slots[i].at.x, weight+w
	}
	return sum / math.Max(weight, 1e-9)
}

// spread puts the slots of a rank as near to the wanted x as their widths allow, keeping their order: where two would
// overlap, they move as one (pool adjacent violators).
func (l *layout) spread(rank []int, wanted func(slot int) float64) {
	type pool struct{ sum, weight float64 }
	const between = 9.0
	offset := make([]float64, len(rank))
	var pools []pool
	var sizes []int
	for p, i := range rank {
		if p > 0 {
			offset[p] = offset[p-1] + l.slots[rank[p-1]].size.x/2 + between + l.slots[i].size.x/2
		}
		w := 1.0
		if l.slots[i].passed() {
			w = 1e-6
		}
		pools, sizes = append(pools, pool{w * (wanted(i) - offset[p]), w}), append(sizes, 1)
		for n := len(pools); n > 1 && pools[n-2].sum/pools[n-2].weight > pools[n-1].sum/pools[n-1].weight; n = len(pools) {
			pools[n-2].sum, pools[n-2].weight = pools[n-2].sum+pools[n-1].sum, pools[n-2].weight+pools[n-1].weight
			sizes[n-2] += sizes[n-1]
			pools, sizes = pools[:n-1], sizes[:n-1]
		}
	}
	p := 0
	for n, size := range sizes {
		for range size {
			l.slots[rank[p]].at.x = pools[n].sum/pools[n].weight + offset[p]
			p++
		}
	}
}

// gap below a rank that ends at y.
func (l *layout) gap(rank []int, y float64) gap {
	g := gap{top: y, tracks: map[int]int{}}
	for _, i := range rank {
		for _, down := range l.slots[i].down {
			if math.Abs(l.slots[i].at.x-l.slots[down].at.x) >= 1 {
				key := l.track(i, down)
				if _, known := g.tracks[key]; !known {
					g.tracks[key] = len(g.tracks)
				}
			}
		}
	}
	return g
}

// track of an arrow: those of one origin run together, and those of one end.
func (l *layout) track(from, to int) int {
	if len(l.slots[from].down) >= len(l.slots[to].up) {
		return from
	}
	return to
}

func (g gap) bottom() float64 { return g.top + 13 + trackGap*float64(max(1, len(g.tracks))) }

// y of a track.
func (g gap) y(key int) float64 { return g.top + 6 + trackGap*float64(g.tracks[key]) }
