// Package outline finds the blocks that a network is made of, as its paper would draw them: what stands between two
// places where a single tensor goes on, with the branches inside, equal neighbours told once.
package outline

import (
	"slices"

	"workbench/nn"
	"workbench/nn/op"
)

// Block is a part of a network that one tensor enters and one leaves.
type Block struct {
	First, Last string // paths; of a block that occurs several times, of the first and of the last occurrence
	Times       int
	Boxes       []Box // operands first
	Arrows      []Arrow
	Out         op.Shape // of the last occurrence, one image
}

// Box is a chain of layers.
type Box struct {
	Lines []Line
	Joins bool // its first layer takes several tensors: a sum, a concatenation, a product
}

// Line is a layer with what normalises and activates it, so many times in a row.
type Line struct {
	Text  string
	Times int
}

// Arrow leads from one box to another by their numbers.
type Arrow struct{ From, To int }

// Outside is the end of an arrow that enters or leaves the block.
const Outside = -1

// Of the network's inference graph. The summary must be of layers, not of blocks.
func Of(s nn.Summary) []Block {
	layers := inference(s.Layers)
	segments := cut(layers)
	var blocks []Block
	for _, g := range gather(layers, segments) {
		b := draw(layers, g)
		if n := len(blocks); n > 0 && equal(blocks[n-1], b) {
			blocks[n-1].Times++
			blocks[n-1].Last, blocks[n-1].Out = b.Last, b.Out
			continue
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// Depth is how many first names of a layer's path tell the network's blocks apart: 2 in a ResNet ("layer1.0").
func Depth(s nn.Summary) int {
	layers := inference(s.Layers)
	return blockDepth(layers, cut(layers))
}

func equal(a, b Block) bool {
	return slices.Equal(a.Arrows, b.Arrows) && slices.EqualFunc(a.Boxes, b.Boxes, func(p, q Box) bool {
		return p.Joins == q.Joins && slices.Equal(p.Lines, q.Lines)
	}) && slices.Equal(a.Out[min(1, len(a.Out)):], b.Out[min(1, len(b.Out)):])
}

// inference is what is left without the layers for training alone; numbers in From are those of the new list.
func inference(layers []nn.Layer) []nn.Layer {
	var kept []nn.Layer
	number := make([]int, len(layers))
	for i, l := range layers {
		from := make([]int, 0, len(l.From))
		for _, f := range l.From {
			if f != nn.Image {
				f = number[f]
			}
			from = append(from, f)
		}
		l.From = from
		switch {
		case !l.TrainingOnly:
			number[i] = len(kept)
			kept = append(kept, l)
		case len(from) > 0: // dropout passes on what it reads
			number[i] = from[0]
		default:
			number[i] = nn.Image
		}
	}
	return kept
}

// span is a part of the list of layers.
type span struct{ from, to int } // to is behind the last

func (s span) size() int { return s.to - s.from }

// cut divides the layers where a single tensor goes on.
func cut(layers []nn.Layer) []span {
	last := make([]int, len(layers)) // the last layer that reads this one
	image := -1
	for i, l := range layers {
		for _, f := range l.From {
			if f == nn.Image {
				image = i
			} else {
				last[f] = i
			}
		}
	}
	var spans []span
	open, begin := 1, 0
	ends := make([]int, len(layers)) // tensors that are read for the last time here
	if image >= 0 {
		ends[image]++
	}
	for i := range layers {
		open -= ends[i]
		if last[i] > i {
			open++
			ends[last[i]]++
		}
		if open <= 1 {
			spans = append(spans, span{begin, i + 1})
			begin = i + 1
		}
	}
	if begin < len(layers) {
		spans = append(spans, span{begin, len(layers)})
	}
	return spans
}
