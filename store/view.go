package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
)

// view runs queries on one snapshot of the database. Keep it short: a snapshot in use stops the write-ahead log from
// being emptied.
func (db *DB) view(ctx context.Context, do func(*sql.Tx) error) error {
	q, err := db.read.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(q); err != nil {
		if undo := q.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			return errors.Join(err, undo)
		}
		return err
	}
	return q.Commit()
}

// jsonList makes one argument of many, for json_each: SQL takes no lists.
func jsonList[T any](values []T) (string, error) {
	if values == nil {
		return "[]", nil
	}
	text, err := json.Marshal(values)
	return string(text), err
}
