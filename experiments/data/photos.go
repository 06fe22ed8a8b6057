package data

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"sync"

	"workbench/experiments/data/imagefile"
	"workbench/experiments/data/raster"
)

// shelf is where the encoded pictures of a split are.
type shelf interface {
	Len() int
	Label(i int) int
	Name(i int) string // of a picture, for errors
	// Read returns a picture as it is encoded, in the given memory if that is large enough and needed. It is not changed.
	Read(i int, memory []byte) ([]byte, error)
}

// photos is a set of encoded pictures that have sizes of their own.
type photos struct {
	info    Info
	digest  string
	shelves shelves
	decoder imagefile.Decoder
	short   int // to which the shorter side of a picture is resized before its middle is taken
	cache   *cache
	facts   map[string]string
}

// shelves are the splits of a set; those that it does not have are nil.
type shelves [len(splits)]shelf

var (
	_ Originals = (*photos)(nil)
	_ Told      = (*photos)(nil)
	_ Filed     = (*photos)(nil)
)

func (p *photos) Info() Info     { return p.info }
func (p *photos) Digest() string { return p.digest }

func (p *photos) Len(split Split) int {
	if p.shelves[split] == nil {
		return 0
	}
	return p.shelves[split].Len()
}

func (p *photos) Label(split Split, i int) int { return p.shelves[split].Label(i) }

func (p *photos) File(split Split, i int) string {
	if named, is := p.shelves[split].(interface{ File(i int) string }); is {
		return named.File(i)
	}
	return ""
}

func (p *photos) Facts() map[string]string { return maps.Clone(p.facts) }

func (p *photos) Original(split Split, i int, m *raster.Image) error {
	if p.cache.get(split, i, m) {
		return nil
	}
	if err := p.decode(split, i, m); err != nil {
		return err
	}
	p.cache.put(split, i, m)
	return nil
}

// files is memory for encoded pictures.
var files = sync.Pool{New: func() any { return new([]byte) }}

func (p *photos) decode(split Split, i int, m *raster.Image) error {
	memory := files.Get().(*[]byte)
	defer files.Put(memory)
	encoded, err := p.shelves[split].Read(i, *memory)
	if cap(encoded) > cap(*memory) {
		*memory = encoded
	}
	if err == nil {
		err = p.decoder.Decode(encoded, m)
	}
	if err != nil {
		return fmt.Errorf("picture %s: %w", p.shelves[split].Name(i), err)
	}
	return nil
}

func (p *photos) Fit(m *raster.Image) raster.Cut {
	return raster.Fitted(m, p.short, p.info.Height, p.info.Width)
}

// fitting is what Pixels works in.
type fitting struct {
	original raster.Image
	resizer  raster.Resizer
}

var fittings = sync.Pool{New: func() any { return new(fitting) }}

func (p *photos) Pixels(split Split, i int, dst []uint8) error {
	f := fittings.Get().(*fitting)
	defer fittings.Put(f)
	if err := p.Original(split, i, &f.original); err != nil {
		return err
	}
	f.resizer.Resize(&f.original, p.Fit(&f.original), dst)
	return nil
}

// What photographs are normalised by unless a study says otherwise: the mean and the standard deviation of ImageNet's
// training pixels, as torchvision has them, and their usual counterparts for grey pictures.
var (
	imagenetMean = map[int][]float64{3: {0.485, 0.456, 0.406}, 1: {0.449}}
	imagenetStd  = map[int][]float64{3: {0.229, 0.224, 0.225}, 1: {0.226}}
)

const normalisation = "mean (0.485, 0.456, 0.406), std (0.229, 0.224, 0.225), those of ImageNet; of grey pictures 0.449 and 0.226"

// photoOptions are those of every set of photographs whose pictures become size×size pixels unless a study says
// otherwise.
func photoOptions(size int) []Option {
	return []Option{
		{Name: "size", Default: size, Min: 1, Max: 4096, Doc: "pixels of a side of what the network gets"},
		{Name: "resize", Default: 0, Max: 1 << 14,
			Doc: "pixels of the shorter side before the middle is taken, in evaluation and in training without resized_crop; " +
				"0: size times 256/224, rounded"},
		{Name: "channels", Default: 3, Min: 1, Max: 3, Want: "1 (grey) or 3 (red, green, blue)", Doc: "1: grey; 3: red, green, blue"},
		{Name: "exif", Default: "ignore", Choices: []string{"ignore", "apply"},
			Doc: "what is done with the orientation that cameras write into pictures; ignore: nothing, as torchvision's ImageFolder; " +
				"apply: the picture is turned"},
		{Name: "damaged", Default: "refuse", Choices: []string{"refuse", "skip"},
			Doc: "what is done with pictures that cannot be read; refuse: training ends at the first, with its name; skip: every picture is read " +
				"when the set is opened, and those are left out and recorded"},
		{Name: "reduce", Default: false,
			Doc: "decode JPEG files at 1/2, 1/4 or 1/8 of their size where the shorter side keeps at least twice as many pixels as resize: " +
				"quicker for photographs that are much larger than needed, and a little softer"},
		{Name: "cache", Default: 512, Max: 1 << 20, Aside: true, Doc: "MiB of decoded pictures that are kept in memory; 0: none"},
	}
}

// newPhotos makes the set that the settings want of what is on the shelves.
func newPhotos(name string, classes []string, s Settings) (*photos, error) {
	size, short, channels := s.Int("size"), s.Int("resize"), s.Int("channels")
	if short == 0 {
		short = int(math.Round(float64(size) * 256 / 224))
	}
	switch {
	case channels == 2:
		return nil, &OptionError{"channels", errors.New("got 2, want 1 (grey) or 3 (red, green, blue)")}
	case short < size:
		return nil, &OptionError{"resize", fmt.Errorf("got %d, want at least dataset.size, %d", short, size)}
	}
	least := 0
	if s.Bool("reduce") {
		least = 2 * short
	}
	return &photos{
		info: Info{Name: name, Classes: classes, Channels: channels, Height: size, Width: size,
			Mean: imagenetMean[channels], Std: imagenetStd[channels]},
		decoder: imagefile.Decoder{Channels: channels, Orient: s.String("exif") == "apply", Least: least},
		short:   short, cache: newCache(int64(s.Int("cache")) << 20),
		facts: map[string]string{"jpeg_decoder": imagefile.JPEG},
	}, nil
}
