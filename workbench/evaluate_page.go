package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"image"
	"math"
	"os"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/gallery"
	"workbench/experiments/train"
)

//go:embed evaluate_page.html
var answersPageText string

var answersTemplate = template.Must(template.New("answers").Parse(answersPageText))

// Bounds of a page: mistakes that are shown, and classes that a matrix has.
const (
	shownMistakes = 24
	shownClasses  = 40
)

// answersPage is what evaluate --html writes: a page that needs no other file.
type answersPage struct {
	Network, Split string
	Images         int
	Right          string // share of right answers, percent
	Place          string // whose maps are weighed
	Remarks        []string
	Classes        []classSeen
	Names          []string // of the matrix's columns; none: there are too many classes
	Matrix         []matrixRow
	Mistakes       []wrongAnswer
	Filters        template.URL
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

// wrongAnswer is an image with a wrong answer: as it is, and what in it speaks for the answer and for its own class.
type wrongAnswer struct {
	Image                   int // number in its split
	Said, Is                string
	SaidShare, IsShare      string // probabilities, percent
	Picture, ForSaid, ForIs template.URL
}

// writeAnswers writes the page of a network that was measured.
func (m *examined) writeAnswers(ctx context.Context, e evaluation) (err error) {
	parts, err := m.parts(e.split)
	if err != nil {
		return err
	}
	right := 0
	for i := range m.answers.Len() {
		if m.answers.Right(i) {
			right++
		}
	}
	p := answersPage{Network: m.name, Split: e.split, Images: m.answers.Len(), Remarks: m.remarks,
		Right: fmt.Sprintf("%.2f %%", 100*float64(right)/float64(m.answers.Len()))}
	m.tally(&p)
	if err := m.explain(ctx, e, parts.Test, &p); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := answersTemplate.Execute(&text, p); err != nil {
		return fmt.Errorf("page of %s: %w", m.name, err)
	}
	return os.WriteFile(e.html, text.Bytes(), 0o644)
}

// tally counts answers by class.
func (m *examined) tally(p *answersPage) {
	names := m.set.Info().Classes
	counts := make([][]int, len(names))
	for k := range counts {
		counts[k] = make([]int, len(names))
	}
	for i, label := range m.answers.Labels {
		if label >= 0 && int(label) < len(names) && m.answers.Predicted(i) < len(names) {
			counts[label][m.answers.Predicted(i)]++
		}
	}
	for k, row := range counts {
		all := 0
		for _, n := range row {
			all += n
		}
		if all == 0 {
			continue
		}
		p.Classes = append(p.Classes, classSeen{names[k], all, 100 * float64(row[k]) / float64(all)})
		if len(names) > shownClasses {
			continue
		}
		cells := matrixRow{Name: names[k]}
		for said, n := range row {
			cells.Cells = append(cells.Cells, matrixCell{n, float64(n) / float64(all), said == k})
		}
		p.Matrix = append(p.Matrix, cells)
	}
	if len(names) <= shownClasses {
		p.Names = names
	}
}

// surest are the rows of the wrong answers with the largest probabilities, of equal ones the first.
func (m *examined) surest() []int {
	var wrong []int
	for i := range m.answers.Len() {
		if m.answers.Labels[i] >= 0 && !m.answers.Right(i) {
			wrong = append(wrong, i)
		}
	}
	sure := func(i int) float64 { return m.answers.Probability(i, m.answers.Predicted(i)) }
	slices.SortStableFunc(wrong, func(a, b int) int {
		switch d := sure(b) - sure(a); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	return wrong[:min(len(wrong), shownMistakes)]
}

// explain opens the network once more to see what speaks for its surest mistakes, and paints its first layer.
func (m *examined) explain(ctx context.Context, e evaluation, part data.Part, p *answersPage) (err error) {
	o := m.opening
	o.Features, o.Explains, o.Place, o.Batch = false, true, e.place, 1
	net, err := train.Open(o, backend(e.threads))
	if err != nil {
		return err
	}
	defer func() {
		if closed := net.Close(); err == nil {
			err = closed
		}
	}()
	p.Place = net.Place()
	info := m.set.Info()
	pixels := make([]uint8, info.Size())
	for _, row := range m.surest() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := m.set.Pixels(part.Split, part.Sample(row), pixels); err != nil {
			return err
		}
		one, err := m.mistaken(net, row, pixels)
		if err != nil {
			return err
		}
		one.Image = part.Sample(row)
		p.Mistakes = append(p.Mistakes, one)
	}
	if weights, shape := net.FirstFilters(); weights != nil && (shape[1] == 1 || shape[1] == 3) && shape[2] > 1 {
		p.Filters, err = painted(gallery.Filters(weights, shape[0], shape[1], shape[2], shape[3]))
	}
	return err
}

// painted is the address that stands for a painting in a page.
func painted(p *image.NRGBA, err error) (template.URL, error) {
	if err != nil {
		return "", err
	}
	file, err := gallery.PNG(p)
	return pictured(file), err
}

// mistaken paints an image with a wrong answer.
func (m *examined) mistaken(net *train.Network, row int, pixels []uint8) (one wrongAnswer, err error) {
	info := m.set.Info()
	said, is := m.answers.Predicted(row), int(m.answers.Labels[row])
	percent := func(class int) string { return fmt.Sprintf("%.1f %%", 100*m.answers.Probability(row, class)) }
	one = wrongAnswer{Said: info.Classes[said], Is: info.Classes[is], SaidShare: percent(said), IsShare: percent(is)}
	info.Levels().Normalise(pixels, net.Images())
	picture := gallery.Picture(info, pixels)
	if one.Picture, err = painted(picture, nil); err != nil {
		return one, err
	}
	for class, to := range map[int]*template.URL{said: &one.ForSaid, is: &one.ForIs} {
		cams, err := net.GradCAM([]int{class})
		if err != nil {
			return one, err
		}
		if v := net.Logits()[class]; math.IsNaN(float64(v)) {
			return one, fmt.Errorf("image %d: the network's answer is no number", row)
		}
		if *to, err = painted(gallery.Over(picture, cams[0].Height, cams[0].Width, cams[0].Values), nil); err != nil {
			return one, err
		}
	}
	return one, nil
}
