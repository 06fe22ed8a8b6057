package data

import (
	"fmt"

	"workbench/nn/rng"
)

// mix mixes the images of a step, and makes the shares that classes have in them. What happens is a function of (Seed,
// Name, epoch, step); of a cycle the epoch is 0.
func (p pass) mix(step int, b *Batch) {
	if !p.Mixing.On() {
		return
	}
	info := p.Part.Set.Info()
	epoch := p.begin / p.Part.Len()
	m := p.Mixing.Draw(rng.Sub(rng.Key(p.Seed, p.stream()+"mixing", uint64(epoch)), uint64(step)), info.Height, info.Width)
	m.Images(b.Images, b.N, info.Channels, info.Height, info.Width)
	m.Targets(b.Labels[:b.N], len(info.Classes), b.Soft)
}

// mixes says why the loader's images cannot be mixed, if they are to be.
func (l Loader) mixes() error {
	switch {
	case !l.Mixing.On():
		return nil
	case len(l.Views) > 1:
		return fmt.Errorf("%s: images of %d views, want one", l.Mixing.Name(), len(l.Views))
	case len(l.Views) == 1 && l.Views[0].Emit != "":
		return fmt.Errorf("%s: a view that emits a target of its own, want none", l.Mixing.Name())
	case l.Candidates != nil:
		return fmt.Errorf("%s: images with candidates for their labels, want one label for each", l.Mixing.Name())
	}
	for row := range l.Part.Len() {
		if l.Part.Label(row) < 0 {
			return fmt.Errorf("%s: image %d of the %s has no label", l.Mixing.Name(), l.Part.Sample(row), l.Part)
		}
	}
	return nil
}
