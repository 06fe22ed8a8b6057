package nn

import (
	"slices"

	"workbench/nn/op"
)

// Share is what the layers of one kind cost together.
type Share struct {
	Kind      string  `json:"kind"` // "convolution", "fully connected", "normalisation", "activation", "pooling", "other"
	Layers    int     `json:"layers"`
	Params    int64   `json:"params"`
	MACs      int64   `json:"macs"`
	KeptBytes int64   `json:"kept_bytes"`
	Parts     []Share `json:"parts,omitempty"` // convolutions by form, if there are several: "k×k", "1×1", "depthwise"
}

// Names of the kinds of layers, and of the forms of a convolution, that a share has.
const (
	Convolution    = "convolution"
	FullyConnected = "fully connected"
	Normalisation  = "normalisation"
	Activation     = "activation"
	Pooling        = "pooling"
	Other          = "other"

	Spatial   = "k×k"
	Pointwise = "1×1"
	Depthwise = "depthwise"
)

// Class is the kind of share to which the layer counts.
func (l Layer) Class() string {
	switch l.Kind {
	case "conv":
		return Convolution
	case "linear":
		return FullyConnected
	case "batch norm", "layer norm", "group norm", "lrn", "l2 normalize":
		return Normalisation
	case "max pool", "avg pool", "adaptive avg pool", "global avg pool", "global max pool":
		return Pooling
	case "relu", "softmax", "log softmax":
		return Activation
	}
	if slices.Contains(op.ActivationNames(), l.Kind) {
		return Activation
	}
	return Other
}

// Form of a convolution; "" of another layer. A convolution with one channel a group is depthwise, whatever its kernel.
func (l Layer) Form() string {
	switch {
	case l.Kind != "conv":
		return ""
	case l.Groups > 1 && l.Groups == l.In[0]:
		return Depthwise
	case l.Kernel == [2]int{1, 1}:
		return Pointwise
	}
	return Spatial
}

// Shares returns a share for each kind that the network has. The summary must be of layers, not of blocks.
func (s Summary) Shares() []Share {
	of := func(kind string, belongs func(Layer) bool) Share {
		share := Share{Kind: kind}
		for _, l := range s.Layers {
			if belongs(l) {
				share.Layers += l.Size
				share.Params += l.Params
				share.MACs += l.MACs
				share.KeptBytes += l.KeptBytes
			}
		}
		return share
	}
	var shares []Share
	for _, kind := range []string{Convolution, FullyConnected, Normalisation, Activation, Pooling, Other} {
		share := of(kind, func(l Layer) bool { return l.Class() == kind })
		for _, form := range []string{Spatial, Pointwise, Depthwise} {
			part := of(form, func(l Layer) bool { return l.Class() == kind && l.Form() == form })
			if part.Layers > 0 && part.Layers < share.Layers {
				share.Parts = append(share.Parts, part)
			}
		}
		if share.Layers > 0 {
			shares = append(shares, share)
		}
	}
	return shares
}
