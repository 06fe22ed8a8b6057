package imagefile

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// format is a kind of files.
type format struct {
	name   string
	begins string // how its files begin; "?" stands for any byte
	size   func(io.Reader) (image.Config, error)
	decode func(file []byte) (image.Image, error) // nil: it is known and cannot be read
}

// jpegName is the format that has a fast decoder.
const jpegName = "JPEG"

var formats = []format{
	{jpegName, "\xff\xd8\xff", jpeg.DecodeConfig, reading(jpeg.Decode)},
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, reading(png.Decode)},
	{"GIF", "GIF8?a", gif.DecodeConfig, decodeGIF},
	{"WebP", "RIFF????WEBP", webp.DecodeConfig, decodeWebP},
	{"BMP", "BM", bmp.DecodeConfig, reading(bmp.Decode)},
	{"TIFF", "II*\x00", tiff.DecodeConfig, reading(tiff.Decode)},
	{"TIFF", "MM\x00*", tiff.DecodeConfig, reading(tiff.Decode)},

	{name: "BigTIFF", begins: "II+\x00"},
	{name: "HEIC or AVIF", begins: "????ftyp"},
	{name: "JPEG 2000", begins: "\x00\x00\x00\x0cjP  "},
	{name: "JPEG XL", begins: "\xff\x0a"},
	{name: "JPEG XL", begins: "\x00\x00\x00\x0cJXL "},
	{name: "Photoshop", begins: "8BPS"},
	{name: "portable pixmap", begins: "P6"},
	{name: "portable greymap", begins: "P5"},
	{name: "SVG", begins: "<svg"},
	{name: "XML", begins: "<?xml"},
	{name: "HTML", begins: "<!DOC"},
	{name: "Git LFS pointer", begins: "version https://git-lfs"},
}

// reading makes a decoder of bytes of one of a reader.
func reading(decode func(io.Reader) (image.Image, error)) func([]byte) (image.Image, error) {
	return func(file []byte) (image.Image, error) { return decode(bytes.NewReader(file)) }
}

// recognise finds the format of a file.
func recognise(file []byte) (format, error) {
	if len(file) == 0 {
		return format{}, errors.New("the file is empty")
	}
	for _, f := range formats {
		if !f.matches(file) {
			continue
		}
		if f.decode == nil {
			return f, fmt.Errorf("it is a %s file, want one of %s", f.name, readable())
		}
		return f, nil
	}
	return format{}, fmt.Errorf("it begins with %q, which no picture does that can be read; want one of %s",
		file[:min(len(file), 8)], readable())
}

func (f format) matches(file []byte) bool {
	if len(file) < len(f.begins) {
		return false
	}
	for i := range len(f.begins) {
		if f.begins[i] != '?' && f.begins[i] != file[i] {
			return false
		}
	}
	return true
}

// readable are the names of the formats that can be read.
func readable() string {
	var names []string
	for _, f := range formats {
		if f.decode != nil && (len(names) == 0 || names[len(names)-1] != f.name) {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, ", ")
}

// plain says what an error of a decoder means.
func plain(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("the file is cut short")
	}
	return errors.New(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "image/"), "golang.org/x/image/"))
}
