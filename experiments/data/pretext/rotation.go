package pretext

import (
	"fmt"

	"workbench/experiments/data/augment"
	"workbench/nn/option"
)

func init() {
	Register(Task{
		Name:  "rotation",
		Doc:   "by how many quarter turns the picture was turned to the left",
		Paper: "Gidaris et al. 2018 (arXiv 1803.07728), section 2",
		Options: []option.Option{
			{Name: "turns", Default: 4, Want: "2 or 4", Doc: "4: by 0, 90, 180 or 270 degrees; 2: by 0 or 180 degrees"},
		},
		New: func(s option.Settings, size augment.Size) (Policy, error) {
			turns := s.Int("turns")
			switch {
			case turns != 2 && turns != 4:
				return nil, fmt.Errorf("turns %d, want 2 or 4", turns)
			case turns == 4 && size.Height != size.Width:
				return nil, fmt.Errorf("a quarter turn of images of %d×%d, want square ones, or turns 2", size.Height, size.Width)
			}
			return rotation{turns}, nil
		},
	})
}

type rotation struct{ turns int }

func (r rotation) Classes() int { return r.turns }

// Apply turns to the left, as torch.rot90 does in the plane of height and width.
func (r rotation) Apply(p *augment.Picture, class int) {
	copy(p.Spare, p.Values)
	h, w := p.Height, p.Width
	for channel := range p.Channels {
		from, to := p.Spare[channel*h*w:(channel+1)*h*w], p.Values[channel*h*w:(channel+1)*h*w]
		for i := range to {
			to[i] = from[BeforeTurns(class*4/r.turns, h, w, i)]
		}
	}
}

// BeforeTurns is where pixel i of a picture that was turned to the left by so many quarters was before, both counted
// row by row. A picture of h×w that is not square only has half turns.
func BeforeTurns(quarters, h, w, i int) int {
	y, x := i/w, i%w
	switch quarters {
	case 1:
		return x*w + w - 1 - y
	case 2:
		return h*w - 1 - i
	case 3:
		return (h-1-x)*w + y
	}
	return i
}
