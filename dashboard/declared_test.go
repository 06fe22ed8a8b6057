package dashboard

import (
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// An evaluator's own quantity: nothing else in the program knows it.
func init() {
	metric.Declare(metric.Quantity{Name: "collapse", Title: "share of dead features", Unit: "1", Percent: true, Better: metric.Lower,
		Comparable: true, Splits: []string{metric.Train, metric.Test},
		Gauge: metric.Gauge{Name: "run_collapse_ratio", Help: "Newest share of dead features of an active run."}})
}

// A declaration is all that the pages, the curves and the gauges need to show a new metric.
func TestADashboardShowsADeclaredMetric(t *testing.T) {
	m := degradation("demo", 0)
	for epoch, v := range []float64{0.5, 0.125, 0.25} {
		m.measure(0, epoch+1, map[string]float64{"test/collapse": v, "train/collapse": v})
	}
	m.runs[0].Status = experiments.Running
	study := m.studies["demo"]
	study.Metric = "test/collapse"
	m.studies["demo"] = study
	s, id := serverOf(t, m), m.runs[0].ID
	wantPage(t, s, "/studies/demo", 200, "Test share of dead features", "test/collapse (%)", "Δ (points)")
	wantPage(t, s, "/runs/"+id, 200, "Share of dead features", "25.00")
	wantPage(t, s, "/runs?columns=best/test/collapse", 200, ">12.50<")
	wantPage(t, s, "/metrics", 200, `workbench_run_collapse_ratio{run="`+id+`",split="test",study="demo"} 0.25`)
	c := chartAt(t, s, "/api/v1/runs/"+id+"/curves?metric=test/collapse&metric=train/collapse")
	if c.Title != "Share of dead features" || c.Unit != "%" || !c.Percent || len(c.Arms) != 2 {
		t.Errorf("curves: title %q, unit %q, percent %v, %d arms", c.Title, c.Unit, c.Percent, len(c.Arms))
	}
}

// What single steps, phases and foreign splits measure must not make labels of Prometheus.
func TestGaugesAreOfDeclaredSplits(t *testing.T) {
	m := degradation("demo", 0)
	m.runs[0].Status = experiments.Running
	m.measure(0, 13, map[string]float64{"step/loss": 1, "pretrain/train/loss": 1, "mine/loss": 1, "test/lr": 1, "val/loss": 7})
	scrape := wantPage(t, serverOf(t, m), "/metrics", 200, `split="val",study="demo"} 7`)
	if got := strings.Count(scrape, "\nworkbench_run_loss{"); got != 3 {
		t.Errorf("%d gauges of the loss, want train, val and test", got)
	}
}
