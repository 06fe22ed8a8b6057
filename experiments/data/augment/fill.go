package augment

import (
	"fmt"

	"workbench/experiments/data/raster"
	"workbench/nn/option"
)

// paintedWith is an option for the levels of an area.
func paintedWith(name, doc string) option.Option {
	return option.Option{Name: name, Default: []float64{float64(Grey)}, Max: float64(White), Want: "a list of levels from 0 to 255",
		Doc: doc + ", of 255: one, or one a channel; 127: about the mean, which is 0 when normalised; 0: black"}
}

// levelsOf reads such an option.
func levelsOf(s option.Settings, name string, size Size) ([]uint8, error) {
	list := s.Floats(name)
	if len(list) != 1 && len(list) != size.Channels {
		return nil, fmt.Errorf("%s is %s, want one level, or one for each of the %d channels", name, option.Label(list), size.Channels)
	}
	all := make([]uint8, len(list))
	for i, v := range list {
		all[i] = uint8(whole(v))
	}
	return all, nil
}

// square is a window about a pixel; for an even side the pixel is the first after its middle.
func square(y, x, side int) raster.Window {
	return raster.Window{Top: y - side/2, Left: x - side/2, Height: side, Width: side}
}

// fill paints what lies of a window within the picture, all channels with one level or each with its own.
func (p *Picture) fill(w raster.Window, levels []uint8) {
	for channel := range p.Channels {
		plane, value := p.plane(channel), levels[min(channel, len(levels)-1)]
		for y := max(0, w.Top); y < min(p.Height, w.Top+w.Height); y++ {
			row := plane[y*p.Width : (y+1)*p.Width]
			paint(row[max(0, w.Left):min(p.Width, w.Left+w.Width)], value)
		}
	}
}
