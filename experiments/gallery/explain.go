package gallery

import (
	"context"
	"errors"
	"image"
	"math"

	"workbench/experiments/data"
	"workbench/experiments/portrait"
	"workbench/nn/op"
)

// CAM is a map of what in an image speaks for a class: Height×Width values from 0 to 1, row by row.
type CAM struct {
	Height, Width int
	Values        []float32
}

// Explainer is a network that says what in images speaks for a class. See train.Network.
type Explainer interface {
	Images() []float32                    // where a batch is put: [batch, channels, height, width], normalised
	GradCAM(classes []int) ([]CAM, error) // of the first images of the batch
	Logits() []float32                    // of the last batch, [batch, classes]
	Place() string                        // whose maps are weighed
	Inner() []Maps                        // of the first image of the last batch, from the first layer to the last; nil: not asked
}

// Bounds of a portrait: mistakes and samples that it shows.
const (
	MostMistakes = 24
	MostSamples  = 8
)

// Explaining shows the images of a part to a network.
type Explaining struct {
	Net  Explainer
	Part data.Part
}

// batch puts images of rows into the network, and returns pictures of them.
func (e Explaining) batch(rows []int) ([]*image.NRGBA, error) {
	info := e.Part.Set.Info()
	size, levels, pixels := info.Size(), info.Levels(), make([]uint8, info.Size())
	images := e.Net.Images()
	clear(images)
	var pictures []*image.NRGBA
	for i, row := range rows {
		if err := e.Part.Set.Pixels(e.Part.Split, e.Part.Sample(row), pixels); err != nil {
			return nil, err
		}
		levels.Normalise(pixels, images[i*size:(i+1)*size])
		pictures = append(pictures, Picture(info, pixels))
	}
	return pictures, nil
}

// atOnce is how many images the network takes.
func (e Explaining) atOnce() int { return len(e.Net.Images()) / e.Part.Set.Info().Size() }

// over are pictures with what in them speaks for classes.
func (e Explaining) over(pictures []*image.NRGBA, classes []int) ([]*image.NRGBA, error) {
	cams, err := e.Net.GradCAM(classes)
	if err != nil {
		return nil, err
	}
	var all []*image.NRGBA
	for i, c := range cams {
		for _, v := range c.Values {
			if math.IsNaN(float64(v)) {
				return nil, errors.New("the network's answers are no numbers")
			}
		}
		all = append(all, Over(pictures[i], c.Height, c.Width, c.Values))
	}
	return all, nil
}

// Mistakes explains the surest wrong answers: of each the image, what in it speaks for the answer, and what for its
// label.
func (e Explaining) Mistakes(ctx context.Context, w *Witness) (portrait.Mistakes, Sheet, error) {
	info := e.Part.Set.Info()
	m := portrait.Mistakes{Place: e.Net.Place(), Side: Side(info), Of: w.wrong}
	sheet := Sheet{Side: m.Side}
	for from := 0; from < len(w.surest); from += e.atOnce() {
		if err := ctx.Err(); err != nil {
			return m, sheet, err
		}
		some := w.surest[from:min(from+e.atOnce(), len(w.surest))]
		var rows, said, is []int
		for _, x := range some {
			rows, said, is = append(rows, x.row), append(said, x.said), append(is, x.label)
			m.Shown = append(m.Shown, portrait.Mistake{Image: e.Part.Sample(x.row), Label: info.Classes[x.label],
				Said: info.Classes[x.said], LabelShare: rounded(x.labelShare), SaidShare: rounded(x.saidShare)})
		}
		pictures, err := e.batch(rows)
		if err != nil {
			return m, sheet, err
		}
		forSaid, err := e.over(pictures, said)
		if err != nil {
			return m, sheet, err
		}
		forLabel, err := e.over(pictures, is)
		if err != nil {
			return m, sheet, err
		}
		for i := range some {
			sheet.Rows = append(sheet.Rows, []*image.NRGBA{pictures[i], forSaid[i], forLabel[i]})
		}
	}
	return m, sheet, nil
}

// Samples explains the first image of each of the first classes by its label: an image, and what in it speaks for it.
// The picture of maps, which are those of the first sample, is nil if the network shows none.
func (e Explaining) Samples(ctx context.Context) (portrait.Samples, Sheet, *image.NRGBA, error) {
	info := e.Part.Set.Info()
	s := portrait.Samples{Place: e.Net.Place(), Side: Side(info)}
	sheet := Sheet{Side: s.Side}
	var maps *image.NRGBA
	rows := firstOfClasses(e.Part, len(info.Classes))
	for from := 0; from < len(rows); from += e.atOnce() {
		if err := ctx.Err(); err != nil {
			return s, sheet, nil, err
		}
		some := rows[from:min(from+e.atOnce(), len(rows))]
		pictures, err := e.batch(some)
		if err != nil {
			return s, sheet, nil, err
		}
		labels := make([]int, len(some))
		for i, row := range some {
			labels[i] = e.Part.Label(row)
		}
		forLabel, err := e.over(pictures, labels)
		if err != nil {
			return s, sheet, nil, err
		}
		for i, row := range some {
			sheet.Rows = append(sheet.Rows, []*image.NRGBA{pictures[i], forLabel[i]})
			s.Shown = append(s.Shown, sampled(info, e.Net.Logits()[i*len(info.Classes):(i+1)*len(info.Classes)], labels[i]))
			s.Shown[len(s.Shown)-1].Image = e.Part.Sample(row)
		}
		if from == 0 {
			maps, s.Maps = innerMaps(e.Net.Inner())
		}
	}
	return s, sheet, maps, nil
}

// sampled is what a network says of an image of a class.
func sampled(info data.Info, logits []float32, label int) portrait.Sample {
	said, whole := best(logits), op.LogSumExp(logits)
	share := func(class int) float64 { return rounded(math.Exp(float64(logits[class]) - whole)) }
	return portrait.Sample{Label: info.Classes[label], Said: info.Classes[said], LabelShare: share(label), SaidShare: share(said)}
}

// firstOfClasses are the rows of the first image of each of the first classes, in the order of these.
func firstOfClasses(p data.Part, classes int) []int {
	first := make([]int, min(classes, MostSamples))
	missing := len(first)
	for i := range first {
		first[i] = -1
	}
	for row := 0; row < p.Len() && missing > 0; row++ {
		if k := p.Label(row); k >= 0 && k < len(first) && first[k] < 0 {
			first[k], missing = row, missing-1
		}
	}
	var rows []int
	for _, row := range first {
		if row >= 0 {
			rows = append(rows, row)
		}
	}
	return rows
}
