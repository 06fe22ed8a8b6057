package export

import (
	"context"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/analysis"
)

// Measurements are where the points of runs are read.
type Measurements = analysis.Measurements

// Points is the table of every value that the runs have measured, a row a value. Seconds are of training, without
// the time between attempts. It is read while it is written, and of one run at a time.
func Points(ctx context.Context, from Measurements, runs []experiments.RunInfo) Table {
	return Table{Name: "points", Columns: []string{"study", "version", "cell", "seed", "run", "metric", "step", "epoch", "seconds", "value"},
		Each: func(yield func([]any) error) error { return points(ctx, from, runs, yield) }}
}

func points(ctx context.Context, from Measurements, runs []experiments.RunInfo, yield func([]any) error) error {
	for _, r := range runs {
		series, err := from.Series(ctx, []string{r.ID}, nil, 0)
		if err != nil {
			return fmt.Errorf("export: points: %w", err)
		}
		for _, s := range series {
			for _, p := range s.Points {
				row := []any{r.Study, r.Version, r.Cell, r.Seed, r.ID, s.Metric, p.Step, p.Epoch, r.Elapsed(p.Time), p.Value}
				if err := yield(row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
