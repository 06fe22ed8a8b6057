package store

import (
	"database/sql"
	"strings"

	"workbench/experiments"
)

// copied are the columns of the tables that come with a run as they are, besides the run's key.
var copied = []struct{ table, columns string }{
	{"attempts", "number, fence, resumed, kept, host, pid, started, ended, status, reason, environment"},
	{"run_phases", "attempt, idx, name, count, first, steps, started, epochs, images, multiply_adds"},
	{"run_progress", "attempt, epoch, epochs, step, steps, loss, top1, images_per_second, remaining, interval, time, phase"},
	{"run_log", "seq, attempt, time, line"},
}

// addRun makes a queued run of the one there. It was first made for the study that it has there, if that is known here,
// else for one that it comes with.
func (m *merger) addRun(t *tx, theirs int64) (key int64, err error) {
	var hash, study, config, data string
	var seed, created int64
	err = m.from.q.QueryRowContext(m.ctx, "SELECT hash, study, seed, config, data_digest, created FROM runs WHERE id = ?", theirs).
		Scan(&hash, &study, &seed, &config, &data, &created)
	if err != nil {
		return 0, err
	}
	var known bool
	if err := t.QueryRow("SELECT EXISTS (SELECT 1 FROM studies WHERE name = ?)", study).Scan(&known); err != nil {
		return 0, err
	}
	if !known {
		rows, err := m.from.q.QueryContext(m.ctx, "SELECT study, version FROM study_runs WHERE run = ? ORDER BY study, version", theirs)
		err = each(rows, err, func(rows *sql.Rows) error {
			var at place
			err := rows.Scan(&at.study, &at.version)
			if _, chosen := m.numbers[at]; chosen && !known {
				study, known = at.study, true
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	done, err := t.Exec(`INSERT INTO runs (hash, study, seed, config, data_digest, created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)`,
		hash, study, seed, config, data, created)
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// clear removes all that was recorded of a run.
func (t *tx) clear(key int64) error {
	for table, drop := range map[string]func(int64) error{"checkpoints": t.dropCheckpoint, "artefacts": t.dropArtefact} {
		ids, err := collect[int64](t.Query("SELECT id FROM "+table+" WHERE run = ?", key))
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := drop(id); err != nil {
				return err
			}
		}
	}
	for _, table := range []string{"summaries", "metrics", "run_needs", "run_log", "run_progress", "run_phases", "attempts"} {
		if _, err := t.Exec("DELETE FROM "+table+" WHERE run = ?", key); err != nil {
			return err
		}
	}
	return nil
}

// fill copies all that is recorded of a run into one that has nothing. The fence grows, so that an attempt at ours that
// does not know of this is refused.
func (m *merger) fill(t *tx, theirs, ours standing) error {
	for _, c := range copied {
		if err := m.copyRows(t, c.table, c.columns, theirs.key, ours.key); err != nil {
			return err
		}
	}
	status, reason, fence := string(theirs.status), "", theirs.fence
	var attempt, updated int64
	var started sql.NullInt64
	err := m.from.q.QueryRowContext(m.ctx, "SELECT reason, attempt, started, updated FROM runs WHERE id = ?", theirs.key).
		Scan(&reason, &attempt, &started, &updated)
	if err != nil {
		return err
	}
	if theirs.status == experiments.Running {
		status, reason, fence = string(experiments.Interrupted), elsewhere, fence+1
		_, err := t.Exec(`UPDATE attempts SET status = ?, reason = ?, ended = coalesce(ended, max(started, ?))
			WHERE run = ? AND status = 'running'`, status, reason, updated, ours.key)
		if err != nil {
			return err
		}
	}
	if ours.fence > 0 {
		fence = max(fence, ours.fence) + 1
	}
	_, err = t.Exec(`UPDATE runs SET status = ?, reason = ?, attempt = ?, fence = ?, lease = NULL, started = ?, updated = ? WHERE id = ?`,
		status, reason, attempt, fence, started, updated, ours.key)
	if err != nil {
		return err
	}
	return m.fillContent(t, theirs.key, ours.key)
}

func (m *merger) fillContent(t *tx, theirs, ours int64) error {
	if err := m.copyNeeds(t, theirs, ours); err != nil {
		return err
	}
	if err := m.copyPoints(t, theirs, ours); err != nil {
		return err
	}
	if err := m.copyArtefacts(t, theirs, ours); err != nil || !m.from.checkpoints {
		return err
	}
	return m.copyCheckpoints(t, theirs, ours)
}

func (m *merger) copyRows(t *tx, table, columns string, theirs, ours int64) error {
	n := strings.Count(columns, ",") + 1
	insert, err := t.Prepare("INSERT INTO " + table + " (run, " + columns + ") VALUES (?" + strings.Repeat(", ?", n) + ")")
	if err != nil {
		return err
	}
	defer insert.Close()
	values, targets := make([]any, n+1), make([]any, n)
	values[0] = ours
	for i := range targets {
		targets[i] = &values[i+1]
	}
	rows, err := m.from.q.QueryContext(m.ctx, "SELECT "+columns+" FROM "+table+" WHERE run = ?", theirs)
	return each(rows, err, func(rows *sql.Rows) error {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		_, err := insert.Exec(values...)
		return err
	})
}

func (m *merger) copyNeeds(t *tx, theirs, ours int64) error {
	rows, err := m.from.q.QueryContext(m.ctx,
		"SELECT r.hash, n.position FROM run_needs n JOIN runs r ON r.id = n.needs WHERE n.run = ?", theirs)
	return each(rows, err, func(rows *sql.Rows) error {
		var run string
		var position int64
		if err := rows.Scan(&run, &position); err != nil {
			return err
		}
		needed, err := t.run(run)
		if err != nil {
			return err
		}
		_, err = t.Exec("INSERT INTO run_needs (run, needs, position) VALUES (?, ?, ?)", ours, needed, position)
		return err
	})
}

// copyPoints copies the points of all attempts, and makes the summaries of those that count.
func (m *merger) copyPoints(t *tx, theirs, ours int64) error {
	insert, err := t.Prepare(`INSERT INTO metrics (run, metric, attempt, step, kind, value, epoch, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	summaries := map[int64]*summary{}
	rows, err := m.from.q.QueryContext(m.ctx, `SELECT m.metric, m.attempt, m.step, m.kind, m.value, m.epoch, m.time,
		coalesce(m.step <= (SELECT kept FROM attempts a WHERE a.run = m.run AND a.number = m.attempt), FALSE)
		FROM metrics m WHERE m.run = ? ORDER BY m.metric, m.attempt, m.step`, theirs)
	err = each(rows, err, func(rows *sql.Rows) error {
		var metric, attempt, step, at int64
		var kind int
		var value sql.NullFloat64
		var epoch float64
		var counts bool
		if err := rows.Scan(&metric, &attempt, &step, &kind, &value, &epoch, &at, &counts); err != nil {
			return err
		}
		metric, err := m.metric(t, metric)
		if err != nil {
			return err
		}
		if counts {
			if summaries[metric] == nil {
				summaries[metric] = newSummary()
			}
			summaries[metric].add(step, decode(kind, value))
		}
		_, err = insert.Exec(ours, metric, attempt, step, kind, value, epoch, at)
		return err
	})
	for metric, s := range summaries {
		if err == nil {
			err = t.writeSummary(ours, metric, s)
		}
	}
	return err
}

// metric is the key here of a metric there.
func (m *merger) metric(t *tx, theirs int64) (int64, error) {
	if key, known := m.metrics[theirs]; known {
		return key, nil
	}
	var name string
	if err := m.from.q.QueryRowContext(m.ctx, "SELECT name FROM metric_names WHERE id = ?", theirs).Scan(&name); err != nil {
		return 0, err
	}
	key, err := t.metric(name)
	m.metrics[theirs] = key
	return key, err
}
