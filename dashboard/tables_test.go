package dashboard

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

func TestValuesAreWritten(t *testing.T) {
	for got, want := range map[string]string{
		difference(metric.TestTop1, 0.0123): "+1.23", difference(metric.TestTop1, -0.0123): "−1.23", difference(metric.TestLoss, 0.5): "+0.5",
		shown(metric.TestTop1, math.NaN()): "–", shown(metric.TestLoss, math.Inf(-1)): "−Inf", scale(1000, "B"): "1 kB", scale(999, "B"): "999 B",
		scale(41e6, ""): "41 M", scale(2.5e9, ""): "2.5 G", lasting(59): "59 s", lasting(3599): "59 m 59 s", lasting(2.5): "2.5 s",
		grouped(-1234567): "-1\u202f234\u202f567", digits(12345.4, 4): "12\u202f345", pText(0.0004): "< 0.001", pText(0.0314): "0.031",
		count(0): "–", durationCell(0).Text: "–",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Each cell of a study's table is what the analysis says.
func TestTheTablesColumnsAreTheAnalysis(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	d, err := s.studyData(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	a := d.ablation
	tab := ablationTable(a, d.plot().styles)
	for i, r := range a.Rows {
		value := func(key string) any {
			return tab.Rows[i].Cells[slices.IndexFunc(tab.Columns, func(c column) bool { return c.Key == key })].Value
		}
		want := map[string]any{"n": r.N, "mean": r.Mean, "sd": r.SD, "train": r.Train, "parameters": r.Params, "macs": r.MACs,
			"seconds": r.Seconds}
		if r.Diff != nil {
			want["difference"], want["effect"], want["p_holm"] = r.Diff.Mean, r.Diff.Effect, r.Diff.Holm
			if r.Diff.P == r.Diff.Holm && i == 1 {
				t.Error("the correction changes nothing: this test sees nothing")
			}
		}
		for key, v := range want {
			if got := value(key); got != v {
				t.Errorf("%s, %s: %v, want %v", r.Cell, key, got, v)
			}
		}
	}
	if got := baselineSpread(a); got != 100*a.Rows[0].SD {
		t.Errorf("the grey band is ± %v, want the baseline's SD, %v points", got, 100*a.Rows[0].SD)
	}
	wantPage(t, s, "/studies/demo/effects.svg", 200, ">depth: 56 vs 20<", ">shortcut: identity vs none<",
		difference(a.Metric, a.Effects[0].Mean))
}

func TestACompareSaysHowFarAndWhichIsBetter(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.runs[0].Last = map[string]float64{metric.TestTop1: 0.50, metric.TestLoss: 1.0}
	m.runs[3].Last = map[string]float64{metric.TestTop1: 0.40, metric.TestLoss: 0.75}
	tab := compareTable([]experiments.RunInfo{m.runs[0], m.runs[3]}, analysis.Compare([]experiments.RunInfo{m.runs[0], m.runs[3]}))
	for key, want := range map[string][2]string{metric.TestTop1: {"40.00 (−10.00)", "number worse"},
		metric.TestLoss: {"0.75 (−0.25)", "number better"}} {
		line := tab.Rows[slices.IndexFunc(tab.Rows, func(r row) bool { return r.Key == key })]
		if c := line.Cells[2]; c.Text != want[0] || c.Class != want[1] {
			t.Errorf("%s: %q %q, want %q", key, c.Text, c.Class, want)
		}
	}
	m.runs[3].Config.Strategy.Name = "elr"
	m.runs[0].Last[metric.TrainLoss], m.runs[3].Last[metric.TrainLoss] = 1, -0.5
	wantPage(t, serverOf(t, m), "/compare?run="+m.runs[0].ID+"&run="+m.runs[3].ID, 200, "is not one quantity in these runs", "−0.5 (−1.5)")
	both := []experiments.RunInfo{m.runs[0], m.runs[3]}
	losses := compareTable(both, analysis.Compare(both))
	i := slices.IndexFunc(losses.Rows, func(r row) bool { return r.Key == metric.TrainLoss })
	if c := losses.Rows[i].Cells[2]; c.Class != "number" || c.Text != "−0.5 (−1.5)" {
		t.Errorf("losses of two strategies: %q %q", c.Text, c.Class)
	}
	if i := slices.IndexFunc(tab.Rows, func(r row) bool { return strings.HasPrefix(r.Key, "optim.") }); i >= 0 {
		t.Errorf("%s is equal and listed", tab.Rows[i].Key)
	}
}

func TestARunsMetricsAreLastLowestHighest(t *testing.T) {
	r := experiments.RunInfo{Last: map[string]float64{metric.TestTop1: 0.5}, Min: map[string]float64{metric.TestTop1: 0.1},
		Max: map[string]float64{metric.TestTop1: 0.9}}
	line := metricTable(r).Rows[0]
	for i, want := range []string{metric.TestTop1, "50.00", "10.00", "90.00", "%"} {
		if line.Cells[i].Text != want {
			t.Errorf("column %d: %q, want %q", i, line.Cells[i].Text, want)
		}
	}
}

func TestStallsAreTenMissedReports(t *testing.T) {
	r := experiments.RunInfo{Status: experiments.Running, Progress: &experiments.Progress{Interval: time.Second, Time: epoch0}}
	for after, want := range map[time.Duration]bool{9 * time.Second: false, 11 * time.Second: true} {
		if _, _, got := stalled(r, epoch0.Add(after)); got != want {
			t.Errorf("silent for %v: stalled %v", after, got)
		}
	}
}

func TestOnlyWhatDiffersIsAColumn(t *testing.T) {
	got := varying([]map[string]any{{"a": 1, "b": "x", "c": 1}, {"a": 1, "b": "y"}})
	if !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("%v differ, want b and c", got)
	}
	if got := varying([]map[string]any{{"a": 1}}); len(got) != 0 {
		t.Errorf("%v differ in one run", got)
	}
}

func TestRunsWithoutAFieldComeLast(t *testing.T) {
	var rows []runRow
	for _, v := range []any{nil, 2.0, 10.0} {
		f := map[string]any{}
		if v != nil {
			f["x"] = v
		}
		rows = append(rows, runRow{fields: f})
	}
	for by, want := range map[string][]any{"x": {2.0, 10.0, nil}, "-x": {10.0, 2.0, nil}} {
		sortRows(rows, by)
		for i, r := range rows {
			if r.fields["x"] != want[i] {
				t.Errorf("by %s: row %d is %v, want %v", by, i, r.fields["x"], want[i])
			}
		}
	}
}

func TestSharesOfABarAreTheWhole(t *testing.T) {
	list, total := shares(map[experiments.Status]int{experiments.Done: 3, experiments.Failed: 1})
	if total != 4 || len(list) != 2 || list[0].W != 75 || list[1].W != 25 || list[1].X != 75 {
		t.Errorf("%d in %+v", total, list)
	}
}

// Studies are listed by their last activity, the newest first, and so are they exported: neither by name nor as they
// were read.
func TestTheStudyLastWorkedAtComesFirst(t *testing.T) {
	m := &memory{studies: map[string]experiments.Study{}}
	for name, updated := range map[string]time.Duration{"a": 12, "b": 10, "c": 11, "d": 13} {
		one := degradation(name, 0)
		for i := range one.runs {
			one.runs[i].Updated = epoch0.Add(updated * time.Second)
		}
		m.studies[name], m.runs = one.studies[name], append(m.runs, one.runs...)
	}
	s := serverOf(t, m)
	want := []string{"d", "a", "c", "b"}
	var shown, exported []string
	for _, link := range regexp.MustCompile(`<h2><a href="/studies/(.)">`).FindAllStringSubmatch(wantPage(t, s, "/studies", 200), -1) {
		shown = append(shown, link[1])
	}
	for i, line := range strings.Split(strings.TrimSpace(wantPage(t, s, "/studies?format=csv", 200)), "\n") {
		if name, _, _ := strings.Cut(line, ","); i > 0 {
			exported = append(exported, name)
		}
	}
	if !slices.Equal(shown, want) || !slices.Equal(exported, want) {
		t.Errorf("the page has %v, the export %v, want %v", shown, exported, want)
	}
}
