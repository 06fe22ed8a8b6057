//go:build prometheus

package dashboard

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// tool is a program of Debian's package prometheus. `make promtool` gets both.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed; `make promtool` unpacks it into bin/tools, which must be on the PATH: %v", name, err)
	}
	return path
}

func TestPromtoolTakesTheMetrics(t *testing.T) {
	s, _ := measured(t)
	check := exec.Command(tool(t, "promtool"), "check", "metrics")
	check.Stdin = strings.NewReader(wantPage(t, s, "/metrics", 200))
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// scraper starts a Prometheus that scrapes the target every second, and gives its address.
func scraper(t *testing.T, target string) string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 1s}\nscrape_configs: [{job_name: workbench, static_configs: [{targets: [%q]}]}]\n", target)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address=127.0.0.1:0")
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		cmd.Wait() // says that it was killed
	})
	listening := regexp.MustCompile(`Listening on.*address=(\S+)`)
	lines := bufio.NewScanner(said)
	var all []string
	for lines.Scan() {
		all = append(all, lines.Text())
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			go func() {
				for lines.Scan() { // or it would stop at a full pipe
				}
			}()
			return "http://" + found[1]
		}
	}
	t.Fatalf("prometheus did not start:\n%s", strings.Join(all, "\n"))
	return ""
}

// value of an expression in Prometheus, "" if it has none.
func value(t *testing.T, prometheus, expression string) string {
	t.Helper()
	answer, err := http.Get(prometheus + "/api/v1/query?query=" + url.QueryEscape(expression))
	if err != nil {
		return "" // not ready yet
	}
	defer answer.Body.Close()
	var said struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || len(said.Data.Result) != 1 {
		return ""
	}
	return fmt.Sprint(said.Data.Result[0].Value[1])
}

// A real Prometheus asks for compressed answers in a way of its own, and refuses what it cannot read as a whole.
func TestPrometheusScrapes(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.runs[4].Status = experiments.Running
	o := serverOf(t, m).Options
	o.Store, o.Addr = sizes{}, ""
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	base, stop := serving(t, s)
	prometheus := scraper(t, strings.TrimPrefix(base, "http://"))
	run := fmt.Sprintf("{run=%q}", m.runs[4].ID)
	loss := fmt.Sprintf("workbench_run_loss{run=%q,split=%q}", m.runs[4].ID, metric.Test)
	for expression, want := range map[string]string{
		`up{job="workbench"}`:                   "1",
		"workbench_source_up":                   "1",
		`workbench_runs{state="done"}`:          "11",
		"workbench_runs_left_out":               "0",
		"workbench_run_epoch" + run:             "12",
		"workbench_run_images_per_second" + run: "3120",
		"workbench_store_database_size_bytes":   "4096",
		loss:                                    fmt.Sprint(m.runs[4].Last[metric.TestLoss]),
		`max_over_time(workbench_http_requests_total{route="/metrics",code="200",method="GET"}[1m]) > bool 0`: "1",
	} {
		got := value(t, prometheus, expression)
		for began := time.Now(); got != want && time.Since(began) < 30*time.Second; got = value(t, prometheus, expression) {
			time.Sleep(100 * time.Millisecond)
		}
		if got != want {
			targets, _ := http.Get(prometheus + "/api/v1/targets")
			var why json.RawMessage
			json.NewDecoder(targets.Body).Decode(&why)
			t.Fatalf("%s is %q, want %q; the targets are %s", expression, got, want, why)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
