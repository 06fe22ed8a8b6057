package export

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

func TestTableForPrograms(t *testing.T) {
	at := time.Date(2026, 3, 14, 9, 26, 53, 0, time.FixedZone("", 3600))
	d := Document{Facts: map[string]any{"study": "s", "spread": math.NaN()}, Tables: []Table{
		{Name: "first", Columns: []string{"a", "@b"}, Rows: [][]any{{-1.5, "x,y"}, {math.Inf(-1), nil}, {math.NaN(), at}, {1e-9, true},
			{int64(1234567), []string{"p", "q"}}}},
		{Name: "single", Columns: []string{"line"}, Rows: [][]any{{nil}, {"\x1b=1"}}},
		{Name: "large", Columns: []string{"n"}, Each: func(yield func([]any) error) error { return yield([]any{1}) }}}}
	for name, want := range map[string]string{
		"":       "a,'@b\n-1.5,\"x,y\"\n-Infinity,\nNaN,2026-03-14T08:26:53.000Z\n1e-09,true\n1234567,p q\n",
		"single": "line\n\"\"\n\ufffd=1\n",
		"large":  "n\n1\n",
	} {
		table, err := d.Table(name)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if err := table.WriteCSV(&got); err != nil || got.String() != want {
			t.Errorf("%q: %q (%v), want %q", name, got.String(), err, want)
		}
	}
	if _, err := d.Table("frist"); err == nil || err.Error() != `unknown table "frist": did you mean first?` {
		t.Errorf("got %v", err)
	}
	text, err := d.EncodeJSON()
	var got map[string]any
	if err != nil || json.Unmarshal(text, &got) != nil {
		t.Fatalf("%v: %s", err, text)
	}
	rows := got["first"].([]any)
	if got["spread"] != "NaN" || rows[1].(map[string]any)["a"] != "-Infinity" || got["large"] != nil || len(rows) != 5 {
		t.Errorf("JSON: %s", text)
	}
}

