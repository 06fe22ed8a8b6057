package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Verify reads the whole file and reports every problem it finds, one a sentence: damaged pages, broken references,
// chunks, checkpoints and artefacts whose content is not what was saved, summaries that differ from their points. An
// error means that it could not look.
func (db *DB) Verify(ctx context.Context) (problems []string, err error) {
	for _, check := range []func(context.Context, *sql.Tx) ([]string, error){
		checkPages, checkReferences, checkChunks, checkCheckpoints, checkArtefacts, checkSummaries,
	} {
		err := db.view(ctx, func(q *sql.Tx) error { // a snapshot each, so that a long look does not hold the log
			found, err := check(ctx, q)
			problems = append(problems, found...)
			return err
		})
		if err != nil {
			return problems, explain(db.path, err)
		}
	}
	return problems, nil
}

func checkPages(ctx context.Context, q *sql.Tx) ([]string, error) {
	lines, err := collect[string](q.QueryContext(ctx, "PRAGMA integrity_check"))
	var problems []string
	for _, line := range lines {
		if line != "ok" {
			problems = append(problems, "structure: "+strings.TrimSpace(line))
		}
	}
	return problems, err
}

func checkReferences(ctx context.Context, q *sql.Tx) ([]string, error) {
	var problems []string
	rows, err := q.QueryContext(ctx, `SELECT "table" || coalesce(' (rowid ' || rowid || ')', ''), parent FROM pragma_foreign_key_check`)
	err = each(rows, err, func(rows *sql.Rows) error {
		var row, parent string // of a table without rowids the table alone
		err := rows.Scan(&row, &parent)
		problems = append(problems, fmt.Sprintf("reference: a row of %s refers to a missing row of %s", row, parent))
		return err
	})
	return problems, err
}

func checkChunks(ctx context.Context, q *sql.Tx) ([]string, error) {
	var problems []string
	rows, err := q.QueryContext(ctx, `SELECT c.id, c.digest, c.data,
		EXISTS (SELECT 1 FROM tensor_chunks t WHERE t.chunk = c.id)
		OR EXISTS (SELECT 1 FROM artefact_chunks a WHERE a.chunk = c.id)
		FROM chunks c`)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id int64
		var want, data sql.RawBytes
		var used bool
		if err := rows.Scan(&id, &want, &data, &used); err != nil {
			return err
		}
		if sum := sha256.Sum256(data); !bytes.Equal(sum[:], want) {
			problems = append(problems, fmt.Sprintf("chunk %d: its content is not what was saved (SHA-256 %x, want %x)", id, sum, []byte(want)))
		}
		if !used {
			problems = append(problems, fmt.Sprintf("chunk %d: no checkpoint and no artefact uses it", id))
		}
		return nil
	})
	return problems, err
}

func checkCheckpoints(ctx context.Context, q *sql.Tx) ([]string, error) {
	var problems []string
	var all []finding
	var names []string
	rows, err := q.QueryContext(ctx, "SELECT c.id, c.step, c.attempt, r.hash FROM checkpoints c JOIN runs r ON r.id = c.run ORDER BY c.id")
	err = each(rows, err, func(rows *sql.Rows) error {
		var f finding
		var run string
		err := rows.Scan(&f.id, &f.step, &f.attempt, &run)
		all, names = append(all, f), append(names, run)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, f := range all {
		if _, err := loadCheckpoint(ctx, q, f.id); errors.As(err, &f.damage) {
			problems = append(problems, fmt.Sprintf("run %s: %s", names[i], f))
		} else if err != nil {
			return problems, err
		}
	}
	return problems, nil
}

// checkArtefacts reads the superseded ones too: they are there until the next one is saved.
func checkArtefacts(ctx context.Context, q *sql.Tx) ([]string, error) {
	var problems []string
	var all []artefactRow
	rows, err := q.QueryContext(ctx, listArtefacts+"ORDER BY x.id")
	err = each(rows, err, func(rows *sql.Rows) error {
		x, err := scanArtefact(rows)
		all = append(all, x)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		var d damage
		if _, err := loadArtefact(ctx, q, x); errors.As(err, &d) {
			problems = append(problems, err.Error())
		} else if err != nil {
			return problems, err
		}
	}
	return problems, nil
}
