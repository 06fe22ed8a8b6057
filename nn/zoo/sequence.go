package zoo

import (
	"strconv"

	"workbench/nn"
)

// sequence names the layers below a builder as PyTorch's Sequential does: "0", "1" and so on.
type sequence struct {
	b *nn.Builder
	n int
}

// next returns the builder of the next layer.
func (s *sequence) next() *nn.Builder {
	s.n++
	return s.b.In(strconv.Itoa(s.n - 1))
}

// hiddenClassifier is two hidden linear layers with dropout and a last one.
type hiddenClassifier struct {
	width      int
	dropout    float64
	dropInput  bool // drop what goes into the hidden layers, as torchvision's AlexNet does, not what comes out
	activation string
	start      start // of all layers
	hidden     start // of the hidden ones, if it differs
}

// build adds the layers on x [n, features] and returns logits [n, classes].
func (h hiddenClassifier) build(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor {
	if h.hidden == nil {
		h.hidden = h.start
	}
	layers := sequence{b: b}
	for range 2 {
		if h.dropInput {
			x = layers.next().Dropout(x, h.dropout)
		}
		x = linear(layers.next(), x, h.width, h.hidden)
		x = layers.next().Activate(h.activation, x)
		if !h.dropInput {
			x = layers.next().Dropout(x, h.dropout)
		}
	}
	return head(layers.next(), x, classes, h.start)
}

// classifierOptions are the switches of a network with hidden linear layers over maps of pool×pool fields.
func classifierOptions(pool int) []Option {
	return []Option{
		{Name: "pool", Default: pool, Min: 1, Max: 64,
			Doc: "side of the maps that the classifier sees; 32×32 images leave fewer fields than 224×224"},
		{Name: "hidden", Default: 4096, Min: 1, Max: 65536, Doc: "width of the two hidden linear layers; 512 is usual for CIFAR"},
		{Name: "dropout", Default: 0.5, Max: 0.99, Doc: "probability that a hidden unit is dropped in training"},
	}
}
