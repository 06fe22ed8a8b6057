package export

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// Comparison puts runs side by side, a column a run: the settings and the facts of the environment in which they
// differ, or all of them, and the newest values of every metric.
func Comparison(runs []experiments.RunInfo, all bool) Document {
	columns := func(what string) []string {
		names := []string{what}
		for _, r := range runs {
			names = append(names, r.ID)
		}
		return names
	}
	configs, environments := make([]map[string]any, len(runs)), make([]map[string]any, len(runs))
	for i, r := range runs {
		configs[i] = settings(r.Config.Completed())
		maps.Copy(configs[i], map[string]any{"study": r.Study, "version": r.Version, "cell": r.Cell, "seed": r.Seed, "status": string(r.Status),
			"data_digest": named(r.DataDigest)})
		environments[i] = map[string]any{}
		for name, fact := range r.Environment {
			environments[i][name] = fact
		}
	}
	metrics := Table{Name: "metrics", Columns: columns("metric")}
	for _, name := range metric.Ordered(recorded(runs), metric.TestTop1) {
		row := []any{name}
		for _, r := range runs {
			row = append(row, valueIn(r.Last, name))
		}
		metrics.Rows = append(metrics.Rows, row)
	}
	return Document{Tables: []Table{
		{Name: "config", Columns: columns("path"), Rows: sideBySide(configs, all)},
		{Name: "environment", Columns: columns("fact"), Rows: sideBySide(environments, all)}, metrics}}
}

// sideBySide has a row for each path whose values differ, or for every path.
func sideBySide(sides []map[string]any, all bool) [][]any {
	paths := varying(sides)
	if all {
		union := map[string]bool{}
		for _, side := range sides {
			for path := range side {
				union[path] = true
			}
		}
		paths = slices.Sorted(maps.Keys(union))
	}
	rows := [][]any{}
	for _, path := range paths {
		row := []any{path}
		for _, side := range sides {
			row = append(row, side[path])
		}
		rows = append(rows, row)
	}
	return rows
}

// pairs is a table of names and values, and one object in JSON.
func pairs(name, key string, values map[string]any) Table {
	t := Table{Name: name, Columns: []string{key, "value"}, JSON: values}
	for _, k := range slices.Sorted(maps.Keys(values)) {
		t.Rows = append(t.Rows, []any{k, values[k]})
	}
	return t
}

// texts are values as they are.
func texts(values map[string]string) map[string]any {
	all := map[string]any{}
	for k, v := range values {
		all[k] = fmt.Sprint(v)
	}
	return all
}
