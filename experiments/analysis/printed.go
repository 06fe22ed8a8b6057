package analysis

import (
	"maps"

	"workbench/experiments"
)

// Printed is a row of the table in print that a study repeats, with the cell that it stands beside; nil: it is none of
// the study's, or of what is left of it.
type Printed struct {
	experiments.PublishedRow
	Measured *AblationRow
}

// InPrint are the rows of the study's table in print, in their order. A cell may stand beside several.
func InPrint(s experiments.Study, rows []AblationRow) []Printed {
	if s.Published == nil {
		return nil
	}
	all := make([]Printed, len(s.Published.Rows))
	for i, r := range s.Published.Rows {
		all[i].PublishedRow = r
		if r.Levels == nil {
			continue
		}
		levels := s.Fill(r.Levels)
		for k := range rows {
			if maps.Equal(levels, rows[k].Levels) {
				all[i].Measured = &rows[k]
			}
		}
	}
	return all
}
