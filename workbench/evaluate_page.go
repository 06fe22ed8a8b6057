package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"image"
	"os"

	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/gallery"
	"workbench/experiments/portrait"
	"workbench/experiments/strategy"
	"workbench/experiments/train"
)

//go:embed evaluate_page.html
var answersPageText string

var answersTemplate = template.Must(template.New("answers").Funcs(template.FuncMap{
	"percent": func(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) },
	"right":   func(b portrait.Bin) float64 { return float64(b.Right) / float64(b.Images) },
}).Parse(answersPageText))

// Bounds of a page: classes that a matrix has, images that are explained at once, and layers whose maps are shown.
const (
	shownClasses  = 40
	explainedOnce = 8
	shownPlaces   = 4
)

// answersPage is what evaluate --html writes: a page that needs no other file.
type answersPage struct {
	Network, Split string
	Images         int
	Right          string // share of right answers, percent
	Remarks        []string
	Classes        []classSeen
	Names          []string // of the matrix's columns; none: there are too many classes
	Matrix         []matrixRow
	Calibration    portrait.Calibration
	Mistakes       portrait.Mistakes
	MistakeCells   [][]template.URL // of each mistake: the image, what speaks for the answer, and what for its label
	Samples        portrait.Samples
	SampleCells    [][]template.URL // of each sample: the image, and what speaks for its label
	Maps, Filters  template.URL
	Embedding      portrait.Embedding
	Points         []pagePoint
}

// classSeen is how many of a class's images are answered right, in percent of them.
type classSeen struct {
	Name   string
	Images int
	Right  float64
}

// matrixRow has the answers to the images of a class.
type matrixRow struct {
	Name  string
	Cells []matrixCell
}

type matrixCell struct {
	Count int
	Share float64 // of the row, 0 to 1, by which it is shaded
	Own   bool    // right answers
}

// pagePoint is an image of the embedding in a square of 100 by 100, with the hue of its class.
type pagePoint struct {
	X, Y  float64
	Hue   int
	Title string
}

// writeAnswers writes the page of a network that was measured.
func (m *examined) writeAnswers(ctx context.Context, e evaluation) (err error) {
	parts, err := m.parts(e.split)
	if err != nil {
		return err
	}
	p := answersPage{Network: m.name, Split: e.split, Images: m.answers.Len(), Remarks: m.remarks,
		Calibration: gallery.CalibrationOf(evaluate.Result{Values: m.found.values, Tables: m.found.tables})}
	m.tally(&p, gallery.ConfusionOf(m.set.Info().Classes, m.found.tables))
	if err := m.explain(ctx, e, parts.Test, &p); err != nil {
		return err
	}
	if err := m.embed(ctx, e, parts.Test, &p); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := answersTemplate.Execute(&text, p); err != nil {
		return fmt.Errorf("page of %s: %w", m.name, err)
	}
	return os.WriteFile(e.html, text.Bytes(), 0o644)
}

// tally says how the answers to each class came out.
func (m *examined) tally(p *answersPage, c portrait.Confusion) {
	right, images := 0, 0
	for k, row := range c.Counts {
		all := 0
		for _, n := range row {
			all += n
		}
		if right, images = right+row[k], images+all; all == 0 {
			continue
		}
		p.Classes = append(p.Classes, classSeen{c.Classes[k], all, 100 * float64(row[k]) / float64(all)})
		if len(c.Classes) > shownClasses {
			continue
		}
		cells := matrixRow{Name: c.Classes[k]}
		for said, n := range row {
			cells.Cells = append(cells.Cells, matrixCell{n, float64(n) / float64(all), said == k})
		}
		p.Matrix = append(p.Matrix, cells)
	}
	if len(c.Classes) <= shownClasses {
		p.Names = c.Classes
	}
	p.Right = fmt.Sprintf("%.2f %%", 100*float64(right)/float64(images))
}

