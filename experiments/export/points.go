package export

import (
	"context"
	"fmt"

	"workbench/experiments"
)

// Measurements are where the points of runs are read.
type Measurements interface {
	Metrics(ctx context.Context, runs []string) ([]string, error)
	Series(ctx context.Context, runs, metrics []string, most int) ([]experiments.Series, error)
}

// Points is the table of every value that the runs have measured, a row a value. Seconds count from the first point of
// the run's metric. It is read when it is asked for.
func Points(ctx context.Context, from Measurements, runs []experiments.RunInfo) Table {
	return Table{Name: "points", Columns: []string{"study", "version", "cell", "seed", "run", "metric", "step", "epoch", "seconds", "value"},
		Load: func() ([][]any, error) { return points(ctx, from, runs) }}
}

func points(ctx context.Context, from Measurements, runs []experiments.RunInfo) ([][]any, error) {
	byID := map[string]experiments.RunInfo{}
	var ids []string
	for _, r := range runs {
		byID[r.ID] = r
		ids = append(ids, r.ID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	metrics, err := from.Metrics(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("export: points: %w", err)
	}
	series, err := from.Series(ctx, ids, metrics, 0)
	if err != nil {
		return nil, fmt.Errorf("export: points: %w", err)
	}
	var rows [][]any
	for _, s := range series {
		r := byID[s.Run]
		for _, p := range s.Points {
			rows = append(rows, []any{r.Study, r.Version, r.Cell, r.Seed, r.ID, s.Metric, p.Step, p.Epoch,
				p.Time.Sub(s.Points[0].Time).Seconds(), p.Value})
		}
	}
	return rows, nil
}
