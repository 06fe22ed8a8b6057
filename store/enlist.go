package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"workbench/experiments"
)

// Enlist records the study and its runs in one transaction. The definition is replaced as a whole: runs that an earlier
// definition had and this one has not keep all they recorded, but no longer count as the study's. What a known run
// needs is replaced too: its id says what it computes, not when it can begin.
func (db *DB) Enlist(ctx context.Context, s experiments.Study, runs []experiments.Run) error {
	if err := checkName(s.Name); err != nil {
		return fmt.Errorf("study %q: %w", s.Name, err)
	}
	definition, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("study %s: %w", s.Name, err)
	}
	return db.update(ctx, 0, func(t *tx) error {
		if err := t.enlistStudy(s.Name, string(definition)); err != nil {
			return fmt.Errorf("study %s: %w", s.Name, err)
		}
		if err := t.enlistRuns(s.Name, runs); err != nil {
			return fmt.Errorf("study %s, %w", s.Name, err)
		}
		t.changes = append(t.changes, experiments.Change{Study: s.Name, Kind: "study"})
		return nil
	})
}

func (t *tx) enlistStudy(name, definition string) error {
	_, err := t.Exec(`INSERT INTO studies (name, definition, created, updated) VALUES (?1, ?2, ?3, ?3)
		ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, updated = excluded.updated`, name, definition, t.now)
	if err != nil {
		return err
	}
	_, err = t.Exec("UPDATE study_runs SET planned = 0 WHERE study = ?", name)
	return err
}

// enlistRuns records the runs, then which of them need others.
func (t *tx) enlistRuns(study string, runs []experiments.Run) error {
	keys := make([]int64, len(runs))
	for i, r := range runs {
		var err error
		if keys[i], err = t.enlistRun(study, i, r); err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
	}
	for i, r := range runs {
		if err := t.enlistNeeds(keys[i], r); err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
	}
	found := circles{t, map[int64]bool{}}
	for i, r := range runs {
		if err := found.from(keys[i], nil); err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
	}
	return nil
}

func (t *tx) enlistRun(study string, position int, r experiments.Run) (key int64, err error) {
	if r.ID == "" {
		return 0, errors.New("it has no id")
	}
	config, err := json.Marshal(r.Config)
	if err != nil {
		return 0, err
	}
	levels, err := json.Marshal(r.Levels)
	if err != nil {
		return 0, err
	}
	_, err = t.Exec(`INSERT INTO runs (hash, study, seed, config, data_digest, created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
		ON CONFLICT (hash) DO NOTHING`, r.ID, study, int64(r.Seed), string(config), r.DataDigest, t.now)
	if err != nil {
		return 0, err
	}
	var seed int64
	var data string
	if err := t.QueryRow("SELECT id, seed, data_digest FROM runs WHERE hash = ?", r.ID).Scan(&key, &seed, &data); err != nil {
		return 0, err
	}
	if uint64(seed) != r.Seed || data != r.DataDigest {
		return 0, fmt.Errorf("the database has a run of this id with seed %d and data %q, got seed %d and data %q",
			uint64(seed), data, r.Seed, r.DataDigest)
	}
	_, err = t.Exec(`INSERT INTO study_runs (study, run, position, planned, cell, levels) VALUES (?, ?, ?, 1, ?, ?)
		ON CONFLICT (study, run) DO UPDATE SET position = excluded.position, planned = 1, cell = excluded.cell, levels = excluded.levels`,
		study, key, position, r.Cell, string(levels))
	return key, err
}

// maxName is how long a name of a study, a metric, a phase or an artefact may be, in bytes.
const maxName = 250

// checkName accepts any printable text as a name.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case len(name) > maxName:
		return fmt.Errorf("the name has %d bytes, want at most %d", len(name), maxName)
	case !utf8.ValidString(name):
		return errors.New("the name is not valid UTF-8")
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return fmt.Errorf("the name has the control character %U", r)
		}
	}
	return nil
}
