package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"workbench/experiments"
)

// Every query of the table metrics names run, metric and attempt, so it reads one stretch of the primary key.
const readPoints = `SELECT m.step, m.epoch, m.kind, m.value, m.time
	FROM attempts a CROSS JOIN metrics m ON m.run = a.run AND m.metric = ?2 AND m.attempt = a.number AND m.step <= a.kept
	WHERE a.run = ?1 ORDER BY a.number, m.step`

// curve names one metric of one run.
type curve struct {
	key, metric int64
	series      experiments.Series
}

// Series returns the series that have points, in the order of the runs, then of the metrics. Without metrics, it
// returns those of all that the runs have. Each has at most max points, which thin chooses, or all if max is 0.
func (db *DB) Series(ctx context.Context, runs, metrics []string, max int) ([]experiments.Series, error) {
	if len(metrics) == 0 {
		all, err := db.Metrics(ctx, runs)
		if err != nil {
			return nil, err
		}
		metrics = all
	}
	series := []experiments.Series{}
	err := db.view(ctx, func(q *sql.Tx) error {
		curves, err := curvesOf(ctx, q, runs, metrics)
		if err != nil {
			return err
		}
		for _, c := range curves {
			points, err := pointsOf(ctx, q, c)
			if err != nil {
				return err
			}
			c.series.Total = len(points)
			c.series.Points = thin(points, max)
			series = append(series, c.series)
		}
		return nil
	})
	return series, explain(db.path, err)
}

func curvesOf(ctx context.Context, q *sql.Tx, runs, metrics []string) ([]curve, error) {
	ids, err := jsonList(runs)
	if err != nil {
		return nil, err
	}
	names, err := jsonList(metrics)
	if err != nil {
		return nil, err
	}
	var curves []curve
	rows, err := q.QueryContext(ctx, `SELECT r.id, n.id, r.hash, n.name
		FROM json_each(?1) i CROSS JOIN runs r ON r.hash = i.value CROSS JOIN json_each(?2) k
		JOIN metric_names n ON n.name = k.value JOIN summaries s ON s.run = r.id AND s.metric = n.id
		GROUP BY r.id, n.id ORDER BY min(i.key), min(k.key)`, ids, names)
	err = each(rows, err, func(rows *sql.Rows) error {
		var c curve
		err := rows.Scan(&c.key, &c.metric, &c.series.Run, &c.series.Metric)
		curves = append(curves, c)
		return err
	})
	return curves, err
}

func pointsOf(ctx context.Context, q *sql.Tx, c curve) ([]experiments.Point, error) {
	var points []experiments.Point
	rows, err := q.QueryContext(ctx, readPoints, c.key, c.metric)
	err = each(rows, err, func(rows *sql.Rows) error {
		p := experiments.Point{Metric: c.series.Metric}
		var kind int
		var value sql.NullFloat64
		var at int64
		err := rows.Scan(&p.Step, &p.Epoch, &kind, &value, &at)
		p.Value, p.Time = decode(kind, value), fromMicros(at)
		points = append(points, p)
		return err
	})
	// Attempts follow one another, so this is in order unless an attempt began before the step it resumed from.
	slices.SortStableFunc(points, func(a, b experiments.Point) int { return cmp.Compare(a.Step, b.Step) })
	return points, err
}

// Metrics are the names recorded by any of the runs, sorted.
func (db *DB) Metrics(ctx context.Context, runs []string) ([]string, error) {
	ids, err := jsonList(runs)
	if err != nil {
		return nil, err
	}
	names, err := collect[string](db.read.QueryContext(ctx, `SELECT DISTINCT n.name FROM json_each(?) i CROSS JOIN runs r ON r.hash = i.value
		CROSS JOIN summaries s ON s.run = r.id JOIN metric_names n ON n.id = s.metric ORDER BY n.name`, ids))
	return names, explain(db.path, err)
}
