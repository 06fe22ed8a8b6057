package experiments

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/experiments/data/augment"
	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/option"
	"workbench/nn/zoo"
)

// Networks builds the network of every cell symbolically for the images and classes of its data set, and gives its
// size by cell key. A level that makes an impossible network shows here, before the first run. Info is asked once a
// data set.
func (s Study) Networks(info func(Choice) (data.Info, error)) (map[string]nn.Summary, error) {
	cells, err := s.Cells()
	if err != nil {
		return nil, err
	}
	infos := map[string]data.Info{}
	built := map[string]nn.Summary{}
	sizes := map[string]nn.Summary{}
	for _, cell := range cells {
		config, err := cell.Config.Resolved()
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", cell.Key, err)
		}
		images, err := once(infos, config.Dataset, info)
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", cell.Key, err)
		}
		if err := trainable(config, images); err != nil {
			return nil, fmt.Errorf("cell %s: %w", cell.Key, err)
		}
		build := func([2]any) (nn.Summary, error) { return network(config, images) }
		if sizes[cell.Key], err = once(built, [2]any{config.Dataset, config.Model}, build); err != nil {
			return nil, fmt.Errorf("cell %s: %w", cell.Key, err)
		}
	}
	return sizes, nil
}

func network(c Config, images data.Info) (nn.Summary, error) {
	variant, settings, err := c.Variant()
	if err != nil {
		return nn.Summary{}, err
	}
	return zoo.Describe(variant, settings, [3]int{images.Channels, images.Height, images.Width}, len(images.Classes))
}

// trainable checks what only the images and the network's parameters can tell of a configuration: whether its
// augmentations fit the pictures, its parameter groups, and whether images that go through the network one by one leave
// its norms more than one value a channel.
func trainable(c Config, images data.Info) error {
	size := augment.Size{Channels: images.Channels, Height: images.Height, Width: images.Width}
	if _, err := augment.New(c.Augment, size); err != nil {
		return err
	}
	groups, _ := c.Optim.Options["groups"].([]option.Group)
	atATime := c.Batch / c.MicroBatches()
	if len(groups) == 0 && atATime > 1 {
		return nil
	}
	variant, settings, err := c.Variant()
	if err != nil {
		return err
	}
	b := nn.NewBuilder(nn.Train, false)
	stays, _ := c.Frozen()
	b.Freeze(stays)
	variant.Build(b, b.Input("image", atATime, images.Channels, images.Height, images.Width), len(images.Classes), settings)
	if err := b.Err(); err != nil {
		return fmt.Errorf("%s: %w", c.Model.Name, err)
	}
	_, err = optim.Members(groups, b.Params())
	return err
}
