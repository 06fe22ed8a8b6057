package plan

// segments cuts the forward pass with several budgets and takes the cuts that need least memory (Chen et al. 2016,
// algorithm 3 and the search over its budget in section 4.3).
func (r *recomputing) segments() *Program {
	total := 0
	for v := range r.reads {
		total += v.Shape.Size()
	}
	best, least := r.Program, needed(r.Program)
	for _, n := range []int{2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64} {
		p := r.rewrite(r.within(r.cuts(total / n)))
		if size := needed(p); size < least {
			best, least = p, size
		}
	}
	return best
}

// needed is how many elements a program has at one time.
func needed(p *Program) int {
	lives, _ := Lifetimes(p, func(v *Value) int { return v.Shape.Size() })
	return LiveAtOnce(lives)
}

// cuts are the steps before which segments end. In each segment, the values that the backward pass reads have from half
// to all of the budget's elements. The segment ends where the fewest elements pass on to the next.
func (r *recomputing) cuts(budget int) []int {
	made, passing := make([]int, r.first+1), r.passing()
	for i, s := range r.Steps[:r.first] {
		made[i+1] = made[i]
		for _, v := range s.Out {
			if v != nil && r.reads[v] {
				made[i+1] += v.Shape.Size()
			}
		}
	}
	var cuts []int
	start, best := 0, -1
	for i := 1; i < r.first; i++ {
		if best >= 0 && made[i]-made[start] > budget {
			cuts = append(cuts, best)
			start, best = best, -1
		}
		if 2*(made[i]-made[start]) >= budget && (best < 0 || passing[i] <= passing[best]) {
			best = i
		}
	}
	return cuts
}

// lastReads is the last step of the forward pass that reads each of its values.
func (r *recomputing) lastReads() map[*Value]int {
	last := map[*Value]int{}
	for i, s := range r.Steps[:r.first] {
		for _, v := range s.In {
			last[v] = i
		}
	}
	return last
}

// passing counts, for each step of the forward pass, the elements that are made before it and read by it or after it.
func (r *recomputing) passing() []int {
	passing := make([]int, r.first+1)
	for v, last := range r.lastReads() {
		if made, forward := r.maker[v]; forward {
			passing[made+1] += v.Shape.Size()
			passing[last+1] -= v.Shape.Size()
		}
	}
	for i := range r.first {
		passing[i+1] += passing[i]
	}
	return passing
}

// within chooses the values that live and die inside one segment. The last segment is left out, because
// its turn comes first in the backward pass.
func (r *recomputing) within(cuts []int) map[*Value]bool {
	again, last, cut := map[*Value]bool{}, r.lastReads(), 0
	for i, s := range r.Steps[:r.first] {
		if cut < len(cuts) && i == cuts[cut] {
			cut++
		}
		if v := s.Out[0]; cut < len(cuts) && v != nil && last[v] < cuts[cut] && r.repeatable(v) {
			again[v] = true
		}
	}
	return again
}
