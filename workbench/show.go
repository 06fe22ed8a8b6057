package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/iec"
	"workbench/experiments/start"
	"workbench/experiments/studyfile"
	"workbench/nn/definition"
)

const logLines = 20

func (a *app) showCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show RUN", Short: "Show one run: state, values, configuration, environment, log",
		Long: "Show one run. RUN is the beginning of its name, as `workbench runs` lists it, or latest.\n\n" +
			"In CSV, --table chooses run (default: its state), phases, metrics, artefacts, config, environment, log or points, which\n" +
			"are all that it has measured.",
		Args:              wantArgs(1, 1, "a run (the beginning of its name, or latest)"),
		ValidArgsFunction: names(a.recordedRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			db, err := a.read()
			if err != nil {
				return err
			}
			defer db.Close()
			r, err := db.Run(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			log, err := db.Log(cmd.Context(), r.ID, logLines)
			if err != nil {
				return err
			}
			made, err := db.Artefacts(cmd.Context(), r.ID)
			if err != nil {
				return err
			}
			before, found, err := analysis.Before(cmd.Context(), db, r)
			if err != nil {
				return err
			}
			data := export.Run(r, made, log)
			data.Tables = append(data.Tables, export.Points(cmd.Context(), db, []experiments.RunInfo{r}))
			shown := shownRun{RunInfo: r, made: made, log: log}
			if found {
				shown.before = &before
			}
			return a.showRun(shown, data)
		},
	}
	a.formatFlag(cmd)
	return cmd
}

// shownRun is a run with what belongs to it.
type shownRun struct {
	experiments.RunInfo
	before *experiments.RunInfo // that it begins with; nil: none that is recorded
	made   []experiments.ArtefactInfo
	log    []string
}

func (a *app) showRun(shown shownRun, data export.Document) error {
	r := shown.RunInfo
	config := flatten(r.Config.WithPhases())
	values := listing{key: "metrics", title: "Values", columns: []column{
		{"metric", "metric", false}, {"last", "last", true}, {"min", "lowest", true}, {"max", "highest", true}}}
	for _, m := range slices.Sorted(maps.Keys(r.Last)) {
		values.rows = append(values.rows, []cell{{m, headOf(m)}, optional(m, r.Last), optional(m, r.Min), optional(m, r.Max)})
	}
	said := listing{key: "log", title: fmt.Sprintf("Log, last %d lines", logLines), columns: []column{{"line", "line", false}}}
	for _, line := range shown.log {
		said.rows = append(said.rows, []cell{text(line)})
	}
	d := document{name: r.ID, listings: []listing{a.stateOf(r)}, data: &data}
	d.remarks = slices.Concat(collapses(shown), startRemarks(r), changedConditions(r))
	if len(r.Attempts) > 1 {
		d.listings = append(d.listings, attempts(r))
	}
	if len(r.Phases) > 0 {
		d.listings = append(d.listings, phases(shown))
	}
	d.listings = append(d.listings, values)
	if len(shown.made) > 0 {
		d.listings = append(d.listings, artefacts(shown.made))
	}
	environment := maps.Clone(r.Environment)
	delete(environment, experiments.StartFact) // a remark
	d.listings = append(d.listings, pairs("config", "Configuration", config), pairs("environment", "Environment", environment))
	if definition.Is(r.Config.Model.Name) {
		network, err := networkLines(r.Config.Model.Name)
		if err != nil {
			return err
		}
		d.listings = append(d.listings, network)
	}
	if len(shown.log) > 0 {
		d.listings = append(d.listings, said)
	}
	return a.show(d)
}

// networkLines are the description of a network that a user has written, as a file has it.
func networkLines(model string) (listing, error) {
	l := listing{key: "network", title: "Network, as a file for model: {file: …}", columns: []column{{"line", "line", false}}}
	n, err := definition.Parse(model)
	if err != nil {
		return l, err
	}
	written, err := studyfile.MarshalNetwork(n)
	for line := range strings.Lines(string(written)) {
		l.rows = append(l.rows, []cell{text(strings.TrimSuffix(line, "\n"))})
	}
	return l, err
}

// startRemarks is what was found when a run began with weights from elsewhere.
func startRemarks(r experiments.RunInfo) []string {
	for _, at := range r.Attempts {
		if said := at.Environment[experiments.StartFact]; said != "" {
			return []string{start.Of(r.Config.Start).From() + ", with which it began: " + said}
		}
	}
	return nil
}

func (a *app) stateOf(r experiments.RunInfo) listing {
	facts := [][]cell{
		{text("run"), text(r.ID)}, {text("study"), text(r.StudyRef())}, {text("cell"), text(r.Cell)}, {text("seed"), seedOf(r.Run)},
		{text("status"), a.state(r)}, {text("reason"), text(r.Reason)}, {text("attempt"), counted(int64(r.Attempt))},
		{text("started"), ago(r.Started, a.now())}, {text("updated"), ago(r.Updated, a.now())}, {text("seconds"), ownTime(r)},
		{text("data_digest"), text(r.DataDigest)},
	}
	if parts := r.Environment["parts"]; parts != "" {
		facts = append(facts, []cell{text("parts"), text(parts)})
	}
	if len(r.Needs) > 0 {
		facts = append(facts, []cell{text("needs"), {r.Needs, strings.Join(r.Needs, ", ")}})
	}
	if after := r.Continues(); after != "" && len(r.Needs) > 0 {
		facts = append(facts, []cell{text("continues"), {r.Needs[0], r.Needs[0] + ", after " + after}})
	}
	if len(r.BlockedBy) > 0 {
		facts = append(facts, []cell{text("blocked_by"), {r.BlockedBy, strings.Join(r.BlockedBy, ", ")}})
	}
	if c := r.Checkpoint; c != nil {
		facts = append(facts, []cell{text("checkpoint_step"), counted(c.Step)}, []cell{text("checkpoint_bytes"), {c.Bytes, iec.Bytes(c.Bytes)}},
			[]cell{text("weights_digest"), text(c.Digest)})
	}
	return factsOf("run", "", facts)
}

