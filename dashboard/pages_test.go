package dashboard

import (
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// listed are addresses whose answer needs the size of every network. They are counted before, or a slow machine would
// spend the time of one answer on it.
var listed = regexp.MustCompile(`^(/api/v1)?/models(/bubbles\.svg)?($|\?)`)

// get is one request to the handler.
func get(t *testing.T, s *Server, path string, headers ...string) (int, http.Header, string) {
	t.Helper()
	if listed.MatchString(path) {
		if _, err := s.catalogue.all(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r := httptest.NewRequest("GET", path, nil)
	r.Host = "127.0.0.1:8080"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, w.Result().Header, string(body)
}

func wantPage(t *testing.T, s *Server, path string, code int, parts ...string) string {
	t.Helper()
	got, _, body := get(t, s, path)
	if got != code {
		t.Fatalf("GET %s: %d, want %d\n%s", path, got, code, body)
	}
	if strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "%!") || strings.Contains(body, "<no value>") {
		t.Errorf("GET %s: a value could not be written", path)
	}
	for _, p := range parts {
		if !strings.Contains(body, p) {
			t.Errorf("GET %s lacks %q", path, p)
		}
	}
	return body
}

var (
	rowOf  = regexp.MustCompile(`(?s)<tr[^>]*>(.*?)</tr>`)
	cellOf = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	markup = regexp.MustCompile(`(?s)<[^>]*>`)
)

// tableIn is the text of the cells of a table in a page, its headings first.
func tableIn(t *testing.T, body, id string) [][]string {
	t.Helper()
	_, rest, found := strings.Cut(body, `<table id="`+id+`">`)
	inside, _, closed := strings.Cut(rest, "</table>")
	if !found || !closed {
		t.Fatalf("the page has no table %s", id)
	}
	var rows [][]string
	for _, r := range rowOf.FindAllStringSubmatch(inside, -1) {
		var cells []string
		for _, c := range cellOf.FindAllStringSubmatch(r[1], -1) {
			cells = append(cells, strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(c[1], ""))))
		}
		rows = append(rows, cells)
	}
	return rows
}

func TestFullPages(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	id := m.runs[3].ID
	m.runs[3].Progress.Step = 471 // the last report came before the end
	wantPage(t, s, "/studies", 200, `href="/studies/demo"`, "<b>12</b> of 12 runs done", "shortcut (2) × depth (2) × 3 seeds")
	wantPage(t, s, "/runs/"+id, 200, "optim.lr", "Epoch", "12 of 12", "480 of 480", "2.1 MiB", "9f86d081884c7d65", "&lt;b&gt;markup")
	wantPage(t, s, "/healthz", 200, "ok")
}

// The page of a study has each cell with the mean of its seeds, each run in the coverage, and a chart for each metric.
func TestStudyPageHasEveryCellAndRun(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	body := wantPage(t, serverOf(t, m), "/studies/demo", 200, "He et al. 2015", "▲ better", "workbench ablate demo", `class="figure"`)
	rows := tableIn(t, body, "table-demo-ablation")
	if len(rows) != 5 {
		t.Fatalf("%d rows, want the head and 4 cells:\n%v", len(rows), rows)
	}
	means := map[string]float64{}
	for _, r := range m.runs {
		means[r.Cell] += r.Last[metric.TestTop1] / 3
	}
	for _, row := range rows[1:] {
		name, _, _ := strings.Cut(row[0], "\n")
		mean, known := means[strings.TrimSpace(name)]
		if got, err := strconv.ParseFloat(row[2], 64); err != nil || !known || math.Abs(got-100*mean) > 0.06 || row[1] != "3/3" {
			t.Errorf("%q has a mean of %v, which its row does not: %q", name, mean, row)
		}
		delete(means, strings.TrimSpace(name))
	}
	if len(means) > 0 {
		t.Errorf("cells without a row: %v", means)
	}
	for _, r := range m.runs {
		want := fmt.Sprintf(`<a class="square done" href="/runs/%s" title="%s, seed %d: done">`, r.ID, r.Cell, r.Seed)
		if !strings.Contains(body, want) {
			t.Errorf("the coverage lacks %s", want)
		}
	}
	for _, name := range []string{metric.TestTop1, metric.TrainTop1, metric.TestLoss, metric.TrainLoss, metric.TrainRate, metric.TestTop5} {
		want := fmt.Sprintf(`data-metric="%s" data-source="/api/v1/studies/demo/curves?metric=%s"`, name, url.QueryEscape(name))
		if strings.Count(body, want) != 1 {
			t.Errorf("not one chart of %s", name)
		}
	}
}

