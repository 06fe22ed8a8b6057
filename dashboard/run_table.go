package dashboard

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"workbench/dashboard/filter"
	"workbench/dashboard/guard"
	"workbench/experiments"
	"workbench/experiments/iec"
	"workbench/experiments/metric"
)

// runColumn is one column of the run table.
type runColumn struct {
	key, title, class string
	cell              func(runRow) cell
}

// Bounds of ?columns=.
const (
	mostExtraColumns = 32
	mostColumnName   = 100 // bytes
)

// extraColumns are the names in ?columns=, each once.
func extraColumns(text string) ([]string, error) {
	names := distinct(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }))
	for _, name := range names {
		if len(name) > mostColumnName {
			return nil, badRequest("columns: want names of at most %d bytes, got one of %d", mostColumnName, len(name))
		}
	}
	return names, guard.Within("columns", len(names), mostExtraColumns)
}

// runTable lists runs, at the end what differs between them in configuration, then the extra fields. Its rows are lazy.
func runTable(rows []runRow, extra []string, u *url.URL, styles cellStyles) table {
	columns := []runColumn{
		{"run", "Run", "", func(r runRow) cell {
			return cell{Text: short(r.run.ID), Value: r.run.ID, Href: runPath(r.run.ID), Class: "mono"}
		}},
		{"study", "Study", "", func(r runRow) cell {
			ref := r.run.StudyRef()
			return cell{Text: ref, Href: studyPath(ref), Class: "name", Title: ref}
		}},
		{"cell", "Cell", "", func(r runRow) cell {
			style := styles.of(r.run)
			return cell{Text: r.run.Cell, Swatch: &style, Class: "name", Title: r.run.Cell}
		}},
		{"seed", "Seed", "number", func(r runRow) cell { return numeric(strconv.FormatUint(r.run.Seed, 10), r.run.Seed) }},
		{"status", "State", "", statusCell},
	}
	columns = append(columns, epochColumn(), lastColumn(metric.TestTop1), bestColumn(metric.TestTop1),
		lastColumn(metric.TestLoss),
		runColumn{"seconds", "Time", "number", func(r runRow) cell { return durationCell(r.run.Seconds) }},
		runColumn{"updated", "Updated", "", func(r runRow) cell { return timed(at(r.run.Updated)) }})
	for _, path := range varying(configsOf(rows)) {
		columns = append(columns, fieldColumn(path))
	}
	for _, name := range extra {
		if !slices.ContainsFunc(columns, func(c runColumn) bool { return c.key == name }) {
			columns = append(columns, fieldColumn(name))
		}
	}
	t := table{Name: "runs", Select: "run"}
	for _, c := range columns {
		t.Columns = append(t.Columns, column{Key: c.key, Title: c.title, Class: c.class, Hint: "in a filter: " + c.key,
			Sort: sorting(u, c.key, newestFirst)})
	}
	t.Lazy = func(yield func(row) bool) {
		for _, r := range rows {
			line := row{Key: r.run.ID, Class: "state-" + string(r.run.Status)}
			for _, c := range columns {
				line.Cells = append(line.Cells, c.cell(r))
			}
			if !yield(line) {
				return
			}
		}
	}
	return t
}

func configsOf(rows []runRow) []map[string]any {
	list := make([]map[string]any, len(rows))
	for i, r := range rows {
		list[i] = r.config
	}
	return list
}

func fieldColumn(key string) runColumn {
	return runColumn{key, key, "", func(r runRow) cell {
		v, has := r.fields[key]
		if !has {
			return cell{Text: "–", Value: "", Class: "quiet"}
		}
		return valueCell(key, v)
	}}
}

