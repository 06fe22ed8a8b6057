package outline

import (
	"fmt"
	"slices"
	"strings"

	"workbench/nn"
)

// draw joins the layers of a group to chains and finds the arrows between them.
func draw(layers []nn.Layer, g span) Block {
	b := Block{First: path(layers, g), Times: 1, Out: layers[g.to-1].Out}
	b.Last = b.First
	readers := make([]int, g.size())
	for _, l := range layers[g.from:g.to] {
		for _, f := range l.From {
			if f >= g.from {
				readers[f-g.from]++
			}
		}
	}
	box := make([]int, g.size()) // of each layer
	for i := g.from; i < g.to; i++ {
		l := layers[i]
		follows := len(l.From) == 1 && l.From[0] >= g.from && readers[l.From[0]-g.from] == 1 &&
			i > g.from && l.From[0] < i && continues(layers, b.Boxes, box, l, g)
		if follows {
			box[i-g.from] = box[l.From[0]-g.from]
			b.Boxes[box[i-g.from]].add(l)
			continue
		}
		box[i-g.from] = len(b.Boxes)
		one := Box{Joins: len(l.From) > 1}
		one.add(l)
		b.Boxes = append(b.Boxes, one)
		for _, f := range l.From {
			from := Outside
			if f >= g.from {
				from = box[f-g.from]
			}
			if a := (Arrow{from, box[i-g.from]}); !slices.Contains(b.Arrows, a) {
				b.Arrows = append(b.Arrows, a)
			}
		}
	}
	b.Arrows = append(b.Arrows, Arrow{box[g.size()-1], Outside})
	return b
}

// continues says whether a layer belongs into the box of the layer it reads: behind a join, only what has no weights
// does.
func continues(layers []nn.Layer, boxes []Box, box []int, l nn.Layer, g span) bool {
	of := box[l.From[0]-g.from]
	return !boxes[of].Joins || attached(l) || l.Kind == "channel shuffle" || l.Kind == "flatten"
}

// path that the layers of a group share and no other layer has; else the first and the last name below what they share.
func path(layers []nn.Layer, g span) string {
	var paths []string
	for _, l := range layers[g.from:g.to] {
		if l.Path != "" {
			paths = append(paths, l.Path)
		}
	}
	if len(paths) == 0 {
		return ""
	}
	n := sharedNames(paths)
	prefix := head(paths[0], n)
	outside := func(l nn.Layer) bool { return head(l.Path, n) == prefix }
	if n > 0 && !slices.ContainsFunc(layers[:g.from], outside) && !slices.ContainsFunc(layers[g.to:], outside) {
		return prefix
	}
	paths = slices.DeleteFunc(paths, func(p string) bool { return p == prefix })
	if len(paths) == 0 {
		return prefix
	}
	first, last := head(paths[0], n+1), head(paths[len(paths)-1], n+1)
	if first == last {
		return first
	}
	return first + " – " + last[strings.LastIndexByte(last, '.')+1:]
}

// attached says whether a layer is told in the line of the one before it.
func attached(l nn.Layer) bool {
	switch l.Class() {
	case nn.Normalisation, nn.Activation:
		return true
	}
	return false
}

func (b *Box) add(l nn.Layer) {
	n := len(b.Lines)
	if n > 0 && slices.Contains([]string{"flatten", "reshape", "transpose"}, l.Kind) {
		return // moves values about, computes nothing
	}
	if n > 0 && attached(l) {
		if b.Lines[n-1].Times > 1 { // the last of several equal ones becomes another
			b.Lines[n-1].Times--
			b.Lines, n = append(b.Lines, Line{b.Lines[n-1].Text, 1}), n+1
		}
		b.Lines[n-1].Text += ", " + words(l)
	} else {
		b.Lines = append(b.Lines, Line{words(l), 1})
		n++
	}
	if n > 1 && b.Lines[n-1].Text == b.Lines[n-2].Text {
		b.Lines[n-2].Times += b.Lines[n-1].Times
		b.Lines = b.Lines[:n-1]
	}
}

// abbreviations of layers without weights of their own.
var abbreviations = map[string]string{
	"batch norm": "BN", "layer norm": "LN", "group norm": "GN", "lrn": "LRN", "relu": "ReLU", "relu6": "ReLU6", "silu": "SiLU", "gelu": "GELU",
	"hard_swish": "h-swish", "hard_sigmoid": "h-sigmoid", "leaky_relu": "leaky ReLU", "gelu_tanh": "GELU", "mul": "×", "add": "+",
	"global avg pool": "global average pool", "avg pool": "average pool", "adaptive avg pool": "adaptive average pool",
}

// words for a layer: what it looks through, what it is, its channels, its stride.
func words(l nn.Layer) string {
	name, short := abbreviations[l.Kind]
	if !short {
		name = l.Kind
	}
	var parts []string
	switch l.Kind {
	case "conv":
		if l.Form() == nn.Depthwise {
			name = "depthwise"
		}
		parts = append(parts, fmt.Sprintf("%d×%d %s", l.Kernel[0], l.Kernel[1], name), fmt.Sprint(l.Out[0]))
		if l.Groups > 1 && l.Form() != nn.Depthwise {
			parts = append(parts, fmt.Sprintf("%d groups", l.Groups))
		}
		if l.Dilation[0] > 1 {
			parts = append(parts, fmt.Sprintf("dilation %d", l.Dilation[0]))
		}
	case "linear":
		parts = append(parts, name, fmt.Sprint(l.Out[0]))
	case "channels":
		parts = append(parts, fmt.Sprintf("%d channels", l.Out[0]))
	case "adaptive avg pool":
		if len(l.Out) == 3 && l.Out[1] == 1 && l.Out[2] == 1 {
			return abbreviations["global avg pool"]
		}
		return fmt.Sprintf("%s, %d×%d", name, l.Out[1], l.Out[2])
	case "max pool", "avg pool":
		parts = append(parts, fmt.Sprintf("%d×%d %s", l.Kernel[0], l.Kernel[1], name))
	default:
		parts = append(parts, name)
	}
	if l.Stride[0] > 1 {
		parts = append(parts, fmt.Sprintf("/%d", l.Stride[0]))
	}
	return strings.Join(parts, ", ")
}
