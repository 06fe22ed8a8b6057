package dashboard

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"workbench/dashboard/report"
	"workbench/experiments"
	"workbench/experiments/studyfile"
)

// sectionOf is a section of a report by its id.
func sectionOf(t *testing.T, p report.Page, id string) report.Section {
	t.Helper()
	for _, s := range p.Sections {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no section %s", id)
	return report.Section{}
}

func reportOf(t *testing.T, m *memory, name string) (report.Page, string) {
	t.Helper()
	p, err := serverOf(t, m).Report(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := p.Render(&b); err != nil {
		t.Fatal(err)
	}
	return p, b.String()
}

// The report of the tests' study is the known one, and has all that is promised.
func TestReportsTellAllOfAStudy(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.runs[11].Status, m.runs[11].Reason, m.runs[11].Environment["host"] = experiments.Failed, "out of memory", "other"
	p, page := reportOf(t, m, "demo")
	golden := filepath.Join("testdata", "report.html")
	if *update {
		if err := os.WriteFile(golden, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	known, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if page != string(known) {
		t.Errorf("the report is not %s; look at it and run go test -update", golden)
	}
	for _, id := range []string{"overview", "method", "configuration", "results", "effects", "trend-1", "curves", "coverage", "values",
		"costs", "runs",
		"data", "environment", "again"} {
		if id != "costs" { // which these runs do not say
			sectionOf(t, p, id)
		}
	}
	for i, r := range m.runs {
		if i != 11 && strings.Count(page, r.ID) < 2 { // among the runs, and behind its value
			t.Errorf("run %s is missing", r.ID)
		}
	}
	for _, want := range []string{"Holm", "paired t-test", "shortcut=none depth=20", "d1ce", "a processor", "1 failed", "out of memory",
		"workbench run study.yaml", "the last evaluation of each run", "higher is better"} {
		if !strings.Contains(page, want) {
			t.Errorf("want %q", want)
		}
	}
	if n := strings.Count(page, `class="figure"`); n < 6 {
		t.Errorf("%d figures", n)
	}
}

// The file in a report is read as the study of the report, with the seeds of all its runs.
func TestReportsHoldTheStudy(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	study := m.studies["demo"]
	base := experiments.Defaults() // which a study of a file has
	base.Dataset, base.Model, base.Optim, base.Epochs = study.Base.Dataset, study.Base.Model, study.Base.Optim, 12
	study.Base, study.Seeds = base, []uint64{0, 1} // seed 2 was trained before
	m.studies["demo"] = study
	p, _ := reportOf(t, m, "demo")
	parts := sectionOf(t, p, "again").Parts
	again, err := studyfile.Parse("study.yaml", []byte(parts[len(parts)-1].Code), nil)
	if err != nil {
		t.Fatal(err)
	}
	study.Seeds = []uint64{0, 1, 2}
	want, err := study.Trains()
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Trains()
	if err != nil || got != want || !reflect.DeepEqual(again.Seeds, study.Seeds) {
		t.Errorf("it trains %s with seeds %v (%v), want %s with %v", got, again.Seeds, err, want, study.Seeds)
	}
}

// Names are shown and never become a part of the page; a study without runs, and one that nobody knows, are answered
// too.
func TestReportsOfOddStudies(t *testing.T) {
	m := degradation(`<b>&"x"`, 0)
	m.runs[0].Reason, m.runs[0].Status = "<i>no</i>", experiments.Failed
	if _, page := reportOf(t, m, `<b>&"x"`); strings.Contains(page, "<b>&") || strings.Contains(page, "<i>no") || !strings.Contains(page,
		"&lt;b&gt;") {
		t.Error("a name is a part of the page")
	}
	m = degradation("young")
	m.runs = nil
	if p, _ := reportOf(t, m, "young"); len(p.Sections) < 5 {
		t.Errorf("%d sections", len(p.Sections))
	}
	if _, err := serverOf(t, m).Report(t.Context(), "none"); err == nil || !strings.Contains(err.Error(), "no study") {
		t.Errorf("got %v", err)
	}
}