// explain opens the network once more to see what speaks for samples and for its surest mistakes, and paints its first
// layer.
func (m *examined) explain(ctx context.Context, e evaluation, part data.Part, p *answersPage) (err error) {
	o := m.opening
	o.Features, o.Explains, o.Place, o.Batch, o.Inner = false, true, e.place, explainedOnce, shownPlaces
	net, err := train.Open(o, backend(e.threads))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	witness, err := gallery.NewWitness(m.set.Info().Classes)
	if err != nil {
		return err
	}
	if witness.Add(m.answers.Logits, m.answers.Labels); !witness.Saw() {
		return fmt.Errorf("%s: its answers are no numbers, so nothing speaks for them", m.name)
	}
	shown := gallery.Explaining{Net: net, Part: part}
	var sheet gallery.Sheet
	if p.Mistakes, sheet, err = shown.Mistakes(ctx, witness); err != nil {
		return err
	}
	if p.MistakeCells, err = cellsOf(sheet); err != nil {
		return err
	}
	var maps *image.NRGBA
	if p.Samples, sheet, maps, err = shown.Samples(ctx); err != nil {
		return err
	}
	if p.SampleCells, err = cellsOf(sheet); err != nil {
		return err
	}
	if maps != nil {
		if p.Maps, err = painted(maps, nil); err != nil {
			return err
		}
	}
	if weights, shape := net.FirstFilters(); weights != nil && (shape[1] == 1 || shape[1] == 3) && shape[2] > 1 {
		p.Filters, err = painted(gallery.Filters(weights, shape[0], shape[1], shape[2], shape[3]))
	}
	return err
}

// embed says where the features of the first images lie.
func (m *examined) embed(ctx context.Context, e evaluation, part data.Part, p *answersPage) (err error) {
	part = gallery.First(part)
	o := m.opening
	o.Features, o.Explains, o.Batch = true, false, min(e.batch, part.Len())
	net, err := train.Open(o, backend(e.threads))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	if _, features := net.Answers(); !features {
		return nil
	}
	var seen gallery.Features
	if err := net.Look(ctx, part, data.View{}, func(s strategy.Seen) error { seen.Add(s); return nil }); err != nil {
		return err
	}
	if p.Embedding, err = seen.Embedding(m.set.Info().Classes); err != nil {
		return err
	}
	p.Points = pagePoints(p.Embedding)
	return nil
}

// pagePoints stretches an embedding over a square of 100 by 100, the same way on both axes.
func pagePoints(e portrait.Embedding) []pagePoint {
	var low, high [2]float64
	for i, at := range e.Points {
		for axis, v := range [2]float64{at.X, at.Y} {
			if low[axis] = min(low[axis], v); i == 0 {
				low[axis], high[axis] = v, v
			}
			high[axis] = max(high[axis], v)
		}
	}
	by := 100 / max(high[0]-low[0], high[1]-low[1], 1e-30)
	var all []pagePoint
	for i, at := range e.Points {
		title := fmt.Sprintf("image %d: %s", i, e.Classes[at.Label])
		if at.Said >= 0 && at.Said != at.Label {
			title += ", said " + e.Classes[at.Said]
		}
		all = append(all, pagePoint{by * (at.X - low[0]), 100 - by*(at.Y-low[1]), 360 * at.Label / len(e.Classes), title})
	}
	return all
}

// cellsOf are the addresses that stand for the cells of a sheet in a page.
func cellsOf(s gallery.Sheet) (all [][]template.URL, err error) {
	for _, row := range s.Rows {
		var cells []template.URL
		for _, p := range row {
			cell, err := painted(p, nil)
			if err != nil {
				return nil, err
			}
			cells = append(cells, cell)
		}
		all = append(all, cells)
	}
	return all, nil
}

// painted is the address that stands for a painting in a page.
func painted(p *image.NRGBA, err error) (template.URL, error) {
	if err != nil {
		return "", err
	}
	file, err := gallery.PNG(p)
	return pictured(file), err
}
