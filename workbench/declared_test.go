package main

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// An evaluator's own quantity: nothing else in the program knows it.
func init() {
	metric.Declare(metric.Quantity{Name: "collapse", Title: "share of dead features", Unit: "1", Percent: true, Better: metric.Lower,
		Comparable: true, Splits: []string{metric.Train, metric.Test}})
}

// A declaration is all that the terminal needs to show a new metric.
func TestATerminalShowsADeclaredMetric(t *testing.T) {
	const name = "test/collapse"
	run := experiments.RunInfo{Last: map[string]float64{name: 0.25, "test/odd": 0.25}, Min: map[string]float64{name: 0.125},
		Max: map[string]float64{name: 0.5}}
	for got, want := range map[string]string{
		headOf(name):                        "test/collapse %",
		optional(name, run.Last).text:       "25.00",
		best(name, run).text:                "12.50",
		signed(name, -0.01, 0.002):          "−1.00 ± 0.20",
		headOf("test/odd"):                  "test/odd",
		optional("test/odd", run.Last).text: "0.250",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	s := experiments.DefaultStudy()
	s.Name, s.Metric = "own", name
	s.Base.Dataset.Name, s.Base.Model.Name, s.Base.Optim.Options["lr"], s.Base.Epochs = "shapes", "resnet20_cifar", 0.1, 1
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "digest", nil })
	if err != nil {
		t.Fatal(err)
	}
	var infos []experiments.RunInfo
	for _, r := range runs {
		one := run
		one.Run, one.Status, one.Last = r, experiments.Done, maps.Clone(run.Last)
		infos = append(infos, one)
	}
	var out bytes.Buffer
	a := newApp()
	a.out = &out
	if err := a.showAblation(t.Context(), nil, experiments.StudyInfo{Study: s}, infos, analysis.Against{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"own: test/collapse (last evaluation)", "test/collapse %", "25.00"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the ablation lacks %q:\n%s", want, &out)
		}
	}
}
