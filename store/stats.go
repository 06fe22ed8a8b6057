package store

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// CommitBounds are the upper bounds of Stats.Commits in seconds.
var CommitBounds = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5}

// Stats counts what this process has written since it opened the file. All are zero in a read-only database.
type Stats struct {
	Commits []uint64 // by duration: one a bound of CommitBounds, then the slower ones; not cumulative
	Seconds float64  // spent in them
	Failed  uint64   // commits among them that failed
	Points  uint64   // committed
	Pending int64    // points handed in and not yet committed
}

// counters is the writer's part of Stats.
type counters struct {
	mu sync.Mutex
	s  Stats
}

func (c *counters) commit(group []*request, took time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.s.Commits == nil {
		c.s.Commits = make([]uint64, len(CommitBounds)+1)
	}
	bucket, _ := slices.BinarySearch(CommitBounds, took.Seconds())
	c.s.Commits[bucket]++
	c.s.Seconds += took.Seconds()
	if err != nil {
		c.s.Failed++
		return
	}
	for _, r := range group {
		if r.err == nil {
			c.s.Points += uint64(r.points)
		}
	}
}

// Stats returns the counts of now.
func (db *DB) Stats() Stats {
	if db.writer == nil {
		return Stats{Commits: make([]uint64, len(CommitBounds)+1)}
	}
	c := &db.writer.counters
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.s
	s.Commits = make([]uint64, len(CommitBounds)+1)
	copy(s.Commits, c.s.Commits)
	s.Pending = db.writer.pending.Load()
	return s
}

// Sizes returns the bytes of the database file, of its write-ahead log, and of the space left to this user on their
// disk.
func (db *DB) Sizes(context.Context) (database, wal, free int64, err error) {
	info, err := os.Stat(db.path)
	if err != nil {
		return 0, 0, 0, err
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(db.path), &disk); err != nil {
		return 0, 0, 0, &os.PathError{Op: "statfs", Path: filepath.Dir(db.path), Err: err}
	}
	return info.Size(), sizeOf(db.path + "-wal"), int64(disk.Bavail) * int64(disk.Bsize), nil
}

// sizeOf is the size of a file, 0 if there is none.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
