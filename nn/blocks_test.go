package nn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/graph/formats/dot"

	"workbench/nn"
)

// branched is a network of two blocks, an activation at the top, and an auxiliary classifier.
func branched(mode nn.Mode) *nn.Builder {
	b := nn.NewBuilder(mode, false)
	x := b.Input("image", 2, 3, 8, 8)
	at := b.In("stem")
	x = b.ReLU(at.In("norm").BatchNorm(at.In("conv").Conv(x, 4, 3, 2)))
	if aux := b.In("aux"); mode == nn.Train {
		aux.Auxiliary(aux.In("fc").Linear(aux.GlobalAvgPool(x), 5), 0.3)
	}
	block := b.In("block").In("0")
	x = block.Dropout(x, 0.1)
	x = block.Add(x, block.In("dw").Depthwise(block.In("pw").Conv(x, 4, 1, 1), 3, 1))
	b.In("fc").Linear(b.GlobalAvgPool(x), 5)
	return b
}

func TestBlocks(t *testing.T) {
	s := branched(nn.Train).Summary()
	type row struct {
		path, kind string
		size       int
		from       []int
	}
	for depth, want := range map[int][]row{
		1: {{"stem", nn.Block, 2, []int{nn.Image}}, {"", "relu", 1, []int{0}}, {"aux", nn.Block, 2, []int{1}}, {"block", nn.Block, 4, []int{1}},
			{"", "global avg pool", 1, []int{3}}, {"fc", "linear", 1, []int{4}}},
		2: {{"stem.conv", "conv", 1, []int{nn.Image}}, {"stem.norm", "batch norm", 1, []int{0}}, {"", "relu", 1, []int{1}},
			{"aux", "global avg pool", 1, []int{2}}, {"aux.fc", "linear", 1, []int{3}}, {"block.0", nn.Block, 4, []int{2}},
			{"", "global avg pool", 1, []int{5}}, {"fc", "linear", 1, []int{6}}},
	} {
		blocks := s.Blocks(depth)
		if len(blocks.Layers) != len(want) {
			t.Errorf("depth %d: %d rows, want %d", depth, len(blocks.Layers), len(want))
			continue
		}
		for i, l := range blocks.Layers {
			if w := want[i]; l.Path != w.path || l.Kind != w.kind || l.Size != w.size || !slices.Equal(l.From, w.from) {
				t.Errorf("depth %d, row %d: got %q %s of %d layers reading %v, want %+v", depth, i, l.Path, l.Kind, l.Size, l.From, w)
			}
		}
	}
	block := s.Blocks(1).Layers[3]
	if block.Params != 16+36 || block.MACs != (16+36)*16 || block.Field != [2]int{7, 7} || block.Kernel != [2]int{} || block.TrainingOnly ||
		!slices.Equal(block.In, []int{4, 4, 4}) || !slices.Equal(block.Out, []int{4, 4, 4}) {
		t.Errorf("the block is %+v", block)
	}
	if aux := s.Blocks(1).Layers[2]; !aux.TrainingOnly || aux.LiveBytes != 0 || s.TrainingParams != aux.Params || s.TrainingMACs != 4*5 {
		t.Errorf("the auxiliary classifier is %+v of %d parameters", aux, s.TrainingParams)
	}
	if infer := branched(nn.Infer).Summary(); infer.Params != s.Params-s.TrainingParams || infer.MACs != s.MACs-s.TrainingMACs ||
		infer.PeakBytes != s.PeakBytes || infer.KeptBytes != 0 {
		t.Errorf("inference: %d parameters, %d multiply-adds, %d bytes live, %d kept; training: %d, %d, %d", infer.Params, infer.MACs,
			infer.PeakBytes, infer.KeptBytes, s.Params, s.MACs, s.PeakBytes)
	}
}

