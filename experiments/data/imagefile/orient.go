package imagefile

import (
	"bytes"
	"encoding/binary"

	"workbench/experiments/data/raster"
)

// upright is the orientation of pictures that say none.
const upright = 1

// orientation is that of the EXIF data of a file (EXIF 2.32, tag 0x0112): 1 to 8; 1 if it says none.
func orientation(file []byte) int {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8")):
		return orientationOf(exifOfJPEG(file))
	case bytes.HasPrefix(file, []byte("\x89PNG")):
		return orientationOf(exifOfPNG(file))
	case bytes.HasPrefix(file, []byte("RIFF")):
		return orientationOf(exifOfWebP(file))
	case bytes.HasPrefix(file, []byte("II*\x00")), bytes.HasPrefix(file, []byte("MM\x00*")):
		return orientationOf(file)
	}
	return upright
}

// exifHeader begins EXIF data in a JPEG file.
const exifHeader = "Exif\x00\x00"

// exifOfJPEG finds the EXIF data among the segments before the picture.
func exifOfJPEG(file []byte) []byte {
	for rest := file[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker, n := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda || n < 2 || n+2 > len(rest) { // the picture begins, or the segment is damaged
			return nil
		}
		body := rest[4 : n+2]
		if marker == 0xe1 && bytes.HasPrefix(body, []byte(exifHeader)) {
			return body[len(exifHeader):]
		}
		rest = rest[n+2:]
	}
	return nil
}

// exifOfPNG finds the chunk eXIf.
func exifOfPNG(file []byte) []byte {
	for rest := file[min(8, len(file)):]; len(rest) >= 8; {
		n := int64(binary.BigEndian.Uint32(rest))
		if n+12 > int64(len(rest)) {
			return nil
		}
		if string(rest[4:8]) == "eXIf" {
			return rest[8 : 8+n]
		}
		rest = rest[12+n:]
	}
	return nil
}

// exifOfWebP finds the chunk EXIF.
func exifOfWebP(file []byte) []byte {
	if len(file) < 12 {
		return nil
	}
	for rest := file[12:]; len(rest) >= 8; {
		n := int64(binary.LittleEndian.Uint32(rest[4:]))
		if n+8 > int64(len(rest)) {
			return nil
		}
		if string(rest[:4]) == "EXIF" {
			return bytes.TrimPrefix(rest[8:8+n], []byte(exifHeader))
		}
		rest = rest[min(8+n+n%2, int64(len(rest))):]
	}
	return nil
}

// orientationOf reads the tag in the first directory of a TIFF structure.
func orientationOf(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return upright
	case tiff[0] == 'M':
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return upright
		}
		if order.Uint16(entries) == 0x0112 {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}

// orient turns and mirrors a picture so that it is upright.
func orient(m *raster.Image, orientation int) {
	if orientation == upright {
		return
	}
	from := raster.Image{Channels: m.Channels, Height: m.Height, Width: m.Width, Values: append([]uint8(nil), m.Values...)}
	h, w := from.Height, from.Width
	turned := orientation >= 5 // rows become columns
	if turned {
		m.Reshape(m.Channels, w, h)
	}
	for channel := range m.Channels {
		src, dst := from.Plane(channel), m.Plane(channel)
		for y := range m.Height {
			for x := range m.Width {
				v, u := y, x // row and column of the original
				if turned {
					v, u = x, y
				}
				switch orientation {
				case 2, 8:
					u = w - 1 - u
				case 4, 6:
					v = h - 1 - v
				case 3, 7:
					v, u = h-1-v, w-1-u
				}
				dst[y*m.Width+x] = src[v*w+u]
			}
		}
	}
}
