package experiments

import (
	"cmp"
	"fmt"

	"workbench/experiments/data"
	"workbench/experiments/data/augment"
	"workbench/experiments/data/mixing"
	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/option"
	"workbench/nn/plan"
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
			return nil, s.impossible(cell, err, func(c Config) error { return trainable(c, images) })
		}
		size := func(c Config) (nn.Summary, error) {
			return once(built, [2]any{c.Dataset, c.Model}, func([2]any) (nn.Summary, error) { return network(c, images) })
		}
		if sizes[cell.Key], err = size(config); err == nil {
			err = fits(config, sizes[cell.Key])
		}
		if err != nil {
			return nil, s.impossible(cell, err, func(c Config) error {
				n, err := size(c)
				return cmp.Or(err, fits(c, n))
			})
		}
	}
	return sizes, nil
}

// impossible is the problem of a cell that cannot be trained. It stands at the level that makes the base impossible by
// itself, if one does, or else at the network's name.
func (s Study) impossible(cell Cell, err error, check func(Config) error) Problem {
	p := Problem{Message: fmt.Sprintf("cell %s: %v", cell.Key, err), places: []string{"model." + nameKey}}
	fails := func(set []Assignment) bool {
		c := s.Base.Clone()
		for _, a := range set {
			if err := c.Set(a.Path, a.Value); err != nil {
				return false // reported when the cells are made
			}
		}
		c, err := c.Resolved()
		return err == nil && check(c) != nil
	}
	if fails(nil) {
		return p
	}
	for _, f := range s.Factors {
		l, err := f.Level(cell.Levels[f.Name])
		if err != nil || !fails(l.Set) {
			continue
		}
		p.places = []string{AtLevel(f.Name, l.Label)}
		if len(l.Set) == 1 {
			p.places = append([]string{AtSetting(f.Name, l.Label, l.Set[0].Path)}, p.places...)
		}
		return p
	}
	return p
}

// maxMemory is more than any machine has on which a network is trained by one process.
const maxMemory = 1 << 40 // bytes

// fits refuses networks and batches that no machine can hold, before somebody tries. It counts weights, their gradients
// and what training keeps of every image.
func fits(c Config, size nn.Summary) error {
	need := 8 * float64(size.Params)
	if c.Recompute == "" || c.Recompute == string(plan.RecomputeNone) {
		need += float64(size.KeptBytes) * float64(c.Batch/c.MicroBatches())
	}
	if need <= maxMemory {
		return nil
	}
	return fmt.Errorf("training %s with %d parameters and %d images a step takes about %.1f TiB of memory, want at most 1 TiB",
		c.Network(), size.Params, c.Batch/c.MicroBatches(), need/maxMemory)
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
	pictures, _ := mixing.Apart(c.Augment)
	if _, err := augment.New(pictures, size); err != nil {
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
		return fmt.Errorf("%s: %w", c.Network(), err)
	}
	_, err = optim.Members(groups, b.Params())
	return err
}
