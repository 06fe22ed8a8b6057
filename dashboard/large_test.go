// The tests of this file make much of what one goroutine writes. The race detector has nothing to see there, and makes
// them ten times as slow.

//go:build !race

package dashboard

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// However many runs there are, a page has a bound and says what it leaves out, and exports have every run.
func TestLargeTables(t *testing.T) {
	m := many(2500)
	s := serverOf(t, m)
	for _, path := range []string{"/runs", "/runs?rows=all"} {
		body := wantPage(t, s, path, 200, "<b>2500</b> of 2500 runs, 1 to 200 shown")
		if n := strings.Count(body, `name="run" value="`); n != rowsAtOnce {
			t.Errorf("%s: %d rows, want %d", path, n, rowsAtOnce)
		}
	}
	records, err := csv.NewReader(strings.NewReader(wantPage(t, s, "/runs?format=csv&sort=seed", 200))).ReadAll()
	if err != nil || len(records) != 2501 || records[2500][0] != m.runs[2499].ID || records[2500][4] != "2499" {
		t.Errorf("CSV: %v, %d records", err, len(records))
	}
	var answer struct {
		Runs []struct{ ID, Run string }
	}
	if err := json.Unmarshal([]byte(wantPage(t, s, "/runs?format=json", 200)), &answer); err != nil || len(answer.Runs) != 2500 ||
		answer.Runs[0].Run == "" {
		t.Errorf("JSON: %v, %d rows", err, len(answer.Runs))
	}
	if err := json.Unmarshal([]byte(wantPage(t, s, "/api/v1/runs", 200)), &answer); err != nil || len(answer.Runs) != 2500 ||
		answer.Runs[2499].ID != m.runs[0].ID {
		t.Errorf("API: %v, %d runs", err, len(answer.Runs))
	}
}

func TestLargeCurves(t *testing.T) {
	m := many(400)
	for i := range m.runs {
		m.runs[i].Study, m.runs[i].Cell = "demo", m.runs[i%4].Cell
		var points []experiments.Point
		for step := range 1000 {
			points = append(points, experiments.Point{Metric: metric.StepLoss, Step: int64(step), Epoch: float64(step) / 100,
				Value: math.Sin(float64(step)), Time: epoch0})
		}
		m.points[m.runs[i].ID] = points
	}
	s := serverOf(t, m)
	c := chartAt(t, s, "/api/v1/studies/demo/curves?metric="+metric.StepLoss)
	drawn := 0
	for _, a := range c.Arms {
		for _, r := range a.Runs {
			drawn += len(r.Value)
		}
	}
	if drawn < mostDrawn/2 || drawn > mostDrawn*11/10 || c.Reduced == "" {
		t.Errorf("%d points of 400 000, reduced %q; want about %d", drawn, c.Reduced, mostDrawn)
	}
	query := "/api/v1/series?metric=" + metric.StepLoss
	for _, r := range m.runs[:10] {
		query += "&run=" + r.ID
	}
	if body := wantPage(t, s, query+"&max=0", 200); strings.Count(body, `"step":`) != 10_000 {
		t.Errorf("%d points of 10 000", strings.Count(body, `"step":`))
	}
	for i := range 20_000 {
		m.points[m.runs[0].ID] = append(m.points[m.runs[0].ID], experiments.Point{Metric: "many", Step: int64(i), Time: epoch0})
		m.points[m.runs[1].ID] = m.points[m.runs[0].ID]
	}
	for i := range m.runs[:10] {
		m.points[m.runs[i].ID] = m.points[m.runs[0].ID]
	}
	wantPage(t, s, query+"&metric=many&max=0", 400, "want at most 200000 points together")
	wantPage(t, s, query+"&metric=many&max=100", 200, `"total":20000`)
}

// An answer that is too large is an error that says so, whatever makes it.
func TestTooLargeAnswers(t *testing.T) {
	m := degradation("demo", 0)
	m.runs[0].Reason = strings.Repeat("long ", largestAnswer/5)
	for i := range m.runs {
		m.runs[i].Environment = map[string]string{"note": m.runs[0].Reason}
	}
	id := m.runs[0].ID
	s := serverOf(t, m)
	for _, path := range []string{"/runs/" + id, "/api/v1/runs/" + id, "/api/v1/runs", "/runs?columns=reason&format=csv",
		"/runs?columns=reason&format=json", "/runs?columns=reason&format=markdown"} {
		if code, _, body := get(t, s, path); code != 400 || !strings.Contains(body, "The answer is larger than 32 MiB. Ask for fewer") {
			t.Errorf("GET %s: %d %.200s", path, code, body)
		}
	}
}

// Points are exported while they are read; the answer ends where it becomes too large, as one that is made at once.
func TestTooManyPoints(t *testing.T) {
	m := degradation("demo", 0)
	id := m.runs[0].ID
	for i := range largestAnswer / 40 {
		m.points[id] = append(m.points[id], experiments.Point{Metric: "many", Step: int64(i), Time: epoch0})
	}
	wantPage(t, serverOf(t, m), "/studies/demo?format=csv&table=points", 400, "The answer is larger than 32 MiB. Ask for fewer")
}

// Nobody who asks, and no study that is trained, makes more series than a Prometheus takes without notice.
func TestSeriesAreBounded(t *testing.T) {
	m := degradation("demo", 0)
	first := m.runs[0]
	m.runs = nil
	for i := range 300 {
		r := first
		r.ID, r.Study, r.Status = fmt.Sprintf("%016x", i), strings.Repeat("study of many cells, ", 50)+fmt.Sprint(i), experiments.Running
		progress := *first.Progress
		progress.Time = epoch0.Add(19 * time.Second)
		if i == 250 {
			progress.Time = epoch0 // it has fallen silent
		}
		r.Progress = &progress
		m.runs = append(m.runs, r)
	}
	o := serverOf(t, m).Options
	o.Store = sizes{}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range patterns(s) {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW", "TRACE"} {
			for _, way := range []string{"", "?format=csv", "?format=pdf", "?" + strings.Repeat("a=b&", 1001)} {
				r := httptest.NewRequest(method, strings.NewReplacer(":study", "x", ":run", "latest", ":model", "resnet18", ":step", "40",
					":hash", "h", "*", "y").Replace(route)+way, nil)
				r.Host = "localhost:8080"
				ctx, cancel := context.WithCancel(r.Context())
				if route == "/events" {
					cancel()
				}
				s.Handler().ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
				cancel()
			}
		}
	}
	for i := range 1000 {
		get(t, s, fmt.Sprintf("/x%d/%d", i, i), "X-Forwarded-For", fmt.Sprint(i))
		get(t, s, fmt.Sprintf("/studies/x%d", i%100), "Host", fmt.Sprintf("evil%d.example", i))
	}
	scrape := wantPage(t, s, "/metrics", 200, "\nworkbench_runs_left_out 236\n", `run="`+m.runs[len(m.runs)-50].ID+`"`,
		`workbench_http_requests_refused_total{reason="host"} 1000`)
	series := 0
	for _, line := range strings.Split(scrape, "\n") {
		if line != "" && line[0] != '#' {
			series++
		}
		if len(line) > 600 {
			t.Fatalf("a line of %d bytes: %.200s", len(line), line)
		}
	}
	if series > 2000 || series < 1000 {
		t.Errorf("%d series, want at most 2000", series)
	}
}
