package store

import "database/sql"

// each calls scan for every row of a query and closes it.
func each(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// collect gathers a query of one column.
func collect[T any](rows *sql.Rows, err error) ([]T, error) {
	var values []T
	err = each(rows, err, func(rows *sql.Rows) error {
		var v T
		if err := rows.Scan(&v); err != nil {
			return err
		}
		values = append(values, v)
		return nil
	})
	return values, err
}