// ownTime is the time of a run's own phases; people read what it began with, too.
func ownTime(r experiments.RunInfo) cell {
	c := seconds(r.Seconds)
	if from := r.Begins(); from != "" {
		c.text += ", without that of run " + from + ", with which it begins"
	}
	return c
}

// attempts are how a run came to its present state, if in several pieces.
func attempts(r experiments.RunInfo) listing {
	l := listing{key: "attempts", title: "Attempts", leave: []string{"backend"}, columns: []column{{"attempt", "attempt", true},
		{"began", "began", true}, {"seconds", "trained for", true}, {"from_step", "from step", true}, {"threads", "threads", true},
		{"backend", "backend", false}, {"status", "ended", false}}}
	for _, at := range r.Attempts {
		from := cell{nil, "the start"}
		if at.Resumed >= 0 {
			from = counted(at.Resumed)
		}
		l.rows = append(l.rows, []cell{counted(int64(at.Number)), {at.Began.UTC().Format(time.RFC3339), at.Began.UTC().Format(time.DateTime)},
			seconds(at.Seconds()), from, text(at.Environment["threads"]), text(at.Environment["backend"]), text(string(at.Status))})
	}
	return l
}

// changedConditions says if a run was continued under other conditions than those of the attempt before it.
func changedConditions(r experiments.RunInfo) []string {
	var all []string
	var before *experiments.AttemptInfo
	for i := range r.Attempts {
		at := &r.Attempts[i]
		if at.Trained.IsZero() {
			continue
		}
		for _, fact := range []string{"threads", "backend", "revision", "cpu"} {
			if before != nil && at.Resumed >= 0 && before.Environment[fact] != at.Environment[fact] {
				all = append(all, fmt.Sprintf("attempt %d continued with %s %s, attempt %d had %s: not bit for bit what one attempt would compute",
					at.Number, fact, text(at.Environment[fact]).text, before.Number, text(before.Environment[fact]).text))
			}
		}
		before = at
	}
	return all
}

// collapses are what the run, or the one that it begins with, measured of whether all pictures look alike to it.
func collapses(shown shownRun) []string {
	var all []string
	for _, r := range []*experiments.RunInfo{shown.before, &shown.RunInfo} {
		if r == nil {
			continue
		}
		for _, c := range analysis.Collapses(*r) {
			all = append(all, c.Where()+": "+c.String())
		}
	}
	return all
}

// phases are those that have begun, with what they cost, behind those of the run that it begins with.
func phases(shown shownRun) listing {
	l := listing{key: "phases", title: "Phases", leave: []string{"epochs", "first"}, columns: []column{{"phase", "phase", false},
		{"first", "after step", true}, {"steps", "steps", true}, {"epochs", "epochs", true}, {"images", "images", true},
		{"multiply_adds", "multiply-adds", true}, {"seconds", "time", true}}}
	add := func(r experiments.RunInfo, name func(experiments.PhaseInfo) string) {
		for i, p := range r.Phases {
			row := []cell{{p.Name, name(p)}, counted(p.First), counted(p.Steps)}
			for _, v := range []float64{p.Epochs, analysis.Budgets(r)[i].Images, analysis.Budgets(r)[i].MultiplyAdds} {
				c := statistic(v, magnitude(v))
				if v == 0 {
					c = cell{nil, missing}
				}
				row = append(row, c)
			}
			l.rows = append(l.rows, append(row, seconds(p.Seconds)))
		}
	}
	if shown.before != nil {
		add(*shown.before, func(p experiments.PhaseInfo) string { return p.Name + ", by run " + shown.before.ID })
	}
	add(shown.RunInfo, func(p experiments.PhaseInfo) string { return p.Name })
	return l
}

// artefacts are what a run made beside values and checkpoints.
func artefacts(made []experiments.ArtefactInfo) listing {
	l := listing{key: "artefacts", title: "Artefacts", leave: []string{"media", "kind"}, columns: []column{
		{"name", "name", false}, {"step", "step", true},
		{"kind", "kind", false}, {"media", "media type", false}, {"bytes", "size", true}}}
	for _, m := range made {
		l.rows = append(l.rows, []cell{text(m.Name), counted(m.Step), text(m.Kind), text(m.Media), {m.Bytes, iec.Bytes(m.Bytes)}})
	}
	return l
}

// factsOf is a listing of names and values; in JSON it is one object.
func factsOf(key, title string, facts [][]cell) listing {
	object := map[string]any{}
	for _, f := range facts {
		object[f[0].text] = f[1].value
	}
	return listing{key: key, title: title, columns: []column{{"name", "name", false}, {"value", "value", false}}, rows: facts, data: object}
}

func pairs(key, title string, values map[string]string) listing {
	var facts [][]cell
	for _, name := range slices.Sorted(maps.Keys(values)) {
		facts = append(facts, []cell{text(name), text(values[name])})
	}
	return factsOf(key, title, facts)
}
