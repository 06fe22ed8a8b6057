package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// applicationID marks the file as ours in the SQLite header: "wkbn".
const applicationID = 0x776b626e

//go:embed schema/*.sql
var schemaFiles embed.FS

// migrations are the steps of the schema in order; the file's user_version is how many it has taken. A step that has
// been released is never edited.
func migrations() ([]string, error) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql") // sorted, and named by number
	if err != nil {
		return nil, err
	}
	var steps []string
	for _, name := range names {
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, string(text))
	}
	return steps, nil
}

// schemaOf tells which program's file this is and how many steps it has taken.
func schemaOf(ctx context.Context, db *sql.DB) (app, version, tables int, err error) {
	row := db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`)
	err = row.Scan(&app, &version, &tables)
	return
}

var (
	errForeign = errors.New("it is a SQLite database of another program")
	errNewer   = errors.New("a newer workbench made it")
	errOlder   = errors.New("an older workbench made it")
)

// checkSchema refuses files that this program must not touch.
func checkSchema(ctx context.Context, path string, db *sql.DB, known int) (version int, err error) {
	app, version, tables, err := schemaOf(ctx, db)
	switch {
	case err != nil:
		return 0, explain(path, err)
	case app != applicationID && (tables > 0 || version != 0):
		return 0, notADatabase(path, errForeign)
	case version > known:
		return 0, fmt.Errorf("%s has schema version %d, this workbench knows versions up to %d; "+
			"use the newer workbench, or name another file: %w", path, version, known, errNewer)
	}
	return version, nil
}

// migrate takes the steps a writable file lacks, each in its own transaction.
func migrate(ctx context.Context, path string, db *sql.DB) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	version, err := checkSchema(ctx, path, db, len(steps))
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	for ; version < len(steps); version++ {
		if err := migrateStep(ctx, db, steps[version], version+1); err != nil {
			return fmt.Errorf("bring %s to schema version %d: %w", path, version+1, explain(path, err))
		}
	}
	return nil
}

// migrateStep takes one step. A step may make a table anew to which others refer, so foreign keys are not enforced in
// it but checked before it is committed: with enforcement SQLite would delete the rows of a dropped table one by one
// and look for those that refer to each. The setting cannot change inside of a transaction, hence around it.
func migrateStep(ctx context.Context, db *sql.DB, step string, version int) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys=OFF"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, enforce(ctx, conn)) }()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit: no effect
	for _, statement := range []string{
		step, fmt.Sprintf("PRAGMA application_id=%d", applicationID), fmt.Sprintf("PRAGMA user_version=%d", version),
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", strings.SplitN(statement, "\n", 2)[0], err)
		}
	}
	broken, err := checkReferences(ctx, tx)
	if err != nil {
		return err
	}
	if len(broken) > 0 {
		return fmt.Errorf("the file is damaged and was left as it is: %d broken references, the first: %s", len(broken), broken[0])
	}
	return tx.Commit()
}

// enforce turns the foreign keys of a connection on again and makes sure that they are.
func enforce(ctx context.Context, conn *sql.Conn) error {
	var on bool
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys=ON"); err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on); err != nil {
		return err
	}
	if !on {
		return errors.New("foreign keys are not enforced any more")
	}
	return nil
}

// checkReadable refuses files that a reader of this program cannot understand.
func checkReadable(ctx context.Context, path string, db *sql.DB) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	version, err := checkSchema(ctx, path, db, len(steps))
	if err != nil {
		return err
	}
	if version < len(steps) {
		return fmt.Errorf("%s has schema version %d, want %d: %w", path, version, len(steps), errOlder)
	}
	return nil
}
