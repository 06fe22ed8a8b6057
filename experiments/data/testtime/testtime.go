// Package testtime holds ways to show a trained network every image several times, whose answers are then put together:
// mirrored, cropped, in several sizes. A view is a set that wraps a set and gives other pixels of it.
//
// Of a set whose images have sizes of their own, crops and scales are taken of the originals, resized once: of what is
// there before its middle is cut out. Of other sets they are taken of the images.
package testtime

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"workbench/experiments/data"
	"workbench/experiments/data/raster"
	"workbench/nn/nearest"
)

// Scheme is a named list of views.
type Scheme struct {
	Name  string
	Doc   string
	Paper string
	Crops bool // its views are square crops, whose side can be chosen

	views func(g geometry) []View
}

// View is one way to show an image.
type View struct {
	Name          string
	Height, Width int // pixels that a network gets

	mirrored bool
	cut      func(base raster.Cut, m *raster.Image) raster.Cut // of a picture that the set fits by base
}

// geometry is what views depend on.
type geometry struct {
	height, width int // of the set's images
	side          int // of a crop
}

var schemes = []Scheme{
	{Name: "flip", Doc: "the image and its mirror", Paper: "Simonyan and Zisserman 2015 (VGG), section 3.2",
		views: func(g geometry) []View {
			return mirrors([]View{{Name: "whole", Height: g.height, Width: g.width, cut: fitted}})
		}},
	{Name: "five_crop", Doc: "the four corners and the middle",
		Paper: "Krizhevsky et al. 2012, section 4.1; torchvision's FiveCrop", Crops: true,
		views: func(g geometry) []View { return crops(g.side) }},
	{Name: "ten_crop", Doc: "the four corners and the middle, and their mirrors",
		Paper: "Krizhevsky et al. 2012, section 4.1; torchvision's TenCrop", Crops: true,
		views: func(g geometry) []View { return mirrors(crops(g.side)) }},
	{Name: "multi_scale", Doc: "the image with sides of 7/8, 1 and 9/8",
		Paper: "Simonyan and Zisserman 2015 (VGG), section 4.2; He et al. 2015, section 3.4",
		views: func(g geometry) []View {
			var all []View
			for _, eighths := range []int{7, 8, 9} {
				all = append(all, scaled(g, eighths))
			}
			return all
		}},
}

// Names of the schemes.
func Names() (all []string) {
	for _, s := range schemes {
		all = append(all, s.Name)
	}
	return all
}

// Lookup finds a scheme by name.
func Lookup(name string) (Scheme, error) {
	i := slices.IndexFunc(schemes, func(s Scheme) bool { return s.Name == name })
	if i < 0 {
		return Scheme{}, fmt.Errorf("no views %q%s", name, nearest.Hint(name, Names()))
	}
	return schemes[i], nil
}

// Views of a set's images. The side of crops is crop pixels; 0: 7/8 of the smaller side of the images, rounded, or all
// of it where the originals are larger by themselves.
func (s Scheme) Views(set data.Set, crop int) ([]View, error) {
	info := set.Info()
	smaller := min(info.Height, info.Width)
	switch {
	case !s.Crops && crop != 0:
		return nil, fmt.Errorf("views %s have no side to choose, only those of %s", s.Name, strings.Join(cropping(), " and "))
	case crop < 0 || crop > smaller:
		return nil, fmt.Errorf("crops of %d×%d pixels, want 1 to %d on images of %d×%d", crop, crop, smaller, info.Height, info.Width)
	}
	if crop == 0 {
		crop = eighthsOf(7, smaller)
		if _, larger := data.As[data.Originals](set); larger {
			crop = smaller
		}
	}
	return s.views(geometry{info.Height, info.Width, crop}), nil
}

func cropping() (names []string) {
	for _, s := range schemes {
		if s.Crops {
			names = append(names, s.Name)
		}
	}
	return names
}

// eighthsOf a side, rounded, at least one pixel.
func eighthsOf(n, side int) int { return max(1, int(math.Round(float64(n*side)/8))) }

// mirrors are the views, and then their mirrors.
func mirrors(all []View) []View {
	for _, v := range slices.Clone(all) {
		v.Name, v.mirrored = v.Name+", mirrored", true
		all = append(all, v)
	}
	return all
}

// fitted is what the set itself makes of a picture.
func fitted(base raster.Cut, _ *raster.Image) raster.Cut { return base }

// crops are those of torchvision's FiveCrop, in its order, with its rounding in the middle.
func crops(side int) []View {
	at := func(name string, top, left func(space int) int) View {
		return View{Name: name, Height: side, Width: side, cut: func(base raster.Cut, _ *raster.Image) raster.Cut {
			base.Part = raster.Window{Top: top(base.Height - side), Left: left(base.Width - side), Height: side, Width: side}
			return base
		}}
	}
	begin, end := func(int) int { return 0 }, func(space int) int { return space }
	middle := func(space int) int { return int(math.RoundToEven(float64(space) / 2)) }
	return []View{at("upper left", begin, begin), at("upper right", begin, end), at("lower left", end, begin),
		at("lower right", end, end), at("middle", middle, middle)}
}

// scaled shows the image with sides of so many eighths.
func scaled(g geometry, eighths int) View {
	height, width := eighthsOf(eighths, g.height), eighthsOf(eighths, g.width)
	return View{Name: fmt.Sprintf("%d/8", eighths), Height: height, Width: width, cut: func(base raster.Cut, m *raster.Image) raster.Cut {
		if base.Part == (raster.Window{Height: base.Height, Width: base.Width}) { // all of the picture, whatever its shape
			return raster.Resized(base.From, height, width)
		}
		return raster.Fitted(m, max(eighthsOf(eighths, min(base.Height, base.Width)), height, width), height, width)
	}}
}
