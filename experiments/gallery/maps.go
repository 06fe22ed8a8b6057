package gallery

import (
	"image"
	"image/color"
	"math"
)

// Maps are those of an image at a place of a network: Channels×Height×Width values.
type Maps struct {
	Path                    string // of the layer
	Channels, Height, Width int
	Values                  []float32
}

// Bounds of a picture of maps, and how many pixels a side of a map has in it.
const (
	MostChannels = 16
	mapSide      = 48
)

// MapsPixels is how many pixels the picture of maps of so many places has.
func MapsPixels(places int) int { return places * mapSide * MostChannels * mapSide }

// innerMaps paints the first channels of places, a row of MostChannels cells for each place, and returns their paths.
// Each map is scaled on its own, so that its least value is black and its largest white. Without places it is nil.
func innerMaps(all []Maps) (p *image.NRGBA, paths []string) {
	if len(all) == 0 {
		return nil, nil
	}
	p = image.NewNRGBA(image.Rect(0, 0, MostChannels*mapSide, len(all)*mapSide))
	for row, m := range all {
		paths = append(paths, m.Path)
		plane := m.Height * m.Width
		for c := range min(m.Channels, MostChannels) {
			values := m.Values[c*plane : (c+1)*plane]
			low, high := values[0], values[0]
			for _, v := range values {
				low, high = min(low, v), max(high, v)
			}
			for y := range mapSide {
				for x := range mapSide {
					v := values[y*m.Height/mapSide*m.Width+x*m.Width/mapSide]
					grey := uint8(255 * (v - low) / max(high-low, math.SmallestNonzeroFloat32))
					p.SetNRGBA(c*mapSide+x, row*mapSide+y, color.NRGBA{grey, grey, grey, 255})
				}
			}
		}
	}
	return p, paths
}
