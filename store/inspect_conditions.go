package store

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
)

// sqlComment is one to the end of a line.
var sqlComment = regexp.MustCompile(`--[^\n]*`)

// conditions are those that the text of a table has for its rows.
func conditions(table string) (all []string) {
	rest := sqlComment.ReplaceAllString(table, "")
	for {
		_, after, found := strings.Cut(rest, "CHECK (")
		if !found {
			return all
		}
		end, open := 0, 1
		for ; end < len(after) && open > 0; end++ {
			switch after[end] {
			case '(':
				open++
			case ')':
				open--
			}
		}
		all, rest = append(all, after[:max(end-1, 0)]), after[end:]
	}
}

// checkLengths looks for texts and contents that would fill the memory.
func (o *Other) checkLengths(ctx context.Context) error {
	columns, err := collect[string](o.q.QueryContext(ctx, `SELECT s.name || ' ' || c.name FROM sqlite_schema s, pragma_table_info(s.name) c
		WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite%' AND c.type IN ('TEXT', 'BLOB')`))
	if err != nil {
		return err
	}
	for _, at := range columns {
		table, column, _ := strings.Cut(at, " ")
		if table == aboutTable {
			continue
		}
		var length int64
		query := "SELECT coalesce(max(length(" + column + ")), 0) FROM " + table
		if err := o.q.QueryRowContext(ctx, query).Scan(&length); err != nil {
			return fmt.Errorf("%s of %s: %w", column, table, err)
		}
		if length > mostOfAValue {
			return fmt.Errorf("%s of %s is too big: it has %d bytes in a row, want at most %d", column, table, length, mostOfAValue)
		}
	}
	return nil
}

// checkConditions looks for rows that break a condition of their table. The check of SQLite does not: of a file that
// only is read it forgets the conditions (sqlite3AddCheckConstraint).
func (o *Other) checkConditions(ctx context.Context) error {
	tables := map[string]string{}
	rows, err := o.q.QueryContext(ctx, "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%CHECK (%'")
	err = each(rows, err, func(rows *sql.Rows) error {
		var name, text string
		err := rows.Scan(&name, &text)
		tables[name] = text
		return err
	})
	if err != nil {
		return err
	}
	for name, text := range tables {
		if name == aboutTable {
			continue
		}
		broken := "NOT (" + strings.Join(conditions(text), ") OR NOT (") + ")"
		var some bool
		if err := o.q.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+name+" WHERE "+broken+")").Scan(&some); err != nil {
			return fmt.Errorf("the rows of %s: %w", name, err)
		}
		if some {
			return damage(fmt.Sprintf("it is damaged: a row of %s is none that this workbench writes", name))
		}
	}
	return nil
}
