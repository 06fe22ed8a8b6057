package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Merged says what came of bringing another database in.
type Merged struct {
	Versions []MergedVersion
	Runs     map[Brought]int
	Differ   []Difference // runs that both databases have finished, with other values; ours were kept
	Bare     int          // runs brought that are done and have no final checkpoint here: their weights did not come along
	Looks    int          // looks at images that were not known here
}

// MergedVersion is a version of a study under the name that it has there and the one that it has here.
type MergedVersion struct {
	Theirs, Ours string
	New          bool // it was not known here
}

// Brought is what became of a run of the other database.
type Brought string

const (
	Added    Brought = "added"    // it was not known here
	Advanced Brought = "advanced" // the other database has it further, or with its checkpoints: it was taken in place of ours
	Same     Brought = "same"
	Kept     Brought = "kept"   // ours is further
	Held     Brought = "held"   // a process works at ours
	Differs  Brought = "differ" // see Merged.Differ
)

// merger brings one database into another.
type merger struct {
	ctx     context.Context
	from    *Other
	into    *DB
	chosen  choice
	numbers map[place]int // of a version there: its number here
	metrics map[int64]int64
	result  Merged
}

// Merge brings the named studies or versions of another database in (none: all), with their runs and all that is
// recorded of these. A run that both have is one, by its id: the more complete counts. Of two finished ones with other
// values ours stays, and the result names it.
//
// A run comes in one transaction, so after a stop some are there, whole, and the same call brings the rest. Said twice,
// the second call changes nothing.
func (db *DB) Merge(ctx context.Context, o *Other, studies []string) (Merged, error) {
	m := &merger{ctx: ctx, from: o, into: db, numbers: map[place]int{}, metrics: map[int64]int64{}}
	m.result.Runs = map[Brought]int{}
	err := m.merge(studies)
	return m.result, err
}

func (m *merger) merge(studies []string) (err error) {
	if m.into.lock != nil && m.into.lock.file.id == m.from.id {
		return fmt.Errorf("%s is this database itself; name another", m.from.path)
	}
	if m.chosen, err = m.from.choose(m.ctx, studies); err != nil {
		return fmt.Errorf("%s: %w", m.from.path, err)
	}
	if err := m.checkMeanings(); err != nil {
		return m.from.wrong(err)
	}
	for i := 0; i < len(m.chosen.versions); {
		end := i + 1
		for end < len(m.chosen.versions) && m.chosen.versions[end].study == m.chosen.versions[i].study {
			end++
		}
		same := m.chosen.versions[i:end]
		if err := m.update(func(t *tx) error { return m.bringStudy(t, same) }); err != nil {
			return fmt.Errorf("study %s: %w", same[0].study, err)
		}
		i = end
	}
	for _, key := range m.chosen.runs {
		if err := m.update(func(t *tx) error { return m.bringRun(t, key) }); err != nil {
			return err
		}
	}
	if err := m.update(m.bringLatencies); err != nil {
		return err
	}
	return m.update(m.bringLooks)
}

func (m *merger) update(do func(*tx) error) error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	return m.into.update(m.ctx, 0, do)
}

// checkMeanings refuses a run whose id means something else here.
func (m *merger) checkMeanings() error {
	return m.into.view(m.ctx, func(q *sql.Tx) error {
		for _, key := range m.chosen.runs {
			var run, data, ours string
			var seed, oursSeed int64
			err := m.from.q.QueryRowContext(m.ctx, "SELECT hash, seed, data_digest FROM runs WHERE id = ?", key).Scan(&run, &seed, &data)
			if err != nil {
				return err
			}
			err = q.QueryRowContext(m.ctx, "SELECT seed, data_digest FROM runs WHERE hash = ?", run).Scan(&oursSeed, &ours)
			switch {
			case errors.Is(err, sql.ErrNoRows):
			case err != nil:
				return err
			case seed != oursSeed || data != ours:
				return fmt.Errorf("run %s is there of seed %d and data %q, and here of seed %d and data %q", run, uint64(seed), data,
					uint64(oursSeed), ours)
			}
		}
		return nil
	})
}

// bringLooks adds the looks at images that are not known here: all, or those at the sets of the runs.
func (m *merger) bringLooks(t *tx) error {
	sets := map[[2]string]bool{}
	for _, key := range m.chosen.runs {
		if m.chosen.whole {
			break
		}
		var set [2]string
		err := m.from.q.QueryRowContext(m.ctx, `SELECT coalesce(json_extract(config, '$.dataset.name'), ''),
			coalesce(json_extract(config, '$.dataset.options.path'), '') FROM runs WHERE id = ?`, key).Scan(&set[0], &set[1])
		if err != nil {
			return err
		}
		sets[set] = true
	}
	rows, err := m.from.q.QueryContext(m.ctx, "SELECT name, path, split, what, time FROM looks ORDER BY id")
	return each(rows, err, func(rows *sql.Rows) error {
		var set [2]string
		var split, what string
		var at int64
		if err := rows.Scan(&set[0], &set[1], &split, &what, &at); err != nil || !m.chosen.whole && !sets[set] {
			return err
		}
		added, err := t.changed(`INSERT INTO looks (name, path, split, what, time) SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS
			(SELECT 1 FROM looks WHERE (name, path, split, what, time) = (?1, ?2, ?3, ?4, ?5))`, set[0], set[1], split, what, at)
		if added {
			m.result.Looks++
		}
		return err
	})
}
