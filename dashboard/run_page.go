package dashboard

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"workbench/dashboard/figure"
	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/iec"
	"workbench/experiments/metric"
	"workbench/nn/definition"
)

type runView struct {
	chartSection
	Run         experiments.RunInfo
	Short       string
	StudyHref   string
	CompareHref string
	Portrait    string // the page of what it has learnt
	Status      string
	Stalled     string // what is said about the silence; "" if there is none
	Young       bool   // running without a point yet
	Done        float64
	Facts       []fact
	Config      table
	Environment table
	Metrics     table
	Checkpoint  []fact
	Waits       []link // the runs that it waits for
	Phases      phasesView
	Judged      []judged
	Collapsed   string // what says so; "": it did not
	Artefacts   table
	made        []experiments.ArtefactInfo
	Pictures    []picture
	Log         []string
	Commands    []string
}

// fact is a name and its value in a status line.
type fact struct {
	Name, Value string
	Time        *moment
}

// logLines is how much of the log's end the page shows.
const logLines = 200

func (s *Server) runPage(r request) (response, error) {
	run, err := s.run(r.Context(), r.Param("run"))
	if err != nil {
		return nil, err
	}
	if r.Param("run") != run.ID { // a prefix or "latest": one run, one URL
		return redirection(runPath(run.ID)), nil
	}
	v, err := s.runView(r.Context(), run)
	if err != nil {
		return nil, err
	}
	v.Config.Exports, v.Metrics.Exports = exportLinks(r.URL), tableLink(r.URL, "metrics")
	v.Config.Exports[0] = tableLink(r.URL, "config")[0]
	v.Points = tableLink(r.URL, "points")
	of := exports{run.ID, []table{v.Config}, func() export.Document {
		d := export.Run(run, v.made, v.Log)
		d.Tables = append(d.Tables, export.Points(r.Context(), s.Source, []experiments.RunInfo{run}))
		return d
	}}
	if answer, err := of.answer(r.URL.Query()); answer != nil || err != nil {
		return answer, err
	}
	return s.page("run", "Run "+v.Short, v).within("runs").watching("run=" + run.ID), nil
}

func (s *Server) runView(ctx context.Context, run experiments.RunInfo) (runView, error) {
	v := runView{Run: run, Short: short(run.ID), StudyHref: studyPath(run.StudyRef()), Status: string(run.Status), Facts: s.facts(run),
		Portrait:    portraitPath(run.ID),
		CompareHref: "/compare?" + url.Values{"run": {run.ID}}.Encode(), Commands: []string{s.Program.On("show", short(run.ID))}}
	if silent, promised, yes := stalled(run, s.Now()); yes {
		v.Stalled = stallText(silent.Seconds(), promised.Seconds())
	}
	if run.Status == experiments.Done {
		v.Done = 100
	} else if p := run.Progress; p != nil && p.Steps > 0 {
		v.Done = 100 * float64(stepsOf(run)) / float64(p.Steps)
	}
	v.Young = run.Status == experiments.Running && len(run.Last) == 0
	config, err := s.configuration(run)
	if err != nil {
		return v, err
	}
	v.Config = pairs("configuration", config)
	v.Config.Name = run.ID + "-configuration"
	environment := map[string]any{"data digest": run.DataDigest}
	for k, value := range run.Environment {
		environment[k] = value
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && strings.HasSuffix(k, "_bytes") {
			environment[k] = byteCount(n)
		}
	}
	v.Environment = pairs("environment", environment)
	v.Metrics = metricTable(run)
	v.Checkpoint = checkpointFacts(run.Checkpoint)
	for _, id := range run.BlockedBy {
		v.Waits = append(v.Waits, link{short(id), runPath(id)})
	}
	if err := v.addPhases(ctx, s.Source); err != nil {
		return v, err
	}
	made, err := s.Source.Artefacts(ctx, run.ID)
	if err != nil {
		return v, err
	}
	v.made = made
	v.Artefacts, v.Pictures = artefactTable(run.ID, made), pictures(run.ID, made)
	if v.Log, err = s.Source.Log(ctx, run.ID, logLines); err != nil {
		return v, err
	}
	metrics, err := s.metricsOf(ctx, []experiments.RunInfo{run}, run.Usual(metric.TestTop1))
	if err != nil {
		return v, err
	}
	styles, err := s.cellStyles(ctx)
	if err != nil {
		return v, err
	}
	p := runPlot(run, styles, metrics)
	for _, split := range p.arms {
		v.Legend = append(v.Legend, legendEntry{Key: split, Style: p.styles[split]})
	}
	v.Charts, err = s.frames(ctx, p, metrics)
	return v, err
}

// configuration of a run, flat, with the whole description of its network if a user has written one.
func (s *Server) configuration(run experiments.RunInfo) (map[string]any, error) {
	config, err := s.flat.config(run)
	if err == nil && definition.Is(run.Config.Model.Name) {
		config = maps.Clone(config) // which others read
		config["model.definition"] = run.Config.Model.Name
	}
	return config, err
}

// addPhases tells the phases of the run, those of the run that it begins with among them, and what came of them.
func (v *runView) addPhases(ctx context.Context, source experiments.Source) error {
	before, found, err := analysis.Before(ctx, source, v.Run)
	if err != nil {
		return err
	}
	from := &before
	if !found {
		from = nil
	}
	v.Phases, v.Judged = phasesOf(from, v.Run), judgements(from, v.Run)
	for _, j := range v.Judged {
		if j.Bad && v.Collapsed == "" {
			v.Collapsed = j.Text
		}
	}
	return nil
}

var noQuery = &url.URL{}

