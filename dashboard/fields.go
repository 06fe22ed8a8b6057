package dashboard

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

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
	if _, named := flat[modelName]; named {
		flat[modelName] = c.Network()
	}
	return flat, nil
}

const modelName = "model.name"

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
			flat[path] = exactly(v)
		default:
			flat[path] = v
		}
	}
}

// exactly is the number as its text has it: a whole number keeps all its digits.
func exactly(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(n.String(), 10, 64); err == nil {
		return u
	}
	if f, err := n.Float64(); err == nil {
		return f
	}
	return n.String()
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
		f[name] = ofColumn(name, v)
	}
	for name := range r.Max {
		if v, has := bestValues(name, r)[name]; has {
			f[bestPrefix+name] = ofColumn(name, v)
		}
	}
	f["run"], f["id"], f["study"], f["version"], f["cell"] = r.ID, r.ID, r.Study, r.Version, r.Cell
	f["status"], f["seed"], f["attempt"], f["seconds"] = string(r.Status), r.Seed, r.Attempt, filter.Seconds(r.Seconds)
	f["state"], f["duration"], f["time"] = f["status"], f["seconds"], f["seconds"] // as their columns are called
	for name, at := range map[string]time.Time{"updated": r.Updated, "started": r.Started, "created": r.Created} {
		if !at.IsZero() {
			f[name] = at.UTC()
		}
	}
	if r.Reason != "" {
		f["reason"] = r.Reason
	}
	if epoch, of := epochsOf(r); of > 0 {
		f["epoch"] = epoch
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

// ofColumn is the value of a metric; one that columns show in per cent is compared in per cent.
func ofColumn(name string, v float64) any {
	if metric.Of(name).Percent {
		return filter.Ratio(v)
	}
	return v
}

// usualFields are what a filter is mostly about; every run has them or will.
var usualFields = []string{"run", "study", "cell", "seed", "state", "epoch", "duration", "updated", "model", "dataset", metric.TestTop1,
	metric.TestLoss}

// known is one example of every field of the runs: what a filter may name.
func known(rows []runRow) filter.Fields {
	all := filter.Fields{"run": "", "id": "", "study": "", "cell": "", "status": "", "state": "", "collapsed": "",
		"reason": "", "model": "", "dataset": "",
		"seed": uint64(0), "attempt": 0, "epoch": 0, "seconds": filter.Seconds(0), "duration": filter.Seconds(0), "time": filter.Seconds(0),
		"updated": time.Time{}, "started": time.Time{}, "created": time.Time{},
		metric.TestTop1: ofColumn(metric.TestTop1, 0), metric.TestLoss: ofColumn(metric.TestLoss, 0)}
	for _, r := range rows {
		for k, v := range r.fields {
			if _, there := all[k]; !there {
				all[k] = v
			}
		}
	}
	return all
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