// Factors keep their names unless a column has them already.
func TestFactorsNeverHideAColumn(t *testing.T) {
	s := experiments.Study{Name: "s", Factors: []experiments.Factor{{Name: "depth"}, {Name: "mean"}, {Name: "study"}}}
	got := withFactors(s, "mean", "n")
	if want := []string{"study", "version", "cell", "depth", "factor.mean", "factor.study", "mean", "n"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A run that lacks a metric has an empty field, and settings that are the same everywhere are no columns.
func TestRunsSideBySide(t *testing.T) {
	a := experiments.RunInfo{Run: experiments.Run{ID: "a", Config: experiments.Defaults()}, Last: map[string]float64{metric.TestLoss: 2},
		Min: map[string]float64{metric.TestLoss: 1}, Max: map[string]float64{metric.TestLoss: 3}}
	b := experiments.RunInfo{Run: experiments.Run{ID: "b", Config: experiments.Defaults()}}
	b.Config.Epochs++
	table := Runs([]experiments.RunInfo{a, b}).Tables[0]
	objects := table.Objects()
	if objects[0]["best/test/loss"] != experiments.Number(1) || objects[1]["test/loss"] != nil || objects[1]["epochs"] != b.Config.Epochs {
		t.Errorf("got %v", objects)
	}
	if _, has := objects[0]["batch"]; has {
		t.Error("what is the same everywhere is a column")
	}
	n := len(table.Columns)
	if table.Add("epochs", func(int) any { return nil }); len(table.Columns) != n {
		t.Error("a column is there twice")
	}
}

// twice has two points for each run, and notes for how many runs it was asked at once.
type twice struct{ most, asked, points int }

func (m *twice) Series(_ context.Context, runs, metrics []string, most int) (list []experiments.Series, err error) {
	m.most, m.asked, m.points = max(m.most, len(runs)), m.asked+1, max(m.points, most)
	for _, run := range runs {
		if run == "lost" {
			return nil, fs.ErrNotExist
		}
		points := []experiments.Point{{Step: 1, Value: 2}, {Step: 2, Value: 1}}
		list = append(list, experiments.Series{Run: run, Metric: "loss", Points: points})
	}
	return list, nil
}

// Points are many: they are written while they are read, a run at a time, and reading ends with the writing.
func TestPointsAreNotHeld(t *testing.T) {
	runs := []experiments.RunInfo{{Run: experiments.Run{ID: "a"}}, {Run: experiments.Run{ID: "b"}}, {Run: experiments.Run{ID: "lost"}},
		{Run: experiments.Run{ID: "c"}}}
	from := &twice{}
	var got strings.Builder
	err := Points(t.Context(), from, runs[:2]).WriteCSV(&got)
	want := "study,version,cell,seed,run,metric,step,epoch,seconds,value\n,0,,0,a,loss,1,0,0,2\n,0,,0,a,loss,2,0,0,1\n" +
		",0,,0,b,loss,1,0,0,2\n,0,,0,b,loss,2,0,0,1\n"
	if err != nil || got.String() != want || from.most != 1 {
		t.Errorf("%v, %d runs at once:\n%s", err, from.most, got.String())
	}
	if err := Points(t.Context(), from, runs).WriteCSV(io.Discard); !errors.Is(err, fs.ErrNotExist) || from.asked != 5 {
		t.Errorf("a run that cannot be read: %v, asked %d times; want 5", err, from.asked)
	}
	closed, other := io.Pipe()
	closed.Close()
	runs = slices.Repeat(runs[:1], 10_000)
	if err := Points(t.Context(), from, runs).WriteCSV(other); !errors.Is(err, io.ErrClosedPipe) || from.asked > 10_000 {
		t.Errorf("a reader who has gone: %v, asked %d times", err, from.asked)
	}
}

// Every column has the value that its name says: no two values of these records are alike.
func TestColumnsHaveTheirOwnValues(t *testing.T) {
	r := experiments.RunInfo{Run: experiments.Run{ID: "id", Study: "st", Cell: "ce", Seed: 11, DataDigest: "da",
		Config: experiments.Defaults()},
		Version: 12, Status: experiments.Failed, Reason: "re", Attempt: 13, Seconds: 14.5, Started: time.Unix(15, 0), Updated: time.Unix(16, 0),
		Last: map[string]float64{metric.TestLoss: 2}, Min: map[string]float64{metric.TestLoss: 1}, Max: map[string]float64{metric.TestLoss: 3},
		Phases:     []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "p", Index: 1, Count: 2, First: 3, Steps: 4}, Seconds: 5.5}},
		Checkpoint: &experiments.CheckpointInfo{Step: 17, Bytes: 18, Digest: "di"}}
	made := []experiments.ArtefactInfo{{Name: "na", Kind: "ki", Media: "me", Step: 21, Attempt: 22, Bytes: 23, Digest: "ar"}}
	d := Run(r, made, []string{"one"})
	if text, err := d.EncodeJSON(); err != nil || !strings.Contains(string(text), "\n  \"log\": [\n    \"one\"\n  ],") {
		t.Errorf("the log in JSON is not its lines (%v): %s", err, text)
	}
	for name, want := range map[string]map[string]any{
		"phases":    {"phase": "p", "index": 1, "count": 2, "first": int64(3), "steps": int64(4), "seconds": experiments.Number(5.5)},
		"metrics":   {"metric": metric.TestLoss, "last": experiments.Number(2), "min": experiments.Number(1), "max": experiments.Number(3)},
		"artefacts": {"name": "na", "kind": "ki", "media": "me", "step": int64(21), "attempt": 22, "bytes": int64(23), "digest": "ar"},
		"log":       {"line": "one"},
		"run": {"run": "id", "study": "st", "version": 12, "cell": "ce", "seed": uint64(11), "status": "failed", "reason": "re",
			"attempt": 13, "seconds": experiments.Number(14.5), "started": "1970-01-01T00:00:15.000Z", "updated": "1970-01-01T00:00:16.000Z",
			"data_digest": "da", "checkpoint_step": int64(17), "checkpoint_bytes": int64(18), "weights_digest": "di"},
	} {
		table, err := d.Table(name)
		if err != nil || len(table.Rows) != 1 {
			t.Fatalf("%s: %v, %v", name, table.Rows, err)
		}
		got := table.Objects()[0]
		for column, value := range want {
			if got[column] != value {
				t.Errorf("%s, %s: got %v (%T), want %v", name, column, got[column], got[column], value)
			}
		}
	}
}

