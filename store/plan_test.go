package store

import (
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// queries are the constant SQL texts of the package that read a table.
func queries(t *testing.T, table string) []string {
	t.Helper()
	reads := regexp.MustCompile(`(?is)\b(SELECT|UPDATE|DELETE)\b.*\b(FROM|JOIN|UPDATE)\s+` + table + `\b`)
	var found []string
	for _, name := range must[[]string](t)(filepath.Glob("*.go")) {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "inspect") { // which reads all of another file
			continue
		}
		file := must[*ast.File](t)(parser.ParseFile(token.NewFileSet(), name, nil, 0))
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text := must[string](t)(strconv.Unquote(literal.Value)); reads.MatchString(text) {
					found = append(found, text)
				}
			}
			return true
		})
	}
	return found
}

// No query reads all points or all chunks: each finds its rows by the key.
func TestNothingScansTheLargeTables(t *testing.T) {
	db, _ := fresh(t, 1)
	for table, least := range map[string]int{"metrics": 3, "summaries": 5, "tensor_chunks": 3, "run_log": 3, "artefact_chunks": 4,
		"run_needs": 4, "run_phases": 2} {
		all := queries(t, table)
		if len(all) < least {
			t.Fatalf("found %d queries of %s, want at least %d: is the pattern wrong?", len(all), table, least)
		}
		for _, query := range all {
			if strings.HasSuffix(table, "_chunks") && strings.Contains(query, "FROM chunks c") {
				continue // Verify reads every chunk, that is its purpose
			}
			args := make([]any, len(regexp.MustCompile(`\?\d?`).FindAllString(query, -1)))
			if strings.HasPrefix(query, "EXISTS (") { // a condition on a run r
				query = "SELECT 1 FROM runs r WHERE " + query
			}
			for _, step := range planOf(t, db, query, args) {
				alias := regexp.MustCompile(table + ` (?:AS )?([a-z])\b`).FindStringSubmatch(query)
				scan := regexp.MustCompile(`^SCAN (` + table + `|` + strings.Join(append(alias, "-")[1:], "|") + `)\b`)
				if scan.MatchString(step) {
					t.Errorf("%s\n%s", step, query)
				}
			}
		}
	}
}

func planOf(t *testing.T, db *DB, query string, args []any) (steps []string) {
	t.Helper()
	rows, err := db.read.Query("EXPLAIN QUERY PLAN "+query, args...)
	check(t, each(rows, err, func(rows *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := rows.Scan(&id, &parent, &unused, &detail)
		steps = append(steps, detail)
		return err
	}))
	return steps
}
