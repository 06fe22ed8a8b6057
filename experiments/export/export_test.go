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
type twice struct{ most, asked int }

func (m *twice) Series(_ context.Context, runs, metrics []string, most int) (list []experiments.Series, err error) {
	m.most, m.asked = max(m.most, len(runs)), m.asked+1
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
