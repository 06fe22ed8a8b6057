package corrupt

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"workbench/experiments/data/imagefile"
	"workbench/experiments/data/raster"
)

var contrast = Corruption{
	Name: "contrast", Doc: "takes 0.75, 0.5, 0.4, 0.3, 0.15 of the distance from the mean of each channel",
	change: levels(func(p *picture, strength int, _ chance) {
		c := [Strengths]float64{0.75, 0.5, 0.4, 0.3, 0.15}[strength]
		for channel := range p.channels {
			plane := p.plane(channel)
			mean := 0.0
			for _, v := range plane {
				mean += v
			}
			mean /= float64(len(plane))
			for k, v := range plane {
				plane[k] = (v-mean)*c + mean
			}
		}
	}),
}

// brightness adds to the value of hue, saturation and value, which is the greatest channel. At the same hue and
// saturation, the others stay in proportion to it.
var brightness = Corruption{
	Name: "brightness", Doc: "adds 0.05, 0.1, 0.15, 0.2, 0.3 to the value (of hue, saturation, value)",
	change: levels(func(p *picture, strength int, _ chance) {
		more := [Strengths]float64{0.05, 0.1, 0.15, 0.2, 0.3}[strength]
		n := p.height * p.width
		for k := range n {
			value := 0.0
			for channel := range p.channels {
				value = max(value, p.x[channel*n+k])
			}
			brighter := min(value+more, 1)
			for channel := range p.channels {
				if at := channel*n + k; value > 0 {
					p.x[at] *= brighter / value
				} else {
					p.x[at] = brighter
				}
			}
		}
	}),
}

var jpegCompression = Corruption{
	Name: "jpeg_compression", Doc: "writes and reads JPEG of quality 80, 65, 58, 50, 40 (Go's encoder, which rounds otherwise than libjpeg)",
	change: func(p *picture, strength int, _ chance) error {
		var file bytes.Buffer
		m, err := p.image()
		if err != nil {
			return err
		}
		quality := [Strengths]int{80, 65, 58, 50, 40}[strength-1]
		if err := jpeg.Encode(&file, m, &jpeg.Options{Quality: quality}); err != nil {
			return err
		}
		read := raster.Image{Values: p.raw}
		if err := (imagefile.Decoder{Channels: p.channels}).Decode(file.Bytes(), &read); err != nil {
			return err
		}
		copy(p.raw, read.Values)
		return nil
	},
}

// image is the picture as the standard library has it.
func (p *picture) image() (image.Image, error) {
	all := image.Rect(0, 0, p.width, p.height)
	n := p.height * p.width
	switch p.channels {
	case 1:
		m := image.NewGray(all)
		copy(m.Pix, p.raw)
		return m, nil
	case 3:
		m := image.NewRGBA(all)
		for k := range n {
			m.Pix[4*k], m.Pix[4*k+1], m.Pix[4*k+2], m.Pix[4*k+3] = p.raw[k], p.raw[n+k], p.raw[2*n+k], 255
		}
		return m, nil
	}
	return nil, fmt.Errorf("images of %d channels, want 1 (grey) or 3 (red, green, blue)", p.channels)
}
