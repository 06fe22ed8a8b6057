package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// The log of a run keeps its newest lines, and of a long line the beginning: it explains a run, it does not archive its
// output.
const (
	logLines = 2000
	lineSize = 8 << 10 // bytes
)

func (t *tx) writeLog(key int64, attempt int, line string) error {
	var seq int64
	err := t.QueryRow("SELECT coalesce(max(seq), 0) + 1 FROM run_log WHERE run = ?", key).Scan(&seq)
	if err != nil {
		return err
	}
	_, err = t.Exec("INSERT INTO run_log (run, seq, attempt, time, line) VALUES (?, ?, ?, ?, ?)", key, seq, attempt, t.now, clean(line))
	if err != nil {
		return err
	}
	if _, err = t.Exec("DELETE FROM run_log WHERE run = ? AND seq <= ?", key, seq-logLines); err != nil {
		return err
	}
	return t.announce(key, "status")
}

// clean makes a line valid UTF-8 of at most lineSize bytes.
func clean(line string) string {
	line = strings.ToValidUTF8(strings.TrimRight(line, "\r\n"), "\uFFFD")
	if len(line) <= lineSize {
		return line
	}
	end := lineSize - len("…")
	for !utf8.RuneStart(line[end]) {
		end--
	}
	return line[:end] + "…"
}

// Log gives the newest lines of a run's log in the order they were written, at most max (0: all that are kept, which
// are the newest 2,000).
func (db *DB) Log(ctx context.Context, run string, max int) ([]string, error) {
	if max <= 0 {
		max = logLines
	}
	var key int64
	err := db.read.QueryRowContext(ctx, "SELECT id FROM runs WHERE hash = ?", run).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, unknownRun(run)
	}
	if err != nil {
		return nil, explain(db.path, err)
	}
	lines, err := collect[string](db.read.QueryContext(ctx, "SELECT line FROM run_log WHERE run = ? ORDER BY seq DESC LIMIT ?", key, max))
	slices.Reverse(lines)
	return lines, explain(db.path, err)
}
