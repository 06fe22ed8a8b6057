package store

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
)

// copyArtefacts copies those of a run with their content.
func (m *merger) copyArtefacts(t *tx, theirs, ours int64) error {
	ids, err := collect[int64](m.from.q.QueryContext(m.ctx, "SELECT id FROM artefacts WHERE run = ? ORDER BY id", theirs))
	if err != nil {
		return err
	}
	for _, id := range ids {
		added, err := m.copyRow(t, "artefacts", "attempt, step, name, kind, media, bytes, digest, created", id, ours)
		if err != nil {
			return err
		}
		insert := func(rows *sql.Rows) error {
			var seq int64
			var want, data sql.RawBytes
			if err := rows.Scan(&seq, &want, &data); err != nil {
				return err
			}
			chunk, err := t.keep(want, data)
			if err == nil {
				_, err = t.Exec("INSERT INTO artefact_chunks (artefact, seq, chunk) VALUES (?, ?, ?)", added, seq, chunk)
			}
			return err
		}
		rows, err := m.from.q.QueryContext(m.ctx, `SELECT a.seq, c.digest, c.data FROM artefact_chunks a JOIN chunks c ON c.id = a.chunk
			WHERE a.artefact = ? ORDER BY a.seq`, id)
		if err := each(rows, err, insert); err != nil {
			return err
		}
	}
	return nil
}

// copyCheckpoints copies those of a run that are not known to be damaged, oldest first: the newest has the highest key.
func (m *merger) copyCheckpoints(t *tx, theirs, ours int64) error {
	ids, err := collect[int64](m.from.q.QueryContext(m.ctx, "SELECT id FROM checkpoints WHERE run = ? AND damage = '' ORDER BY id", theirs))
	if err != nil {
		return err
	}
	for _, id := range ids {
		added, err := m.copyRow(t, "checkpoints", "attempt, step, final, state, bytes, digest, manifest, created", id, ours)
		if err != nil {
			return err
		}
		if err := m.copyTensors(t, id, added); err != nil {
			return err
		}
	}
	return nil
}

// copyRow copies a row by its key, for a run with another key, and returns the new one.
func (m *merger) copyRow(t *tx, table, columns string, id, run int64) (added int64, err error) {
	rows, err := m.from.q.QueryContext(m.ctx, "SELECT "+columns+" FROM "+table+" WHERE id = ?", id)
	err = each(rows, err, func(rows *sql.Rows) error {
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		values, targets := make([]any, len(names)+1), make([]any, len(names))
		values[0] = run
		marks := "?"
		for i := range targets {
			targets[i], marks = &values[i+1], marks+", ?"
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		done, err := t.Exec("INSERT INTO "+table+" (run, "+columns+") VALUES ("+marks+")", values...)
		if err == nil {
			added, err = done.LastInsertId()
		}
		return err
	})
	return added, err
}

func (m *merger) copyTensors(t *tx, theirs, ours int64) error {
	rows, err := m.from.q.QueryContext(m.ctx,
		"SELECT position, name, shape, digest FROM checkpoint_tensors WHERE checkpoint = ? ORDER BY position", theirs)
	err = each(rows, err, func(rows *sql.Rows) error {
		var position int64
		var name, shape string
		var sum []byte
		if err := rows.Scan(&position, &name, &shape, &sum); err != nil {
			return err
		}
		_, err := t.Exec("INSERT INTO checkpoint_tensors (checkpoint, position, name, shape, digest) VALUES (?, ?, ?, ?, ?)",
			ours, position, name, shape, sum)
		return err
	})
	if err != nil {
		return err
	}
	rows, err = m.from.q.QueryContext(m.ctx, `SELECT t.position, t.seq, c.digest, c.data FROM tensor_chunks t JOIN chunks c ON c.id = t.chunk
		WHERE t.checkpoint = ? ORDER BY t.position, t.seq`, theirs)
	return each(rows, err, func(rows *sql.Rows) error {
		var position, seq int64
		var want, data sql.RawBytes
		if err := rows.Scan(&position, &seq, &want, &data); err != nil {
			return err
		}
		chunk, err := t.keep(want, data)
		if err == nil {
			_, err = t.Exec("INSERT INTO tensor_chunks (checkpoint, position, seq, chunk) VALUES (?, ?, ?, ?)", ours, position, seq, chunk)
		}
		return err
	})
}

// errChanged is a chunk that is not what it was when the file was inspected.
var errChanged = errors.New("the file has changed, or its disk fails: a chunk is not what it was a moment ago")

// keep finds or adds a chunk of another file if it has the digest that the file says.
func (t *tx) keep(want, data []byte) (int64, error) {
	sum := sha256.Sum256(data)
	if !bytes.Equal(sum[:], want) {
		return 0, fmt.Errorf("%w (SHA-256 %x, want %x)", errChanged, sum, want)
	}
	return t.saveChunk(sum, data)
}
