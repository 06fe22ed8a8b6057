package portrait

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"mime"

	"workbench/experiments"
	kept "workbench/experiments/portrait"
)

// Load reads the content of an artefact. What it returns as an error is told to nobody: readers learn that it could
// not be read.
type Load func(ctx context.Context, name string, step int64) ([]byte, error)

// Bounds of what is read for a page.
const (
	mostConfusionBytes = 8 << 20
	mostTableBytes     = 2 << 20
	mostSheetBytes     = 8 << 20
	mostSheetSide      = 16384 // pixels
	mostSheetPixels    = 32 << 20
	mostRows           = 64 // images of a sheet
	mostProblems       = 20 // that are told
)

// reader reads artefacts of a run and notes what is wrong with them.
type reader struct {
	ctx      context.Context
	load     Load
	problems []string
	err      error // the database or the reader has left: no page can be made
}

func (r *reader) problem(a experiments.ArtefactInfo, format string, args ...any) {
	if len(r.problems) < mostProblems {
		r.problems = append(r.problems, fmt.Sprintf("%s of step %d ", a.Name, a.Step)+fmt.Sprintf(format, args...))
	}
}

// data of an artefact of a media type and of at most so many bytes.
func (r *reader) data(a experiments.ArtefactInfo, media string, most int64) ([]byte, bool) {
	if r.err != nil {
		return nil, false
	}
	if got, _, err := mime.ParseMediaType(a.Media); err != nil || got != media {
		r.problem(a, "is left out: want media type %s, got %q.", media, a.Media)
		return nil, false
	}
	if a.Bytes > most {
		r.problem(a, "is left out: it has %d bytes, and a page reads at most %d.", a.Bytes, most)
		return nil, false
	}
	data, err := r.load(r.ctx, a.Name, a.Step)
	switch {
	case err == nil && int64(len(data)) <= most:
		return data, true
	case err != nil && (r.ctx.Err() != nil || errors.Is(err, experiments.ErrMissing) || errors.Is(err, experiments.ErrReplaced)):
		r.err = err
		return nil, false
	}
	r.problem(a, "could not be read: it is damaged or gone.")
	return nil, false
}

// table reads a table and has it checked.
func table[T any](r *reader, a experiments.ArtefactInfo, most int64, check func(*T) error) *T {
	data, ok := r.data(a, kept.JSON, most)
	if !ok {
		return nil
	}
	t, err := kept.Decode[T](data)
	if err == nil {
		err = check(&t)
	} else {
		err = errors.New("its content is no such table")
	}
	if err != nil {
		r.problem(a, "is left out: %v.", err)
		return nil
	}
	return &t
}

// Sheet is a picture with a row for each of its images.
type Sheet struct {
	Name   string `json:"name"` // of the artefact
	Step   int64  `json:"step"`
	Width  int    `json:"width"` // pixels
	Height int    `json:"height"`
	Rows   int    `json:"rows"`
}

// sheet reads the size of a picture, whose pixels a browser reads itself. Its rows are of equal height.
func (r *reader) sheet(a experiments.ArtefactInfo, rows int) *Sheet {
	data, ok := r.data(a, kept.PNG, mostSheetBytes)
	if !ok {
		return nil
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil:
		r.problem(a, "is left out: its content is no PNG.")
		return nil
	case size.Width < 1 || size.Height < rows || size.Width > mostSheetSide || size.Height > mostSheetSide ||
		size.Width*size.Height > mostSheetPixels:
		r.problem(a, "is left out: %d by %d pixels with %d rows are no picture that a page shows.", size.Width, size.Height, rows)
		return nil
	}
	return &Sheet{Name: a.Name, Step: a.Step, Width: size.Width, Height: size.Height, Rows: max(rows, 1)}
}
