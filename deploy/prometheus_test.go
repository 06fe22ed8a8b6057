package deploy

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/dashboard"
	"workbench/experiments"
	"workbench/experiments/metric"
)

type scrape struct {
	Global        map[string]string
	RuleFiles     []string `yaml:"rule_files"`
	ScrapeConfigs []struct {
		JobName       string                       `yaml:"job_name"`
		StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
	} `yaml:"scrape_configs"`
}

type ruleFile struct {
	Groups []struct {
		Name  string
		Rules []rule
	}
}

type rule struct {
	Record, Alert, Expr, For string
	Labels, Annotations      map[string]string
}

// oneRun is a source with a single active run, which has reported everything once.
type oneRun struct{ experiments.Source }

func (oneRun) Studies(context.Context) ([]experiments.StudyInfo, error) {
	return []experiments.StudyInfo{{Counts: map[experiments.Status]int{experiments.Running: 1}}}, nil
}

func (oneRun) Runs(context.Context, experiments.RunFilter) ([]experiments.RunInfo, error) {
	return []experiments.RunInfo{{
		Run:      experiments.Run{ID: "0123456789abcdef", Study: "depth"},
		Progress: &experiments.Progress{Epoch: 1, Epochs: 2, ImagesPerSec: 3, Interval: time.Second},
		Last: map[string]float64{
			metric.TrainLoss: 1, metric.TestLoss: 1, metric.TrainTop1: 1, metric.TestTop1: 1, metric.TrainRate: 1,
		},
	}}, nil
}

type sizes struct{}

func (sizes) Sizes(context.Context) (database, wal, free int64, err error) { return 1, 1, 1, nil }

// answer returns the answer of a dashboard that was started as docker-compose.yml starts it.
func answer(t *testing.T, host, path string) *httptest.ResponseRecorder {
	t.Helper()
	command := load[compose](t, "docker-compose.yml").Services["workbench"].Command
	var hosts []string
	for i, word := range command[:len(command)-1] {
		if word == "--host" {
			hosts = append(hosts, command[i+1])
		}
	}
	s, err := dashboard.New(dashboard.Options{Source: oneRun{}, Store: sizes{}, Addr: "[::]:8080", Hosts: hosts})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = host
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// The dashboard answers only under host names that it was told of, so the scrape must use one of them.
func TestPrometheusIsAnswered(t *testing.T) {
	c := load[scrape](t, "deploy/prometheus/prometheus.yml")
	if !slices.Equal(c.RuleFiles, []string{"rules.yml"}) || len(c.ScrapeConfigs) != 1 || c.ScrapeConfigs[0].JobName != "workbench" {
		t.Fatalf("got %+v, want the rules and one job named workbench", c)
	}
	targets := c.ScrapeConfigs[0].StaticConfigs[0].Targets
	if len(targets) != 1 || !strings.HasSuffix(targets[0], ":8080") {
		t.Fatalf("targets %q, want one at the port of the image, 8080", targets)
	}
	if w := answer(t, targets[0], "/metrics"); w.Code != http.StatusOK {
		t.Errorf("a scrape of %s gets status %d: %s", targets[0], w.Code, w.Body)
	}
}

func TestRulesNameMetricsThatExist(t *testing.T) {
	known := []string{"up"}
	for _, line := range strings.Split(answer(t, "127.0.0.1:8080", "/metrics").Body.String(), "\n") {
		if word := strings.Fields(line); len(word) == 4 && word[1] == "TYPE" {
			known = append(known, word[2])
		}
	}
	metric := regexp.MustCompile(`\b(up|workbench_\w+)\b`)
	count := 0
	for _, g := range load[ruleFile](t, "deploy/prometheus/rules.yml").Groups {
		for _, r := range g.Rules {
			names := metric.FindAllString(r.Expr, -1)
			if len(names) == 0 {
				t.Errorf("%s%s names no metric: %s", r.Record, r.Alert, r.Expr)
			}
			for _, name := range names {
				if count++; !slices.Contains(known, name) {
					t.Errorf("%s%s: the dashboard has no metric %s", r.Record, r.Alert, name)
				}
			}
			if r.Alert != "" && (r.Labels["severity"] == "" || r.Annotations["summary"] == "") {
				t.Errorf("%s has no severity or no summary", r.Alert)
			}
		}
	}
	if count < 6 {
		t.Errorf("found %d metrics in the rules, want at least 6", count)
	}
}

func TestEveryAlertIsTested(t *testing.T) {
	tests := read(t, "deploy/prometheus/rules_test.yml")
	for _, g := range load[ruleFile](t, "deploy/prometheus/rules.yml").Groups {
		for _, r := range g.Rules {
			if !strings.Contains(tests, "alertname: "+r.Alert+"\n") && r.Alert != "" || !strings.Contains(tests, r.Record) {
				t.Errorf("%s%s is not in rules_test.yml", r.Record, r.Alert)
			}
		}
	}
}
