package dashboard

import (
	"context"

	"workbench/dashboard/figure"
	"workbench/experiments"
)

// cellStyles knows how every cell of every study is drawn: the same on all pages, because it depends on nothing but
// the study's own list of cells.
type cellStyles map[string]map[string]figure.Style // study → cell

func (s *Server) cellStyles(ctx context.Context) (cellStyles, error) {
	studies, err := s.Source.Studies(ctx)
	if err != nil {
		return nil, err
	}
	all := cellStyles{}
	for _, info := range studies {
		all[info.Study.Name] = stylesOf(info.Study)
	}
	return all, nil
}

// stylesOf returns the styles of the study's cells. There are none if the stored definition can no longer be read.
func stylesOf(study experiments.Study) map[string]figure.Style {
	cells, err := study.Cells()
	if err != nil {
		return nil
	}
	keys := make([]string, len(cells))
	for i, c := range cells {
		keys[i] = c.Key
	}
	return figure.Assign(keys)
}

// of a run's cell; a cell that its study no longer has gets the colour of its name alone.
func (c cellStyles) of(r experiments.RunInfo) figure.Style {
	if style, known := c[r.Study][r.Cell]; known {
		return style
	}
	return figure.Assign([]string{r.Cell})[r.Cell]
}
