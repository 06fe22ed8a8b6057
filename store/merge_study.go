package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"workbench/experiments"
)

// storedVersion is a row of study_versions.
type storedVersion struct {
	number           int
	definition       sql.NullString
	created, updated int64
}

// bringStudy brings versions of one study. A version is known here if one trains the same; else it keeps its number if
// that is free. What the study's bare name means stays as it is.
func (m *merger) bringStudy(t *tx, versions []place) error {
	name := versions[0].study
	known, err := knownVersions(t, name)
	if err != nil {
		return err
	}
	var current int
	var created, updated int64
	err = m.from.q.QueryRowContext(m.ctx, "SELECT version, created, updated FROM studies WHERE name = ?", name).
		Scan(&current, &created, &updated)
	if err != nil {
		return err
	}
	named := versions[len(versions)-1].version // the bare name here, if the study is new
	if slices.Contains(versions, place{name, current}) {
		named = current
	}
	changed, err := t.changed(`INSERT INTO studies (name, version, created, updated) VALUES (?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET created = min(created, excluded.created), updated = max(updated, excluded.updated)
		WHERE created > excluded.created OR updated < excluded.updated`, name, named, created, updated)
	if err != nil {
		return err
	}
	for _, at := range versions {
		v := storedVersion{number: at.version}
		err := m.from.q.QueryRowContext(m.ctx, "SELECT definition, created, updated FROM study_versions WHERE study = ? AND number = ?",
			name, at.version).Scan(&v.definition, &v.created, &v.updated)
		if err != nil {
			return err
		}
		number, more, err := m.bringVersion(t, name, v, known)
		if err != nil {
			return fmt.Errorf("version %d: %w", at.version, err)
		}
		m.numbers[at], changed = number, changed || more
		if at.version == named && number != named {
			if _, err := t.Exec("UPDATE studies SET version = ?1 WHERE name = ?2 AND NOT EXISTS (SELECT 1 FROM study_versions v "+
				"WHERE (v.study, v.number) = (?2, studies.version))", number, name); err != nil {
				return err
			}
		}
	}
	if changed {
		t.changes = append(t.changes, experiments.Change{Study: name, Kind: "study"})
	}
	return nil
}

// changed executes a statement and tells whether it changed a row.
func (t *tx) changed(statement string, args ...any) (bool, error) {
	done, err := t.Exec(statement, args...)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// versionsHere are the numbers of a study's versions here, by what they train.
type versionsHere struct {
	numbers map[string]int
	taken   map[int]bool
}

func knownVersions(t *tx, study string) (versionsHere, error) {
	known := versionsHere{map[string]int{}, map[int]bool{}}
	rows, err := t.Query("SELECT number, coalesce(definition, '') FROM study_versions WHERE study = ? ORDER BY number DESC", study)
	err = each(rows, err, func(rows *sql.Rows) error {
		var number int
		var definition string
		if err := rows.Scan(&number, &definition); err != nil {
			return err
		}
		sum, err := trainedBy(number, definition)
		known.numbers[sum], known.taken[number] = number, true
		return err
	})
	return known, err
}

// trainedBy is what a stored definition trains; "" for those that were not kept.
func trainedBy(number int, definition string) (string, error) {
	if number == beforeFirst {
		return "", nil
	}
	var s experiments.Study
	if err := json.Unmarshal([]byte(definition), &s); err != nil {
		return "", fmt.Errorf("version %d: its stored definition: %w", number, err)
	}
	return trains(s)
}

func (m *merger) bringVersion(t *tx, study string, v storedVersion, known versionsHere) (number int, changed bool, err error) {
	sum, err := trainedBy(v.number, v.definition.String)
	if err != nil {
		return 0, false, err
	}
	number, there := known.numbers[sum]
	if there {
		changed, err = t.joinVersion(study, number, v)
	} else {
		number = known.free(v.number)
		known.numbers[sum], known.taken[number] = number, true
		changed, err = t.changed("INSERT INTO study_versions (study, number, definition, created, updated) VALUES (?, ?, ?, ?, ?)",
			study, number, v.definition, v.created, v.updated)
	}
	m.result.Versions = append(m.result.Versions, MergedVersion{Theirs: experiments.Version(study, v.number),
		Ours: experiments.Version(study, number), New: !there})
	return number, changed, err
}

// free is the wanted number if no version has it, else the next after all.
func (k versionsHere) free(wanted int) int {
	if !k.taken[wanted] {
		return wanted
	}
	return slices.Max(slices.Collect(maps.Keys(k.taken))) + 1
}

// joinVersion adds to a version that is known here the seeds that it has there.
func (t *tx) joinVersion(study string, number int, v storedVersion) (changed bool, err error) {
	changed, err = t.changed(`UPDATE study_versions SET created = min(created, ?3), updated = max(updated, ?4)
		WHERE study = ?1 AND number = ?2 AND (created > ?3 OR updated < ?4)`, study, number, v.created, v.updated)
	if err != nil || number == beforeFirst {
		return changed, err
	}
	var text string
	if err := t.QueryRow("SELECT definition FROM study_versions WHERE study = ? AND number = ?", study, number).Scan(&text); err != nil {
		return changed, err
	}
	var ours, theirs experiments.Study
	if err := json.Unmarshal([]byte(text), &ours); err != nil {
		return changed, err
	}
	if err := json.Unmarshal([]byte(v.definition.String), &theirs); err != nil {
		return changed, err
	}
	seeds := joined(ours.Seeds, theirs.Seeds)
	if slices.Equal(seeds, ours.Seeds) {
		return changed, nil
	}
	ours.Seeds = seeds
	definition, err := json.Marshal(ours)
	if err != nil {
		return changed, err
	}
	return t.changed("UPDATE study_versions SET definition = ? WHERE study = ? AND number = ?", string(definition), study, number)
}

// joined are the seeds of both lists: the longer one if it has all of the other, else all, sorted.
func joined(a, b []uint64) []uint64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	all = slices.Compact(all)
	switch len(all) {
	case len(a):
		return a
	case len(b):
		return b
	}
	return all
}
