package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"workbench/experiments"
)

const listArtefacts = `SELECT x.id, r.hash, x.name, x.kind, x.media, x.step, x.attempt, x.bytes, x.digest, x.created
	FROM artefacts x JOIN runs r ON r.id = x.run `

// artefactRow is what the database says of an artefact.
type artefactRow struct {
	experiments.ArtefactInfo
	id  int64
	run string
}

// Artefacts of a run in the order of step and name, without those that a later attempt superseded.
func (db *DB) Artefacts(ctx context.Context, run string) ([]experiments.ArtefactInfo, error) {
	infos := []experiments.ArtefactInfo{}
	err := db.view(ctx, func(q *sql.Tx) error {
		key, err := runKey(ctx, q, run)
		if err != nil {
			return err
		}
		rows, err := q.QueryContext(ctx, listArtefacts+"WHERE x.run = ? AND "+countedArtefact+" ORDER BY x.step, x.name", key)
		return each(rows, err, func(rows *sql.Rows) error {
			x, err := scanArtefact(rows)
			infos = append(infos, x.ArtefactInfo)
			return err
		})
	})
	return infos, explain(db.path, err)
}

// Artefact loads one and verifies its digest. One whose content is not what was saved is never given out.
func (db *DB) Artefact(ctx context.Context, run, name string, step int64) (experiments.Artefact, error) {
	var a experiments.Artefact
	err := db.view(ctx, func(q *sql.Tx) error {
		key, err := runKey(ctx, q, run)
		if err != nil {
			return err
		}
		x, err := scanArtefact(q.QueryRowContext(ctx,
			listArtefacts+"WHERE x.run = ? AND x.step = ? AND x.name = ? AND "+countedArtefact, key, step, name))
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("run %s: artefact %q of step %d: %w", run, name, step, experiments.ErrNotFound)
		}
		if err != nil {
			return err
		}
		a.ArtefactInfo = x.ArtefactInfo
		a.Data, err = loadArtefact(ctx, q, x)
		return err
	})
	if err != nil {
		return experiments.Artefact{}, explain(db.path, err)
	}
	return a, nil
}

// loadArtefact reads the data of an artefact. Content that is not what was saved is an error of type damage.
func loadArtefact(ctx context.Context, q *sql.Tx, x artefactRow) ([]byte, error) {
	data := make([]byte, 0, min(x.Bytes, experiments.MaxArtefactBytes))
	rows, err := q.QueryContext(ctx, `SELECT c.data FROM artefact_chunks a LEFT JOIN chunks c ON c.id = a.chunk
		WHERE a.artefact = ? ORDER BY a.seq`, x.id)
	err = each(rows, err, func(rows *sql.Rows) error {
		var chunk sql.RawBytes
		if err := rows.Scan(&chunk); err != nil {
			return err
		}
		if int64(len(data)+len(chunk)) > x.Bytes {
			return damage(fmt.Sprintf("it has more than the %d bytes that were saved", x.Bytes))
		}
		data = append(data, chunk...)
		return nil
	})
	if sum := digest(sha256.Sum256(data)); err == nil && sum.String() != x.Digest {
		err = damage(fmt.Sprintf("its content is not what was saved (%d bytes with SHA-256 %s, want %d with %s)",
			len(data), sum, x.Bytes, x.Digest))
	}
	var d damage
	if err = pageDamage(err); errors.As(err, &d) {
		err = fmt.Errorf("run %s: the artefact %s of step %d (attempt %d) is damaged: %w",
			x.run, x.Name, x.Step, x.Attempt, d)
	}
	return data, err
}

func scanArtefact(row interface{ Scan(...any) error }) (x artefactRow, err error) {
	var sum []byte
	var created int64
	err = row.Scan(&x.id, &x.run, &x.Name, &x.Kind, &x.Media, &x.Step, &x.Attempt, &x.Bytes, &sum, &created)
	x.Digest, x.Time = hex.EncodeToString(sum), fromMicros(created)
	return x, err
}
