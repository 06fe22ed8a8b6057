package export

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// side is a run of which only some settings and facts differ from those of others.
func side(id, cell string, seed uint64, epochs int, environment map[string]string) experiments.RunInfo {
	config := experiments.Defaults()
	config.Dataset, config.Model = experiments.Choice{Name: "shapes"}, experiments.Choice{Name: "resnet_mini"}
	config.Epochs = epochs
	return experiments.RunInfo{Run: experiments.Run{ID: id, Study: "st", Cell: cell, Seed: seed, Config: config, DataDigest: "digest"},
		Version: 3, Status: experiments.Done, Environment: environment}
}

// written is the table of that name as CSV.
func written(t *testing.T, d Document, name string) string {
	t.Helper()
	table, err := d.Table(name)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := table.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestComparisonsExactly(t *testing.T) {
	a := side("a", "x", 1, 5, map[string]string{"cpu": "c", "threads": "2"})
	b := side("b", "y", 2, 6, map[string]string{"cpu": "c", "threads": "4", "host": "h"})
	b.Status, b.Version = experiments.Failed, 4
	a.Last = map[string]float64{"odd": 1, metric.TrainTop1: 0.75, metric.TestTop1: 0.5}
	b.Last = map[string]float64{metric.TestTop1: math.NaN(), metric.TestLoss: 2}
	d := Comparison([]experiments.RunInfo{a, b}, false)
	if got := d.Names(); !slices.Equal(got, []string{"config", "environment", "metrics"}) {
		t.Errorf("tables %q", got)
	}
	for name, want := range map[string]string{
		"":            "path,a,b\ncell,x,y\nepochs,5,6\nseed,1,2\nstatus,done,failed\nversion,3,4\n",
		"environment": "fact,a,b\nhost,,h\nthreads,2,4\n",
		"metrics":     "metric,a,b\ntest/top1,0.5,NaN\ntrain/top1,0.75,\ntest/loss,,2\nodd,1,\n",
	} {
		if got := written(t, d, name); got != want {
			t.Errorf("%q: got\n%swant\n%s", name, got, want)
		}
	}
	all := Comparison([]experiments.RunInfo{a, b}, true)
	if got, want := written(t, all, "environment"), "fact,a,b\ncpu,c,c\nhost,,h\nthreads,2,4\n"; got != want {
		t.Errorf("all facts: got\n%swant\n%s", got, want)
	}
	config := written(t, all, "config")
	for _, want := range []string{"\nbatch,64,64\n", "\ndata_digest,digest,digest\n", "\nstudy,st,st\n", "\nepochs,5,6\n",
		"\nmodel.name,resnet_mini,"} {
		if strings.Count(config, want) != 1 {
			t.Errorf("all settings lack %q:\n%s", want, config)
		}
	}
	if alike := Comparison([]experiments.RunInfo{a, a}, false); alike.Tables[0].Rows == nil || len(alike.Tables[0].Rows) != 0 {
		t.Errorf("equal runs: %v, want rows that are there and none", alike.Tables[0].Rows)
	}
	if len(a.Config.Model.Options) != 0 {
		t.Error("the run's own settings were completed")
	}
}

func TestARunExactly(t *testing.T) {
	r := side("a", "x", 18446744073709551615, 5, map[string]string{"threads": "2", "cpu": "c"})
	r.Needs, r.BlockedBy, r.Progress = []string{"n1", "n2"}, []string{"n2"}, &experiments.Progress{Epoch: 7}
	r.Started, r.Updated, r.Seconds, r.Attempt, r.Reason = time.Unix(1, 5e6), time.Unix(2, 0), 0.5, 6, "why"
	d := Run(r, nil, nil)
	if got, want := d.Names(), []string{"run", "phases", "metrics", "artefacts", "config", "environment", "log"}; !slices.Equal(got, want) {
		t.Errorf("tables %q, want %q", got, want)
	}
	head := "run,study,version,cell,seed,status,reason,attempt,epoch,started,updated,seconds,data_digest,needs,blocked_by," +
		"checkpoint_step,checkpoint_bytes,weights_digest\n"
	for name, want := range map[string]string{
		"":        head + "a,st,3,x,18446744073709551615,done,why,6,7,1970-01-01T00:00:01.005Z,1970-01-01T00:00:02.000Z,0.5,digest,n1 n2,n2,,,\n",
		"phases":  "phase,index,count,first,steps,epochs,images,multiply_adds,seconds\n",
		"metrics": "metric,last,min,max\n", "log": "line\n", "artefacts": "name,step,kind,media,bytes,attempt,digest\n",
		"environment": "fact,value\ncpu,c\nthreads,2\n",
	} {
		if got := written(t, d, name); got != want {
			t.Errorf("%q: got\n%swant\n%s", name, got, want)
		}
	}
	if got := written(t, d, "config"); !strings.HasPrefix(got, "path,value\nalgorithms,auto\n") || !strings.Contains(got, "\nepochs,5\n") ||
		!strings.Contains(got, "\noptim.nesterov,false\n") {
		t.Errorf("settings:\n%s", got)
	}
	text, err := d.EncodeJSON()
	for _, want := range []string{`"schema": 2`, "\n  \"log\": [],",
		"\n  \"environment\": {\n    \"cpu\": \"c\",\n    \"threads\": \"2\"\n  },",
		"\n  \"run\": {\n    \"attempt\": 6,\n    \"blocked_by\": [\n      \"n2\"\n    ],", "\n  \"phases\": [],", "\n    \"epochs\": 5,"} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("JSON lacks %q (%v):\n%s", want, err, text)
		}
	}
	r.Last, r.Min, r.Max = map[string]float64{"a": 1, "b": 2}, map[string]float64{"b": 3}, map[string]float64{"a": 4, "c": 5}
	if got, want := written(t, Run(r, nil, nil), "metrics"), "metric,last,min,max\na,1,,4\nb,2,3,\n"; got != want {
		t.Errorf("metrics: got\n%swant\n%s", got, want)
	}
	r.Config.Schedule = experiments.Choice{Name: "step", Options: map[string]any{"milestones": []float64{2, 3.5}}}
	if got := written(t, Run(r, nil, nil), "config"); !strings.Contains(got, "\nschedule.milestones,\"[2,3.5]\"\n") {
		t.Errorf("a list among the settings:\n%s", got)
	}
	r.Started, r.Progress, r.Reason = time.Time{}, nil, ""
	if got := written(t, Run(r, nil, nil), ""); !strings.Contains(got, ",done,,6,,,1970-01-01T00:00:02.000Z,") {
		t.Errorf("what never was is no empty field:\n%s", got)
	}
}

