package imagefile

import (
	"bytes"
	"image"
	"image/gif"
	"slices"
)

// decodeGIF puts the first frame on the screen. What it does not cover has the colour of index 0, as in Pillow.
func decodeGIF(file []byte) (image.Image, error) {
	size, err := gif.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(opaque(file)))
	if err != nil {
		return nil, err
	}
	palette, is := frame.(*image.Paletted)
	screen := image.Rect(0, 0, size.Width, size.Height)
	if !is || palette.Rect == screen {
		return frame, nil
	}
	whole := image.NewPaletted(screen, palette.Palette)
	for y := palette.Rect.Min.Y; y < palette.Rect.Max.Y; y++ {
		from := palette.Pix[palette.PixOffset(palette.Rect.Min.X, y):]
		copy(whole.Pix[whole.PixOffset(palette.Rect.Min.X, y):], from[:palette.Rect.Dx()])
	}
	return whole, nil
}

// What begins a block of a GIF file, and which kind of extension says how the next frame is shown.
const (
	gifExtension      = 0x21
	gifGraphicControl = 0xf9
)

// opaque is the file without the mark that a colour of the first frame is transparent, which would lose the colour.
func opaque(file []byte) []byte {
	at := 13
	if len(file) >= at && file[10]&0x80 != 0 {
		at += 3 << (1 + file[10]&7) // behind the palette
	}
	for at+3 < len(file) && file[at] == gifExtension {
		label := file[at+1]
		at += 2
		if label == gifGraphicControl && file[at] == 4 && file[at+1]&1 != 0 {
			file = slices.Clone(file)
			file[at+1] &^= 1
		}
		for at < len(file) && file[at] != 0 { // the extension's parts
			at += 1 + int(file[at])
		}
		at++
	}
	return file
}
