package corrupt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"workbench/experiments/data"
)

// Of is the set whose images are those of a set, spoilt. It has no originals: pictures are spoilt in the size that
// networks get, as those of ImageNet-C are.
func (u Use) Of(set data.Set) data.Set {
	info := set.Info()
	return spoilt{Set: set, use: u, pictures: &sync.Pool{New: func() any { return newPicture(info.Channels, info.Height, info.Width) }}}
}

// spoilt is a set with a corruption. It is not unwrapped, so that it is never taken for what the set can do beside.
type spoilt struct {
	data.Set
	use      Use
	pictures *sync.Pool
}

func (s spoilt) Digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "corruption 1\nset %s\n%s %d", s.Set.Digest(), s.use.Name, s.use.Strength))
	return hex.EncodeToString(sum[:])
}

func (s spoilt) Pixels(split data.Split, i int, dst []uint8) error {
	p := s.pictures.Get().(*picture)
	defer s.pictures.Put(p)
	if err := s.Set.Pixels(split, i, p.raw); err != nil {
		return err
	}
	if err := s.use.change(p, s.use.Strength, chanceOf(s.use, uint64(split), uint64(i))); err != nil {
		return fmt.Errorf("image %d of the %s split: %s: %w", i, split, s.use.Name, err)
	}
	copy(dst, p.raw)
	return nil
}
