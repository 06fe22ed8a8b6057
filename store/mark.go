package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// SQLite applies a write-ahead log to whatever database file lies beside it: it does not notice that the file is
// another one, such as a backup that was copied back while the log of the lost file still lay there. So each log
// carries a mark, which is written once a log has been begun and before anybody is told that what is in it is safe. It
// names the mark of the database file that the log continues.

// mark is a random name of a log, and that of the log before, whose content is in the database file. A log without a
// mark, as other programs write them, continues any file.
type mark struct{ log, base string }

// markRow is where the mark lies: in the table that SQLite keeps for AUTOINCREMENT, which every file of ours has and to
// which rows of no table may be added. It is written with nearly every commit anyway.
const markRow, markTable = "workbench log", "sqlite_sequence"

type querier interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// readMark gives the mark that a connection sees, empty if there is none.
func readMark(ctx context.Context, q querier) (m mark, err error) {
	var there bool
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = ?", markTable).Scan(&there)
	if err != nil || !there {
		return m, err
	}
	var text string
	err = q.QueryRowContext(ctx, "SELECT CAST(seq AS TEXT) FROM "+markTable+" WHERE name = ?", markRow).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return m, nil
	}
	m.log, m.base, _ = strings.Cut(text, " ")
	return m, err
}

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
	done, err := tx.ExecContext(ctx, "UPDATE "+markTable+" SET seq = ? WHERE name = ?", text, markRow)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); n > 0 || err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO "+markTable+" (name, seq) VALUES (?, ?)", markRow, text)
	return err
}

// markPage reads the page with the mark from the database file alone, without the log. It is shorter than a page if the
// file is. A file into which a log was copied in part cannot be read by SQLite without that log, but each page in it is
// whole.
type markPage struct {
	root int64 // number of the page, from 1
	size int64
}

// pageOfMark finds the page by what a connection sees, zero if there is none.
func pageOfMark(ctx context.Context, q querier) (p markPage, err error) {
	if err := q.QueryRowContext(ctx, "PRAGMA page_size").Scan(&p.size); err != nil {
		return p, err
	}
	err = q.QueryRowContext(ctx, "SELECT coalesce(max(rootpage), 0) FROM sqlite_schema WHERE name = ?", markTable).Scan(&p.root)
	return p, err
}

func (p markPage) read(f io.ReaderAt) ([]byte, error) {
	page := make([]byte, p.size)
	n, err := f.ReadAt(page, (p.root-1)*p.size)
	if err == io.EOF {
		err = nil
	}
	return page[:n], err
}

// continues tells whether a log with this mark was begun on the file that has the page, or has been copied into it.
func (m mark) continues(page []byte, p markPage) bool {
	marked := bytes.Contains(page, []byte(markRow))
	switch {
	case m.log == "": // of another program, or none; it would keep the mark of a file that has one
		return !marked
	case marked:
		return m.in(page)
	}
	short, empty := int64(len(page)) < p.size, bytes.HasPrefix(page, []byte{leafPage, 0, 0, 0, 0})
	// While a reader holds an older state, only the pages of that are copied, and the file has holes between them.
	unwritten := len(bytes.Trim(page, "\x00")) == 0
	return m.base == "" && (short || empty || unwritten || bytes.Contains(page, []byte("changes"))) // the first mark of a file
}

// in tells whether the file with that page has seen the log of this mark, or ends where it begins.
func (m mark) in(page []byte) bool {
	return m.log != "" && bytes.Contains(page, []byte(m.log)) || m.base != "" && bytes.Contains(page, []byte(m.base))
}

// leafPage begins a page with rows of a table (sqlite.org/fileformat2.html, section 1.6).
const leafPage = 0x0d

// checkLog refuses a log that was not begun on the file beside which it lies.
func checkLog(ctx context.Context, path string, f *file, merged *sql.DB) error {
	log := path + "-wal"
	size := sizeOf(log)
	if size == 0 {
		return nil
	}
	var page []byte
	at, err := pageOfMark(ctx, merged)
	if err == nil && at.root > 0 {
		page, err = at.read(f)
	}
	var m mark
	if err == nil {
		m, err = readMark(ctx, merged)
	}
	var e sqlite3.Error
	switch {
	case err == nil && m.continues(page, at):
		return nil
	case err != nil && !(errors.As(err, &e) && slices.Contains(mixtures, e.Code)):
		return explain(path, err) // it was not read; of a mixture SQLite says that a table is missing or malformed
	}
	return fmt.Errorf("%s is not read: %w (%s, %d bytes), as after a backup was copied over a database that had not been closed; "+
		"to go on with the file as it is, move the log elsewhere", path, errStrangeLog, log, size)
}

// mixtures are the codes by which SQLite says that it cannot make sense of a file with its log.
var mixtures = []sqlite3.ErrNo{sqlite3.ErrError, sqlite3.ErrCorrupt, sqlite3.ErrNotADB}

var errStrangeLog = errors.New("the log beside it is of another file")

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
		if n := sizeOf(path + suffix); n > 0 && !(suffix == "-journal" && unbegun(path)) {
			return fmt.Errorf("there is no content in %s, but %s%s with %d bytes is beside it: the database was moved, emptied or deleted "+
				"without its log; put it back, or move %[2]s%[3]s elsewhere to begin a new one", path, path, suffix, n)
		}
	}
	return nil
}
