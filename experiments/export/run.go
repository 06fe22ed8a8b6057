package export

import (
	"maps"
	"slices"

	"workbench/experiments"
	"workbench/nn/definition"
)

// Run is one run: its state in a row, its phases, the newest, lowest and highest values of its metrics, what it made,
// its configuration, its environment and the end of its log.
func Run(r experiments.RunInfo, made []experiments.ArtefactInfo, log []string) Document {
	metrics := Table{Name: "metrics", Columns: []string{"metric", "last", "min", "max"}}
	for _, m := range slices.Sorted(maps.Keys(r.Last)) {
		metrics.Rows = append(metrics.Rows, []any{m, r.Last[m], valueIn(r.Min, m), valueIn(r.Max, m)})
	}
	phases := Table{Name: "phases", Columns: []string{"phase", "index", "count", "first", "steps", "epochs", "images", "multiply_adds",
		"seconds"}}
	for _, p := range r.Phases {
		phases.Rows = append(phases.Rows, []any{p.Name, p.Index, p.Count, p.First, p.Steps, known(p.Epochs), measured(p.Images),
			known(p.MultiplyAdds), p.Seconds})
	}
	artefacts := Table{Name: "artefacts", Columns: []string{"name", "step", "kind", "media", "bytes", "attempt", "digest"}}
	for _, a := range made {
		artefacts.Rows = append(artefacts.Rows, []any{a.Name, a.Step, a.Kind, a.Media, a.Bytes, a.Attempt, a.Digest})
	}
	lines := Table{Name: "log", Columns: []string{"line"}, JSON: append([]string{}, log...)}
	for _, line := range log {
		lines.Rows = append(lines.Rows, []any{line})
	}
	return Document{Tables: []Table{state(r), phases, metrics, artefacts, pairs("config", "path", described(r.Config.WithPhases())),
		pairs("environment", "fact", texts(r.Environment)), lines}}
}

// described are the settings of a configuration, with the whole description of its network if a user has written one.
func described(c experiments.Config) map[string]any {
	all := settings(c)
	if definition.Is(c.Model.Name) {
		all["model.definition"] = c.Model.Name
	}
	return all
}

// state is one row, and one object in JSON.
func state(r experiments.RunInfo) Table {
	t := Table{Name: "run", Rows: [][]any{{}}}
	add := func(name string, v any) { t.add(name, func(int) any { return v }) }
	add("run", r.ID)
	add("study", r.Study)
	add("version", r.Version)
	add("cell", r.Cell)
	add("seed", r.Seed)
	add("status", string(r.Status))
	add("reason", named(r.Reason))
	add("attempt", r.Attempt)
	add("epoch", epoch(r))
	add("started", when(r.Started))
	add("updated", when(r.Updated))
	add("seconds", r.Seconds)
	add("data_digest", named(r.DataDigest))
	add("needs", r.Needs)
	add("blocked_by", r.BlockedBy)
	c := r.Checkpoint
	if c == nil {
		c = &experiments.CheckpointInfo{}
	}
	add("checkpoint_step", measured(c.Step))
	add("checkpoint_bytes", measured(c.Bytes))
	add("weights_digest", named(c.Digest))
	t.JSON = t.Objects()[0]
	return t
}
