package dashboard

import "workbench/experiments/diagnosis"

// findingsTable is what may be wrong with a run, causes first.
func findingsTable(run string, found []diagnosis.Finding) table {
	t := table{Name: run + "-findings", Columns: []column{{Key: "name", Title: "Finding"}, {Key: "says", Title: "What was found"},
		{Key: "evidence", Title: "By"}, {Key: "try", Title: "Try"}}}
	for _, f := range found {
		t.Rows = append(t.Rows, row{Key: f.Name, Cells: []cell{text(f.Name), text(f.Says), text(f.By()), text(f.Try)}})
	}
	return t
}
