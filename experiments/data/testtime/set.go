package testtime

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"workbench/experiments/data"
	"workbench/experiments/data/raster"
)

// Of is the set whose images are those of a set, seen so. It has no originals, whatever the set has: these would be
// shown as they are.
func (v View) Of(set data.Set) data.Set {
	s := seen{Set: set, view: v}
	s.originals, _ = data.As[data.Originals](set)
	return s
}

// seen is a set through a view. It is not unwrapped, so that it is never taken for what the set can do beside.
type seen struct {
	data.Set
	view      View
	originals data.Originals // nil: images have one size
}

func (s seen) Info() data.Info {
	info := s.Set.Info()
	info.Height, info.Width = s.view.Height, s.view.Width
	return info
}

func (s seen) Digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "view 1\nset %s\n%s\n%d×%d", s.Set.Digest(), s.view.Name, s.view.Height, s.view.Width))
	return hex.EncodeToString(sum[:])
}

// work is what Pixels works in.
type work struct {
	picture raster.Image
	resizer raster.Resizer
}

var works = sync.Pool{New: func() any { return new(work) }}

func (s seen) Pixels(split data.Split, i int, dst []uint8) error {
	w := works.Get().(*work)
	defer works.Put(w)
	base, err := s.picture(split, i, &w.picture)
	if err != nil {
		return err
	}
	w.resizer.Resize(&w.picture, s.view.cut(base, &w.picture), dst)
	if s.view.mirrored {
		for row := range slices.Chunk(dst, s.view.Width) {
			slices.Reverse(row)
		}
	}
	return nil
}

// picture makes m image i, and says how the set fits it.
func (s seen) picture(split data.Split, i int, m *raster.Image) (raster.Cut, error) {
	if s.originals != nil {
		err := s.originals.Original(split, i, m)
		if err != nil {
			return raster.Cut{}, err
		}
		return s.originals.Fit(m), nil
	}
	info := s.Set.Info()
	m.Reshape(info.Channels, info.Height, info.Width)
	return raster.Resized(m.Whole(), info.Height, info.Width), s.Set.Pixels(split, i, m.Values)
}
