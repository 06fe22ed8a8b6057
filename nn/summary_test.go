package nn_test

import (
	"reflect"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// Every number of a small network, counted by hand.
func TestSummary(t *testing.T) {
	b, _ := small(nn.Train)
	s := b.Summary()
	map4, one := op.Shape{4, 4, 4}, [2]int{1, 1}
	want := []nn.Layer{
		{Path: "conv1", Kind: "conv", In: op.Shape{3, 8, 8}, Out: map4, From: []int{nn.Image}, Size: 1,
			Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Dilation: one, Groups: 1, Field: [2]int{3, 3}, Jump: [2]int{2, 2},
			Params: 108, MACs: 1728, KeptBytes: 256, OutBytes: 256, LiveBytes: 256},
		{Path: "bn1", Kind: "batch norm", In: map4, Out: map4, From: []int{0}, Size: 1, Field: [2]int{3, 3}, Jump: [2]int{2, 2},
			Params: 8, OutBytes: 256, LiveBytes: 512},
		{Kind: "relu", In: map4, Out: map4, From: []int{1}, Size: 1, Field: [2]int{3, 3}, Jump: [2]int{2, 2},
			KeptBytes: 256, OutBytes: 256, LiveBytes: 512},
		{Path: "head.mix", Kind: "conv", In: map4, Out: op.Shape{6, 4, 4}, From: []int{2}, Size: 1,
			Kernel: [2]int{1, 3}, Stride: one, Dilation: one, Groups: 2, Field: [2]int{3, 7}, Jump: [2]int{2, 2},
			Params: 42, MACs: 576, OutBytes: 384, LiveBytes: 640},
		{Kind: "global avg pool", In: op.Shape{6, 4, 4}, Out: op.Shape{6}, From: []int{3}, Size: 1,
			Kernel: [2]int{4, 4}, Stride: one, Dilation: one, Field: [2]int{9, 13}, OutBytes: 24, LiveBytes: 408},
		{Path: "drop", Kind: "dropout", In: op.Shape{6}, Out: op.Shape{6}, From: []int{4}, Size: 1, Field: [2]int{9, 13},
			KeptBytes: 24, OutBytes: 24, TrainingOnly: true},
		{Path: "fc", Kind: "linear", In: op.Shape{6}, Out: op.Shape{10}, From: []int{5}, Size: 1, Field: [2]int{9, 13},
			Params: 70, MACs: 60, KeptBytes: 40, OutBytes: 40, LiveBytes: 64},
	}
	if len(s.Layers) != len(want) {
		t.Fatalf("%d layers, want %d: %+v", len(s.Layers), len(want), s.Layers)
	}
	for i, l := range s.Layers {
		if !reflect.DeepEqual(l, want[i]) {
			t.Errorf("layer %d:\n got %+v\nwant %+v", i, l, want[i])
		}
	}
	s.Layers = nil
	if total := (nn.Summary{Params: 228, MACs: 2364, WeightLayers: 3, KeptBytes: 576, PeakBytes: 640}); !reflect.DeepEqual(s, total) {
		t.Errorf("got the totals %+v, want %+v", s, total)
	}
}
