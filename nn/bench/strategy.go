package bench

import (
	"fmt"
	"slices"

	"workbench/nn"
	"workbench/nn/rng"
	"workbench/nn/zoo"
)

// Strategies builds what a training step of the case's strategy computes around the network, which network adds to
// images, without its head for 0 classes. It knows the strategies, which nn does not.
type Strategies func(c Case, b *nn.Builder, network func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor) (Objective, error)

// Objective is a loss with the inputs that it reads.
type Objective struct {
	Loss   nn.Tensor
	Images []string // inputs [batch, c, h, w] that are pictures, such as the views of a batch
	// Numbers fill further inputs with what they hold in every step.
	Numbers map[string]func(dst []float32)
}

// objective of a training step on a network: that of the case's strategy, or else the cross-entropy of its classes.
func (n *network) objective(b *nn.Builder, settings zoo.Settings) (Objective, error) {
	if n.c.Strategy != "" {
		if n.strategies == nil {
			return Objective{}, fmt.Errorf("strategy %s: this process measures none", n.c.Strategy)
		}
		return n.strategies(n.c, b, func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor {
			return n.variant.Build(b, x, classes, settings)
		})
	}
	logits := n.variant.Build(b, n.image(b), n.c.Classes, settings)
	return Objective{Loss: b.ClassifierLoss(logits, b.Labels("label", n.c.Batch), 0), Images: []string{"image"}}, nil
}

func (n *network) image(b *nn.Builder) nn.Tensor {
	return b.Input("image", n.c.Batch, n.c.Input[0], n.c.Input[1], n.c.Input[2])
}

// fill writes the batch: images of independent normal pixels, random classes, and the numbers that a step reads.
func (n *network) fill() {
	for _, name := range n.reads.Images {
		r := rng.New(seed, "bench/"+name)
		images := n.exe.Floats(name)
		for i := range images {
			images[i] = float32(r.NormFloat64())
		}
	}
	for name, write := range n.reads.Numbers {
		write(n.exe.Floats(name))
	}
	copy(n.exe.Ints("label"), labels(n.c))
	if lr := n.exe.Floats("lr"); lr != nil {
		lr[0] = learningRate
	}
}

// pictures tells whether the input is one of images.
func (n *network) pictures(name string) bool { return slices.Contains(n.reads.Images, name) }
