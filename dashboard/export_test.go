package dashboard

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// exported reads a table in each format: the records of CSV by column, those of JSON, and the lines of Markdown.
func exported(t *testing.T, s *Server, path string) (heads []string, rows []map[string]string, objects []map[string]any, lines []string) {
	t.Helper()
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	records, err := csv.NewReader(strings.NewReader(wantPage(t, s, path+joint+"format=csv", 200))).ReadAll()
	if err != nil {
		t.Fatalf("%s as CSV: %v", path, err)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, v := range record {
			row[records[0][i]] = v
		}
		rows = append(rows, row)
	}
	var answer struct {
		Schema int
		Rows   []map[string]any
	}
	if err := json.Unmarshal([]byte(wantPage(t, s, path+joint+"format=json", 200)), &answer); err != nil || answer.Schema != schema {
		t.Fatalf("%s as JSON: %v, schema %d", path, err, answer.Schema)
	}
	lines = strings.Split(strings.TrimSpace(wantPage(t, s, path+joint+"format=markdown", 200)), "\n")
	return records[0], rows, answer.Rows, lines[2:]
}

// All formats of a table have the same rows in the same order with the same values, whatever the page shows.
func TestExports(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	first, best := m.runs[0], m.runs[9]
	for _, c := range []struct {
		path, heads string
		rows        int
		at          int // whose values are known
		known       map[string]string
	}{
		{"/studies", "study title done total updated", 1, 0, map[string]string{"study": "demo", "done": "12", "total": "12"}},
		{"/studies/demo", "cell", 4, 0, map[string]string{"cell": "shortcut=none depth=20"}},
		{"/runs?sort=seed&columns=test/top5", "run study cell seed status", 12, 0, map[string]string{"study": "demo", "seed": "0",
			"status": "done", "epoch": "12", "seconds": "10.8", "test/top1": ""}},
		{"/runs?q=depth%3D56+and+seed%3D0&sort=-test/top1", "run study", 2, 0, map[string]string{"run": best.ID, "model.shortcut": "identity",
			"test/top1": strconv.FormatFloat(best.Last[metric.TestTop1], 'g', -1, 64)}},
		{"/runs/" + first.ID, "key value", 0, -1, map[string]string{"optim.lr": "0.1", "epochs": "12", "dataset.name": "shapes",
			"model.name": "resnet20_cifar"}},
		{"/compare?run=" + first.ID + "&run=" + best.ID, "key " + first.ID + " " + best.ID, 0, -1, map[string]string{
			"model.name": "resnet20_cifar", "cell": first.Cell}},
	} {
		heads, rows, objects, lines := exported(t, s, c.path)
		if got := strings.Join(heads, " "); !strings.HasPrefix(got, c.heads) || c.rows > 0 && len(rows) != c.rows {
			t.Errorf("%s: %d rows of %s, want %d of %s", c.path, len(rows), got, c.rows, c.heads)
		}
		if len(objects) != len(rows) || len(lines) != len(rows) {
			t.Fatalf("%s: %d rows of CSV, %d of JSON, %d of Markdown", c.path, len(rows), len(objects), len(lines))
		}
		for i, row := range rows {
			for _, head := range heads {
				want := row[head]
				if f, err := strconv.ParseFloat(want, 64); err == nil {
					want = fmt.Sprint(f)
				}
				if got := fmt.Sprint(objects[i][head]); strings.TrimPrefix(want, "'") != got && !(want == "" && got == "NaN") {
					t.Errorf("%s: row %d has %s=%q in CSV and %q in JSON", c.path, i, head, want, got)
				}
			}
			if strings.Count(lines[i], "|") != len(heads)+1 {
				t.Errorf("%s: line %d of Markdown has other columns: %s", c.path, i, lines[i])
			}
		}
		for name, want := range c.known {
			got := ""
			if c.at >= 0 {
				got = rows[c.at][name]
			} else if i := slices.IndexFunc(rows, func(r map[string]string) bool { return r["key"] == name }); i >= 0 {
				got = rows[i][heads[1]]
			}
			if got != want && want != "" || got == "" {
				t.Errorf("%s: %s is %q, want %q", c.path, name, got, want)
			}
		}
	}
	_, h, _ := get(t, s, "/studies/demo?format=csv")
	if got := h.Get("Content-Disposition"); got != `attachment; filename="demo-ablation.csv"` {
		t.Errorf("file name %s", got)
	}
}

func TestSpreadsheetsGetNoFormulas(t *testing.T) {
	tab := table{Columns: []column{{Key: "k"}, {Key: "v"}, {Key: "f", Quiet: true}}, Rows: []row{
		{Cells: []cell{text("=cmd()"), numeric("−1", -1.0), {Text: "x"}}}, {Cells: []cell{text("a\nb|c"), numeric("–", math.NaN()), {}}}}}
	got, err := tab.csv()
	if want := "k,v\n'=cmd(),-1\n\"a\nb|c\",\n"; err != nil || string(got) != want {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
	if got, err := tab.markdown(); err != nil || !strings.Contains(string(got), `| a b\|c | – |`) {
		t.Errorf("markdown: %v\n%s", err, got)
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
	var answer struct{ Rows []map[string]any }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	last := math.Inf(1)
	for _, r := range answer.Rows {
		if v, ok := r["test/top1"].(float64); ok {
			if v > last {
				t.Errorf("%v after %v", v, last)
			}
			last = v
		}
	}
	r := answer.Rows[0]
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