// runPlot draws the splits of a run's metrics in the colour of its cell, each with its stroke: test is solid.
func runPlot(run experiments.RunInfo, styles cellStyles, metrics []string) plot {
	p := plot{base: noQuery, api: "/api/v1" + runPath(run.ID) + "/curves", figure: runPath(run.ID) + "/curves.svg", split: true,
		styles: map[string]figure.Style{}, members: map[string]member{run.ID: {run: run, label: fmt.Sprintf("seed %d", run.Seed)}}}
	dashes := map[string]int{metric.Test: 0, metric.Train: 1}
	for _, m := range metrics {
		split := armName(m)
		if _, known := p.styles[split]; known {
			continue
		}
		style := styles.of(run)
		dash, usual := dashes[split]
		if !usual {
			dash = 2
		}
		style.Dash = dash
		p.arms, p.styles[split] = append(p.arms, split), style
	}
	return p
}

// stepsOf is how many steps a run with progress has made: the last report of a run that is done came before its end.
func stepsOf(run experiments.RunInfo) int64 {
	if run.Status == experiments.Done {
		return run.Progress.Steps
	}
	return run.Progress.Step
}

// facts are the status line: where the run is, how fast, how long still, when it last spoke.
func (s *Server) facts(run experiments.RunInfo) []fact {
	list := []fact{{Name: "Seed", Value: fmt.Sprint(run.Seed)}}
	add := func(name, value string) { list = append(list, fact{Name: name, Value: value}) }
	if p := run.Progress; p != nil && p.Phase != "" {
		add("Phase", p.Phase)
	}
	if epoch, of := epochsOf(run); of > 0 {
		add("Epoch", fmt.Sprintf("%d of %d", epoch, of))
	}
	if p := run.Progress; p != nil {
		add("Step", grouped(stepsOf(run))+" of "+grouped(p.Steps))
		if run.Status == experiments.Running {
			add("Loss", digits(p.Loss, 4))
			add("Speed", digits(p.ImagesPerSec, 4)+" "+unit(metric.TrainSpeed))
			add("Left", lasting(p.Left.Seconds()))
		}
		m := at(p.Time)
		list = append(list, fact{Name: "Last report", Value: m.Text, Time: &m})
	}
	if parts := run.Environment["parts"]; parts != "" {
		add("Trained on", parts)
	}
	if after := run.Continues(); after != "" && len(run.Needs) > 0 {
		add("Continues", "run "+short(run.Needs[0])+" after "+after)
	}
	spent := durationCell(run.Seconds).Text
	if from := run.Begins(); from != "" {
		spent += ", without that of run " + short(from) + ", with which it begins"
	}
	add("Time spent", spent)
	add("Attempts", fmt.Sprint(run.Attempt))
	m := at(run.Started)
	return append(list, fact{Name: "Started", Value: m.Text, Time: &m})
}

func checkpointFacts(c *experiments.CheckpointInfo) []fact {
	if c == nil {
		return nil
	}
	m := at(c.Time)
	kind := "to continue from"
	if c.Final {
		kind = "final"
	}
	return []fact{{Name: "Step", Value: grouped(c.Step)}, {Name: "Kind", Value: kind}, {Name: "Size", Value: iec.Bytes(c.Bytes)},
		{Name: "Written", Value: m.Text, Time: &m}, {Name: "Digest", Value: c.Digest}}
}

// pairs is a table of names and values in order of the names; empty values are left out.
func pairs(name string, values map[string]any) table {
	t := table{Name: name, Columns: []column{{Key: "key", Title: "Key"}, {Key: "value", Title: "Value"}}}
	for _, key := range sortedKeys(values) {
		if values[key] == "" {
			continue
		}
		c := valueCell(key, values[key])
		c.Class = "mono"
		t.Rows = append(t.Rows, row{Key: key, Cells: []cell{text(key), c}})
	}
	return t
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// metricTable has the newest, lowest and highest value of every metric.
func metricTable(run experiments.RunInfo) table {
	t := table{Name: run.ID + "-metrics", Columns: []column{{Key: "metric", Title: "Metric"}, {Key: "last", Title: "Last", Class: "number"},
		{Key: "min", Title: "Min", Class: "number"}, {Key: "max", Title: "Max", Class: "number"}, {Key: "unit", Title: "Unit"}}}
	for _, name := range metric.Ordered(sortedKeys(run.Last), run.Usual(metric.TestTop1)) {
		line := row{Key: name, Cells: []cell{text(name), numeric(shown(name, run.Last[name]), run.Last[name])}}
		for _, of := range []map[string]float64{run.Min, run.Max} {
			c := cell{Text: "–", Value: "", Class: "number quiet"}
			if v, has := of[name]; has {
				c = numeric(shown(name, v), v)
			}
			line.Cells = append(line.Cells, c)
		}
		line.Cells = append(line.Cells, text(unit(name)))
		t.Rows = append(t.Rows, line)
	}
	return t
}

func (s *Server) runCurvesFigure(r request) (response, error) { return s.curvesFigure(r, s.runCurves) }

func (s *Server) runChart(r request) (chart, error) { return s.chart(r, s.runCurves) }

func (s *Server) runCurves(r request) (plot, []string, error) {
	run, err := s.run(r.Context(), r.Param("run"))
	if err != nil {
		return plot{}, nil, err
	}
	metrics, err := s.wantedMetrics(r, []experiments.RunInfo{run}, run.Usual(metric.TestTop1))
	if err != nil {
		return plot{}, nil, err
	}
	styles, err := s.cellStyles(r.Context())
	return runPlot(run, styles, metrics), metrics, err
}
