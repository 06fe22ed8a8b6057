package sheet

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"

	"workbench/experiments/data"
)

// Plan says what a sheet shows.
type Plan struct {
	// Loader is what a training reads: its part, its stream, its seed and its views. The sheet takes the first images of
	// each class of the part, by the labels that the training gets.
	Loader data.Loader

	PerClass int // images of each class
	Draws    int // of each image: how often all views are shown, as they are in so many epochs; 0: originals alone
}

// Row is a class of the sheet.
type Row struct {
	Class  int // label; −1: images without one
	Images []Image
}

// Image is an image on the sheet.
type Image struct {
	Sample int // index in the split
	True   int // the label that the set gives it
}

// The most that a sheet has.
const (
	MostClasses = 100      // those behind them are left out
	mostPixels  = 64 << 20 // of the sheet
)

const (
	leastSide = 64 // smaller pictures are enlarged, by whole pixels
	gap       = 2  // pixels between pictures
	rowGap    = 8  // pixels between classes, and behind an original
)

// Draw the sheet: without draws a line for each class, with them a line for each image, the original first.
func Draw(ctx context.Context, p Plan) (image.Image, []Row, error) {
	if p.PerClass < 1 || p.PerClass > mostPixels || p.Draws < 0 || p.Draws > mostPixels {
		return nil, nil, fmt.Errorf("%d images of each class and %d draws, want at least 1 and 0, and at most %d",
			p.PerClass, p.Draws, mostPixels)
	}
	if err := p.Loader.Part.Check(); err != nil {
		return nil, nil, err
	}
	rows, part := choose(p.Loader.Part, p.PerClass)
	if part.Len() == 0 {
		return nil, nil, fmt.Errorf("the %s has no images", p.Loader.Part)
	}
	views := max(len(p.Loader.Views), 1)
	l, err := newLayout(part.Set.Info(), rows, p, views)
	if err != nil {
		return nil, nil, err
	}
	plain := data.Loader{Part: part, Batch: 1, Workers: 1}
	if err := l.paint(ctx, plain, 0, func(int) int { return 0 }); err != nil {
		return nil, nil, err
	}
	drawn := p.Loader
	drawn.Part, drawn.Batch, drawn.Shuffle, drawn.KeepLast, drawn.Workers, drawn.Candidates = part, 1, false, true, 1, nil
	for draw := range p.Draws {
		if err := l.paint(ctx, drawn, draw, func(view int) int { return 1 + draw*views + view }); err != nil {
			return nil, nil, err
		}
	}
	return l.sheet, rows, nil
}

// choose the first images of each class, those without a label last.
func choose(p data.Part, n int) ([]Row, data.Part) {
	classes := len(p.Set.Info().Classes)
	found := make([][]int32, classes+1)
	for row := range p.Len() {
		label := p.Label(row)
		if label < 0 {
			label = classes
		}
		if len(found[label]) < n {
			found[label] = append(found[label], int32(row))
		}
	}
	some := data.Part{Set: p.Set, Split: p.Split, Index: []int32{}, Labels: []int32{}}
	var rows []Row
	for label, of := range found {
		if len(of) == 0 || len(rows) == MostClasses {
			continue
		}
		r := Row{Class: label}
		if label == classes {
			r.Class = -1
		}
		for _, row := range of {
			r.Images = append(r.Images, Image{Sample: p.Sample(int(row)), True: p.True(int(row))})
			some.Index = append(some.Index, int32(p.Sample(int(row))))
			some.Labels = append(some.Labels, int32(r.Class))
		}
		rows = append(rows, r)
	}
	return rows, some
}

// layout is where pictures lie on the sheet.
type layout struct {
	sheet  *image.NRGBA
	info   data.Info
	levels data.Levels
	scale  int           // pixels of the sheet for one of a picture, in each direction
	corner []image.Point // of each image's first picture
	inLine bool          // originals stand beside one another
}

func newLayout(info data.Info, rows []Row, p Plan, views int) (*layout, error) {
	if info.Channels != 1 && info.Channels != 3 {
		return nil, fmt.Errorf("pictures of %d channels, want 1 or 3", info.Channels)
	}
	l := &layout{info: info, levels: info.Levels(), scale: max(1, leastSide/max(info.Height, info.Width)), inLine: p.Draws == 0}
	across, down := l.scale*info.Width+gap, l.scale*info.Height+gap
	width, y := 0, gap
	if !l.inLine {
		width = gap + across + rowGap + p.Draws*views*across
	}
	for _, r := range rows {
		if l.inLine {
			width = max(width, gap+len(r.Images)*across)
		}
		for k := range r.Images {
			switch {
			case l.inLine:
				l.corner = append(l.corner, image.Pt(gap+k*across, y))
			default:
				l.corner = append(l.corner, image.Pt(gap, y+k*down))
			}
		}
		if l.inLine {
			y += down + rowGap
		} else {
			y += len(r.Images)*down + rowGap
		}
	}
	if height := y - rowGap; width > mostPixels/height {
		return nil, fmt.Errorf("the sheet would have %d × %d pixels, want at most %d in all: ask for fewer images or draws",
			width, height, mostPixels)
	}
	l.sheet = image.NewNRGBA(image.Rect(0, 0, width, y-rowGap))
	for i := range l.sheet.Pix { // white paper
		l.sheet.Pix[i] = 0xff
	}
	return l, nil
}

// paint every image of an epoch; column says where each view goes, 0 being the original.
func (l *layout) paint(ctx context.Context, loader data.Loader, epoch int, column func(view int) int) error {
	k := 0
	for batch, err := range loader.Epoch(ctx, epoch, 0) {
		if err != nil {
			return err
		}
		for view, values := range batch.Views {
			at := l.corner[k]
			if c := column(view); c > 0 {
				at.X += c*(l.scale*l.info.Width+gap) + rowGap
			}
			l.picture(values, at)
		}
		k++
	}
	return nil
}

// picture paints normalised values [channels, height, width].
func (l *layout) picture(values []float32, at image.Point) {
	plane := l.info.Height * l.info.Width
	for i := range plane {
		var rgb [3]uint8
		for c := range rgb {
			from := min(c, l.info.Channels-1)
			rgb[c] = l.raw(from, values[from*plane+i])
		}
		shade := color.NRGBA{R: rgb[0], G: rgb[1], B: rgb[2], A: 0xff}
		for y := range l.scale {
			for x := range l.scale {
				l.sheet.SetNRGBA(at.X+i%l.info.Width*l.scale+x, at.Y+i/l.info.Width*l.scale+y, shade)
			}
		}
	}
}

// raw is the value of a channel that is normalised to v.
func (l *layout) raw(c int, v float32) uint8 {
	first, last := float64(l.levels[c][0]), float64(l.levels[c][255])
	return uint8(math.Round(min(max((float64(v)-first)/(last-first)*255, 0), 255)))
}