// The table of runs has every run with its own values, and the page of a run each of its metrics.
func TestRunPagesHaveEveryValue(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	body := wantPage(t, s, "/runs?sort=seed", 200, "<b>12</b> of 12 runs", "model.name")
	rows := tableIn(t, body, "table-runs")
	if len(rows) != 13 {
		t.Fatalf("%d rows, want the head and 12 runs", len(rows))
	}
	seen := map[string][]string{}
	for _, row := range rows[1:] {
		seen[row[1]] = row
	}
	for _, r := range m.runs {
		row := seen[short(r.ID)]
		if len(row) < 9 || row[2] != "demo" || row[3] != r.Cell || row[4] != fmt.Sprint(r.Seed) || row[5] != "done" || row[6] != "12/12" ||
			row[7] != shown(metric.TestTop1, r.Last[metric.TestTop1]) || row[8] != shown(metric.TestTop1, r.Max[metric.TestTop1]) {
			t.Errorf("run %s of %s, seed %d: %q", r.ID, r.Cell, r.Seed, row)
		}
	}
	one := m.runs[7]
	rows = tableIn(t, wantPage(t, s, "/runs/"+one.ID, 200), "table-"+one.ID+"-metrics")
	if len(rows) != 1+len(one.Last) {
		t.Errorf("%d rows for %d metrics", len(rows)-1, len(one.Last))
	}
	for _, row := range rows[1:] {
		name := row[0]
		want := []string{name, shown(name, one.Last[name]), shown(name, one.Min[name]), shown(name, one.Max[name]), unit(name)}
		if !slices.Equal(row, want) {
			t.Errorf("%q, want %q", row, want)
		}
	}
	other := m.runs[0]
	body = wantPage(t, s, "/compare?run="+other.ID+"&run="+one.ID, 200, "as first", `data-source="/api/v1/compare/curves?`)
	rows = tableIn(t, body, "table-compare")
	if head := rows[0]; len(head) != 3 || head[1] != short(other.ID) || head[2] != short(one.ID) {
		t.Errorf("compared are %q", head)
	}
	for _, want := range [][]string{{"cell", other.Cell, one.Cell}, {"seed", fmt.Sprint(other.Seed), fmt.Sprint(one.Seed)}} {
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("the comparison lacks %q:\n%q", want, rows)
		}
	}
}

func TestEmptyPages(t *testing.T) {
	s := serverOf(t, &memory{})
	wantPage(t, s, "/studies", 200, "no study yet", "workbench run quickstart")
	wantPage(t, s, "/runs", 200, "no run yet")
	wantPage(t, s, "/compare", 200, "Choose runs")

	young := degradation("young", 0, 1, 2)
	for i := range young.runs {
		r := &young.runs[i]
		r.Status, r.Progress, r.Checkpoint, r.Environment = experiments.Queued, nil, nil, nil
		r.Last, r.Max, r.Min = nil, nil, nil
	}
	young.points = nil
	young.runs[0].Status = experiments.Running
	s = serverOf(t, young)
	wantPage(t, s, "/studies/young", 200, "No run has measured anything yet", `class="square queued"`)
	wantPage(t, s, "/runs/"+young.runs[0].ID, 200, "has just begun", "None yet")
	wantPage(t, s, "/runs/"+young.runs[1].ID, 200, "measured nothing yet")
	wantPage(t, s, "/runs", 200, young.runs[5].ID)
	young.runs = nil
	wantPage(t, s, "/studies/young", 200, `class="square missing"`)
}

