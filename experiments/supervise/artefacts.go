package supervise

import (
	"fmt"
	"io"
	"slices"

	"workbench/experiments"
)

// wireArtefact is an Artefact without its data, which follow in messages of their own.
type wireArtefact struct {
	experiments.ArtefactInfo
	Size int `json:"size"` // bytes of the data
}

// check refuses a size before memory is taken for it.
func (a wireArtefact) check() error {
	if a.Size < 0 || a.Size > experiments.MaxArtefactBytes {
		return fmt.Errorf("artefact %q of step %d has %d bytes, want 0 to %d", a.Name, a.Step, a.Size, experiments.MaxArtefactBytes)
	}
	return nil
}

func writeArtefact(w io.Writer, a experiments.Artefact) error {
	header := wireArtefact{a.ArtefactInfo, len(a.Data)}
	if err := header.check(); err != nil {
		return err
	}
	if err := writeJSON(w, frameArtefact, header); err != nil {
		return err
	}
	for part := range slices.Chunk(a.Data, maxFrame) {
		if err := writeFrame(w, frameContent, part); err != nil {
			return err
		}
	}
	return nil
}

// artefact reads the data that follow an artefact's header. Only when their first frame has passed does it believe the
// size and take memory for all of them.
func (f *frameReader) artefact(header []byte) (*experiments.Artefact, error) {
	var in wireArtefact
	if err := readJSON(frameArtefact, header, &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	data := make([]byte, 0, min(in.Size, maxFrame))
	for len(data) < in.Size {
		part, err := f.expect(frameContent)
		if want := min(in.Size-len(data), maxFrame); err == nil && len(part) != want {
			err = fmt.Errorf("after %d bytes got %d, want %d", len(data), len(part), want)
		}
		if err != nil {
			return nil, fmt.Errorf("artefact %q of step %d, %d bytes: %w", in.Name, in.Step, in.Size, err)
		}
		data = append(data, part...)
		data = slices.Grow(data, in.Size-len(data))
	}
	return &experiments.Artefact{ArtefactInfo: in.ArtefactInfo, Data: data}, nil
}