// The same of an ablation, in every table. The baseline has no difference to itself, and a cell without pairs is
// undecided.
func TestColumnsOfAblationsHaveTheirOwnValues(t *testing.T) {
	paired := func(first float64, verdict analysis.Verdict) analysis.Paired {
		return analysis.Paired{N: int(first), Mean: first + 1, Interval: analysis.Interval{Low: first + 2, High: first + 3},
			Effect: first + 4, P: first + 5, Holm: first + 6, Verdict: verdict}
	}
	diff := paired(40, analysis.Worse)
	info := experiments.StudyInfo{Version: 2, Study: experiments.Study{Name: "st", Factors: []experiments.Factor{{Name: "f"}, {Name: "g"}}}}
	a := analysis.Ablation{Study: "st", Metric: metric.TestLoss, Report: "last", Baseline: "ba", Warnings: []string{"few"},
		Rows: []analysis.AblationRow{
			{Cell: "ba", Levels: map[string]string{"f": "f1", "g": "g1"}, Baseline: true},
			{Cell: "ce", Levels: map[string]string{"f": "f2", "g": "g1"}, N: 21, Planned: 22, Diverged: 23, Mean: 24, SD: 25,
				Interval: analysis.Interval{Low: 26, High: 27}, Train: 28, Diff: &diff, Params: 31, MACs: 32, Seconds: 33,
				Values: []analysis.SeedValue{{Seed: 34, Run: "ru", Value: 35}, {Seed: 36, Run: "rv", Metric: "other", Value: 37}}},
			{Cell: "un", Levels: map[string]string{"f": "f1", "g": "g2"}, Seconds: math.NaN()}},
		Effects: []analysis.Effect{{Factor: "f", Level: "f2", Versus: "f1", Cells: 49, Paired: paired(50, analysis.Better),
			PerCost: []analysis.PerCost{{Cost: "minutes", Unit: "minute", Added: 70, Value: 71, Interval: analysis.Interval{Low: 72, High: 73}},
				{Cost: "parameters", Unit: "1e6 parameters", Value: math.NaN(), Interval: analysis.Interval{Low: math.NaN(), High: math.NaN()},
					Remark: analysis.NoAddedCost}}}},
		Interactions: []analysis.Interaction{{Factor: "f", Level: "f2", Versus: "f1", With: "g", WithLevel: "g2", WithVersus: "g1", Cells: 59,
			Paired: paired(60, analysis.Worse)}}}
	d := Ablation(info, a, "pr")
	for key, want := range map[string]any{"study": "st", "version": 2, "program": "pr", "metric": metric.TestLoss, "report": "last",
		"direction": "lower", "baseline": "ba"} {
		if d.Facts[key] != want {
			t.Errorf("%s: got %v, want %v", key, d.Facts[key], want)
		}
	}
	// JSON has the analysis's own cells and effects, and the values a row each.
	text, err := d.EncodeJSON()
	var whole struct{ Cells, Effects, Values []map[string]any }
	if err != nil || json.Unmarshal(text, &whole) != nil || len(whole.Cells) != 3 || len(whole.Effects) != 1 || len(whole.Values) != 2 {
		t.Fatalf("%v: %s", err, text)
	}
	if levels, _ := whole.Cells[1]["levels"].(map[string]any); levels["f"] != "f2" || whole.Effects[0]["versus"] != "f1" ||
		whole.Effects[0]["pairs"] != nil || whole.Values[1]["metric"] != "other" {
		t.Errorf("JSON: %s", text)
	}
	if a.Higher = true; Ablation(info, a, "").Facts["direction"] != "higher" || !slices.Equal(d.Remarks, []string{"few"}) {
		t.Errorf("direction and remarks: %v, %v", Ablation(info, a, "").Facts, d.Remarks)
	}
	for name, want := range map[string]string{
		Cells: "study,version,cell,f,g,metric,baseline,n,planned,diverged,mean,sd,low,high,train,pairs,difference,difference_low," +
			"difference_high,effect_size,p,p_holm,verdict,parameters,macs,seconds\n" +
			"st,2,ba,f1,g1,test/loss,true,0,0,0,0,0,0,0,0,,,,,,,,,,,0\n" +
			"st,2,ce,f2,g1,test/loss,false,21,22,23,24,25,26,27,28,40,41,42,43,44,45,46,worse,31,32,33\n" +
			"st,2,un,f1,g2,test/loss,false,0,0,0,0,0,0,0,0,0,,,,,,,undecided,,,\n",
		Effects: "study,version,factor,level,versus,metric,pairs,cells,difference,difference_low,difference_high,effect_size,p,p_holm,verdict\n" +
			"st,2,f,f2,f1,test/loss,50,49,51,52,53,54,55,56,better\n",
		Crossed: "study,version,factor,level,versus,with,with_level,with_versus,metric,pairs,cells,difference,difference_low," +
			"difference_high,effect_size,p,p_holm,verdict\nst,2,f,f2,f1,g,g2,g1,test/loss,60,59,61,62,63,64,65,66,worse\n",
		PerCost: "study,version,cell,factor,level,metric,pairs,difference,cost,unit,added,per_unit,per_unit_low,per_unit_high,remark\n" +
			"st,2,,f,f2,test/loss,50,51,minutes,minute,70,71,72,73,\n" +
			"st,2,,f,f2,test/loss,50,51,parameters,1e6 parameters,0,,,,no added cost\n",
		Values: "study,version,cell,f,g,seed,run,metric,value\nst,2,ce,f2,g1,34,ru,test/loss,35\n" +
			"st,2,ce,f2,g1,36,rv,other,37\n",
	} {
		table, err := d.Table(name)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if err := table.WriteCSV(&got); err != nil || got.String() != want {
			t.Errorf("%s (%v):\n%swant\n%s", name, err, got.String(), want)
		}
	}
}

