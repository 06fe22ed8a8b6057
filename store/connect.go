package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"net/url"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// pragma is one setting of a connection. It is read back when the connection opens: SQLite ignores what it does not
// know or cannot change, and a database with other settings than these keeps other promises.
type pragma struct{ name, set, want string }

// Order matters: the page size is fixed once auto_vacuum has written the first page, and that by the first table. In
// the data source name they would come in the wrong order.
var writerPragmas = []pragma{
	{"page_size", "16384", "16384"},
	{"auto_vacuum", "INCREMENTAL", "2"},
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "ON", "1"},
	{"journal_size_limit", "67108864", "67108864"},
	{"temp_store", "MEMORY", "2"},
	{"trusted_schema", "OFF", "0"},
	{"cell_size_check", "ON", "1"},
	{"cache_size", "-32000", "-32000"},
	{"mmap_size", "0", "0"},
}

var readerPragmas = []pragma{
	{"query_only", "ON", "1"},
	{"temp_store", "MEMORY", "2"},
	{"trusted_schema", "OFF", "0"},
	{"cell_size_check", "ON", "1"},
	{"cache_size", "-32000", "-32000"},
	{"mmap_size", "0", "0"},
}

// connector opens connections to one file with one list of settings.
type connector struct {
	dsn     string
	pragmas []pragma
}

// writerTo connects for writing. Transactions begin as writers: one that reads first and writes later would fail at
// once when another commits in between, whatever the timeout.
func writerTo(path string) connector {
	return connector{address(path, "mode=rwc&_txlock=immediate&_busy_timeout=10000&_sync=FULL&_fk=1&_stmt_cache_size=64"), writerPragmas}
}

func readerTo(path string) connector { return connector{address(path, shared), readerPragmas} }

// How readers open a file: sharing it with its writer by locks and the memory of -shm; as a file that nobody changes,
// without its log; the same with the log.
const (
	readOnly  = "mode=ro&_busy_timeout=5000&_stmt_cache_size=64"
	shared    = readOnly
	immutable = readOnly + "&immutable=1"
	unshared  = readOnly + "&vfs=unix-none&_locking_mode=EXCLUSIVE" // which keeps the index of the log in memory
)

// address is the URI of a file whose path may hold any character.
func address(path, query string) string {
	u := url.URL{Scheme: "file", Path: path, RawQuery: query}
	return u.String()
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.Driver().Open(c.dsn) }

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{ConnectHook: c.apply} }

func (c connector) apply(conn *sqlite3.SQLiteConn) error {
	for _, p := range c.pragmas {
		if _, err := conn.Exec("PRAGMA "+p.name+"="+p.set, nil); err != nil {
			return fmt.Errorf("set %s: %w", p.name, err)
		}
		got, err := single(conn, "PRAGMA "+p.name)
		if err != nil {
			return fmt.Errorf("read %s: %w", p.name, err)
		}
		if got != p.want && p.name == "journal_mode" {
			return fmt.Errorf("the file cannot have a write-ahead log (journal_mode is %s, want %s): its file system has no shared memory, "+
				"or another program has the file open; choose a local disk with --db", got, p.want)
		}
		if got != p.want {
			return fmt.Errorf("the setting %s is %s, want %s: the file was made or changed by another program", p.name, got, p.want)
		}
	}
	return nil
}

// single is the one value a query gives, as text.
func single(conn *sqlite3.SQLiteConn, query string) (string, error) {
	rows, err := conn.Query(query, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err == io.EOF {
		return "nothing", nil
	} else if err != nil {
		return "", err
	}
	return fmt.Sprint(value[0]), nil
}
