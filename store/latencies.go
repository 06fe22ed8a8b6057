package store

import (
	"context"
	"database/sql"
	"fmt"

	"workbench/experiments"
)

const latencyColumns = "host, cpu, backend, threads, precision, batch, passes, median, slow, time"

// Late records how long passes of runs' networks take, all of them or none. One that was measured before on the same
// machine under the same circumstances goes.
func (db *DB) Late(ctx context.Context, all []experiments.Latency) error {
	return db.update(ctx, 0, func(t *tx) error {
		for _, l := range all {
			key, err := t.run(l.Run)
			if err != nil {
				return err
			}
			_, err = t.Exec("INSERT OR REPLACE INTO latencies (run, "+latencyColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				key, l.Host, l.CPU, l.Backend, l.Threads, l.Precision, l.Batch, l.Passes, l.Median, l.Slow, micros(l.Time))
			if err != nil {
				return fmt.Errorf("latency of run %s: %w", l.Run, err)
			}
			if err := t.announce(key, "points"); err != nil {
				return err
			}
		}
		return nil
	})
}

// Latencies that were measured of the networks of the runs, by run and then newest first.
func (db *DB) Latencies(ctx context.Context, runs []string) ([]experiments.Latency, error) {
	all := []experiments.Latency{}
	list, err := jsonList(runs)
	if err != nil {
		return all, err
	}
	err = db.view(ctx, func(q *sql.Tx) error {
		rows, err := q.QueryContext(ctx, "SELECT r.hash, "+latencyColumns+` FROM latencies l JOIN runs r ON r.id = l.run
			WHERE r.hash IN (SELECT value FROM json_each(?)) ORDER BY r.hash, time DESC, host, backend, threads, precision, batch`, list)
		return each(rows, err, func(rows *sql.Rows) error {
			var l experiments.Latency
			var at int64
			err := rows.Scan(&l.Run, &l.Host, &l.CPU, &l.Backend, &l.Threads, &l.Precision, &l.Batch, &l.Passes, &l.Median, &l.Slow, &at)
			l.Time = fromMicros(at)
			all = append(all, l)
			return err
		})
	})
	return all, explain(db.path, err)
}

// bringLatencies adds those of the runs that are known here, too. Of two measurements under the same circumstances the
// later one counts.
func (m *merger) bringLatencies(t *tx) error {
	for _, key := range m.chosen.runs {
		rows, err := m.from.q.QueryContext(m.ctx,
			"SELECT r.hash, "+latencyColumns+" FROM latencies l JOIN runs r ON r.id = l.run WHERE l.run = ?", key)
		err = each(rows, err, func(rows *sql.Rows) error {
			values, targets := make([]any, 11), make([]any, 11)
			for i := range targets {
				targets[i] = &values[i]
			}
			if err := rows.Scan(targets...); err != nil {
				return err
			}
			_, err := t.Exec("INSERT INTO latencies (run, "+latencyColumns+`)
				SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM runs WHERE hash = ?1
				ON CONFLICT (run, host, backend, threads, precision, batch) DO UPDATE SET cpu = excluded.cpu, passes = excluded.passes,
				median = excluded.median, slow = excluded.slow, time = excluded.time WHERE excluded.time > time`, values...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
