package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// Difference is where two finished runs of one configuration part.
type Difference struct {
	Run          string
	Metric       string // "": they ended otherwise
	Step         int64
	Ours, Theirs string
}

func (d Difference) String() string {
	if d.Metric == "" {
		return fmt.Sprintf("run %s is %s here and %s there", d.Run, d.Ours, d.Theirs)
	}
	return fmt.Sprintf("run %s: %s at step %d is %s here and %s there", d.Run, d.Metric, d.Step, d.Ours, d.Theirs)
}

// none is what stands for a point that one of the two has not.
const none = "missing"

// differ finds the first difference of two finished runs in what counts; nil if there is none. What depends on the
// speed of the machine is not looked at.
func (m *merger) differ(t *tx, theirs, ours standing) (*Difference, error) {
	if theirs.status != ours.status {
		return &Difference{Ours: string(ours.status), Theirs: string(theirs.status)}, nil
	}
	there, err := metricsOf(m.ctx, m.from.q, theirs.key)
	if err != nil {
		return nil, err
	}
	here, err := metricsOf(m.ctx, t.Tx, ours.key)
	if err != nil {
		return nil, err
	}
	names := slices.Concat(there, here)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		d, err := m.part(t, name, theirs.key, ours.key)
		if d != nil || err != nil {
			return d, err
		}
	}
	return nil, nil
}

func metricsOf(ctx context.Context, q *sql.Tx, key int64) ([]string, error) {
	names, err := collect[string](q.QueryContext(ctx,
		"SELECT n.name FROM summaries s JOIN metric_names n ON n.id = s.metric WHERE s.run = ?", key))
	return slices.DeleteFunc(names, func(name string) bool { return metric.Of(name).Timed }), err
}

// part compares the points of one metric, which are read side by side.
func (m *merger) part(t *tx, name string, theirs, ours int64) (d *Difference, err error) {
	there, err := curveOf(m.ctx, m.from.q, theirs, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, there.Close()) }()
	here, err := curveOf(m.ctx, t.Tx, ours, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, here.Close()) }()
	for {
		a, moreThere, err := nextPoint(there)
		if err != nil {
			return nil, err
		}
		b, moreHere, err := nextPoint(here)
		switch {
		case err != nil:
			return nil, err
		case !moreThere && !moreHere:
			return nil, nil
		case !moreHere || moreThere && a.Step < b.Step:
			return &Difference{Metric: name, Step: a.Step, Ours: none, Theirs: fmt.Sprint(a.Value)}, nil
		case !moreThere || b.Step < a.Step:
			return &Difference{Metric: name, Step: b.Step, Ours: fmt.Sprint(b.Value), Theirs: none}, nil
		case a.Value != b.Value && !(math.IsNaN(a.Value) && math.IsNaN(b.Value)):
			return &Difference{Metric: name, Step: a.Step, Ours: fmt.Sprint(b.Value), Theirs: fmt.Sprint(a.Value)}, nil
		}
	}
}

// curveOf are the points of a metric that count, in the order of their steps: each attempt goes on where the one before
// it is kept to.
func curveOf(ctx context.Context, q *sql.Tx, key int64, name string) (*sql.Rows, error) {
	return q.QueryContext(ctx, `SELECT m.step, m.kind, m.value FROM metric_names n
		CROSS JOIN metrics m ON m.run = ?1 AND m.metric = n.id CROSS JOIN attempts a ON a.run = m.run AND a.number = m.attempt
		WHERE n.name = ?2 AND m.step <= a.kept ORDER BY m.attempt, m.step`, key, name)
}

func nextPoint(rows *sql.Rows) (p experiments.Point, more bool, err error) {
	if !rows.Next() {
		return p, false, rows.Err()
	}
	var kind int
	var value sql.NullFloat64
	err = rows.Scan(&p.Step, &kind, &value)
	p.Value = decode(kind, value)
	return p, true, err
}
