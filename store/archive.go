package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// aboutArchive is what an archive says of itself, in its table about.
const aboutArchive = `This file is an archive of studies, made by workbench. It is a SQLite 3 database of the same form as those in which
workbench records (application_id 0x776b626e, user_version is the version of the schema), with some studies of one.

To look at it:        workbench --db FILE studies, ablate, show, serve …
To bring it into another database: workbench --db THAT.db merge FILE

Tables: studies and study_versions (definitions, JSON), study_runs (which runs a version consists of), runs (id as hash,
configuration as JSON, SHA-256 of the data, state), attempts (when, where and in which environment a run was trained),
metric_names, metrics (run, metric, attempt, step → value; kind 0 finite, 1 NaN, 2 +Inf, 3 -Inf, 4 -0; points at later steps
than attempts.kept are superseded), summaries of these, run_phases, run_log, run_progress, run_needs, artefacts, looks,
latencies (how long a forward pass of a run's network takes on a machine).
Checkpoints, if they were asked for: checkpoints, checkpoint_tensors (name, shape, SHA-256), tensor_chunks → chunks (pieces of
at most 1 MiB of little-endian float32, by SHA-256). Times are microseconds since 1970 UTC. The comments in the text of the
tables (SELECT sql FROM sqlite_schema) say more.
`

// Archive writes the named studies or versions to a new file, which is a database with these alone, and says what is in
// it. The file appears under its name when it is complete and safe on disk.
func (o *Other) Archive(ctx context.Context, path, note string, studies []string) (m Merged, err error) {
	if _, err := os.Lstat(path); err == nil {
		return m, fmt.Errorf("%s exists; name a new file for the archive: %w", path, fs.ErrExist)
	}
	partial, err := locate(path + ".partial")
	if err != nil {
		return m, err
	}
	for _, suffix := range append([]string{""}, companions...) { // of an archive that was stopped
		if err := os.Remove(partial + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return m, unusable(partial, err)
		}
	}
	defer func() { err = errors.Join(err, removeIfThere(partial), removeIfThere(partial+".lock")) }()
	if m, err = o.archiveTo(ctx, partial, note, studies); err != nil {
		return m, err
	}
	if err := syncPath(partial); err != nil {
		return m, err
	}
	if err := os.Rename(partial, path); err != nil {
		return m, unusable(path, err)
	}
	return m, syncPath(filepath.Dir(path))
}

func (o *Other) archiveTo(ctx context.Context, path, note string, studies []string) (m Merged, err error) {
	db, err := Open(path)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if m, err = db.Merge(ctx, o, studies); err != nil {
		return m, err
	}
	return m, db.update(ctx, 0, func(t *tx) error {
		if _, err := t.Exec("CREATE TABLE " + aboutTable + " (text TEXT NOT NULL) STRICT"); err != nil {
			return err
		}
		_, err := t.Exec("INSERT INTO "+aboutTable+" (text) VALUES (?)", aboutArchive+note)
		return err
	})
}
