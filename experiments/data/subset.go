package data

import (
	"fmt"
	"math"
	"slices"
)

// Subset says which images of a part to keep. The zero Subset keeps all. Images keep their labels, and the set its
// classes, also those of which nothing is kept.
//
// Which images of a class are kept is drawn by seed. It depends on seed, split and image: of one seed, 40 labels are
// among 250, and those among 4000.
type Subset struct {
	Classes  []int   // labels of the classes to keep; nil: all
	PerClass int     // images of each class; 0: all
	Share    float64 // of each class's images, up to 1, rounded to whole images; 0: all
	Seed     uint64
}

// Of returns the chosen images of p in the order of p. A class that has too few of them is an error, and so is a class
// of which nothing is left.
func (s Subset) Of(p Part) (Part, error) {
	if err := p.Check(); err != nil {
		return Part{}, fmt.Errorf("subset: %w", err)
	}
	if err := s.check(p); err != nil {
		return Part{}, fmt.Errorf("subset: %w", err)
	}
	if s.Classes == nil && s.PerClass == 0 && s.Share == 0 {
		return p, nil
	}
	var chosen []int32
	for label, rows := range p.byClass("subset", s.Seed) {
		wanted := slices.Contains(s.Classes, label)
		if s.Classes == nil {
			wanted = len(rows) > 0
		}
		if !wanted {
			continue
		}
		n, err := s.count(len(rows))
		if err != nil {
			return Part{}, fmt.Errorf("subset: the %s has %d images %s: %w", p, len(rows), p.class(label), err)
		}
		chosen = append(chosen, rows[:n]...)
	}
	return p.rows(chosen), nil
}

// count is how many of a class's n images are kept.
func (s Subset) count(n int) (int, error) {
	share := int(math.Round(s.Share * float64(n)))
	switch {
	case n == 0:
		return 0, fmt.Errorf("want at least 1")
	case s.PerClass > n:
		return 0, fmt.Errorf("want at least %d (images a class)", s.PerClass)
	case s.PerClass > 0:
		return s.PerClass, nil
	case s.Share > 0 && share == 0:
		return 0, fmt.Errorf("a share of %v of them is none", s.Share)
	case s.Share > 0:
		return share, nil
	}
	return n, nil
}

func (s Subset) check(p Part) error {
	classes := len(p.Set.Info().Classes)
	for k, label := range s.Classes {
		if label < 0 || label >= classes {
			return fmt.Errorf("class %d, want 0 to %d", label, classes-1)
		}
		if slices.Contains(s.Classes[:k], label) {
			return fmt.Errorf("class %d is there twice", label)
		}
	}
	switch {
	case s.Classes != nil && len(s.Classes) == 0:
		return fmt.Errorf("no classes, want at least one, or none said for all")
	case s.PerClass < 0:
		return fmt.Errorf("%d images a class, want at least 0 (0: all)", s.PerClass)
	case !(s.Share >= 0 && s.Share <= 1):
		return fmt.Errorf("share %v, want 0 to 1 (0: all)", s.Share)
	case s.PerClass > 0 && s.Share > 0:
		return fmt.Errorf("%d images a class and a share of %v, want one of the two", s.PerClass, s.Share)
	}
	return nil
}
