package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"workbench/experiments"
)

// checkPhase refuses a phase that could not be told from the others of its run.
func checkPhase(p experiments.Phase) error {
	if p.Count < 1 || p.Index < 0 || p.Index >= p.Count {
		return fmt.Errorf("index %d of %d phases, want one from 0", p.Index, p.Count)
	}
	if p.First < 0 || p.Steps < 0 || p.First > maxStep-p.Steps {
		return fmt.Errorf("%d steps after the first %d, want them within 0 to 2^53−1", p.Steps, p.First)
	}
	if !(p.Epochs >= 0 && p.MultiplyAdds >= 0) || p.Images < 0 || math.IsInf(p.Epochs+p.MultiplyAdds, 0) {
		return fmt.Errorf("%g epochs, %d images and %g multiply-adds, want none of them negative or without end", p.Epochs, p.Images,
			p.MultiplyAdds)
	}
	if p.Name == "" && p.Count == 1 {
		return nil // the whole run
	}
	return checkName(p.Name)
}

var errOtherPhase = errors.New("the attempt has been in this phase with another description")

// writePhase notes that an attempt is in a phase from now on. Said twice, the first time counts.
func (t *tx) writePhase(key int64, attempt int, p experiments.Phase) error {
	done, err := t.Exec(`INSERT INTO run_phases (run, attempt, idx, name, count, first, steps, started, epochs, images, multiply_adds)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		key, attempt, p.Index, p.Name, p.Count, p.First, p.Steps, t.now, p.Epochs, p.Images, p.MultiplyAdds)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n > 0 {
		return t.announce(key, "status")
	}
	before := experiments.Phase{Index: p.Index}
	err = t.QueryRow(`SELECT name, count, first, steps, coalesce(epochs, 0), coalesce(images, 0), coalesce(multiply_adds, 0)
		FROM run_phases WHERE run = ? AND attempt = ? AND idx = ?`, key, attempt, p.Index).Scan(
		&before.Name, &before.Count, &before.First, &before.Steps, &before.Epochs, &before.Images, &before.MultiplyAdds)
	if err == nil && before != p {
		err = fmt.Errorf("%w: %+v, got %+v", errOtherPhase, before, p)
	}
	return err
}

// timedPhases are the phases of the listed runs (?2, a JSON list of keys) in every attempt, with how long the attempt
// was in it at the time ?1. An attempt that does not answer has lasted until it was last heard of.
const timedPhases = `SELECT p.run, p.idx, p.name, p.count, p.first, p.steps, coalesce(p.epochs, 0),
	coalesce(p.images, 0), coalesce(p.multiply_adds, 0), p.first <= a.kept,
	coalesce(lead(p.started) OVER (PARTITION BY p.run, p.attempt ORDER BY p.idx), a.ended,
		CASE WHEN r.lease > ?1 THEN ?1 ELSE r.updated END) - p.started
	FROM json_each(?2) k CROSS JOIN run_phases p ON p.run = k.value
	JOIN attempts a ON a.run = p.run AND a.number = p.attempt JOIN runs r ON r.id = p.run
	ORDER BY p.run, p.idx, p.attempt`

// addPhases fills Phases and Whole of the listed runs. A phase that only superseded attempts came to has not begun;
// once it has, their time in it counts, as it does for the run.
func addPhases(ctx context.Context, q *sql.Tx, now int64, keys string, runs map[int64]*experiments.RunInfo) error {
	type phase struct {
		experiments.PhaseInfo
		begun bool
		spent int64
	}
	all := map[int64][]phase{}
	rows, err := q.QueryContext(ctx, timedPhases, now, keys)
	err = each(rows, err, func(rows *sql.Rows) error {
		var key, spent int64
		var p experiments.Phase
		var counts bool
		if err := rows.Scan(&key, &p.Index, &p.Name, &p.Count, &p.First, &p.Steps, &p.Epochs, &p.Images, &p.MultiplyAdds, &counts,
			&spent); err != nil {
			return err
		}
		if n := len(all[key]); n == 0 || all[key][n-1].Index != p.Index {
			all[key] = append(all[key], phase{})
		}
		last := &all[key][len(all[key])-1]
		if counts || !last.begun {
			last.Phase = p
		}
		last.begun, last.spent = last.begun || counts, last.spent+max(spent, 0)
		return nil
	})
	for key, phases := range all {
		for _, p := range phases {
			p.Seconds = float64(p.spent) / 1e6
			switch {
			case p.begun && p.Name == "":
				runs[key].Whole = &p.PhaseInfo
			case p.begun:
				runs[key].Phases = append(runs[key].Phases, p.PhaseInfo)
			}
		}
	}
	return err
}
