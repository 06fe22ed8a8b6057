package data

import (
	"fmt"
	"slices"

	"workbench/experiments/data/augment"
	"workbench/experiments/data/pretext"
	"workbench/nn/rng"
)

// View is one picture of every image of a batch: what is done to it, and what target that gives.
type View struct {
	Augment map[string]any // options of package augment; nil: the image as it is
	Emit    string         // a task of package pretext whose target the view gives; "": none
	Options map[string]any // of the task; nil: its defaults
}

// Target is what a view emits.
type Target struct {
	Classes []int32   // [batch], −1 in unused rows; nil if the target is no class
	Picture []float32 // [batch, channels, height, width], zeros in unused rows; nil if the target is no picture
}

// Classes is the number of classes of the view's target on images of a set; 0 if it emits no class.
func (v View) Classes(info Info) (int, error) {
	m, err := v.make(info.shape())
	if err != nil || m.task == nil {
		return 0, err
	}
	return m.task.Classes(), nil
}

func (n Info) shape() augment.Size {
	return augment.Size{Channels: n.Channels, Height: n.Height, Width: n.Width}
}

// maker makes the pictures and targets of a view. A copy belongs to one goroutine.
type maker struct {
	stream   string // its random numbers are those of this name
	chain    augment.Chain
	emit     string
	task     pretext.Policy // nil: no class is emitted
	original bool           // the target is the image as the set has it
	key      uint64         // of the task's random numbers in the epoch
}

// make the view for pictures of a size, or say why it cannot be.
func (v View) make(size augment.Size) (maker, error) {
	m := maker{emit: v.Emit}
	var err error
	if m.chain, err = augment.New(v.Augment, size); err != nil {
		return m, err
	}
	if v.Emit == "" {
		if len(v.Options) > 0 {
			return m, fmt.Errorf("options %v of a task, but the view emits nothing", v.Options)
		}
		return m, nil
	}
	task, err := pretext.Lookup(v.Emit)
	if err != nil {
		return m, err
	}
	m.original = task.Original()
	m.task, err = task.Policy(v.Options, size)
	return m, err
}

// makers of the loader's views. The first view of the stream without a name has the random numbers that runs had before
// there were views and names; every other view has its own.
func (l Loader) makers() ([]maker, error) {
	views := l.Views
	if views == nil {
		views = []View{{}}
	}
	var all []maker
	for k, v := range views {
		m, err := v.make(l.Part.Set.Info().shape())
		if err != nil && len(views) > 1 {
			return nil, fmt.Errorf("view %d: %w", k, err)
		}
		if err != nil {
			return nil, err
		}
		m.stream = l.stream()
		if k > 0 {
			m.stream += fmt.Sprintf("view/%d/", k)
		}
		all = append(all, m)
	}
	return all, nil
}

// owned returns makers for one more goroutine.
func owned(all []maker) []maker {
	all = slices.Clone(all)
	for k := range all {
		all[k].chain = slices.Clone(all[k].chain)
	}
	return all
}

// start sets the epoch whose pictures come next.
func (m *maker) start(seed, epoch uint64) {
	m.chain.Start(m.stream, seed, epoch)
	m.key = rng.Key(seed, m.stream+"pretext/"+m.emit, epoch)
}

// change picture i of the epoch as the task wants it, and say which class that gives; −1: none.
func (m *maker) change(p *augment.Picture, i int) int32 {
	if m.task == nil {
		return -1
	}
	class := rng.Below(rng.Sub(m.key, uint64(i)), 0, m.task.Classes())
	m.task.Apply(p, class)
	return int32(class)
}
