package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// inspect looks at the whole file before anything is copied of it.
func (o *Other) inspect(ctx context.Context) error {
	for _, look := range []func(context.Context) error{
		o.checkTables, o.checkSize, o.checkPages, o.checkLengths, o.checkConditions,
		o.checkStudies, o.checkRuns, o.checkValues, o.checkAttached, o.checkContent,
	} {
		if err := look(ctx); err != nil {
			return o.wrong(err)
		}
	}
	return nil
}

// wrong says of a file that nothing was taken from it.
func (o *Other) wrong(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("nothing was taken from %s: %w", o.path, explain(o.path, pageDamage(err)))
}

// aboutTable is what an archive has besides the tables of a database: a text about itself.
const aboutTable = "about"

// onlyTables refuses views, triggers and virtual tables, which would do something when the file is read or brought up.
func onlyTables(ctx context.Context, path string, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}) error {
	active, err := collect[string](q.QueryContext(ctx, `SELECT type || ' ' || quote(name) FROM sqlite_schema
		WHERE type NOT IN ('table', 'index') OR coalesce(rootpage, 0) <= 0 LIMIT 1`))
	if err == nil && len(active) > 0 {
		err = notADatabase(path, fmt.Errorf("it has the %s, want tables and indexes alone", active[0]))
	}
	return err
}

// schemaTexts are what defines the tables and indexes that a connection sees, without the spelling of names and spaces.
func schemaTexts(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}) ([]string, error) {
	texts, err := collect[string](q.QueryContext(ctx, `SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '')
		FROM sqlite_schema WHERE name <> ? ORDER BY 1`, aboutTable))
	for i, text := range texts {
		texts[i] = strings.Join(strings.Fields(strings.ReplaceAll(text, `"`, "")), " ")
	}
	return texts, err
}

// checkTables compares the tables, with the conditions on their rows, with those that this program makes.
func (o *Other) checkTables(ctx context.Context) error {
	if err := onlyTables(ctx, o.path, o.q); err != nil {
		return err
	}
	steps, err := migrations()
	if err != nil {
		return err
	}
	ours := sql.OpenDB(connector{dsn: ":memory:"})
	defer ours.Close()
	ours.SetMaxOpenConns(1)
	for _, step := range steps {
		if _, err := ours.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	want, err := schemaTexts(ctx, ours)
	if err != nil {
		return err
	}
	got, err := schemaTexts(ctx, o.q)
	if err != nil {
		return err
	}
	for _, sides := range [][2][]string{{want, got}, {got, want}} {
		for _, text := range sides[0] {
			if !slices.Contains(sides[1], text) {
				words := strings.Fields(text)
				return notADatabase(o.path, fmt.Errorf("its %s %s is not as this workbench makes it", words[0], words[1]))
			}
		}
	}
	return nil
}

// checkSize refuses a file that ends within a page. Of one that is being written, the last page may be on its way.
func (o *Other) checkSize(ctx context.Context) error {
	var page int64
	if err := o.q.QueryRowContext(ctx, "PRAGMA page_size").Scan(&page); err != nil {
		return err
	}
	if written, err := o.db.source.file.beingWritten(); written || err != nil {
		return nil // without locks nobody can write it, and another look finds what is wrong
	}
	if size := sizeOf(o.db.path); size%page != 0 {
		return damage(fmt.Sprintf("it is damaged: its %d bytes end within a page of %d", size, page))
	}
	return nil
}

// checkPages reads every page, with the types and references of all rows.
func (o *Other) checkPages(ctx context.Context) error {
	found, err := collect[string](o.q.QueryContext(ctx, "PRAGMA integrity_check(1)"))
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0] != "ok" {
		return damage("it is damaged: " + strings.TrimSpace(strings.Join(found, "; ")))
	}
	rows, err := o.q.QueryContext(ctx, `SELECT "table", parent FROM pragma_foreign_key_check LIMIT 1`)
	return each(rows, err, func(rows *sql.Rows) error {
		var table, parent string
		if err := rows.Scan(&table, &parent); err != nil {
			return err
		}
		return damage(fmt.Sprintf("it is damaged: a row of %s refers to a missing row of %s", table, parent))
	})
}
