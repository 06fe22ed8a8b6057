package dashboard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"workbench/experiments"
)

type sizes struct{ err error }

func (s sizes) Sizes(context.Context) (database, wal, free int64, err error) {
	return 4096, 512, 1 << 30, s.err
}

// measured is a server with one active run and some requests behind it.
func measured(t *testing.T) (*Server, *memory) {
	t.Helper()
	m := degradation("demo", 0, 1, 2)
	m.runs[4].Status = experiments.Running
	o := serverOf(t, m).Options
	o.Store = sizes{}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	get(t, s, "/studies")
	get(t, s, "/nowhere/at/all")
	return s, m
}

// names are all metrics of our own, with their labels.
var names = []string{
	`workbench_build_info{go_version="go1.26",onednn_version="",sqlite_version="",version="1.2.3"} 1`,
	`workbench_source_up 1`,
	`workbench_runs{state="done"} 11`, `workbench_runs{state="running"} 1`, `workbench_runs{state="failed"} 0`,
	`workbench_runs_left_out 0`,
	`workbench_run_loss{run="RUN",split="train",study="demo"}`, `workbench_run_loss{run="RUN",split="test",study="demo"}`,
	`workbench_run_accuracy_ratio{run="RUN",split="train",study="demo"}`, `workbench_run_accuracy_ratio{run="RUN",split="test",study="demo"}`,
	`workbench_run_epoch{run="RUN",study="demo"} 12`, `workbench_run_epochs{run="RUN",study="demo"} 12`,
	`workbench_run_learning_rate{run="RUN",study="demo"} 0`, `workbench_run_images_per_second{run="RUN",study="demo"} 3120`,
	`workbench_run_last_step_timestamp_seconds{run="RUN",study="demo"} 1.773480424e+09`,
	`workbench_run_step_interval_seconds{run="RUN",study="demo"} 0.3`,
	`workbench_http_requests_total{code="200",method="GET",route="/studies"} 1`,
	`workbench_http_requests_total{code="404",method="GET",route="none"} 1`,
	`workbench_http_request_duration_seconds_count{route="/studies"} 1`,
	`workbench_event_clients 0`, `workbench_events_dropped_total 0`,
	`workbench_store_database_size_bytes 4096`, `workbench_store_wal_size_bytes 512`, `workbench_store_disk_free_bytes 1.073741824e+09`,
}

func TestMetricNamesAndValues(t *testing.T) {
	s, m := measured(t)
	scrape := wantPage(t, s, "/metrics", 200)
	for _, want := range names {
		if want = strings.ReplaceAll(want, "RUN", m.runs[4].ID); !strings.Contains(scrape, "\n"+want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	problems, err := testutil.GatherAndLint(s.metrics.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("lint: %s: %s", p.Metric, p.Text)
	}
}

// The whole of what Prometheus reads of our own, with a run in every state.
func TestMetricsAreTheKnownOnes(t *testing.T) {
	o := serverOf(t, everyKind()).Options
	o.Store = sizes{}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	get(t, s, "/studies")
	var own []string
	for _, line := range strings.Split(wantPage(t, s, "/metrics", 200), "\n") {
		if strings.Contains(line, "workbench_") {
			own = append(own, line)
		}
	}
	same(t, "metrics", strings.Join(own, "\n")+"\n")
}

func TestRunsThatEndLeaveNoSeries(t *testing.T) {
	m := degradation("demo", 0)
	s := serverOf(t, m)
	count := func() int {
		n, err := testutil.GatherAndCount(s.metrics.registry)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	first := m.runs[0]
	for i := range 100 {
		r := first
		r.ID, r.Study, r.Status = fmt.Sprintf("%016x", i), fmt.Sprintf("study%d", i), experiments.Running
		m.runs = []experiments.RunInfo{r}
		if n := count(); n != before+10 {
			t.Fatalf("run %d: %d series, want %d", i, n, before+10)
		}
	}
	m.runs = nil
	if n := count(); n != before {
		t.Errorf("%d series after the runs, %d before", n, before)
	}
}

func TestScrapeWithoutDatabase(t *testing.T) {
	m := degradation("demo", 0)
	m.broken = errors.New("gone")
	o := serverOf(t, m).Options
	o.Store = sizes{errors.New("gone")}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if scrape := wantPage(t, s, "/metrics", 200, "\nworkbench_source_up 0"); strings.Contains(scrape, "store_database") ||
		strings.Contains(scrape, "workbench_runs{") {
		t.Error("values are invented for a database that cannot be read")
	}
}

func TestClientsCannotMakeSeries(t *testing.T) {
	s := serverOf(t, &memory{})
	for i := range 50 {
		get(t, s, fmt.Sprintf("/studies/x%d", i))
		get(t, s, fmt.Sprintf("/x%d", i), "Host", fmt.Sprintf("evil%d.example", i))
	}
	if n, err := testutil.GatherAndCount(s.metrics.registry, "workbench_http_requests_total"); err != nil || n != 1 {
		t.Errorf("%d request series (%v), want 1", n, err)
	}
	if methodLabel("BREW") != "other" || methodLabel("GET") != "GET" {
		t.Error("methods are not white-listed")
	}
}
