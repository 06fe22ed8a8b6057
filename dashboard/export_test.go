package dashboard

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

func TestExports(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	for path, tables := range map[string][]string{
		"/studies?": {"studies"}, "/studies/demo?": {"cells", "effects", "values", "points"}, "/runs?": {"runs"},
		"/studies/demo/architectures?": {"architectures"},
		"/runs/" + m.runs[0].ID + "?": {"run", "metrics", "config", "environment", "log",
			"phases", "artefacts", "points"},
		"/compare?run=" + m.runs[0].ID + "&run=" + m.runs[3].ID + "&": {"config", "environment", "metrics"},
		"/models?": {"rows"},
	} {
		var answer map[string]any
		if err := json.Unmarshal([]byte(wantPage(t, s, path+"format=json", 200)), &answer); err != nil {
			t.Errorf("%s as JSON: %v", path, err)
		}
		first := wantPage(t, s, path+"format=csv", 200)
		for i, name := range tables {
			text := wantPage(t, s, path+"format=csv&table="+name, 200)
			records, err := csv.NewReader(strings.NewReader(text)).ReadAll() // an error if lines differ in length
			if err != nil || i == 0 && (text != first || len(records) < 2) {
				t.Errorf("%s as CSV, table %s: %v\n%s", path, name, err, text)
			}
			if rows, is := answer[name].([]any); is && len(rows) != len(records)-1 {
				t.Errorf("%s, table %s: %d rows in JSON, %d in CSV", path, name, len(rows), len(records)-1)
			}
		}
		lines := strings.Split(strings.TrimSpace(wantPage(t, s, path+"format=markdown", 200)), "\n")
		for _, line := range lines {
			if strings.Count(line, "|") != strings.Count(lines[0], "|") {
				t.Errorf("%s as Markdown:\n%s", path, line)
			}
		}
	}
	_, h, _ := get(t, s, "/studies/demo?format=csv")
	if got := h.Get("Content-Disposition"); got != `attachment; filename="demo-ablation.csv"` {
		t.Errorf("file name %s", got)
	}
	wantPage(t, s, "/studies/demo?format=csv&table=cell", 400, "did you mean cells")
	wantPage(t, s, "/studies/demo?format=json&table=cells", 400, "chooses what format=csv writes")
}

func TestSpreadsheetsGetNoFormulas(t *testing.T) {
	tab := table{Columns: []column{{Key: "k"}, {Key: "v"}, {Key: "f", Quiet: true}}, Rows: []row{
		{Cells: []cell{text("=cmd()"), numeric("−1", -1.0), {Text: "x"}}}, {Cells: []cell{text("a\nb|c"), numeric("–", math.NaN()), {}}}}}
	var got strings.Builder
	err := tab.data().WriteCSV(&got)
	if want := "k,v\n'=cmd(),-1\n\"a\nb|c\",\n"; err != nil || got.String() != want {
		t.Errorf("%q (%v), want %q", got.String(), err, want)
	}
	if got := tab.markdown(); !strings.Contains(got, `| a b\|c | –   |`) {
		t.Errorf("markdown:\n%s", got)
	}
}

func TestAPICarriesWhatIsNotFinite(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.measure(0, 13, map[string]float64{metric.TestLoss: math.NaN(), metric.TrainLoss: math.Inf(1),
		metric.TrainRate: math.Inf(-1)})
	s := serverOf(t, m)
	id := m.runs[0].ID
	wantPage(t, s, "/api/v1/series?run="+id+"&metric=test/loss", 200, `"value":"NaN"`, `"total":13`)
	wantPage(t, s, "/api/v1/runs/"+id, 200, `"train/loss":"Infinity"`, `"train/lr":"-Infinity"`, `"id":"`+id, `"schema":1`)
	wantPage(t, s, "/api/v1/runs/"+id+"/curves?metric=test/loss", 200, `"NaN"`)
	wantPage(t, s, "/api/v1/studies/demo/curves", 200, `"metric":"test/top1"`, `"percent":true`, `"low":[`)
	wantPage(t, s, "/api/v1/studies/demo/ablation", 200, `"baseline":"shortcut=none depth=20"`, `"higher_is_better":true`)
	wantPage(t, s, "/api/v1/studies", 200, `"counts":{"done":12}`)
	wantPage(t, s, "/api/v1/studies/demo", 200, `"name":"demo"`)
	wantPage(t, s, "/runs/"+id, 200)
	wantPage(t, s, "/studies/demo/curves.svg?metric=test/loss", 200, "<svg")
	body := wantPage(t, s, "/api/v1/runs?q=depth%3D56%20and%20seed%3C1&sort=-test/top1", 200)
	var answer struct{ Runs []struct{ Cell string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Runs) != 2 ||
		answer.Runs[0].Cell != "shortcut=identity depth=56" {
		t.Errorf("filtered and sorted runs: %v %v", err, answer)
	}
	body = wantPage(t, s, "/api/v1/series?run="+id+"&metric=test/top1&max=5", 200, `"total":12`)
	if n := strings.Count(body, `"step":`); n != 5 {
		t.Errorf("%d points, want 5", n)
	}
}

func TestEncodeAgreesWithTheStandardLibrary(t *testing.T) {
	m := degradation("demo", 0)
	for _, v := range []any{m.runs[0], m.studies["demo"].Factors[0].Name, experiments.Change{Seq: 3}, []int{},
		map[string]bool{"a": true}, struct {
			T time.Time `json:"t"`
			P *int      `json:"p"`
			s int
		}{T: epoch0}} {
		got, err := encode(v)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if json.Unmarshal(got, &a) != nil || json.Unmarshal(want, &b) != nil {
			t.Fatalf("%T: no JSON: %s", v, got)
		}
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			t.Errorf("%T:\ngot  %s\nwant %s", v, x, y)
		}
	}
}

func TestSortAndDifferingColumns(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.runs[2].Last = map[string]float64{metric.TestTop1: math.NaN()}
	s := serverOf(t, m)
	body := wantPage(t, s, "/runs?sort=-test%2Ftop1&format=json", 200)
	var answer struct{ Runs []map[string]any }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	last := math.Inf(1)
	for _, r := range answer.Runs {
		if v, ok := r["test/top1"].(float64); ok {
			if v > last {
				t.Errorf("%v after %v", v, last)
			}
			last = v
		}
	}
	r := answer.Runs[0]
	if _, has := r["model.name"]; !has {
		t.Error("the column that differs is missing")
	}
	if _, has := r["optim.lr"]; has {
		t.Error("a column that is the same everywhere is shown")
	}
	wantPage(t, s, "/runs?columns=optim.lr,test/top5", 200, "optim.lr")
	if got := withQuery(&url.URL{Path: "/runs", RawQuery: "q=a&format=csv"}, "q", ""); got != "/runs" {
		t.Errorf("cleared URL %s", got)
	}
}
