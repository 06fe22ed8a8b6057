package outline

import (
	"slices"
	"strings"

	"workbench/nn"
)

// longestChain is how many convolutions and linear layers in a row are one block; longer chains are divided where the
// pixels become fewer.
const longestChain = 3

// gather joins neighbouring segments to blocks: those whose paths begin alike, as far as blocks of this network are
// named, and single layers between blocks.
func gather(layers []nn.Layer, segments []span) []span {
	depth := blockDepth(layers, segments)
	var groups []span
	var branched []bool // whether a group has branches
	for _, s := range segments {
		n := len(groups)
		if n > 0 && head(layers[groups[n-1].from].Path, depth) == head(layers[s.from].Path, depth) {
			groups[n-1].to, branched[n-1] = s.to, branched[n-1] || s.size() > 1
			continue
		}
		groups, branched = append(groups, s), append(branched, s.size() > 1)
	}
	var joined []span
	loose := false // the last of joined is a chain that more may join
	for i, g := range groups {
		weights := weightsIn(layers, g)
		single := !branched[i] && weights < 2
		n := len(joined)
		last := i+1 == len(groups) || branched[i+1] || weightsIn(layers, groups[i+1]) > 1 // no single layer follows
		if loose && single || n > 0 && weights == 0 && last && !branched[i] && onlyChain(layers, joined[n-1]) {
			joined[n-1].to = g.to
			continue
		}
		joined, loose = append(joined, g), single
	}
	var all []span
	for _, g := range joined {
		all = append(all, divide(layers, g)...)
	}
	return all
}

// head is the first names of a path, depth of them, or all it has.
func head(path string, depth int) string {
	names := strings.Split(path, ".")
	return strings.Join(names[:min(depth, len(names))], ".")
}

// blockDepth is how many first names of a path tell blocks apart: no more than what the layers of each branched segment
// share if a good part of the work is done in such, no more than what leaves most groups several layers with weights.
func blockDepth(layers []nn.Layer, segments []span) int {
	shared := -1
	var inside, all int64
	joins := map[string]int{} // branched segments by the path of the layer that joins their branches
	for _, s := range segments {
		if s.size() > 1 {
			joins[layers[s.to-1].Path]++
		}
	}
	for _, s := range segments {
		for _, l := range layers[s.from:s.to] {
			all += l.MACs
		}
		if s.size() == 1 {
			continue
		}
		paths := []string{}
		for _, l := range layers[s.from : s.to-1] {
			inside += l.MACs
			paths = append(paths, l.Path)
		}
		if join := layers[s.to-1].Path; joins[join] == 1 { // else it is the parent's, as in a dense block
			paths = append(paths, join)
		}
		if d := sharedNames(paths); shared < 0 || d < shared {
			shared = d
		}
	}
	if 4*inside >= all && shared >= 0 {
		return shared
	}
	depth := 0
	for d := 1; d <= 8 && severalIn(layers, d); d++ {
		depth = d
	}
	return depth
}

func sharedNames(paths []string) int {
	common := strings.Split(paths[0], ".")
	for _, p := range paths[1:] {
		names := strings.Split(p, ".")
		n := 0
		for n < min(len(common), len(names)) && common[n] == names[n] {
			n++
		}
		common = common[:n]
	}
	return len(common)
}

// severalIn says whether at least half of the groups at a depth that have weights have several layers with weights.
func severalIn(layers []nn.Layer, depth int) bool {
	count := map[string]int{}
	for _, l := range layers {
		if weighted(l) {
			count[head(l.Path, depth)]++
		}
	}
	several := 0
	for _, n := range count {
		if n > 1 {
			several++
		}
	}
	return 2*several >= len(count)
}

func weighted(l nn.Layer) bool { return l.Kind == "conv" || l.Kind == "linear" }

func weightsIn(layers []nn.Layer, s span) int {
	n := 0
	for _, l := range layers[s.from:s.to] {
		if weighted(l) {
			n++
		}
	}
	return n
}

// onlyChain says whether each layer reads just the one before it.
func onlyChain(layers []nn.Layer, s span) bool {
	for i := s.from + 1; i < s.to; i++ {
		if !slices.Equal(layers[i].From, []int{i - 1}) {
			return false
		}
	}
	return true
}

// divide a long chain before each layer with weights that the pixels have become fewer for.
func divide(layers []nn.Layer, s span) []span {
	if !onlyChain(layers, s) || weightsIn(layers, s) <= longestChain {
		return []span{s}
	}
	var parts []span
	begin, fewer := s.from, false
	for i := s.from; i < s.to; i++ {
		if fewer && weighted(layers[i]) {
			parts = append(parts, span{begin, i})
			begin, fewer = i, false
		}
		l := layers[i]
		fewer = fewer || len(l.In) == 3 && (len(l.Out) < 3 || l.Out[1] < l.In[1])
	}
	return append(parts, span{begin, s.to})
}
