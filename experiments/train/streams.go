package train

import (
	"workbench/experiments"
	"workbench/experiments/data"
)

// Stream is what a phase of a run reads.
type Stream struct {
	Phase string // its name; empty for a run of one phase
	data.Loader
}

// Streams are what the phases of a run with a configuration read: the images, their labels and their views, in the
// order of the phases. Of a phase the first stream sets the pace.
func Streams(c experiments.Config, set data.Set, seed uint64) ([]Stream, error) {
	all, err := stages(c, set, seed)
	if err != nil {
		return nil, err
	}
	var streams []Stream
	for _, s := range all {
		for _, l := range s.streams {
			streams = append(streams, Stream{Phase: s.Name, Loader: l})
		}
	}
	return streams, nil
}
