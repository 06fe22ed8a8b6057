package nn

import (
	"fmt"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// Layer is one layer of a network as it was added, or a block of them (see Summary.Blocks). Shapes and costs are those
// of one image. Bytes count float32 values. Pairs are vertical and horizontal.
type Layer struct {
	Path string   `json:"path"`
	Kind string   `json:"kind"` // "conv", "batch norm", "linear", …; of several layers "block"
	In   op.Shape `json:"in"`   // of what it reads first: [c, h, w] or [features]
	Out  op.Shape `json:"out"`
	From []int    `json:"from"` // numbers of the layers that it reads; Image is the image
	Size int      `json:"layers"`

	Kernel   [2]int `json:"kernel"` // of convolutions and poolings, as the three below; else 0
	Stride   [2]int `json:"stride"`
	Dilation [2]int `json:"dilation"`
	Groups   int    `json:"groups"` // of convolutions

	Field [2]int `json:"receptive_field"` // pixels of the image, padding included, that one of its pixels depends on
	// Jump is the distance in the image, in pixels, from one of the layer's pixels to
	// the next. 0: there is no grid of pixels.
	Jump [2]int `json:"effective_stride"`
	// Gated says that a gate or the norm of a whole image makes the pixels depend on all others, beyond Field.
	Gated bool `json:"gated"`

	Params int64 `json:"params"`
	MACs   int64 `json:"macs"` // multiply-adds; convolutions and linear layers only

	KeptBytes int64 `json:"kept_bytes"` // what it computes that the backward pass reads
	OutBytes  int64 `json:"out_bytes"`  // its result
	// LiveBytes is the size of all results in inference that are still to be read when
	// the layer has run; of a block, the most.
	LiveBytes int64 `json:"live_bytes"`

	TrainingOnly bool `json:"training_only"` // inference leaves it out: dropout, auxiliary classifiers
}

// Image stands for the image in Layer.From.
const Image = -1

// Summary is what a network costs.
//
// KeptBytes counts, once each, all results of the forward pass that some gradient reads, and the logits, which the
// loss reads. Training needs this memory beside parameters, the optimizer's state, images and gradients, and it
// grows with the batch. The statistics of batch norm are not counted, because they do not grow. PeakBytes takes
// each layer's result as a tensor of its own that dies with its last reader. What a layer computes on the way, such
// as the statistics of a norm, is not counted.
//
// The Bytes of an executable differ from both. In training they include the gradients of all parameters, and a backend
// may let concatenations that begin with another one, as DenseNet's do, share memory with it. In inference a backend
// computes layers together, such as a ReLU with the layer before it, and overwrites values that are read for the last
// time. That takes less than PeakBytes; weights with batch norm folded in, and copies in other layouts, come on top.
type Summary struct {
	Layers []Layer `json:"layers"`
	Params int64   `json:"params"` // trainable
	MACs   int64   `json:"macs"`   // of one image
	// WeightLayers counts convolutions and linear layers on the longest path to the last layer: 18 in ResNet-18.
	WeightLayers int   `json:"weight_layers"`
	KeptBytes    int64 `json:"kept_bytes"` // of one image in training; 0 of a graph for inference
	PeakBytes    int64 `json:"peak_bytes"` // of one image in inference: the most LiveBytes

	TrainingParams int64 `json:"training_params"` // of Params, those that inference leaves out
	TrainingMACs   int64 `json:"training_macs"`
}

// noted is a layer with its result.
type noted struct {
	Layer
	result *G.Node
}

// note records a layer that was just added at the builder's path.
func (b *Builder) note(kind string, y Tensor, macs int64) {
	if b.err != nil {
		return
	}
	layer := Layer{Path: b.path, Kind: kind, MACs: macs, Size: 1}
	switch kind {
	case "conv", "linear", "batch norm", "layer norm", "group norm":
		for _, name := range []string{"weight", "bias"} {
			if p := b.byPath[b.join(name)]; p != nil && p.Original == "" && !b.counted[p] {
				layer.Params += int64(p.Shape.Size())
				b.counted[p] = true // a layer that several inputs share has its parameters once
			}
		}
	}
	b.layers, b.reached = append(b.layers, noted{layer, y.node}), b.depth[y.node]
}

func (b *Builder) noted(kind string, y Tensor) Tensor {
	b.note(kind, y, 0)
	return y
}

// Inner is the result of the last layer so far at a sub-path or below it, such as "layer3"; an error if there is none.
func (b *Builder) Inner(path string) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	path = b.join(path)
	var places []string
	for _, l := range slices.Backward(b.layers) {
		if l.Path == path || strings.HasPrefix(l.Path, path+".") {
			return Tensor{l.result}
		}
		if top, _, _ := strings.Cut(l.Path, "."); top != "" && !slices.Contains(places, top) {
			places = append(places, top)
		}
	}
	slices.Reverse(places)
	return b.Fail(fmt.Errorf("the network has no place %q, want one such as %s", path, strings.Join(places, ", ")))
}

// Result is what layer i of the Summary computes; a failed Tensor if there is none.
func (b *Builder) Result(i int) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	if i < 0 || i >= len(b.layers) {
		return b.Fail(fmt.Errorf("the network has no layer %d, want one from 0 to %d", i, len(b.layers)-1))
	}
	return Tensor{b.layers[i].result}
}

// Cost is the part of a Summary that does not need to know what layers read of one another; finding that out takes as
// long as building the network. Layers that only training uses count.
type Cost struct {
	Params       int64 // trainable
	MACs         int64 // of one image
	WeightLayers int   // see Summary
}

// Cost of the layers added so far.
func (b *Builder) Cost() Cost {
	c := Cost{WeightLayers: b.reached}
	for _, l := range b.layers {
		c.Params += l.Params
		c.MACs += l.MACs
	}
	return c
}

// Summary of the layers added so far.
func (b *Builder) Summary() Summary {
	a := b.anatomy()
	a.joins()
	a.windows()
	a.fields()
	if b.mode == Train {
		if err := a.keptMemory(); err != nil {
			b.Fail(err)
		}
	}
	a.liveMemory()
	cost := b.Cost()
	s := Summary{Layers: a.layers, Params: cost.Params, MACs: cost.MACs, WeightLayers: cost.WeightLayers}
	for _, l := range a.layers {
		s.KeptBytes += l.KeptBytes
		s.PeakBytes = max(s.PeakBytes, l.LiveBytes)
		if l.TrainingOnly {
			s.TrainingParams += l.Params
			s.TrainingMACs += l.MACs
		}
	}
	return s
}
