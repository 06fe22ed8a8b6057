package imagefile

import (
	"fmt"
	"image"
	"slices"
	"sync"

	"workbench/experiments/data/raster"
)

// ycc turns luminance and colour differences into RGB, by the fixed-point arithmetic of libjpeg (jdcolor.c), after it
// has brought the colour differences to the luminance's size as libjpeg's "fancy upsampling" does (jdsample.c).
func ycc(p *image.YCbCr, m *raster.Image) error {
	across, down, err := sampling(p.SubsampleRatio)
	if err != nil {
		return err
	}
	c := chroma{across: across, down: down, width: (m.Width + across - 1) / across, height: (m.Height + down - 1) / down}
	memory := lines.Get().(*[]uint8)
	defer lines.Put(memory)
	n := c.width*across + across
	*memory = slices.Grow((*memory)[:0], 2*n)[:2*n]
	blue, red := (*memory)[:n], (*memory)[n:]
	for y := range m.Height {
		b, r := c.line(p.Cb, p.CStride, y, blue), c.line(p.Cr, p.CStride, y, red)
		row := p.Y[y*p.YStride:][:m.Width]
		at := y * m.Width
		if m.Channels == 1 {
			greyRow(m.Values[at:at+m.Width], row, b, r)
		} else {
			colourRow(m.Plane(0)[at:at+m.Width], m.Plane(1)[at:at+m.Width], m.Plane(2)[at:at+m.Width], [3][]uint8{row, b, r})
		}
	}
	return nil
}

// lines are two rows of colour differences each.
var lines = sync.Pool{New: func() any { return new([]uint8) }}

// sampling is how many pixels have one colour difference, in a row and in a column.
func sampling(r image.YCbCrSubsampleRatio) (across, down int, err error) {
	switch r {
	case image.YCbCrSubsampleRatio444:
		return 1, 1, nil
	case image.YCbCrSubsampleRatio422:
		return 2, 1, nil
	case image.YCbCrSubsampleRatio420:
		return 2, 2, nil
	case image.YCbCrSubsampleRatio440:
		return 1, 2, nil
	case image.YCbCrSubsampleRatio411:
		return 4, 1, nil
	case image.YCbCrSubsampleRatio410:
		return 4, 2, nil
	}
	return 0, 0, fmt.Errorf("%v of colours is unknown", r)
}

// Colour differences, minus 128, in units of 2^−16: those that have a part in red, green and blue.
var redOfCr, greenOfCr, greenOfCb, blueOfCb = func() (r, gr, gb, b [256]int32) {
	for i := range 256 {
		x := int32(i) - 128
		r[i], b[i] = (91881*x+1<<15)>>16, (116130*x+1<<15)>>16
		gr[i], gb[i] = -46802*x+1<<15, -22554*x
	}
	return
}()

func clamp(v int32) uint8 {
	if uint32(v) > 255 {
		return uint8(^(v >> 31)) // 0 below, 255 above
	}
	return uint8(v)
}

// colourRow writes red, green and blue of luminance, blue and red difference.
func colourRow(red, green, blue []uint8, of [3][]uint8) {
	n := len(red)
	y, cb, cr := of[0][:n], of[1][:n], of[2][:n]
	green, blue = green[:n], blue[:n]
	for x := range red {
		v, b, r := int32(y[x]), cb[x], cr[x]
		red[x] = clamp(v + redOfCr[r])
		green[x] = clamp(v + (greenOfCb[b]+greenOfCr[r])>>16)
		blue[x] = clamp(v + blueOfCb[b])
	}
}

// greyRow writes the grey of the colours of a row.
func greyRow(dst, y, cb, cr []uint8) {
	for x := range dst {
		v, b, r := int32(y[x]), cb[x], cr[x]
		dst[x] = luma(clamp(v+redOfCr[r]), clamp(v+(greenOfCb[b]+greenOfCr[r])>>16), clamp(v+blueOfCb[b]))
	}
}
