package imagefile

import (
	"bytes"
	"errors"
	"image"

	"golang.org/x/image/webp"

	"workbench/experiments/data/raster"
)

// limited is a picture whose luminance goes from 16 to 235, and its colour differences from 16 to 240, as in WebP files
// that lose something.
type limited struct{ *image.YCbCr }

func decodeWebP(file []byte) (image.Image, error) {
	if len(file) > 20 && string(file[12:16]) == "VP8X" && file[20]&2 != 0 {
		return nil, errors.New("it is animated, which cannot be read")
	}
	picture, err := webp.Decode(bytes.NewReader(file))
	switch p := picture.(type) {
	case *image.YCbCr:
		return limited{p}, err
	case *image.NYCbCrA:
		return limited{&p.YCbCr}, err
	}
	return picture, err
}

// convert writes the picture to m, by the arithmetic of libwebp (src/dsp/yuv.h) and its "fancy upsampling" of colour
// differences (src/dsp/upsampling.c).
func (p limited) convert(m *raster.Image) {
	blue, red := make([]uint8, m.Width+1), make([]uint8, m.Width+1)
	for y := range m.Height {
		near := y / 2
		other := min(max(near-1+y%2*2, 0), (m.Height-1)/2) // above an even row, below an odd one
		n := (m.Width + 1) / 2
		spread(blue, p.Cb[near*p.CStride:][:n], p.Cb[other*p.CStride:][:n])
		spread(red, p.Cr[near*p.CStride:][:n], p.Cr[other*p.CStride:][:n])
		row := p.Y[y*p.YStride:]
		for x := range m.Width {
			v, cb, cr := int32(row[x])*19077>>8, int32(blue[x]), int32(red[x])
			set(m, y*m.Width+x, narrow(v+cr*26149>>8-14234), narrow(v-cb*6419>>8-cr*13320>>8+8708), narrow(v+cb*33050>>8-17685))
		}
	}
}

// narrow drops the six bits after the point.
func narrow(v int32) uint8 { return clamp(v >> 6) }

// spread doubles a row of colour differences. A pixel is mixed of the nearest four: 9/16, 3/16, 3/16 and 1/16.
func spread(dst, near, other []uint8) {
	edge := func(x int) uint8 { return uint8((3*uint32(near[x]) + uint32(other[x]) + 2) >> 2) }
	dst[0] = edge(0)
	for x := 1; x < len(near); x++ {
		a, b, c, d := uint32(near[x-1]), uint32(near[x]), uint32(other[x-1]), uint32(other[x])
		sum := a + b + c + d + 8
		dst[2*x-1] = uint8(((sum+2*(b+c))>>3 + a) >> 1)
		dst[2*x] = uint8(((sum+2*(a+d))>>3 + b) >> 1)
	}
	dst[2*len(near)-1] = edge(len(near) - 1)
}