func valueCell(key string, v any) cell {
	switch v := v.(type) {
	case filter.Ratio:
		return numeric(shown(key, float64(v)), float64(v))
	case filter.Seconds:
		return durationCell(float64(v))
	case time.Time:
		return timed(at(v))
	case byteCount:
		return cell{Text: iec.Bytes(int64(v)), Value: int64(v), Title: grouped(int64(v))}
	case float64:
		if metric.Parse(key).Split != "" { // a metric, also the best value of one
			return numeric(shown(key, v), v)
		}
		return numeric(strconv.FormatFloat(v, 'g', -1, 64), v)
	case int, int64, uint64:
		return numeric(fmt.Sprint(v), v)
	}
	return cell{Text: fmt.Sprint(v), Value: v}
}

// durationCell is empty for what has not begun.
func durationCell(seconds float64) cell {
	if seconds == 0 {
		return cell{Text: "–", Value: seconds, Class: "number quiet"}
	}
	return numeric(lasting(seconds), seconds)
}

func epochColumn() runColumn {
	return runColumn{"epoch", "Epoch", "number", func(r runRow) cell {
		if epoch, of := epochsOf(r.run); of > 0 {
			c := numeric(fmt.Sprintf("%d/%d", epoch, of), epoch)
			c.Title = ofPhase(r.run)
			return c
		}
		return cell{Text: "–", Value: "", Class: "number quiet"}
	}}
}

// ofPhase says of which phase the epochs of a run are; "" if it has none.
func ofPhase(r experiments.RunInfo) string {
	if p := r.Progress; p != nil && p.Phase != "" {
		return "of the phase " + p.Phase
	}
	return ""
}

// epochsOf a run, in its running phase: those that have begun, of all; 0 of 0 where nobody has said. The last report of
// a run that is done came before its end, if it made any.
func epochsOf(r experiments.RunInfo) (epoch, of int) {
	p := r.Progress
	switch {
	case r.Status == experiments.Done && p != nil:
		return p.Epochs, p.Epochs
	case r.Status == experiments.Done:
		return r.Config.Epochs, r.Config.Epochs
	case p != nil:
		return p.Epoch, p.Epochs
	}
	return 0, 0
}

func lastColumn(name string) runColumn {
	return metricColumn(name, withUnit(name, unit(name)), name, func(r experiments.RunInfo, _ string) map[string]float64 { return r.Last })
}

// bestColumn is the best value of a metric; its key is a field of the run.
func bestColumn(name string) runColumn {
	return metricColumn(bestPrefix+name, "best", name, func(r experiments.RunInfo, name string) map[string]float64 {
		return bestValues(name, r)
	})
}

// metricColumn shows a metric. Of a run that has not the metric, but one like it of its last phase, it shows that one
// and says so.
func metricColumn(key, title, name string, of func(r experiments.RunInfo, name string) map[string]float64) runColumn {
	return runColumn{key, title, "number", func(r runRow) cell {
		name := r.run.Usual(name)
		v, has := of(r.run, name)[name]
		if !has {
			return cell{Text: "–", Value: "", Class: "number quiet"}
		}
		c := numeric(shown(name, v), v)
		if key != name && key != bestPrefix+name {
			c.Title = name
		}
		return c
	}}
}

// statusCell is where a run stands, and whether it collapsed.
func statusCell(r runRow) cell {
	c := cell{Text: string(r.run.Status), Class: "status " + string(r.run.Status), Title: r.run.Reason}
	if r.collapsed != "" {
		c.Text, c.Value, c.Class = c.Text+", collapsed", c.Text, c.Class+" collapsed"
		c.Title = strings.TrimPrefix(c.Title+"; "+r.collapsed, "; ")
	}
	return c
}

// sorting links a heading to the table sorted by it; a second click turns the order round. The table is sorted by usual
// if nobody asks for an order.
func sorting(u *url.URL, key, usual string) *sortLink {
	l := &sortLink{Order: "none"}
	next := key
	switch cmp.Or(u.Query().Get("sort"), usual) {
	case key:
		l.Order, next = "ascending", "-"+key
	case "-" + key:
		l.Order = "descending"
	}
	l.Href = withQuery(withoutFrom(u), "sort", next)
	return l
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, v == v // a NaN has no place in an order
	case bool:
		return 0, false
	}
	f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	return f, err == nil && f == f
}
