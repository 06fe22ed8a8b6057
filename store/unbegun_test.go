package store

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// journal is a rollback journal of a database that had so many pages of 16 KiB, with page 1 as it was.
func journal(magic []byte, pages uint32, page []byte) []byte {
	const nonce = 7 // which is the checksum, too, of a page of zeros
	head := make([]byte, 512)
	copy(head, magic)
	for i, v := range []uint32{uint32(min(1, len(page))), nonce, pages, 512, 16384} {
		binary.BigEndian.PutUint32(head[8+4*i:], v)
	}
	if len(page) == 0 {
		return head
	}
	record := append([]byte{0, 0, 0, 1}, page...)
	return append(head, binary.BigEndian.AppendUint32(record, nonce)...)
}

// A process that is killed while it makes the database leaves an empty file or one page, and the journal of what it was
// doing: nothing is lost, so nobody needs to do anything about it.
func TestKilledWhileMakingTheFile(t *testing.T) {
	made := filepath.Join(t.TempDir(), "runs.db")
	conn := must[*sql.DB](t)(sql.Open("sqlite3", made))
	for _, p := range writerPragmas[:2] {
		_, err := conn.Exec("PRAGMA " + p.name + "=" + p.set)
		check(t, err)
	}
	check(t, conn.Close())
	page := must[[]byte](t)(os.ReadFile(made))
	if len(page) != 16384 {
		t.Fatalf("%d bytes, want a page", len(page))
	}
	for name, left := range map[string]struct{ file, journal []byte }{
		"before the first page":             {nil, journal(nil, 0, nil)},
		"after the first page":              {page, journal(journalMagic, 0, nil)},
		"while the log is turned on":        {page, journal(journalMagic, 1, page)},
		"while the log is turned on, early": {page, journal(nil, 1, page)},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "runs.db")
			check(t, os.WriteFile(path, left.file, 0o600))
			check(t, os.WriteFile(path+"-journal", left.journal, 0o600))
			if left.file == nil {
				if _, err := OpenReadOnly(path); !errors.Is(err, ErrEmpty) {
					t.Errorf("reading: %v, want ErrEmpty", err)
				}
			} else {
				check(t, must[*DB](t)(OpenReadOnly(path)).Close())
			}
			check(t, must[*DB](t)(Open(path)).Close())
			check(t, must[*DB](t)(OpenReadOnly(path)).Close())
			if sizeOf(path+"-journal") > 0 {
				t.Error("the journal is still there")
			}
		})
	}
}

// A journal that would cut a file or bring pages to it belongs to another one.
func TestJournalOfAnotherFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	check(t, os.WriteFile(path+"-journal", journal(journalMagic, 2, nil), 0o600))
	refused(t, path, "-journal with 512 bytes", "put it back")
	check(t, os.Remove(path+"-journal"))
	check(t, must[*DB](t)(Open(path)).Close())
	whole := contentOf(t, path)
	check(t, os.WriteFile(path+"-journal", journal(journalMagic, 1, make([]byte, 16384)), 0o600))
	if db, err := Open(path); err == nil {
		db.Close()
		t.Error("opened")
	}
	if contentOf(t, path) != whole {
		t.Error("the database was changed")
	}
}
