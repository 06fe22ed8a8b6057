package nn

import (
	"slices"
	"strings"
)

// Blocks is the summary in which one layer stands for all layers whose paths begin with the same names,
// `depth` of them: at depth 1 a ResNet has "conv1", "layer1", … A layer whose path is shorter stays as
// it is. Depth 0 is every layer. A block adds up what its layers cost and keep. Its shape, receptive
// field and result are those of its last layer.
func (s Summary) Blocks(depth int) Summary {
	if depth < 1 {
		return s
	}
	divided := map[string]bool{} // paths that have layers below them
	for _, l := range s.Layers {
		if head := first(l.Path, depth); head != l.Path {
			divided[head] = true
		}
	}
	var blocks []Layer
	number := make([]int, len(s.Layers)) // of the block that a layer is in
	known := map[string]int{}
	for i, l := range s.Layers {
		head := first(l.Path, depth)
		at, begun := known[head]
		switch {
		case !divided[head] || names(head) < depth:
			at, blocks = len(blocks), append(blocks, Layer{})
		case !begun:
			at, blocks = len(blocks), append(blocks, Layer{})
			known[head] = at
		}
		number[i] = at
		blocks[at] = blocks[at].and(l, head)
	}
	for i, l := range s.Layers {
		b := &blocks[number[i]]
		for _, from := range l.From {
			if from != Image {
				from = number[from]
			}
			if from != number[i] && !slices.Contains(b.From, from) {
				b.From = append(b.From, from)
			}
		}
	}
	for _, b := range blocks {
		slices.Sort(b.From)
	}
	s.Layers = blocks
	return s
}

// first returns the first `count` names of a path, or all it has.
func first(path string, count int) string {
	rest := path
	for range count {
		_, after, more := strings.Cut(rest, ".")
		if !more {
			return path
		}
		rest = after
	}
	return path[:len(path)-len(rest)-1]
}

func names(path string) int {
	if path == "" {
		return 0
	}
	return 1 + strings.Count(path, ".")
}

// and is the block with one more layer. The caller fills in From. The zero Layer is the empty block.
func (b Layer) and(l Layer, path string) Layer {
	l.From = nil
	if b.Size == 0 {
		return l
	}
	sum := b
	if !l.TrainingOnly || b.TrainingOnly {
		sum = l
	}
	sum.Path, sum.Kind, sum.In, sum.Size = path, Block, b.In, b.Size+l.Size
	sum.Kernel, sum.Stride, sum.Dilation, sum.Groups = [2]int{}, [2]int{}, [2]int{}, 0
	sum.Params, sum.MACs, sum.KeptBytes = b.Params+l.Params, b.MACs+l.MACs, b.KeptBytes+l.KeptBytes
	sum.LiveBytes, sum.TrainingOnly = max(b.LiveBytes, l.LiveBytes), b.TrainingOnly && l.TrainingOnly
	return sum
}

// Block is the Kind of several layers.
const Block = "block"
