package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"workbench/experiments"
)

// Enlist records the study and its runs in one transaction. Runs of another version of the study keep all they recorded
// and their place in that version. What a known run needs is replaced: its id says what it computes, not when it can
// begin.
func (db *DB) Enlist(ctx context.Context, s experiments.Study, runs []experiments.Run) error {
	if err := checkName(s.Name); err != nil {
		return fmt.Errorf("study %q: %w", s.Name, err)
	}
	return db.update(ctx, 0, func(t *tx) error {
		version, err := t.enlistStudy(s)
		if err != nil {
			return fmt.Errorf("study %s: %w", s.Name, err)
		}
		if err := t.enlistRuns(s.Name, version, runs); err != nil {
			return fmt.Errorf("study %s, %w", s.Name, err)
		}
		t.changes = append(t.changes, experiments.Change{Study: s.Name, Kind: "study"})
		return nil
	})
}

// trained are the versions of study ?1 of which a run was begun.
const trained = "SELECT m.study, m.version FROM study_runs m JOIN runs r ON r.id = m.run WHERE m.study = ?1 AND r.attempt > 0"

// enlistStudy records the definition and returns the number of its version. A definition that trains what a known
// version trains is that version; one that trained nothing makes room for the next.
func (t *tx) enlistStudy(s experiments.Study) (version int, err error) {
	definition, err := json.Marshal(s)
	if err != nil {
		return 0, err
	}
	if version, err = t.versionOf(s); err != nil {
		return 0, err
	}
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{`INSERT INTO studies (name, version, created, updated) VALUES (?1, ?2, ?3, ?3)
			ON CONFLICT (name) DO UPDATE SET version = excluded.version, updated = excluded.updated`, []any{s.Name, version, t.now}},
		{`INSERT INTO study_versions (study, number, definition, created, updated) VALUES (?1, ?2, ?3, ?4, ?4)
			ON CONFLICT (study, number) DO UPDATE SET definition = excluded.definition, updated = excluded.updated`,
			[]any{s.Name, version, string(definition), t.now}},
		{"UPDATE study_runs SET planned = 0 WHERE study = ?1 AND (version = ?2 OR (study, version) NOT IN (" + trained + "))",
			[]any{s.Name, version}},
	} {
		if _, err := t.Exec(step.statement, step.args...); err != nil {
			return 0, err
		}
	}
	return version, nil
}

// versionOf is the version that trains what s trains, or else the first number that is free.
func (t *tx) versionOf(s experiments.Study) (int, error) {
	wanted, err := trains(s)
	if err != nil {
		return 0, err
	}
	free, last := 0, 0
	rows, err := t.Query("SELECT v.number, v.definition, (v.study, v.number) IN ("+trained+") FROM study_versions v "+
		"WHERE v.study = ?1 AND v.number > 0 ORDER BY v.number", s.Name)
	found := 0
	err = each(rows, err, func(rows *sql.Rows) error {
		var number int
		var definition string
		var trained bool
		if err := rows.Scan(&number, &definition, &trained); err != nil {
			return err
		}
		last = number
		var known experiments.Study
		if err := json.Unmarshal([]byte(definition), &known); err != nil {
			return fmt.Errorf("version %d: its stored definition: %w", number, err)
		}
		switch sum, err := trains(known); {
		case err != nil:
			return fmt.Errorf("version %d: %w", number, err)
		case sum == wanted:
			found = number
		case !trained && free == 0:
			free = number
		}
		return nil
	})
	switch {
	case err != nil:
		return 0, err
	case found > 0:
		return found, nil
	case free > 0:
		return free, nil
	}
	return last + 1, nil
}

// trains is Study.Trains, or what stands in a definition that this program cannot resolve, such as one with an option
// that exists no more.
func trains(s experiments.Study) (string, error) {
	if sum, err := s.Trains(); err == nil {
		return sum, nil
	}
	parts := map[string]any{"base": s.Base, "factors": s.Factors, "design": s.Design, "list": s.List}
	if len(s.Exclude) > 0 || s.Sample != nil {
		parts["exclude"], parts["sample"] = s.Exclude, s.Sample
	}
	text, err := experiments.Canonical(parts)
	return string(text), err
}

// enlistRuns records the runs, then which of them need others.
func (t *tx) enlistRuns(study string, version int, runs []experiments.Run) error {
	keys := make([]int64, len(runs))
	for i, r := range runs {
		var err error
		if keys[i], err = t.enlistRun(study, version, i, r); err != nil {
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

func (t *tx) enlistRun(study string, version, position int, r experiments.Run) (key int64, err error) {
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
	_, err = t.Exec(`INSERT INTO study_runs (study, version, run, position, planned, cell, levels) VALUES (?, ?, ?, ?, 1, ?, ?)
		ON CONFLICT (study, version, run) DO UPDATE SET position = excluded.position, planned = 1, cell = excluded.cell, levels = excluded.levels`,
		study, version, key, position, r.Cell, string(levels))
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
