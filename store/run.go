package store

import (
	"context"
	"fmt"
	"strings"

	"workbench/experiments"
)

// candidates is how many runs an ambiguous prefix names in its error.
const candidates = 5

// Run finds one by its id, by a prefix that no other id has, or the one that was last active as "latest".
func (db *DB) Run(ctx context.Context, id string) (experiments.RunInfo, error) {
	where, arg := "r.hash = ?2 AND "+fmt.Sprintf(newestPlace, ""), strings.ToLower(strings.TrimSpace(id))
	switch {
	case arg == "latest":
		where = fmt.Sprintf(newestPlace, "") + " AND ?2 <> '' AND r.id = (SELECT id FROM runs ORDER BY updated DESC, id DESC LIMIT 1)"
	case arg == "":
		return experiments.RunInfo{}, fmt.Errorf("no run was named: want an id, the beginning of one, or \"latest\": %w", experiments.ErrNotFound)
	default:
		full, err := db.complete(ctx, arg)
		if err != nil {
			return experiments.RunInfo{}, err
		}
		arg = full
	}
	found, err := db.list(ctx, where, []any{arg})
	if err != nil {
		return experiments.RunInfo{}, err
	}
	if len(found) == 0 {
		return experiments.RunInfo{}, fmt.Errorf("no run %q in %s: %w", id, db.path, experiments.ErrNotFound)
	}
	return found[0], nil
}

// Config is the configuration of the run with a whole id.
func (db *DB) Config(ctx context.Context, id string) (experiments.Config, error) {
	r, err := db.Run(ctx, id)
	return r.Config, err
}

// complete makes a whole id of its beginning.
func (db *DB) complete(ctx context.Context, prefix string) (string, error) {
	ids, err := collect[string](db.read.QueryContext(ctx,
		"SELECT hash FROM runs WHERE hash >= ?1 AND hash < ?1 || char(0x10ffff) ORDER BY hash LIMIT ?2", prefix, candidates+1))
	switch {
	case err != nil:
		return "", explain(db.path, err)
	case len(ids) == 0:
		return "", fmt.Errorf("no run whose id begins with %q in %s: %w", prefix, db.path, experiments.ErrNotFound)
	case len(ids) == 1 || ids[0] == prefix:
		return ids[0], nil
	}
	more := ""
	if len(ids) > candidates {
		ids, more = ids[:candidates], " and more"
	}
	return "", fmt.Errorf("%q is %w: it begins %s%s", prefix, experiments.ErrAmbiguous, strings.Join(ids, ", "), more)
}
