package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"workbench/experiments"
)

// Record stores one record of an attempt and returns when it is safe on disk. A record of progress alone is answered at
// once and written with the next group or within 200 ms; of several waiting for one run the latest is kept.
func (db *DB) Record(ctx context.Context, a experiments.Attempt, r experiments.Record) error {
	if r.Progress != nil {
		if err := db.report(ctx, a, *r.Progress); err != nil {
			return err
		}
		r.Progress = nil
		if reflect.ValueOf(r).IsZero() { // there is nothing else
			return nil
		}
	}
	p, err := prepare(a, r)
	if err != nil {
		return fmt.Errorf("run %s, attempt %d: %w", a.Run, a.Number, err)
	}
	err = db.update(ctx, len(r.Points), func(t *tx) error {
		key, err := t.fenced(a)
		if err != nil {
			return err
		}
		if err := t.record(key, a, p); err != nil {
			return fmt.Errorf("run %s, attempt %d: %w", a.Run, a.Number, err)
		}
		_, err = t.Exec("UPDATE runs SET updated = ? WHERE id = ?", t.now, key)
		return err
	})
	return lacking(p.bytes(), err)
}

// prepared is a record that has been checked and hashed, which needs no transaction.
type prepared struct {
	experiments.Record
	checkpoint *manifest
	artefact   *parcel
}

func prepare(a experiments.Attempt, r experiments.Record) (p prepared, err error) {
	p.Record = r
	if err := checkPoints(r.Points); err != nil {
		return p, err
	}
	if r.Checkpoint != nil {
		if p.checkpoint, err = describe(a, r.Checkpoint); err != nil {
			return p, fmt.Errorf("checkpoint of step %d: %w", r.Checkpoint.Step, err)
		}
	}
	if r.Phase != nil {
		if err := checkPhase(*r.Phase); err != nil {
			return p, fmt.Errorf("phase %q: %w", r.Phase.Name, err)
		}
	}
	if r.Artefact != nil {
		if p.artefact, err = pack(r.Artefact); err != nil {
			return p, fmt.Errorf("artefact %q of step %d: %w", r.Artefact.Name, r.Artefact.Step, err)
		}
	}
	return p, nil
}

// pointBytes is about what a point takes in the file.
const pointBytes = 64

// bytes is about what the record takes in the file.
func (p prepared) bytes() int64 {
	n := int64(len(p.Points)*pointBytes + len(p.Log))
	if p.checkpoint != nil {
		n += p.checkpoint.bytes
	}
	if p.artefact != nil {
		n += int64(len(p.artefact.Data))
	}
	return n
}

func (t *tx) record(key int64, a experiments.Attempt, p prepared) error {
	if p.Environment != nil {
		if err := t.writeEnvironment(key, a.Number, p.Environment); err != nil {
			return err
		}
	}
	if len(p.Points) > 0 {
		if err := t.writePoints(key, a.Number, p.Points); err != nil {
			return err
		}
	}
	if p.checkpoint != nil {
		if err := t.saveCheckpoint(key, p.checkpoint); err != nil {
			return fmt.Errorf("checkpoint of step %d: %w", p.checkpoint.Step, err)
		}
	}
	if p.Phase != nil {
		if err := t.writePhase(key, a.Number, *p.Phase); err != nil {
			return fmt.Errorf("phase %q: %w", p.Phase.Name, err)
		}
	}
	if p.artefact != nil {
		if err := t.saveArtefact(key, a.Number, p.artefact); err != nil {
			return fmt.Errorf("artefact %q of step %d: %w", p.artefact.Name, p.artefact.Step, err)
		}
	}
	if p.Log != "" {
		return t.writeLog(key, a.Number, p.Log)
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
