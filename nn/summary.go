package nn

import "workbench/nn/op"

// Layer is one layer of a network as it was added.
type Layer struct {
	Path   string   `json:"path"`
	Kind   string   `json:"kind"` // "conv", "batch norm", "linear", …
	Out    op.Shape `json:"out"`  // of the whole batch
	Params int64    `json:"params"`
	MACs   int64    `json:"macs"` // multiply-adds for one image; convolutions and linear layers only
}

// Summary is what a network costs.
type Summary struct {
	Layers       []Layer `json:"layers"`
	Params       int64   `json:"params"`        // trainable
	MACs         int64   `json:"macs"`          // of one image
	WeightLayers int     `json:"weight_layers"` // convolutions and linear layers on the longest path to the last layer: 18 in ResNet-18
}

// note records a layer that was just added at the builder's path.
func (b *Builder) note(kind string, y Tensor, macs int64) {
	if b.err != nil {
		return
	}
	layer := Layer{Path: b.path, Kind: kind, Out: y.Shape(), MACs: macs}
	switch kind {
	case "conv", "linear", "batch norm", "layer norm", "group norm":
		for _, name := range []string{"weight", "bias"} {
			if p := b.byPath[b.join(name)]; p != nil {
				layer.Params += int64(p.Shape.Size())
			}
		}
	}
	b.layers, b.reached = append(b.layers, layer), b.depth[y.node]
}

func (b *Builder) noted(kind string, y Tensor) Tensor {
	b.note(kind, y, 0)
	return y
}

// Summary of the layers added so far.
func (b *Builder) Summary() Summary {
	s := Summary{Layers: b.layers, WeightLayers: b.reached}
	for _, l := range b.layers {
		s.Params += l.Params
		s.MACs += l.MACs
	}
	return s
}
