package store

import (
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
	at   markPage

	mark      mark       // the newest one written
	marked    generation // the log that has it
	log, shm  fileID     // zero until they are known
	size, mod int64      // of the file after the last commit
	lost      *lostError // why nothing can be written any more
}

// lostError says what has become of the files, and what to do.
type lostError struct {
	said string
	why  error // ErrMissing or ErrReplaced
	keep bool  // what is at the path is not ours to write to
}

func (e *lostError) Error() string { return e.said }
func (e *lostError) Unwrap() error { return e.why }

func lost(why error, format string, args ...any) *lostError {
	return &lostError{said: fmt.Sprintf(format, args...), why: why}
}

func newGuard(ctx context.Context, db *DB, marked generation) (*guard, error) {
	g := &guard{path: db.path, file: db.lock.file, marked: marked}
	var err error
	if g.at, err = pageOfMark(ctx, db.writer.conn); err != nil {
		return nil, err
	}
	if g.mark, err = readMark(ctx, db.writer.conn); err != nil {
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
	if g.overwritten() { // meanwhile: from here on its new size and time count as ours
		g.lost = g.overwriting()
		return g.lost
	}
	return nil
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
	if g == nil {
		return nil
	}
	if g.lost == nil {
		g.lost = g.look(conn)
	}
	if g.lost == nil {
		return nil
	}
	return g.lost
}

func (g *guard) look(conn *sql.DB) *lostError {
	switch {
	case idAt(g.path) != g.file.id:
		return g.moved(conn)
	case g.overwritten():
		return g.overwriting()
	case g.log != (fileID{}) && idAt(g.path+"-wal") != g.log, g.shm != (fileID{}) && idAt(g.path+"-shm") != g.shm:
		return g.logGone(conn)
	}
	return nil
}

func (g *guard) overwriting() *lostError {
	e := lost(experiments.ErrReplaced, "%s was overwritten by another program while it was in use; what was recorded since it was opened "+
		"is lost. Put a backup there, move %s-wal elsewhere, and run again", g.path, g.path)
	e.keep = true
	return e
}

// overwritten tells whether the content of the file is another one. Only SQLite in this process writes to it; if its
// size or time has changed otherwise, the mark in it decides.
func (g *guard) overwritten() bool {
	size, mod := g.size, g.mod
	if err := g.note(); err != nil || size == g.size && mod == g.mod {
		return err != nil
	}
	page, err := g.at.read(g.file)
	return err != nil || g.size < size || !g.mark.continues(page, g.at)
}

// moved copies the log into a file that has another name now. One that has none is saved under a new name.
func (g *guard) moved(conn *sql.DB) *lostError {
	what, why := "was deleted", experiments.ErrMissing
	info, err := g.file.Stat()
	named := err == nil && linksOf(info) > 0
	switch {
	case idAt(g.path) != (fileID{}):
		what, why = "was replaced by another file", experiments.ErrReplaced
	case named:
		what = "was renamed"
	}
	if !named {
		saved, err := g.rescue(conn)
		if err != nil {
			return lost(why, "%s %s while it was in use, and what was recorded could not be saved beside it: %v", g.path, what, err)
		}
		return lost(why, "%s %s while it was in use; all that was recorded is saved in %s, give it the old name to go on", g.path, what, saved)
	}
	where, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", g.file.Fd()))
	if err != nil {
		where = "the file with its new name"
	}
	if err := emptyLog(conn); err != nil {
		return lost(why, "%s %s while it was in use; the newest records could not be written to %s: %v",
			g.path, what, where, explain(where, err))
	}
	return lost(why, "%s %s while it was in use; all that was recorded is in %s, run again with that name or put it back",
		g.path, what, where)
}

// logGone copies the log, which nobody else can find any more, into the file.
func (g *guard) logGone(conn *sql.DB) *lostError {
	if err := emptyLog(conn); err != nil {
		return lost(experiments.ErrMissing, "%s-wal or %s-shm was deleted while the database was in use; "+
			"the newest records could not be saved: %v", g.path, g.path, explain(g.path, err))
	}
	return lost(experiments.ErrMissing, "%s-wal or %s-shm was deleted while the database was in use; all that was recorded is in %s, "+
		"run again to go on", g.path, g.path, g.path)
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
	if busy {
		return fmt.Errorf("%w: %d of %d pages", errCopied, copied, pages)
	}
	return nil
}

var errCopied = errors.New("the log could not be copied wholly, another program reads what is in it")
