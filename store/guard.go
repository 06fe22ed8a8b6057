package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"workbench/experiments"
)

// guard looks, before and after every commit, whether the database file and its log are still those that were opened.
// SQLite would go on writing to files that nobody can find any more.
type guard struct {
	path string
	file *file
	root int64  // page of the table with the mark, from 1
	page []byte // as large as a page

	mark      mark       // the newest one written
	marked    generation // the log that has it
	log, shm  fileID     // zero until they are known
	size, mod int64      // of the file after the last commit
	lost      error      // why nothing can be written any more
}

var (
	errOverwritten = fmt.Errorf("overwritten: %w", experiments.ErrReplaced)
	errLogLost     = fmt.Errorf("without its log: %w", experiments.ErrMissing)
)

func newGuard(ctx context.Context, db *DB, marked generation) (*guard, error) {
	g := &guard{path: db.path, file: db.lock.file, marked: marked}
	conn := db.writer.conn
	var size int
	if err := conn.QueryRowContext(ctx, "PRAGMA page_size").Scan(&size); err != nil {
		return nil, err
	}
	g.page = make([]byte, size)
	if err := conn.QueryRowContext(ctx, "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_sequence'").Scan(&g.root); err != nil {
		return nil, err
	}
	var err error
	if g.mark, err = readMark(ctx, conn); err != nil {
		return nil, err
	}
	return g, g.note()
}

// note keeps what the files are like after a commit.
func (g *guard) note() error {
	info, err := g.file.Stat()
	if err != nil {
		return err
	}
	g.size, g.mod = info.Size(), info.ModTime().UnixNano()
	return nil
}

// committed gives a log that has just been begun its mark. What was written before is safe in any case; only a log that
// lies beside another file would not be recognised as a stranger. So if the mark cannot be written, the next commit
// tries again.
func (g *guard) committed(conn *sql.DB) error {
	now, log, err := logGeneration(g.path)
	if err != nil {
		return explain(g.path, err)
	}
	if g.log == (fileID{}) {
		g.log, g.shm = log, idAt(g.path+"-shm")
	}
	if now != g.marked && log == g.log && g.writeMark(conn) == nil {
		if g.marked, _, err = logGeneration(g.path); err != nil {
			return explain(g.path, err)
		}
	}
	return g.note()
}

func (g *guard) writeMark(conn *sql.DB) error {
	ctx := context.Background()
	t, err := conn.Begin()
	if err != nil {
		return err
	}
	next := g.mark.next()
	if err := next.write(ctx, t); err != nil {
		return errors.Join(err, t.Rollback())
	}
	if err := t.Commit(); err != nil {
		return err
	}
	g.mark = next
	return nil
}

// check fails if the files are not in their place. It then saves what can be saved, once.
func (g *guard) check(conn *sql.DB) error {
	if g == nil || g.lost != nil {
		return g.reason()
	}
	switch {
	case idAt(g.path) != g.file.id:
		g.lost = g.moved(conn)
	case g.overwritten():
		g.lost = fmt.Errorf("%s was overwritten by another program while it was in use; what was recorded since it was opened is lost. "+
			"Put a backup there, move %s-wal elsewhere, and run again: %w", g.path, g.path, errOverwritten)
	case g.log != (fileID{}) && idAt(g.path+"-wal") != g.log, g.shm != (fileID{}) && idAt(g.path+"-shm") != g.shm:
		g.lost = g.logGone(conn)
	}
	return g.reason()
}

func (g *guard) reason() error {
	if g == nil {
		return nil
	}
	return g.lost
}

// overwritten tells whether the content of the file is another one. Only SQLite in this process writes to it; if its
// size or time has changed otherwise, the mark in it decides.
func (g *guard) overwritten() bool {
	size, mod := g.size, g.mod
	if err := g.note(); err != nil || size == g.size && mod == g.mod {
		return err != nil
	}
	if _, err := g.file.ReadAt(g.page, (g.root-1)*int64(len(g.page))); err != nil {
		return true
	}
	if !bytes.Contains(g.page, []byte(markRow)) {
		return g.mark.base != "" && g.mark.log != "" // the first log of a new file is not yet copied into it
	}
	return !bytes.Contains(g.page, []byte(g.mark.log)) && !bytes.Contains(g.page, []byte(g.mark.base))
}

// moved copies the log into a file that has another name now. One that has none is saved under a new name.
func (g *guard) moved(conn *sql.DB) error {
	what, why := "was deleted", experiments.ErrMissing
	info, err := g.file.Stat()
	if err == nil && linksOf(info) > 0 {
		what = "was renamed"
	}
	if idAt(g.path) != (fileID{}) {
		what, why = "was replaced by another file", experiments.ErrReplaced
	}
	said := fmt.Sprintf("%s %s while it was in use", g.path, what)
	if err == nil && linksOf(info) > 0 {
		where, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", g.file.Fd()))
		if err != nil {
			where = "the file with its new name"
		}
		if err := emptyLog(conn); err != nil {
			return fmt.Errorf("%s; some of what was recorded could not be written to %s: %w: %w", said, where, why, explain(where, err))
		}
		return fmt.Errorf("%s; all that was recorded is in %s, run again with that name or put it back: %w", said, where, why)
	}
	saved, err := g.rescue(conn)
	if err != nil {
		return fmt.Errorf("%s, and what was recorded could not be saved beside it: %w: %w", said, why, err)
	}
	return fmt.Errorf("%s; all that was recorded is saved in %s, give it the old name to go on: %w", said, saved, why)
}

// logGone copies the log, which nobody else can find any more, into the file.
func (g *guard) logGone(conn *sql.DB) error {
	said := fmt.Sprintf("%s-wal or %s-shm was deleted or replaced while the database was in use", g.path, g.path)
	if err := emptyLog(conn); err != nil {
		return fmt.Errorf("%s; the newest records could not be saved: %w: %w", said, errLogLost, explain(g.path, err))
	}
	return fmt.Errorf("%s; all that was recorded is in %s, run again to go on: %w", said, g.path, errLogLost)
}

// rescue writes everything to a new file.
func (g *guard) rescue(conn *sql.DB) (path string, err error) {
	path = g.path + ".rescued"
	for n := 2; idAt(path) != (fileID{}) && n < 100; n++ {
		path = fmt.Sprintf("%s.rescued-%d", g.path, n)
	}
	if err := copyInto(context.Background(), conn, path); err != nil {
		return "", err
	}
	return path, emptyLog(conn) // so that it is no stranger's log for a file that takes the old name
}

// emptyLog copies the log into the database file and shortens it to nothing.
func emptyLog(conn *sql.DB) error {
	var busy bool
	var pages, copied int
	if err := conn.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied); err != nil {
		return err
	}
	if busy && copied < pages {
		return fmt.Errorf("%d of %d pages are copied; another program reads the old ones", copied, pages)
	}
	return nil
}
