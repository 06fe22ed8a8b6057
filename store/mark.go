package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// SQLite applies a write-ahead log to whatever database file lies beside it: it does not notice that the file is another
// one, such as a backup that was copied back while the log of the lost file still lay there. So each log carries a mark,
// which is written once a log has been begun and before anybody is told that what is in it is safe. It names the mark of
// the database file that the log continues.

// mark is a random name of a log, and that of the log before, whose content is in the database file. A log without a
// mark, as other programs write them, continues any file.
type mark struct{ log, base string }

// markRow is where the mark lies: in the table that SQLite keeps for AUTOINCREMENT, which every file of ours has and to
// which rows of no table may be added. It is written with nearly every commit anyway.
const markRow = "workbench log"

// readMark gives the mark that a connection sees, empty if there is none.
func readMark(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (m mark, err error) {
	var there bool
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'").Scan(&there)
	if err != nil || !there {
		return m, err
	}
	var text string
	err = q.QueryRowContext(ctx, "SELECT CAST(seq AS TEXT) FROM sqlite_sequence WHERE name = ?", markRow).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return m, nil
	}
	m.log, m.base, _ = strings.Cut(text, " ")
	return m, err
}

// continues tells whether a log with this mark was begun on a file that has the other, or has since been copied into it.
func (m mark) continues(file mark) bool { return m.log == file.log || m.base == file.log }

// next is the mark of a log that continues a file with this one.
func (m mark) next() mark { return mark{rand.Text(), m.log} }

// write replaces the mark. It writes the first page, too, from which SQLite finds its way to the row: in a mixture of a
// file and a log that do not belong together, it is the log's mark that is found.
func (m mark) write(ctx context.Context, tx *sql.Tx) error {
	var steps int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&steps); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version=%d", steps)); err != nil {
		return err
	}
	text := m.log + " " + m.base
	done, err := tx.ExecContext(ctx, "UPDATE sqlite_sequence SET seq = ? WHERE name = ?", text, markRow)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); n > 0 || err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", markRow, text)
	return err
}

// checkLog refuses a log that was not begun on the file beside which it lies. alone is the mark of the file without it.
func checkLog(ctx context.Context, path string, alone mark, merged *sql.DB) error {
	log := path + "-wal"
	size := sizeOf(log)
	if size == 0 {
		return nil
	}
	both, err := readMark(ctx, merged)
	if err == nil && both.continues(alone) {
		return nil
	}
	return fmt.Errorf("%s is not read: %w; the log beside it, %s (%d bytes), is of another file, as after a backup was copied over "+
		"a database that had not been closed; to go on with %s as it is, move %s elsewhere", path, errors.Join(errStrangeLog, err), log, size,
		path, log)
}

var errStrangeLog = errors.New("the log and the database do not belong together")

// markOfFile is the mark in the database file alone, without its log. Nothing else in this process may have the file
// open: SQLite closes it without regard for locks.
func markOfFile(ctx context.Context, path string) (m mark, err error) {
	conn := sql.OpenDB(connector{dsn: address(path, immutable)})
	defer func() { err = errors.Join(err, conn.Close()) }()
	return readMark(ctx, conn)
}

// generation tells one use of a write-ahead log from the next: when SQLite begins it anew it takes other salts
// (sqlite.org/fileformat2.html, section 4.1).
type generation struct{ salt1, salt2 uint32 }

// logGeneration reads it, and which file the log is; both are zero if there is none.
func logGeneration(path string) (g generation, id fileID, err error) {
	f, err := os.Open(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return g, id, nil
	}
	if err != nil {
		return g, id, err
	}
	defer f.Close() // SQLite takes no locks on this one
	info, err := f.Stat()
	if err != nil {
		return g, id, err
	}
	var head [32]byte
	if _, err := f.ReadAt(head[:], 0); err != nil && err != io.EOF {
		return g, id, err
	}
	return generation{binary.BigEndian.Uint32(head[16:]), binary.BigEndian.Uint32(head[20:])}, idOf(info), nil
}

// checkOrphans refuses to begin a new database where the log of a lost one lies: SQLite would remove it.
func checkOrphans(path string) error {
	if sizeOf(path) > 0 {
		return nil
	}
	for _, suffix := range []string{"-wal", "-journal"} {
		if n := sizeOf(path + suffix); n > 0 {
			return fmt.Errorf("there is no content in %s, but %s%s with %d bytes is beside it: the database was moved, emptied or deleted "+
				"without its log; put it back, or move %[2]s%[3]s elsewhere to begin a new one", path, path, suffix, n)
		}
	}
	return nil
}
