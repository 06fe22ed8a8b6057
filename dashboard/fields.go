package dashboard

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"workbench/dashboard/filter"
	"workbench/experiments"
	"workbench/experiments/metric"
)

// flatten gives every leaf of a configuration its path ("optim.lr"); a dot inside a key is escaped as "\.".
func flatten(c experiments.Config) (map[string]any, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	var tree map[string]any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber() // 0.1 stays "0.1" and whole numbers stay whole
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	flat := map[string]any{}
	addLeaves(flat, "", tree)
	return flat, nil
}

func addLeaves(flat map[string]any, prefix string, tree map[string]any) {
	for k, v := range tree {
		path := prefix + strings.ReplaceAll(k, ".", `\.`)
		switch v := v.(type) {
		case map[string]any:
			addLeaves(flat, strings.TrimSuffix(path, ".options")+".", v) // options are inlined in YAML
		case []any:
			var items []string
			for _, item := range v {
				items = append(items, fmt.Sprint(item))
			}
			flat[path] = "[" + strings.Join(items, ", ") + "]"
		case json.Number:
			if n, err := v.Int64(); err == nil {
				flat[path] = n
			} else if f, err := v.Float64(); err == nil {
				flat[path] = f
			}
		default:
			flat[path] = v
		}
	}
}

// fields of a run with its flat configuration, for the filter and the columns: its names, configuration paths, factor
// levels and newest metric values, and the best ones under "best/". A path's last part alone is a key too where no
// other path ends in it ("lr"), and "model.name" is "model".
func fields(r experiments.RunInfo, config map[string]any) filter.Fields {
	f := filter.Fields{}
	ends := map[string]int{}
	for path := range config {
		ends[lastPart(path)]++
	}
	for path, v := range config {
		f[path] = v
		if end := lastPart(path); ends[end] == 1 {
			f[end] = v
		}
		if parent, isName := strings.CutSuffix(path, ".name"); isName {
			f[parent] = v
		}
	}
	for name, level := range r.Levels {
		f[name] = level
	}
	for name, v := range r.Last {
		f[name] = v
	}
	for name := range r.Max {
		if v, has := bestValues(name, r)[name]; has {
			f[bestPrefix+name] = v
		}
	}
	f["run"], f["id"], f["study"], f["version"], f["cell"] = r.ID, r.ID, r.Study, r.Version, r.Cell
	f["status"], f["seed"], f["attempt"], f["seconds"] = string(r.Status), r.Seed, r.Attempt, r.Seconds
	if r.Reason != "" {
		f["reason"] = r.Reason
	}
	if r.Progress != nil {
		f["epoch"] = r.Progress.Epoch
	}
	return f
}

// bestPrefix marks the best value of a metric, as a phase would.
const bestPrefix = "best/"

// bestValues are those of the run's extremes among which the best value of the metric is: the lowest ones if lower is
// better, else the highest.
func bestValues(name string, r experiments.RunInfo) map[string]float64 {
	if metric.BetterSide(name) == metric.Lower {
		return r.Min
	}
	return r.Max
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// keysOf all runs, sorted: what a filter may name.
func keysOf(all []filter.Fields) []string {
	seen := map[string]bool{}
	for _, f := range all {
		for k := range f {
			seen[k] = true
		}
	}
	for _, always := range []string{"run", "study", "cell", "status", "seed", "attempt", "seconds", "epoch", "reason", "model", "dataset"} {
		seen[always] = true
	}
	keys := make([]string, 0, len(seen))
	for k := range seen {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// varying are the configuration paths that differ between the runs, sorted.
func varying(configs []map[string]any) []string {
	values := map[string]map[string]bool{}
	for _, c := range configs {
		for path := range c {
			values[path] = map[string]bool{}
		}
	}
	for _, c := range configs {
		for path := range values {
			v, has := c[path]
			values[path][fmt.Sprint(has, v)] = true
		}
	}
	var paths []string
	for path, different := range values {
		if len(different) > 1 {
			paths = append(paths, path)
		}
	}
	sort.Strings(paths)
	return paths
}
