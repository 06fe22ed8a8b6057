package main

import (
	"fmt"

	"workbench/experiments/studyfile"
	"workbench/nn"
	"workbench/nn/definition"
	"workbench/nn/op"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// network is a network of the zoo for images of a size.
type network struct {
	variant  zoo.Variant
	settings zoo.Settings
	images   [3]int // channels, height, width
	classes  int
}

// registered is the name under which a network is looked up that a user has named: of a file, the text of its network.
func registered(model string) (string, error) {
	if definition.Is(model) || !studyfile.IsPath(model) {
		return model, nil
	}
	n, err := studyfile.Network(model)
	if err != nil {
		return "", err
	}
	return n.Text(), nil
}

// variantOf finds the network that a user has named, in the zoo or in a file.
func variantOf(model string) (zoo.Variant, error) {
	name, err := registered(model)
	if err != nil {
		return zoo.Variant{}, err
	}
	return zoo.Lookup(name)
}

// findNetwork looks the network up and reads OPTION=VALUE. input is what --input says; "" means the network's own size.
func findNetwork(name string, options []string, input string) (network, error) {
	v, err := variantOf(name)
	if err != nil {
		return network{}, err
	}
	n := network{variant: v, images: v.Input, classes: v.Classes}
	if n.settings, err = modelOptions(v, options); err != nil {
		return network{}, err
	}
	if input != "" {
		n.images, err = parseInput(input)
	}
	return n, err
}

// add builds the network on images x.
func (n network) add(b *nn.Builder, x nn.Tensor) nn.Tensor {
	return n.variant.Build(b, x, n.classes, n.settings)
}

// on says where an error comes from.
func (n network) on(err error) error {
	return fmt.Errorf("%s on %s images: %w", n.variant.Name, shape(n.images[:]), err)
}

// parameters of inference.
func (n network) parameters() ([]*nn.Param, error) {
	b := nn.NewBuilder(nn.Infer, false)
	n.add(b, b.Input("image", 1, n.images[0], n.images[1], n.images[2]))
	if err := b.Err(); err != nil {
		return nil, n.on(err)
	}
	return b.Params(), nil
}

// fit sets the number of classes to that of weights of which shape tells the shape: the elements of the network's last
// parameter, which is a bias.
func (n *network) fit(shape func(path string) op.Shape) error {
	n.classes = n.variant.Classes
	params, err := n.parameters()
	if err != nil {
		return err
	}
	if last := shape(params[len(params)-1].Path); len(last) == 1 && last[0] > 0 {
		n.classes = last[0]
	}
	return nil
}

// shapesOf tells the shapes of tensors; nil where there is none.
func shapesOf(tensors []weights.Tensor) func(path string) op.Shape {
	all := map[string]op.Shape{}
	for _, t := range tensors {
		all[t.Name] = t.Shape
	}
	return func(path string) op.Shape { return all[path] }
}
