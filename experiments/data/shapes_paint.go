package data

import (
	"math"

	"workbench/nn/rng"
)

const (
	pictureSide   = 32 // height and width of a picture in pixels
	picturePixels = pictureSide * pictureSide
	fullLevel     = 255 << 8 // a raw value of 1: grey levels with 8 fraction bits
)

// painter draws the pictures of shapes. It computes in whole numbers, so a picture is the same on every machine. Pose
// and colours, clutter, and noise each have a stream of random numbers of their own, so that changing one setting
// leaves the rest of a picture as it is.
type painter struct {
	seed    uint64
	clutter int
	dark    int // brightest background level
	bright  int // darkest shape level
	noise   int // levels a unit of bell, 16 fraction bits
}

func newPainter(s Settings) painter {
	overlap := s.Float("overlap")
	return painter{
		seed:    uint64(s.Int("seed")),
		clutter: s.Int("clutter"),
		dark:    int(math.Round((1 - float64(0.55*(1-overlap))) * fullLevel)),
		bright:  int(math.Round(float64(0.55*(1-overlap)) * fullLevel)),
		noise:   int(math.Round(s.Float("noise") * fullLevel / bellDeviation * one)),
	}
}

// drawAll returns one picture [3, pictureSide, pictureSide] of bytes for each label.
func (p painter) drawAll(split Split, labels []int32) []byte {
	all := make([]byte, len(labels)*3*picturePixels)
	var c canvas
	for i, label := range labels {
		p.draw(&c, split, i, int(label))
		c.expose(rng.Key(p.seed, "shapes/noise", uint64(split), uint64(i)), p.noise, all[i*3*picturePixels:])
	}
	return all
}

// draw paints picture i of the split without its noise.
func (p painter) draw(c *canvas, split Split, i, label int) {
	pose := dice{key: rng.Key(p.seed, "shapes/pose", uint64(split), uint64(i))}
	stamp := stamp{
		x: pose.between(11*one, 21*one), y: pose.between(11*one, 21*one),
		covers: figures[label].covers,
	}
	stamp.turn(pose.between(6*one, 11*one), pose.between(-one*3/10, one*3/10))
	background, colour := p.colours(&pose)
	c.fill(background)
	c.print(stamp, colour)
	clutter := dice{key: rng.Key(p.seed, "shapes/clutter", uint64(split), uint64(i))}
	for range p.clutter {
		w, h := clutter.between(2, 5), clutter.between(2, 5)
		x, y := clutter.between(0, pictureSide-w), clutter.between(0, pictureSide-h)
		c.rectangle(x, y, w, h, randomColour(&clutter, 0, fullLevel))
	}
}

// colours draws the colours of background and shape. Where the ranges overlap, a shape that could not be seen gets
// another colour. That is one whose summed difference is below 0.3, which is the least there is without overlap.
func (p painter) colours(d *dice) (background, shape colour) {
	background = randomColour(d, 0, p.dark)
	for {
		shape = randomColour(d, p.bright, fullLevel)
		difference := 0
		for c := range shape {
			difference += abs(shape[c] - background[c])
		}
		if difference >= fullLevel*3/10 {
			return background, shape
		}
	}
}

// colour is red, green and blue, each in [0, fullLevel].
type colour [3]int

func randomColour(d *dice, low, high int) colour {
	return colour{d.between(low, high), d.between(low, high), d.between(low, high)}
}
