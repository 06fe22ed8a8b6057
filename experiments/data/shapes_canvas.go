package data

import "workbench/nn/rng"

// canvas is a picture that is being painted; its levels are in [0, fullLevel].
type canvas [3][picturePixels]int

func (c *canvas) fill(with colour) {
	for channel := range c {
		for i := range c[channel] {
			c[channel][i] = with[channel]
		}
	}
}

func (c *canvas) rectangle(x, y, w, h int, with colour) {
	for row := y; row < y+h; row++ {
		for i := row*pictureSide + x; i < row*pictureSide+x+w; i++ {
			c[0][i], c[1][i], c[2][i] = with[0], with[1], with[2]
		}
	}
}

// stamp is a figure in its pose: its centre in pixels, and the axes that turn pixels into units of its half-size.
type stamp struct {
	x, y   int
	cosine int // of the tilt, over the half-size
	sine   int
	covers func(u, v int) bool
}

// turn sets the half-size in pixels and the tilt in radians, all with 16 fraction bits. The tilt is at most 0.3, where
// the series are exact to 2e-6.
func (s *stamp) turn(half, tilt int) {
	square := tilt * tilt / one
	cosine := one - square/2 + square*square/one/24
	sine := tilt - tilt*square/one/6 + tilt*square/one*square/one/120
	s.cosine, s.sine = cosine*one/half, sine*one/half
}

// print paints the figure. It mixes the colour of an edge pixel by how many of its four quarters the figure covers.
func (c *canvas) print(s stamp, with colour) {
	for i := range picturePixels {
		covered := 0
		for quarter := range 4 {
			dx := i%pictureSide*one + one/4 + quarter%2*one/2 - s.x
			dy := i/pictureSide*one + one/4 + quarter/2*one/2 - s.y
			if s.covers((dx*s.cosine+dy*s.sine)/one, (dy*s.cosine-dx*s.sine)/one) {
				covered++
			}
		}
		if covered == 0 {
			continue
		}
		for channel := range c {
			c[channel][i] += (with[channel] - c[channel][i]) * covered / 4
		}
	}
}

// expose adds noise, clips to [0, fullLevel] and rounds to bytes. It writes them to dst [3, pictureSide, pictureSide].
func (c *canvas) expose(key uint64, noise int, dst []byte) {
	for channel := range c {
		for i, level := range c[channel] {
			level += bell(key, uint64(channel*picturePixels+i)) * noise / one
			dst[channel*picturePixels+i] = byte((min(max(level, 0), fullLevel) + 128) >> 8)
		}
	}
}

// bellDeviation is the standard deviation of bell, which is sqrt(8 · (256² − 1) / 12).
const bellDeviation = 209.0215

// bell returns the i-th number of the key's sequence that is about normal: the sum of eight bytes less its mean, so a
// whole number in −1020 … 1020. It is close to normal up to four deviations (its excess kurtosis is −0.15) and exact.
func bell(key, i uint64) int {
	x := rng.Mix(key + i*0x9e3779b97f4a7c15)
	pairs := x&0x00ff00ff00ff00ff + x>>8&0x00ff00ff00ff00ff
	return int(pairs*0x0001000100010001>>48) - 1020
}
