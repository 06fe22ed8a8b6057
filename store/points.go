package store

import (
	"database/sql"
	"errors"
	"fmt"

	"workbench/experiments"
)

// maxStep is 2^53 − 1: browsers read numbers as doubles.
const maxStep = 1<<53 - 1

// checkPoints refuses what could not be read back as it was meant. Values may be anything.
func checkPoints(points []experiments.Point) error {
	for _, p := range points {
		if err := checkName(p.Metric); err != nil {
			return fmt.Errorf("metric %q: %w", p.Metric, err)
		}
		if p.Step < 0 || p.Step > maxStep {
			return fmt.Errorf("metric %s: step %d, want 0 to 2^53−1", p.Metric, p.Step)
		}
		if !isFinite(p.Epoch) {
			return fmt.Errorf("metric %s, step %d: epoch %v, want a finite number", p.Metric, p.Step, p.Epoch)
		}
	}
	return nil
}

// writePoints stores points in any order of steps. A point that is there already is accepted again if its value is the
// same (a record may be sent twice) and refused if not. A point without a time gets the database's.
func (t *tx) writePoints(key int64, attempt int, points []experiments.Point) error {
	insert, err := t.Prepare(`INSERT INTO metrics (run, metric, attempt, step, kind, value, epoch, time)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	if err != nil {
		return err
	}
	defer insert.Close()
	metrics := map[string]int64{}
	summaries := map[int64]*summary{}
	for _, p := range points {
		metric, known := metrics[p.Metric]
		if !known {
			if metric, err = t.metric(p.Metric); err != nil {
				return err
			}
			metrics[p.Metric] = metric
			if summaries[metric], err = storedSummary(t.Tx, key, metric); err != nil {
				return err
			}
		}
		kind, value := encode(p.Value)
		at := micros(p.Time)
		if at == 0 {
			at = t.now
		}
		done, err := insert.Exec(key, metric, attempt, p.Step, kind, value, p.Epoch, at)
		if err != nil {
			return err
		}
		if added, err := done.RowsAffected(); err != nil {
			return err
		} else if added > 0 {
			summaries[metric].add(p.Step, p.Value)
		} else if err := t.samePoint(key, metric, attempt, p); err != nil {
			return err
		}
	}
	for metric, s := range summaries {
		if err := t.writeSummary(key, metric, s); err != nil {
			return err
		}
	}
	return t.announce(key, "points")
}

// metric is the key of a metric's name, new if it must be.
func (t *tx) metric(name string) (key int64, err error) {
	if _, err := t.Exec("INSERT INTO metric_names (name) VALUES (?) ON CONFLICT DO NOTHING", name); err != nil {
		return 0, err
	}
	err = t.QueryRow("SELECT id FROM metric_names WHERE name = ?", name).Scan(&key)
	return key, err
}

var errOtherValue = errors.New("the point has been recorded with another value")

func (t *tx) samePoint(key, metric int64, attempt int, p experiments.Point) error {
	var kind int
	var value sql.NullFloat64
	err := t.QueryRow("SELECT kind, value FROM metrics WHERE run = ? AND metric = ? AND attempt = ? AND step = ?",
		key, metric, attempt, p.Step).Scan(&kind, &value)
	if err != nil {
		return err
	}
	if k, v := encode(p.Value); k != kind || v != value {
		return fmt.Errorf("metric %s, step %d: %w: %v, got %v", p.Metric, p.Step, errOtherValue, decode(kind, value), p.Value)
	}
	return nil
}
