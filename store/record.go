package store

import (
	"context"
	"encoding/json"
	"fmt"

	"workbench/experiments"
)

// Record stores one record of an attempt and returns when it is safe on disk. A record of progress alone is answered at
// once and written with the next group or within 200 ms; of several waiting for one run the latest is kept.
func (db *DB) Record(ctx context.Context, a experiments.Attempt, r experiments.Record) error {
	if r.Progress != nil {
		if err := db.report(ctx, a, *r.Progress); err != nil {
			return err
		}
		if r.Environment == nil && r.Points == nil && r.Checkpoint == nil && r.Log == "" {
			return nil
		}
	}
	if err := checkPoints(r.Points); err != nil {
		return fmt.Errorf("run %s, attempt %d: %w", a.Run, a.Number, err)
	}
	var saved *manifest
	if r.Checkpoint != nil {
		m, err := describe(a, r.Checkpoint) // hashing needs no transaction
		if err != nil {
			return fmt.Errorf("run %s, attempt %d, checkpoint of step %d: %w", a.Run, a.Number, r.Checkpoint.Step, err)
		}
		saved = m
	}
	return db.update(ctx, len(r.Points), func(t *tx) error {
		key, err := t.fenced(a)
		if err != nil {
			return err
		}
		if err := t.record(key, a, r, saved); err != nil {
			return fmt.Errorf("run %s, attempt %d: %w", a.Run, a.Number, err)
		}
		_, err = t.Exec("UPDATE runs SET updated = ? WHERE id = ?", t.now, key)
		return err
	})
}

func (t *tx) record(key int64, a experiments.Attempt, r experiments.Record, saved *manifest) error {
	if r.Environment != nil {
		if err := t.writeEnvironment(key, a.Number, r.Environment); err != nil {
			return err
		}
	}
	if len(r.Points) > 0 {
		if err := t.writePoints(key, a.Number, r.Points); err != nil {
			return err
		}
	}
	if saved != nil {
		if err := t.saveCheckpoint(key, saved); err != nil {
			return fmt.Errorf("checkpoint of step %d: %w", saved.Step, err)
		}
	}
	if r.Log != "" {
		return t.writeLog(key, a.Number, r.Log)
	}
	return nil
}

func (t *tx) writeEnvironment(key int64, attempt int, environment map[string]string) error {
	text, err := json.Marshal(environment)
	if err != nil {
		return err
	}
	if _, err := t.Exec("UPDATE attempts SET environment = ? WHERE run = ? AND number = ?", string(text), key, attempt); err != nil {
		return err
	}
	return t.announce(key, "status")
}
