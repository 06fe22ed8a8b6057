package imagefile

import (
	"cmp"
	"image"
	"runtime"

	"workbench/experiments/data/libjpeg"
	"workbench/experiments/data/raster"
)

// JPEG says which decoder reads usual JPEG files. Go's decides which files can be read, in any program.
var JPEG = cmp.Or(libjpeg.Version, "image/jpeg of "+runtime.Version())

// fast decodes a usual JPEG file of a known size with libjpeg, if the program has it.
func (d Decoder) fast(file []byte, size image.Config, m *raster.Image) bool {
	if libjpeg.Version == "" {
		return false
	}
	m.Reshape(3, size.Height, size.Width)
	if !libjpeg.Decode(file, m) {
		return false
	}
	if d.Channels == 1 {
		red, green, blue := m.Plane(0), m.Plane(1), m.Plane(2)
		for i := range red {
			red[i] = luma(red[i], green[i], blue[i])
		}
		m.Reshape(1, m.Height, m.Width)
	}
	return true
}
