package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// checkSummaries compares what lists of runs show with the points it was made from.
func checkSummaries(ctx context.Context, q *sql.Tx) ([]string, error) {
	runs, err := collect[int64](q.QueryContext(ctx, "SELECT id FROM runs"))
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, key := range runs {
		found, err := checkSummariesOf(ctx, q, key)
		problems = append(problems, found...)
		if err != nil {
			return problems, err
		}
	}
	return problems, nil
}

func checkSummariesOf(ctx context.Context, q *sql.Tx, key int64) ([]string, error) {
	made, err := summariesOf(ctx, q, key)
	if err != nil {
		return nil, err
	}
	metrics, err := collect[int64](q.QueryContext(ctx, "SELECT metric FROM summaries WHERE run = ?", key))
	if err != nil {
		return nil, err
	}
	for metric := range made {
		metrics = append(metrics, metric)
	}
	slices.Sort(metrics)
	var problems []string
	for _, metric := range slices.Compact(metrics) {
		stored, err := storedSummary(q, key, metric)
		if err != nil {
			return problems, err
		}
		want := made[metric]
		if want == nil {
			want = newSummary()
		}
		if stored.same(want) {
			continue
		}
		var run, name string
		err = q.QueryRowContext(ctx, "SELECT r.hash, n.name FROM runs r, metric_names n WHERE r.id = ? AND n.id = ?", key,
			metric).Scan(&run, &name)
		if err != nil {
			return problems, err
		}
		problems = append(problems, fmt.Sprintf("run %s, metric %s: its summary is %+v, its points make %+v", run, name, *stored, *want))
	}
	return problems, nil
}