func TestRunsExactly(t *testing.T) {
	a, b := side("a", "x", 1, 5, nil), side("b", "y", 2, 6, nil)
	a.Started, a.Updated, a.Seconds, a.Attempt, a.Reason = time.Unix(1, 0), time.Unix(2, 0), 3.5, 4, "why"
	a.Progress = &experiments.Progress{Epoch: 9}
	b.Version, b.Status = 7, experiments.Queued
	a.Last = map[string]float64{metric.TestTop1: 0.5, metric.TrainRate: 0.25, metric.TestLoss: 0.75}
	a.Min = map[string]float64{metric.TestTop1: 0.125, metric.TrainRate: 0.0625, metric.TestLoss: 0.375}
	a.Max = map[string]float64{metric.TestTop1: 0.875, metric.TrainRate: 0.5, metric.TestLoss: 1.5}
	b.Last = map[string]float64{metric.TestTop1: math.Inf(1)}
	want := "run,study,version,cell,seed,status,reason,attempt,epoch,seconds,started,updated,epochs,test/top1,best/test/top1,test/loss," +
		"best/test/loss,train/lr\n" +
		"a,st,3,x,1,done,why,4,9,3.5,1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z,5,0.5,0.875,0.75,0.375,0.25\n" +
		"b,st,7,y,2,queued,,0,,0,,,6,Infinity,,,,\n"
	if got := written(t, Runs([]experiments.RunInfo{a, b}), "runs"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	table := Runs([]experiments.RunInfo{a, b}).Tables[0]
	table.Add("more", func(row int) any { return 10 * row })
	if last := len(table.Columns) - 1; table.Columns[last] != "more" || table.Rows[1][last] != 10 {
		t.Errorf("an added column: %v, %v", table.Columns, table.Rows)
	}
	if Best(metric.TestLoss, a)[metric.TestLoss] != 0.375 || Best(metric.TestTop1, a)[metric.TestTop1] != 0.875 ||
		Best(metric.TrainRate, a)[metric.TrainRate] != 0.5 {
		t.Error("the best value is the lowest of a loss and the highest of others")
	}
}

// A document is one object of JSON, with its keys in order, and says only what it has.
func TestJSONExactly(t *testing.T) {
	d := Document{Facts: map[string]any{"b": math.Inf(1), "a": "<&>"}, Remarks: []string{}, Tables: []Table{
		{Name: "rows", Columns: []string{"n", "at"}, Rows: [][]any{{0.5, time.Unix(0, 0)}, {nil, nil}}},
		{Name: "own", Columns: []string{"n"}, Rows: [][]any{{1}}, JSON: []int{7}}}}
	want := "{\n  \"a\": \"<&>\",\n  \"b\": \"Infinity\",\n  \"own\": [\n    7\n  ],\n  \"remarks\": [],\n  \"rows\": [\n    {\n" +
		"      \"at\": \"1970-01-01T00:00:00.000Z\",\n      \"n\": 0.5\n    },\n    {\n      \"at\": null,\n      \"n\": null\n    }\n  ],\n" +
		"  \"schema\": 2\n}\n"
	if got, err := d.EncodeJSON(); err != nil || string(got) != want {
		t.Errorf("got\n%s(%v), want\n%s", got, err, want)
	}
	d.Remarks = nil
	if got, err := d.EncodeJSON(); err != nil || strings.Contains(string(got), "remarks") {
		t.Errorf("remarks that cannot be: %v\n%s", err, got)
	}
	d.Facts["c"] = func() {}
	if _, err := d.EncodeJSON(); err == nil || !strings.HasPrefix(err.Error(), "export: json: ") {
		t.Errorf("what JSON cannot hold: %v", err)
	}
	if _, err := (Document{}).Table(""); err == nil || err.Error() != `unknown table "": there are none` {
		t.Errorf("the first table of none: %v", err)
	}
}

func TestMarkdownExactly(t *testing.T) {
	m := Markdown{Head: []string{"name", "n", "é"}, Right: []bool{false, true, false},
		Rows: [][]string{{"a|b", "1,234", "  x  "}, {"", "5", "日本"}}}
	want := "| name |     n | é   |\n| :--- | ----: | :-- |\n| a\\|b | 1,234 | x   |\n|      |     5 | 日本  |\n"
	if got := m.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// failing writes nothing.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

// An error of whoever reads or writes ends the export and is told.
func TestErrorsOfExportsAreTold(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	for name, table := range map[string]Table{
		"a short table": {Columns: []string{"a"}, Rows: [][]any{{1}}}, "a long head": {Columns: []string{long}},
		"a long row":  {Columns: []string{"a", "b"}, Rows: [][]any{{long, 1}, {1, 2}}},
		"empty lines": {Columns: []string{"a"}, Rows: slices.Repeat([][]any{{nil}}, 100_000)},
	} {
		if err := table.WriteCSV(failing{}); err == nil || !strings.HasSuffix(err.Error(), "full") {
			t.Errorf("%s: %v", name, err)
		}
	}
	gone := errors.New("gone")
	broken := Table{Columns: []string{"a"}, Each: func(func([]any) error) error { return gone }}
	if err := broken.WriteCSV(&strings.Builder{}); !errors.Is(err, gone) {
		t.Errorf("rows that cannot be read: %v", err)
	}
	if got := fmt.Sprint(Points(t.Context(), inMemory{{Points: make([]experiments.Point, 2)}}, make([]experiments.RunInfo, 3)).Each(
		func([]any) error { return gone })); got != "gone" {
		t.Errorf("points that cannot be written: %s", got)
	}
	from := &twice{}
	err := Points(t.Context(), from, []experiments.RunInfo{{Run: experiments.Run{ID: "lost"}}}).WriteCSV(&strings.Builder{})
	if err == nil || err.Error() != "export: points: file does not exist" {
		t.Errorf("points that cannot be read: %v", err)
	}
	if from.points != 0 || Points(t.Context(), from, nil).Name != "points" {
		t.Error("points are asked for without a bound, under their own name")
	}
}

func TestTablesOfAblationsAreInOrder(t *testing.T) {
	a := analysis.Ablation{Metric: metric.TestTop1, Warnings: []string{}}
	d := Ablation(experiments.StudyInfo{}, a, "")
	want := []string{"cells", "effects", "interactions", "per_cost", "values", "budgets", "trends", "published", "robust"}
	if got := d.Names(); !slices.Equal(got, want) || d.Facts["unit"] != "1" {
		t.Errorf("tables %q, unit %v; want %q in 1", got, d.Facts["unit"], want)
	}
}

// A run from before some options existed is compared by their defaults: one that was recorded since with these defaults
// differs in nothing, and each option has a row where everything is shown.
func TestEarlierRunsAreComparedInFull(t *testing.T) {
	c := experiments.Defaults()
	c.Dataset = experiments.Choice{Name: "shapes", Options: map[string]any{}}
	c.Model = experiments.Choice{Name: "resnet_mini", Options: map[string]any{}}
	c.Optim.Options["lr"], c.Epochs = 0.1, 1
	c, err := c.Resolved()
	if err != nil {
		t.Fatal(err)
	}
	earlier := c.Clone()
	later := map[string]any{}
	for section, named := range map[string]experiments.Choice{"dataset": earlier.Dataset, "model": earlier.Model, "optim": earlier.Optim,
		"schedule": earlier.Schedule} {
		keys, err := experiments.Keys(section, named.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if _, has := named.Options[k.Option.Name]; has && k.Option.Later && len(named.Options) > 1 {
				later[k.Path] = k.Option.Default
				delete(named.Options, k.Option.Name)
			}
		}
	}
	if len(later) == 0 {
		t.Fatal("no option came later than the others")
	}
	runs := []experiments.RunInfo{{Run: experiments.Run{ID: "a", Config: earlier}}, {Run: experiments.Run{ID: "b", Config: c}}}
	if rows := Comparison(runs, false).Tables[0].Rows; len(rows) > 0 {
		t.Errorf("an earlier run differs from a later one in %v", rows)
	}
	rows := map[any][]any{}
	for _, row := range Comparison(runs, true).Tables[0].Rows {
		rows[row[0]] = row
	}
	for path := range later {
		if row := rows[path]; len(row) != 3 || row[1] == nil || row[1] != row[2] {
			t.Errorf("%s: %v, want its default %v twice", path, row, later[path])
		}
	}
}