// What a block gives is what the last of its layers gives that inference has, wherever layers of training alone stand.
// A block of those alone gives what the last of them gives.
func TestBlocksGiveWhatInferenceHas(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	image, at := b.Input("image", 2, 3, 8, 8), b.In("stage")
	x := at.In("conv").Conv(at.In("drop").Dropout(image, 0.5), 4, 3, 2)
	aux := at.In("aux")
	aux.Auxiliary(aux.In("fc").Linear(aux.GlobalAvgPool(x), 5), 0.3)
	b.In("fc").Linear(b.GlobalAvgPool(x), 6)
	s := b.Summary()
	if b.Err() != nil || len(s.Layers) != 6 {
		t.Fatal(b.Err(), s.Layers)
	}
	gives := func(l nn.Layer) string { return fmt.Sprint(l.Out, l.OutBytes, l.Field, l.Jump, l.TrainingOnly) }
	for depth, of := range map[int][]int{1: {1, 4, 5}, 2: {0, 1, 3, 4, 5}} { // for each block the layer that decides
		blocks := s.Blocks(depth).Layers
		if len(blocks) != len(of) {
			t.Fatalf("depth %d: got %d blocks, want %d", depth, len(blocks), len(of))
		}
		for i, l := range of {
			if got, want := gives(blocks[i]), gives(s.Layers[l]); got != want {
				t.Errorf("depth %d: %s gives %s, want that of %s, %s", depth, blocks[i].Path, got, s.Layers[l].Path, want)
			}
		}
	}
}

// Adding a loss does not change what a network costs.
func TestSummaryWithALoss(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	x := b.GlobalAvgPool(b.ReLU(b.In("conv").Conv(b.Input("image", 2, 3, 8, 8), 4, 3, 1)))
	aux := b.In("aux")
	aux.Auxiliary(aux.In("fc").Linear(x, 5), 0.3)
	logits := b.In("fc").Linear(x, 5)
	before := b.Summary()
	b.ClassifierLoss(logits, b.Labels("label", 2), 0.1)
	after := b.Summary()
	if b.Err() != nil || before.KeptBytes != after.KeptBytes || before.Params != after.Params ||
		before.TrainingParams != after.TrainingParams ||
		after.TrainingParams != 25 {
		t.Errorf("%v: before the loss %+v, after it %+v", b.Err(), before, after)
	}
}

func TestShares(t *testing.T) {
	got := branched(nn.Train).Summary().Shares()
	want := []nn.Share{
		{Kind: nn.Convolution, Layers: 3, Params: 108 + 16 + 36, MACs: (108 + 16 + 36) * 16, Parts: []nn.Share{
			{Kind: nn.Spatial, Layers: 1, Params: 108, MACs: 108 * 16}, {Kind: nn.Pointwise, Layers: 1, Params: 16, MACs: 16 * 16},
			{Kind: nn.Depthwise, Layers: 1, Params: 36, MACs: 36 * 16}}},
		{Kind: nn.FullyConnected, Layers: 2, Params: 50, MACs: 40},
		{Kind: nn.Normalisation, Layers: 1, Params: 8},
		{Kind: nn.Activation, Layers: 1}, {Kind: nn.Pooling, Layers: 2}, {Kind: nn.Other, Layers: 2},
	}
	var flat func(all []nn.Share) []nn.Share
	flat = func(all []nn.Share) (list []nn.Share) {
		for _, s := range all {
			parts := s.Parts
			s.Parts, s.KeptBytes = nil, 0
			list = append(append(list, s), flat(parts)...)
		}
		return list
	}
	equal := func(a, b nn.Share) bool {
		return a.Kind == b.Kind && a.Layers == b.Layers && a.Params == b.Params && a.MACs == b.MACs
	}
	if !slices.EqualFunc(flat(got), flat(want), equal) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The text is valid in Graphviz's language, whatever the layers' names.
func TestDot(t *testing.T) {
	s := branched(nn.Train).Summary()
	s.Layers[0].Path = `a "quoted" \ name`
	text := s.Dot("1 \"net\"\n")
	file, err := dot.ParseString(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	nodes, edges := strings.Count(text, "[label="), strings.Count(text, " -> ")
	want := 0
	for _, l := range s.Layers {
		want += len(l.From)
	}
	if len(file.Graphs) != 1 || nodes != len(s.Layers) || edges != want {
		t.Errorf("%d graphs, %d nodes and %d edges, want 1, %d and %d", len(file.Graphs), nodes, edges, len(s.Layers), want)
	}
	for _, part := range []string{`image -> n0`, `n0 [label="a \"quoted\" \\ name\nconv 3×3 /2\n4×4×4"]`, `style=dashed`} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
}
