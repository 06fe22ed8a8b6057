package nn_test

import (
	"reflect"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// eight are layers with numbers of their own: a stem of two, an activation at the top, a stage of two blocks with a
// dropout between them that is training's alone, and a head whose two layers have one path.
func eight() []nn.Layer {
	pair := func(h, w int) [2]int { return [2]int{h, w} }
	return []nn.Layer{
		{Path: "stem.conv", Kind: "conv", In: op.Shape{3, 8, 8}, Out: op.Shape{4, 8, 8}, From: []int{nn.Image}, Size: 1, Kernel: pair(3, 5),
			Stride: pair(1, 2), Dilation: pair(2, 1), Groups: 1, Field: pair(3, 5), Jump: pair(1, 2), Params: 11, MACs: 101, KeptBytes: 1001,
			OutBytes: 64, LiveBytes: 64},
		{Path: "stem.norm", Kind: "batch norm", In: op.Shape{4, 8, 8}, Out: op.Shape{4, 7, 8}, From: []int{0}, Size: 1, Field: pair(7, 9),
			Jump: pair(3, 4), Params: 13, MACs: 103, KeptBytes: 1003, OutBytes: 65, LiveBytes: 70},
		{Kind: "relu", In: op.Shape{4, 7, 8}, Out: op.Shape{4, 7, 7}, From: []int{1}, Size: 1, Field: pair(8, 9), Jump: pair(3, 5),
			KeptBytes: 1007, OutBytes: 66, LiveBytes: 71},
		{Path: "stage.0.a", Kind: "conv", In: op.Shape{4, 7, 7}, Out: op.Shape{5, 7, 7}, From: []int{2}, Size: 1, Kernel: pair(1, 1),
			Stride: pair(3, 1), Dilation: pair(1, 1), Groups: 2, Field: pair(9, 9), Jump: pair(4, 5), Params: 17, MACs: 107, KeptBytes: 1009,
			OutBytes: 67, LiveBytes: 90},
		{Path: "stage.0", Kind: "add", In: op.Shape{5, 7, 7}, Out: op.Shape{5, 6, 7}, From: []int{nn.Image, 1, 2, 3}, Size: 1, Field: pair(9, 10),
			Jump: pair(4, 6), Gated: true, KeptBytes: 1013, OutBytes: 68, LiveBytes: 72},
		{Path: "stage.1.drop", Kind: "dropout", In: op.Shape{5, 6, 7}, Out: op.Shape{5, 6, 6}, From: []int{4}, Size: 1, Field: pair(10, 10),
			Jump: pair(5, 6), KeptBytes: 1019, OutBytes: 69, TrainingOnly: true},
		{Path: "head", Kind: "global avg pool", In: op.Shape{5, 6, 6}, Out: op.Shape{5}, From: []int{5}, Size: 1, Kernel: pair(6, 6),
			Stride: pair(1, 1), Dilation: pair(1, 1), Field: pair(11, 12), OutBytes: 20, LiveBytes: 21},
		{Path: "head", Kind: "linear", In: op.Shape{5}, Out: op.Shape{2}, From: []int{2, 6}, Size: 1, Field: pair(12, 12), Params: 19, MACs: 109,
			KeptBytes: 1021, OutBytes: 8, LiveBytes: 28},
	}
}

// Blocks are added up by hand. What a block gives comes from the last layer that inference has; it reads what its
// layers read outside, once; its kernel is none.
func TestBlocksAddUpByHand(t *testing.T) {
	all := eight()
	from := func(l nn.Layer, from ...int) nn.Layer { l.From = from; return l }
	stem := nn.Layer{Path: "stem", Kind: nn.Block, In: op.Shape{3, 8, 8}, Out: op.Shape{4, 7, 8}, From: []int{nn.Image}, Size: 2,
		Field: [2]int{7, 9}, Jump: [2]int{3, 4}, Params: 24, MACs: 204, KeptBytes: 2004, OutBytes: 65, LiveBytes: 70}
	stage := nn.Layer{Path: "stage", Kind: nn.Block, In: op.Shape{4, 7, 7}, Out: op.Shape{5, 6, 7}, From: []int{nn.Image, 0, 1}, Size: 3,
		Field: [2]int{9, 10}, Jump: [2]int{4, 6}, Gated: true, Params: 17, MACs: 107, KeptBytes: 3041, OutBytes: 68, LiveBytes: 90}
	block := stage
	block.Path, block.From, block.Size, block.KeptBytes = "stage.0", []int{nn.Image, 1, 2}, 2, 2022
	for depth, want := range map[int][]nn.Layer{
		-1: all, 0: all,
		1: {stem, from(all[2], 0), stage, from(all[6], 2), from(all[7], 1, 3)},
		2: {all[0], all[1], all[2], block, from(all[5], 3), from(all[6], 4), from(all[7], 2, 5)},
		3: all, 4: all,
	} {
		s := nn.Summary{Layers: eight(), Params: 60, MACs: 420, WeightLayers: 3, KeptBytes: 7073, PeakBytes: 90,
			TrainingParams: 1, TrainingMACs: 2}
		got := s.Blocks(depth)
		if !reflect.DeepEqual(s.Layers, all) {
			t.Fatalf("depth %d: the layers themselves have changed", depth)
		}
		for i := range max(len(want), len(got.Layers)) {
			if i >= len(want) || i >= len(got.Layers) || !reflect.DeepEqual(got.Layers[i], want[i]) {
				t.Fatalf("depth %d: from block %d on:\n got %+v\nwant %+v", depth, i, got.Layers[min(i, len(got.Layers)):], want[min(i, len(want)):])
			}
		}
		if got.Layers = s.Layers; !reflect.DeepEqual(got, s) {
			t.Errorf("depth %d: the totals are %+v, want %+v", depth, got, s)
		}
	}
}

// A block of layers of training alone is such a block, in either order with others it is not. It has no kernel.
func TestBlocksOfTraining(t *testing.T) {
	for _, c := range []struct{ first, second, want bool }{
		{true, true, true}, {true, false, false}, {false, true, false}, {false, false, false},
	} {
		conv := nn.Layer{Kind: "conv", Size: 1, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
		first, second := conv, conv
		first.Path, first.TrainingOnly, second.Path, second.TrainingOnly = "a.b", c.first, "a.c", c.second
		s, want := nn.Summary{Layers: []nn.Layer{first, second}}, nn.Layer{Path: "a", Kind: nn.Block, Size: 2, TrainingOnly: c.want}
		if got := s.Blocks(1).Layers; len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}

// The whole text of a graph: kinds, kernels and strides where there are any, sizes, and dashes where only training is.
func TestDotIsWritten(t *testing.T) {
	want := `digraph "eight" {
	node [shape=box, fontname="Helvetica", fontsize=10]
	image [shape=ellipse]
	n0 [label="stem.conv\nconv 3×5 /2\n4×8×8"]
	n1 [label="stem.norm\nbatch norm\n4×7×8"]
	n2 [label="relu\n4×7×7"]
	n3 [label="stage.0.a\nconv 1×1 /3\n5×7×7"]
	n4 [label="stage.0\nadd\n5×6×7"]
	n5 [label="stage.1.drop\ndropout\n5×6×6", style=dashed]
	n6 [label="head\nglobal avg pool 6×6\n5"]
	n7 [label="head\nlinear\n2"]
	image -> n0
	n0 -> n1
	n1 -> n2
	n2 -> n3
	image -> n4
	n1 -> n4
	n2 -> n4
	n3 -> n4
	n4 -> n5
	n5 -> n6
	n2 -> n7
	n6 -> n7
}
`
	s := nn.Summary{Layers: eight()}
	if got := s.Dot("eight"); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	for _, line := range []string{`	n0 [label="stem\n2 layers\n4×7×8"]`, `	n2 [label="stage\n3 layers\n5×6×7"]`} {
		if got := s.Blocks(1).Dot("eight"); !strings.Contains(got, line+"\n") {
			t.Errorf("no line %s in\n%s", line, got)
		}
	}
}
