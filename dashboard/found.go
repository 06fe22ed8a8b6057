package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// A source says where it has looked for what is missing. Readers of a page are told what they asked for, and no path of
// the machine.

// run of an id, the beginning of one, or "latest".
func (s *Server) run(ctx context.Context, id string) (experiments.RunInfo, error) {
	run, err := s.Source.Run(ctx, id)
	switch {
	case errors.Is(err, experiments.ErrNotFound):
		err = missing("This database has no run %q: want an id, the beginning of one, or latest.", id)
	case errors.Is(err, experiments.ErrAmbiguous):
		err = &failure{Status: http.StatusConflict, What: fmt.Sprintf("Several runs begin with %q: want more of the id.", id)}
	}
	return run, err
}

// study of a name; where there is none, the nearest is named.
func (s *Server) study(ctx context.Context, name string) (experiments.StudyInfo, error) {
	info, err := s.Source.Study(ctx, name)
	if !errors.Is(err, experiments.ErrNotFound) {
		return info, err
	}
	all, err := s.Source.Studies(ctx)
	if err != nil {
		return info, err
	}
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = one.Study.Name
	}
	return info, missing("This database has no study %q%s", name, nearest.Hint(name, names))
}

func (s *Server) artefact(ctx context.Context, run, name string, step int64) (experiments.Artefact, error) {
	a, err := s.Source.Artefact(ctx, run, name, step)
	if errors.Is(err, experiments.ErrNotFound) {
		err = missing("Run %s has no artefact %q of step %d.", short(run), name, step)
	}
	return a, err
}

func missing(format string, args ...any) error {
	return &failure{Status: http.StatusNotFound, What: fmt.Sprintf(format, args...)}
}