func TestStalledRunIsSaid(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.runs[1].Status = experiments.Running
	s := serverOf(t, m)
	wantPage(t, s, "/runs/"+m.runs[1].ID, 200, "no step for 9 s (expected every 0.3 s)")
	wantPage(t, s, "/studies/demo", 200, "is stalled: no step for 9 s")
	m.runs[1].Progress.Time = epoch0.Add(19 * time.Second)
	if body := wantPage(t, s, "/runs/"+m.runs[1].ID, 200); strings.Contains(body, "Stalled") {
		t.Error("a run that reported a second ago is called stalled")
	}
}

func TestHostileNamesAreEscaped(t *testing.T) {
	name := `<script>alert(1)</script>" onload="x' &`
	m := degradation(name, 0, 1, 2)
	for i := range m.runs {
		r := &m.runs[i]
		r.Cell += name
		r.Reason, r.Status = name, experiments.Failed
		r.Environment[name] = name
		r.Last[name] = 1
		m.points[r.ID] = append(m.points[r.ID], experiments.Point{Metric: name, Step: 1, Value: 2, Time: epoch0})
	}
	study := m.studies[name]
	study.Title, study.Source, study.Expect = name, name, name
	m.studies[name] = study
	s := serverOf(t, m)
	for _, path := range []string{"/studies", studyPath(name), studyPath(name) + "/effects.svg", studyPath(name) + "/curves.svg",
		"/runs", "/runs?q=%3Cscript%3E", "/runs/" + m.runs[0].ID, "/compare?run=" + m.runs[0].ID + "&run=" + m.runs[4].ID,
		"/compare/curves.svg?run=" + m.runs[0].ID, "/studies/%3Cscript%3E", "/runs/%3Cscript%3E", "/%3Cscript%3E",
		"/runs?sort=%22%3E%3Cscript%3E"} {
		_, _, body := get(t, s, path)
		if strings.Contains(body, "<script>alert") || strings.Contains(body, `"><script`) || strings.Contains(body, `" onload="x`) {
			t.Errorf("GET %s: a name got into the page as markup", path)
		}
	}
}

func TestErrors(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	for _, c := range []struct {
		path string
		code int
		part string
	}{
		{"/nothing", 404, "Not Found"},
		{"/studies/none", 404, "This database has no study &#34;none&#34;: want one of demo"},
		{"/runs/none", 404, "This database has no run &#34;none&#34;: want an id"},
		{"/runs/5eed", 409, "Several runs begin with &#34;5eed&#34;"},
		{"/runs?q=modle%3D3", 400, "did you mean model?"},
		{"/runs?q=model%3D", 400, "want a value after ="},
		{"/studies/demo?format=pdf", 400, "want one of csv, json, latex, markdown"},
		{"/studies/demo/curves.svg?metric=nope", 404, "was not recorded"},
		{"/api/v1/series", 400, "want at least one run"},
		{"/api/v1/series?run=" + m.runs[0].ID + "&metric=test/top1&max=-1", 400, "want a number of points"},
		{"/api/v1/runs/none", 404, `"request_id":"`},
		{"/compare?" + strings.Repeat("run=latest&", 11), 400, "at most 10"},
		{"/events?after=x", 400, "sequence number"},
		{"/assets/old/nothing.js", 404, "no asset"},
	} {
		code, h, body := get(t, s, c.path)
		if code != c.code || !strings.Contains(body, c.part) {
			t.Errorf("GET %s: %d, want %d with %q:\n%.400s", c.path, code, c.code, c.part, body)
		}
		if h.Get("X-Request-Id") == "" {
			t.Errorf("GET %s: no request id", c.path)
		}
	}
	m.broken = errors.New("disk I/O error at /secret/path")
	for _, path := range []string{"/studies", "/studies/demo", "/runs", "/api/v1/runs", "/healthz"} {
		code, h, body := get(t, s, path)
		if code != 500 || strings.Contains(body, "secret") || !strings.Contains(body, h.Get("X-Request-Id")) {
			t.Errorf("GET %s on a broken database: %d\n%s", path, code, body)
		}
	}
}
