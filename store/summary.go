package store

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"workbench/experiments"
)

// summary is what a list of runs shows of one metric of one run.
type summary struct {
	points          int
	step            int64 // of last
	last            float64
	least, greatest float64 // of the finite values; NaN if there are none
}

func newSummary() *summary { return &summary{least: math.NaN(), greatest: math.NaN()} }

// add takes a point in. Of two at the same step the later added one is the newer.
func (s *summary) add(step int64, value float64) {
	if s.points == 0 || step >= s.step {
		s.step, s.last = step, value
	}
	s.points++
	if !isFinite(value) {
		return
	}
	if !(s.least <= value) { // also if NaN
		s.least = value
	}
	if !(s.greatest >= value) {
		s.greatest = value
	}
}

// storedSummary reads the summary of a metric of a run, which is empty if there is none.
func storedSummary(q *sql.Tx, key, metric int64) (*summary, error) {
	s := newSummary()
	var kind int
	var last, least, greatest sql.NullFloat64
	err := q.QueryRow(
		"SELECT points, last_step, last_kind, last_value, least, greatest FROM summaries WHERE run = ? AND metric = ?", key, metric).
		Scan(&s.points, &s.step, &kind, &last, &least, &greatest)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	s.last, s.least, s.greatest = decode(kind, last), fromNullable(least), fromNullable(greatest)
	return s, err
}

// same compares the last value to the bit and the bounds as they are stored, where −0 is 0; all NaN are one.
func (s *summary) same(o *summary) bool {
	equal := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
	return s.points == o.points && s.step == o.step &&
		equal(s.last, o.last) && math.Signbit(s.last) == math.Signbit(o.last) &&
		equal(s.least, o.least) && equal(s.greatest, o.greatest)
}

func (t *tx) writeSummary(key, metric int64, s *summary) error {
	kind, last := encode(s.last)
	_, err := t.Exec(`INSERT OR REPLACE INTO summaries (run, metric, points, last_step, last_kind, last_value, least, greatest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, key, metric, s.points, s.step, kind, last, nullable(s.least), nullable(s.greatest))
	return err
}

// summariesOf makes the summaries of a run from its points that are not superseded.
func summariesOf(ctx context.Context, q *sql.Tx, key int64) (map[int64]*summary, error) {
	all := map[int64]*summary{}
	rows, err := q.QueryContext(ctx, `SELECT m.metric, m.step, m.kind, m.value
		FROM attempts a CROSS JOIN metric_names n
		CROSS JOIN metrics m ON m.run = a.run AND m.metric = n.id AND m.attempt = a.number AND m.step <= a.kept
		WHERE a.run = ? ORDER BY a.number, n.id, m.step`, key)
	err = each(rows, err, func(rows *sql.Rows) error {
		var metric, step int64
		var kind int
		var value sql.NullFloat64
		if err := rows.Scan(&metric, &step, &kind, &value); err != nil {
			return err
		}
		if all[metric] == nil {
			all[metric] = newSummary()
		}
		all[metric].add(step, decode(kind, value))
		return nil
	})
	return all, err
}

// summarise makes the summaries of a run anew.
func (t *tx) summarise(key int64) error {
	all, err := summariesOf(context.Background(), t.Tx, key)
	if err != nil {
		return err
	}
	if _, err := t.Exec("DELETE FROM summaries WHERE run = ?", key); err != nil {
		return err
	}
	for metric, s := range all {
		if err := t.writeSummary(key, metric, s); err != nil {
			return err
		}
	}
	return t.announce(key, "points")
}

// addSummaries fills Last, Max and Min of the listed runs (a JSON list of keys).
func addSummaries(ctx context.Context, q *sql.Tx, keys string, runs map[int64]*experiments.RunInfo) error {
	rows, err := q.QueryContext(ctx, `SELECT s.run, n.name, s.last_kind, s.last_value, s.least, s.greatest
		FROM json_each(?) k CROSS JOIN summaries s ON s.run = k.value JOIN metric_names n ON n.id = s.metric`, keys)
	return each(rows, err, func(rows *sql.Rows) error {
		var key int64
		var name string
		var kind int
		var last, least, greatest sql.NullFloat64
		if err := rows.Scan(&key, &name, &kind, &last, &least, &greatest); err != nil {
			return err
		}
		r := runs[key]
		r.Last[name] = decode(kind, last)
		if least.Valid {
			r.Min[name], r.Max[name] = least.Float64, greatest.Float64
		}
		return nil
	})
}
