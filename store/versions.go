package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// shown tells whether a run r counts in the version whose row of study_runs is l: what it was last asked to train, and
// what it has trained before.
const shown = "(l.planned OR r.attempt > 0)"

// beforeFirst is the number of what stands for definitions that were not kept.
const beforeFirst = 0

// place is a study, or one version of it.
type place struct {
	study   string
	version int // -1: all
}

// resolve finds what "tiny" or "tiny@2" means. A study whose own name ends so is found by it. ErrNotFound suggests a
// near name, also to who gives the file that a study was trained from, as it is given to train it.
func resolve(ctx context.Context, q *sql.Tx, ref string) (place, error) {
	name, version, one := experiments.SplitVersion(ref)
	for _, p := range []place{{ref, -1}, {name, version}} {
		var known bool
		if err := q.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM studies WHERE name = ?)", p.study).Scan(&known); err != nil {
			return p, err
		}
		if known {
			return p, nil
		}
		if !one {
			break
		}
	}
	names, err := collect[string](q.QueryContext(ctx, "SELECT name FROM studies"))
	if err != nil {
		return place{}, err
	}
	meant := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(name), ".yaml"), ".yml")
	return place{}, fmt.Errorf("study %q %w%s", name, experiments.ErrNotFound, nearest.Hint(meant, names))
}

// version has a definition unless it stands for those that were not kept.
type version struct {
	experiments.StudyVersion
	definition experiments.Study
}

// versions are those of a study (of all: ""), by study, oldest first. One of which no run was begun is left out unless
// it is the current one.
func versions(ctx context.Context, q *sql.Tx, now int64, study string) (map[string][]version, error) {
	all := map[string][]version{}
	type key struct {
		study  string
		number int
	}
	counts, begun, updated := map[key]map[experiments.Status]int{}, map[key]bool{}, map[key]int64{}
	rows, err := q.QueryContext(ctx, "SELECT l.study, l.version, "+statusNow+`, count(*), max(r.attempt) > 0, max(r.updated)
		FROM study_runs l JOIN runs r ON r.id = l.run WHERE `+shown+" AND (?2 = '' OR l.study = ?2) GROUP BY 1, 2, 3", now, study)
	err = each(rows, err, func(rows *sql.Rows) error {
		var k key
		var status experiments.Status
		var n int
		var trained bool
		var at int64
		if err := rows.Scan(&k.study, &k.number, &status, &n, &trained, &at); err != nil {
			return err
		}
		if counts[k] == nil {
			counts[k] = map[experiments.Status]int{}
		}
		counts[k][status], begun[k], updated[k] = n, begun[k] || trained, max(updated[k], at)
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err = q.QueryContext(ctx, `SELECT v.study, v.number, coalesce(v.definition, ''), v.number = s.version, v.created, v.updated
		FROM study_versions v JOIN studies s ON s.name = v.study WHERE ?1 = '' OR v.study = ?1 ORDER BY v.study, v.number`, study)
	err = each(rows, err, func(rows *sql.Rows) error {
		var k key
		var v version
		var definition string
		var created, used int64
		if err := rows.Scan(&k.study, &k.number, &definition, &v.Current, &created, &used); err != nil {
			return err
		}
		if !v.Current && !begun[k] {
			return nil
		}
		if v.Counts = counts[k]; v.Counts == nil {
			v.Counts = map[experiments.Status]int{}
		}
		v.Number, v.Created, v.Updated = k.number, fromMicros(created), fromMicros(max(used, updated[k]))
		if k.number == beforeFirst {
			v.Label, v.Updated = "definitions that were not kept", fromMicros(updated[k])
		} else if err := json.Unmarshal([]byte(definition), &v.definition); err != nil {
			return fmt.Errorf("study %s: its stored definition: %w", experiments.Version(k.study, k.number), err)
		}
		all[k.study] = append(all[k.study], v)
		return nil
	})
	for _, list := range all {
		label(list)
	}
	return all, err
}

// label says of each version what it changed of the first.
func label(list []version) {
	var first *version
	for i := range list {
		switch v := &list[i]; {
		case v.Number == beforeFirst:
		case first == nil:
			first = v
		default:
			v.Label = v.definition.Since(first.definition)
		}
	}
}
