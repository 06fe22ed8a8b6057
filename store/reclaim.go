package store

import "database/sql"

// A file gives room back to the disk when at least this share of its pages, and this many, are unused. Below that the
// room of dropped checkpoints is kept for the next ones.
const (
	reclaimShare = 4    // a quarter
	reclaimPages = 1024 // 16 MiB
)

// reclaim shortens the file if much of it is unused. The rows of the pragma must be read to the end: each frees one
// page.
func reclaim(conn *sql.DB) error {
	var unused, pages int
	if err := conn.QueryRow("PRAGMA freelist_count").Scan(&unused); err != nil {
		return err
	}
	if err := conn.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	if unused < reclaimPages || unused < pages/reclaimShare {
		return nil
	}
	rows, err := conn.Query("PRAGMA incremental_vacuum")
	return each(rows, err, func(*sql.Rows) error { return nil })
}