// Seconds of points are of training: from the attempt's first step, without the time between attempts.
func TestSecondsOfPointsAreOfTraining(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	from := inMemory{{Run: "a", Metric: "m", Points: []experiments.Point{{Step: 1, Epoch: 0.5, Value: 7, Time: at(100)},
		{Step: 2, Epoch: 1.5, Value: 8, Time: at(1002)}}}}
	r := experiments.RunInfo{Run: experiments.Run{ID: "a", Study: "s", Cell: "c", Seed: 3}, Version: 4, Attempts: []experiments.AttemptInfo{
		{Began: at(80), Trained: at(90), Ended: at(105)}, {Began: at(990), Trained: at(1000), Ended: at(1010)}}}
	var got strings.Builder
	err := Points(t.Context(), from, []experiments.RunInfo{r}).WriteCSV(&got)
	if want := "\ns,4,c,3,a,m,1,0.5,10,7\ns,4,c,3,a,m,2,1.5,17,8\n"; err != nil || !strings.HasSuffix(got.String(), want) {
		t.Errorf("got %s (%v), want it to end in %s", got.String(), err, want)
	}
}

// inMemory are the points of one metric.
type inMemory []experiments.Series

func (m inMemory) Series(context.Context, []string, []string, int) ([]experiments.Series, error) {
	return m, nil
}
